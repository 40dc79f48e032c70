import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Random } from '../../core/ports/clock';
import { errnoOf } from '../errno';
import { StartupError } from '../startup-error';
import { KEY_BYTES } from './cipher';
import type { MasterKey, MasterKeyKind, MasterKeySource } from './master-key';
import { masterKeyOf, otherKind, readKeyText } from './master-key';

/** The folder of the key file inside the data folder: the one part of it that no backup may take. */
export const KEY_FOLDER = 'keys';
const FILE_NAME = 'master.key';
/** Holds the next key while a rotation is under way. */
const NEXT_NAME = 'master.key.next';
const OTHERS = 0o077;

/**
 * The master key in a file that only this user can read, made on first start. A file appears whole or
 * not at all, and of two processes that make it at once both use the one that was first.
 */
export class KeyFile implements MasterKeySource {
  readonly kind: MasterKeyKind = 'file';
  readonly #folder: string;
  readonly #random: Random;

  constructor(dataDirectory: string, random: Random) {
    this.#folder = path.join(dataDirectory, KEY_FOLDER);
    this.#random = random;
  }

  get #file(): string {
    return path.join(this.#folder, FILE_NAME);
  }
  get #next(): string {
    return path.join(this.#folder, NEXT_NAME);
  }

  first(): Promise<{ readonly key: MasterKey; readonly scrypt: null }> {
    return promised(() => ({ key: this.#readOrMake(this.#file), scrypt: null }));
  }

  keys(): Promise<readonly MasterKey[]> {
    return promised(() =>
      [this.#file, this.#next].flatMap((file) => {
        const key = this.#read(file);
        return key === null ? [] : [key];
      }),
    );
  }

  remedy(founded: MasterKeyKind): string {
    return (
      otherKind('file', founded) ??
      `put the file ${this.#file} that belongs to this ledger back in its place`
    );
  }

  /** The key to rotate to, on disk before anything is wrapped by it; the same one until it is `taken`. */
  stage(): Promise<MasterKey> {
    return promised(() => this.#readOrMake(this.#next));
  }

  /** Makes the staged key the only one. */
  taken(): Promise<void> {
    return promised(() => {
      try {
        renameSync(this.#next, this.#file);
      } catch (error) {
        // Another process that rotated to the same staged key did it.
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
      syncFolder(this.#folder);
    });
  }

  /** Ends the file: another kind of key took its place. */
  remove(): Promise<void> {
    return promised(() => {
      for (const file of [this.#file, this.#next]) rmSync(file, { force: true });
      syncFolder(this.#folder);
    });
  }

  #readOrMake(file: string): MasterKey {
    const known = this.#read(file);
    if (known !== null) return known;
    this.#make(file);
    const made = this.#read(file);
    if (made === null) throw new StartupError(`${file} went away while it was made: start again.`);
    return made;
  }

  #make(file: string): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const name = Buffer.from(this.#random.bytes(8)).toString('hex');
    const draft = path.join(this.#folder, `.${name}`);
    const text = Buffer.from(this.#random.bytes(KEY_BYTES)).toString('base64');
    const handle = openSync(draft, 'wx', 0o600);
    try {
      fchmodSync(handle, 0o600);
      writeSync(handle, `${text}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    try {
      linkSync(draft, file);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error; // another process was first: its key counts
    } finally {
      rmSync(draft, { force: true });
    }
    syncFolder(this.#folder);
  }

  /** The key in `file`, null when there is none. @throws StartupError when others can read it, or it holds no key */
  #read(file: string): MasterKey | null {
    let handle: number;
    try {
      handle = openSync(file, 'r');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      const facts = fstatSync(handle);
      if (process.platform !== 'win32' && (facts.mode & OTHERS) !== 0) {
        throw new StartupError(
          `The master key ${file} can be read by others: run \`chmod 600 ${file}\`.`,
        );
      }
      const bytes = facts.isFile() ? readKeyText(readFileSync(handle, 'utf8').trim()) : null;
      if (bytes === null) {
        throw new StartupError(
          `${file} holds no master key: put the file that belongs to this ledger back in its place.`,
        );
      }
      return masterKeyOf(bytes);
    } finally {
      closeSync(handle);
    }
  }
}

const promised = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });

/** So that a loss of power does not undo what was linked or renamed. */
const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return; // folders cannot be opened there
  let handle: number;
  try {
    handle = openSync(folder, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
