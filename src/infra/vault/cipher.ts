import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../core/ports/clock';

/** Bytes of every symmetric key here. */
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** What a ciphertext is for. It opens only with the same parts in the same order. */
export type Binding = readonly (string | number)[];

// JSON keeps the parts apart: no two lists of parts have one text.
const associated = (binding: Binding): Buffer => Buffer.from(JSON.stringify(binding), 'utf8');

/** `plain` under `key`, bound to `binding`, as base64url text: nonce, ciphertext, tag. */
export const encrypt = (
  key: Uint8Array,
  plain: Uint8Array,
  binding: Binding,
  random: Random,
): string => {
  const iv = random.bytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated(binding));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
};

/** What `encrypt` took; null for another key or binding, and for text that was changed. */
export const decrypt = (key: Uint8Array, sealed: string, binding: Binding): Buffer | null => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated(binding));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const body = bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return null;
  }
};
