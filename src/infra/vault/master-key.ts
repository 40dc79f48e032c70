import { createHash, scrypt } from 'node:crypto';
import type { Random } from '../../core/ports/clock';
import { KEY_BYTES } from './cipher';

/** The key that wraps the data keys. `id` tells keys apart and says nothing about the bytes. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Where a data folder has its master key from. */
export type MasterKeyKind = 'file' | 'key' | 'passphrase';

/** How a passphrase becomes a key; stored in the ledger, because it is needed before anything opens. */
export interface ScryptFacts {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallel: number;
  /** Base64url. */
  readonly salt: string;
}

/** Where this process takes the master key from. */
export interface MasterKeySource {
  readonly kind: MasterKeyKind;
  /** The key for a data folder whose vault is not founded yet. @throws StartupError */
  first(): Promise<{ readonly key: MasterKey; readonly scrypt: ScryptFacts | null }>;
  /** The keys there are now; `stored` is what the ledger says of its passphrase. @throws StartupError */
  keys(stored: ScryptFacts | null): Promise<readonly MasterKey[]>;
  /** What a person does when none of `keys` fits a folder whose key came from `founded`: the end of a sentence. */
  remedy(founded: MasterKeyKind): string;
}

const ID_LENGTH = 16;
/** 128 MB and about half a second: what a guess costs. */
const COST = 131_072;
const BLOCK_SIZE = 8;
const SALT_BYTES = 16;

export const masterKeyOf = (bytes: Uint8Array): MasterKey => {
  const hash = createHash('sha256').update('toran master key id').update(bytes).digest('hex');
  return { id: hash.slice(0, ID_LENGTH), bytes };
};

/** The 32 bytes that `text` writes in hex or base64 (also base64url); null for anything else. */
export const readKeyText = (text: string): Uint8Array | null => {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES ? bytes : null;
};

/** The figures for a new passphrase. */
export const newScryptFacts = (random: Random): ScryptFacts => ({
  cost: COST,
  blockSize: BLOCK_SIZE,
  parallel: 1,
  salt: Buffer.from(random.bytes(SALT_BYTES)).toString('base64url'),
});

/** The master key that `passphrase` stands for under these figures. */
export const derive = (passphrase: string, facts: ScryptFacts): Promise<MasterKey> => {
  const { cost, blockSize, parallel } = facts;
  const options = {
    N: cost,
    r: blockSize,
    p: parallel,
    maxmem: 256 * cost * blockSize,
  };
  const salt = Buffer.from(facts.salt, 'base64url');
  return new Promise((resolve, reject) => {
    // The same passphrase typed on another keyboard may be composed otherwise.
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, options, (error, bytes) => {
      if (error === null) resolve(masterKeyOf(bytes));
      else reject(error);
    });
  });
};

const otherSource: Readonly<Record<MasterKeyKind, string>> = {
  file: 'leave TORAN_MASTER_KEY and TORAN_MASTER_PASSPHRASE out, so that its key file is read (`npm run toran -- vault rotate --to key` changes over)',
  key: 'set TORAN_MASTER_KEY',
  passphrase: 'set TORAN_MASTER_PASSPHRASE',
};

/** What a person does who starts with the wrong kind of key; null when the kind is right. */
export const otherKind = (mine: MasterKeyKind, founded: MasterKeyKind): string | null =>
  mine === founded ? null : otherSource[founded];

/** A key that was given as such. */
export const givenKey = (bytes: Uint8Array): MasterKeySource => {
  const key = masterKeyOf(bytes);
  return {
    kind: 'key',
    first: () => Promise.resolve({ key, scrypt: null }),
    keys: () => Promise.resolve([key]),
    remedy: (founded) =>
      otherKind('key', founded) ?? 'set TORAN_MASTER_KEY to the one it was last given',
  };
};

/** A passphrase. */
export const givenPassphrase = (passphrase: string, random: Random): MasterKeySource => ({
  kind: 'passphrase',
  first: async () => {
    const facts = newScryptFacts(random);
    return { key: await derive(passphrase, facts), scrypt: facts };
  },
  keys: async (stored) => (stored === null ? [] : [await derive(passphrase, stored)]),
  remedy: (founded) =>
    otherKind('passphrase', founded) ?? 'set TORAN_MASTER_PASSPHRASE to the one it was last given',
});
