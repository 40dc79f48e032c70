import { createHmac, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../domain/errors';
import type { EpochMs } from '../domain/ids';

/** The header that holds `sha256=<hex>`, and the one that holds the seconds since 1970. */
export const SIGNATURE_HEADER = 'x-toran-signature';
export const TIMESTAMP_HEADER = 'x-toran-timestamp';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
const TIMESTAMP = /^\d{9,11}$/;

/** HMAC-SHA256 of `<timestamp>.<raw body>` under the key's hex text, as the header carries it. */
export const signatureOf = (signingKey: string, timestamp: string, raw: Uint8Array): string =>
  `sha256=${createHmac('sha256', signingKey).update(`${timestamp}.`).update(raw).digest('hex')}`;

/**
 * Checks who signed the raw bytes, and when; in constant time.
 * @throws GatewayError WEBHOOK_SIGNATURE, without saying what the right one would be
 */
export const requireSigned = (
  call: {
    readonly signature: string | null;
    readonly timestamp: string | null;
    readonly raw: Uint8Array;
  },
  signingKey: string,
  now: EpochMs,
  withinSeconds: number,
): void => {
  const { signature, timestamp, raw } = call;
  if (timestamp === null || !TIMESTAMP.test(timestamp)) {
    throw refused(`${TIMESTAMP_HEADER}: must be the seconds since 1970.`, TIMESTAMP_HEADER);
  }
  if (signature === null || !SIGNATURE.test(signature)) {
    throw refused(`${SIGNATURE_HEADER}: must be sha256=<64 hex digits>.`, SIGNATURE_HEADER);
  }
  const wanted = Buffer.from(signatureOf(signingKey, timestamp, raw));
  if (!timingSafeEqual(wanted, Buffer.from(signature))) {
    throw refused(`${SIGNATURE_HEADER}: does not belong to this body and time.`, SIGNATURE_HEADER);
  }
  if (Math.abs(now - Number(timestamp) * 1000) > withinSeconds * 1000) {
    throw refused(
      `${TIMESTAMP_HEADER}: is more than ${withinSeconds} seconds from now.`,
      TIMESTAMP_HEADER,
    );
  }
};

const refused = (message: string, field: string): GatewayError =>
  new GatewayError('WEBHOOK_SIGNATURE', message, { field });
