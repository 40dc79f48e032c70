import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** How the login page gives its RSA key away, and what it takes back. */
export type PasswordEncryption = 'hex' | 'pem';

/** The key of the password field: made at first use. */
export class PasswordKey {
  #pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | null = null;

  /** `<exponent hex>~<modulus hex>`. */
  hex(): string {
    const { e = '', n = '' } = this.#keys().publicKey.export({ format: 'jwk' });
    const hex = (part: string): string => Buffer.from(part, 'base64url').toString('hex');
    return `${hex(e)}~${hex(n)}`;
  }

  pem(): string {
    return String(this.#keys().publicKey.export({ type: 'spki', format: 'pem' }));
  }

  /** The password; null when the text is not one that was encrypted for this key. */
  decrypt(text: string, encryption: PasswordEncryption): string | null {
    const form = encryption === 'hex' ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/]+={0,2}$/;
    if (!form.test(text)) return null;
    const cipher = Buffer.from(text, encryption === 'hex' ? 'hex' : 'base64');
    try {
      const padded = privateDecrypt(
        { key: this.#keys().privateKey, padding: constants.RSA_NO_PADDING },
        cipher,
      );
      return unpadded(padded);
    } catch {
      return null;
    }
  }

  #keys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    this.#pair ??= generateKeyPairSync('rsa', { modulusLength: 1024 });
    return this.#pair;
  }
}

/** PKCS#1 v1.5 by hand: not every Node that runs this decrypts it. */
const unpadded = (padded: Buffer): string | null => {
  const end = padded.indexOf(0, 2);
  if (padded[0] !== 0 || padded[1] !== 2 || end < 10) return null;
  return padded.subarray(end + 1).toString('utf8');
};
