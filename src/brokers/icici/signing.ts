import { createHash } from 'node:crypto';
import type { EpochMs } from '../../core/domain/ids';

/** Of one registered app; `apiSecret` never leaves this process. */
export interface IciciKeys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The time of a call as it is signed: UTC, whole seconds, the milliseconds always written `.000Z`. */
export const signedTime = (at: EpochMs): string =>
  `${new Date(at).toISOString().slice(0, 19)}.000Z`;

/** Lower-case hex SHA-256 of the three texts one behind the other; a plain hash, no HMAC. */
export const checksum = (timestamp: string, body: string, apiSecret: string): string =>
  createHash('sha256').update(`${timestamp}${body}${apiSecret}`, 'utf8').digest('hex');

/** The headers that sign `body`: the very text that is sent, made once. */
export const signedHeaders = (
  keys: IciciKeys,
  token: string,
  body: string,
  at: EpochMs,
): Readonly<Record<string, string>> => {
  const timestamp = signedTime(at);
  return {
    'content-type': 'application/json',
    'x-checksum': `token ${checksum(timestamp, body, keys.apiSecret)}`,
    'x-timestamp': timestamp,
    'x-appkey': keys.apiKey,
    'x-sessiontoken': token,
  };
};
