import type * as Sodium from 'libsodium-wrappers';
import type { SecretPlace } from '../../core/ports/vault';

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Loaded when first needed: most starts seal nothing, and it costs memory. */
const sodium = async (): Promise<typeof Sodium> => {
  const { default: library } = await import('libsodium-wrappers');
  await library.ready;
  return library;
};

/** Where the text belongs travels inside: the box itself knows no associated data. */
const envelope = (place: SecretPlace, text: string): string =>
  JSON.stringify([place.accountId, place.field, text]);

export const newKeyPair = async (): Promise<KeyPair> => (await sodium()).crypto_box_keypair();

/** `text` for the holder of the private half. */
export const sealTo = async (
  publicKey: Uint8Array,
  place: SecretPlace,
  text: string,
): Promise<string> => {
  const box = (await sodium()).crypto_box_seal(envelope(place, text), publicKey);
  return Buffer.from(box).toString('base64url');
};

/** What `sealTo` took; null for another key pair or place, and for text that was changed. */
export const openSealed = async (
  keys: KeyPair,
  place: SecretPlace,
  sealed: string,
): Promise<string | null> => {
  const { crypto_box_seal_open: open } = await sodium();
  let parts: unknown;
  try {
    const opened = open(Buffer.from(sealed, 'base64url'), keys.publicKey, keys.privateKey);
    parts = JSON.parse(Buffer.from(opened).toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [account, field, text] = parts as unknown[]; // a list, of whatever
  return account === place.accountId && field === place.field && typeof text === 'string'
    ? text
    : null;
};
