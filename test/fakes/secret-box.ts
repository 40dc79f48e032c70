import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { GatewayError } from '../../src/core/domain/errors';
import type { SecretBox, SecretPlace } from '../../src/core/ports/vault';

const NONCE = 12;
const TAG = 16;
const placeOf = ({ accountId, field }: SecretPlace): Buffer => Buffer.from(`${accountId} ${field}`);

/** Really encrypts, under one key for all accounts; two boxes with one key stand for two processes. */
export const testSecretBox = (key: Buffer = randomBytes(32)): SecretBox => ({
  seal: (place, text) => {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(placeOf(place));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Promise.resolve(Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64'));
  },
  open: (place, sealed) => {
    try {
      const bytes = Buffer.from(sealed, 'base64');
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
        .setAAD(placeOf(place))
        .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
      const body = [cipher.update(bytes.subarray(NONCE + TAG)), cipher.final()];
      return Promise.resolve(Buffer.concat(body).toString('utf8'));
    } catch (error) {
      return Promise.reject(
        new GatewayError('SECRET_UNREADABLE', 'sealed elsewhere', { cause: error }),
      );
    }
  },
});
