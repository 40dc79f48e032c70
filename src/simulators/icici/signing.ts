import { createHash, timingSafeEqual } from 'node:crypto';
import type { SimulatedRequest } from '../core/fault-server';
import type { IciciSession, Sessions } from './sessions';

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/;

export interface SigningRules {
  /** How far the caller's clock may be off, ms; null takes any timestamp of the right form. */
  readonly timestampWindowMs: number | null;
}

/** The text of one header; empty when it is absent. */
export const headerOf = (request: Pick<SimulatedRequest, 'headers'>, name: string): string => {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
};

/** The session of a well-signed call, else null. The checksum is taken over the bytes as they came. */
export const signedBy = (
  request: SimulatedRequest,
  sessions: Sessions,
  now: number,
  rules: SigningRules,
): IciciSession | null => {
  const [checksum, timestamp, appKey, token] = [
    'x-checksum',
    'x-timestamp',
    'x-appkey',
    'x-sessiontoken',
  ].map((name) => headerOf(request, name));
  if (checksum?.startsWith('token ') !== true) return null;
  const session = sessions.byToken(appKey ?? '', token ?? '');
  if (session === null) return null;
  const expected = createHash('sha256')
    .update(timestamp ?? '')
    .update(request.body)
    .update(session.app.secretKey)
    .digest('hex');
  const given = Buffer.from(checksum.slice('token '.length));
  const wanted = Buffer.from(expected);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  if (!TIMESTAMP.test(timestamp ?? '')) return null;
  const skew = Math.abs(Date.parse(timestamp ?? '') - now);
  if (Number.isNaN(skew)) return null;
  return rules.timestampWindowMs !== null && skew > rules.timestampWindowMs ? null : session;
};
