import { GatewayError } from '../../core/domain/errors';
import type { AccountId } from '../../core/domain/ids';
import type { Clock, Random } from '../../core/ports/clock';
import type { LoginReader, LoginSeal, SecretBox, SecretPlace } from '../../core/ports/vault';
import { StartupError } from '../startup-error';
import { decrypt, encrypt, KEY_BYTES } from './cipher';
import type { Binding } from './cipher';
import type { KeyStore, VaultFacts, WrappedDataKey } from './key-store';
import type { MasterKey, MasterKeyKind, MasterKeySource, ScryptFacts } from './master-key';
import { newKeyPair, openSealed, sealTo } from './sealed-box';
import type { KeyPair } from './sealed-box';
import { FORM, readSealed, writeSealed } from './sealed-text';

export interface VaultDeps {
  readonly store: KeyStore;
  readonly source: MasterKeySource;
  readonly clock: Clock;
  readonly random: Random;
}

/** The key to rotate to, and where it comes from at the next start. */
export interface NextKey {
  readonly key: MasterKey;
  readonly kind: MasterKeyKind;
  readonly scrypt: ScryptFacts | null;
}

const CHECK_TEXT = 'toran';
const KEY_ID_BYTES = 8;

const checkBinding = (master: MasterKey): Binding => ['key-check', FORM, master.id];
const privateBinding = (publicKey: string): Binding => ['login-private-key', FORM, publicKey];
const dataKeyBinding = (account: AccountId, keyId: string): Binding => [
  'data-key',
  FORM,
  account,
  keyId,
];
const secretBinding = (place: SecretPlace, keyId: string): Binding => [
  'secret',
  FORM,
  place.accountId,
  place.field,
  keyId,
];

const unreadable = (message: string): GatewayError =>
  new GatewayError('SECRET_UNREADABLE', message);

/**
 * Secrets at rest: each account has a random data key, wrapped by the master key. Data keys that this
 * process has opened stay open, so that a rotation of the master key does not disturb it.
 */
export class Vault implements SecretBox, LoginSeal {
  readonly #deps: VaultDeps;
  #facts: VaultFacts;
  #master: MasterKey;
  /** By key id. */
  readonly #opened = new Map<string, Buffer>();

  private constructor(deps: VaultDeps, facts: VaultFacts, master: MasterKey) {
    this.#deps = deps;
    this.#facts = facts;
    this.#master = master;
  }

  /** The vault of the ledger; founded on the first start. @throws StartupError when the master key is not the ledger's */
  static async open(deps: VaultDeps): Promise<Vault> {
    const facts = (await deps.store.vaultFacts()) ?? (await found(deps));
    const master = await fitting(deps.source, facts);
    if (master === null) {
      throw new StartupError(
        `The master key is not the one that the secrets of this ledger were sealed with: ${deps.source.remedy(facts.kind)}, or give them all up with \`npm run toran -- vault reset\`.`,
      );
    }
    const vault = new Vault(deps, facts, master);
    // While the master key is at hand: a process that was given it cannot fetch the next one. A broken
    // row is its own account's trouble, and is told when that account is opened.
    for (const row of await deps.store.dataKeys()) {
      await vault.#unwrap(row).catch(() => undefined);
    }
    return vault;
  }

  async seal(place: SecretPlace, text: string): Promise<string> {
    const row = await this.#keyOf(place.accountId);
    const key = await this.#unwrap(row);
    const plain = Buffer.from(text, 'utf8');
    const body = encrypt(key, plain, secretBinding(place, row.keyId), this.#deps.random);
    return writeSealed({ keyId: row.keyId, body });
  }

  async open(place: SecretPlace, sealed: string): Promise<string> {
    const read = readSealed(sealed);
    // Asked each time: what another process forgot must not open here either.
    const row = await this.#deps.store.dataKey(place.accountId);
    if (read === null || row?.keyId !== read.keyId) {
      throw unreadable(`${place.field}: the key by which it was sealed is not there`);
    }
    const key = await this.#unwrap(row);
    const plain = decrypt(key, read.body, secretBinding(place, row.keyId));
    if (plain === null) throw unreadable(`${place.field}: it was changed, or belongs elsewhere`);
    return plain.toString('utf8');
  }

  /** The box inside is for the login role alone; the account's key around it makes it part of the account. */
  async sealForLogin(place: SecretPlace, text: string): Promise<string> {
    const publicKey = Buffer.from(this.#facts.publicKey, 'base64url');
    return this.seal(place, await sealTo(publicKey, place, text));
  }

  /** Opens login secrets; only for code that runs with the role `login`. */
  async loginReader(): Promise<LoginReader> {
    await this.#refresh();
    const keys = privateKeys(this.#facts, this.#master);
    return {
      open: async (place, sealed) => {
        const text = await openSealed(keys, place, await this.open(place, sealed));
        if (text === null) throw unreadable(`${place.field}: it was sealed for another ledger`);
        return text;
      },
    };
  }

  /**
   * Wraps everything by `next`; processes that run go on. Nothing is done when it is so already. The
   * number of accounts whose key was wrapped anew.
   */
  async rewrap(next: NextKey): Promise<number> {
    const { store, random, clock } = this.#deps;
    let count = 0;
    await store.rewrap((facts, dataKeys) => {
      count = dataKeys.length;
      if (facts.masterKeyId === next.key.id) return { facts, dataKeys };
      if (facts.masterKeyId !== this.#master.id) {
        throw new GatewayError('UNSUPPORTED', 'another rotation was first: run this one again');
      }
      const { privateKey } = privateKeys(facts, this.#master);
      return {
        facts: {
          ...wrapped(next, { facts, privateKey }, random),
          publicKey: facts.publicKey,
        },
        dataKeys: dataKeys.map((row) => {
          const binding = dataKeyBinding(row.accountId, row.keyId);
          const plain = decrypt(this.#master.bytes, row.wrapped, binding);
          if (plain === null) throw unreadable(`the data key of ${row.accountId} does not open`);
          return {
            ...row,
            wrapped: encrypt(next.key.bytes, plain, binding, random),
            masterKeyId: next.key.id,
          };
        }),
      };
    }, clock.now());
    this.#master = next.key;
    await this.#refresh();
    return count;
  }

  /** The account's data key, made when it has none. */
  async #keyOf(account: AccountId): Promise<WrappedDataKey> {
    const { store, random, clock } = this.#deps;
    const known = await store.dataKey(account);
    if (known !== null) return known;
    // Once more when a rotation came in between.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const keyId = Buffer.from(random.bytes(KEY_ID_BYTES)).toString('hex');
      const row: WrappedDataKey = {
        accountId: account,
        keyId,
        wrapped: encrypt(
          this.#master.bytes,
          random.bytes(KEY_BYTES),
          dataKeyBinding(account, keyId),
          random,
        ),
        masterKeyId: this.#master.id,
      };
      const standing = await store.addDataKey(row, clock.now());
      if (standing !== null) return standing;
      await this.#refresh();
    }
    throw unreadable('the master key changes too often');
  }

  async #unwrap(row: WrappedDataKey): Promise<Buffer> {
    const known = this.#opened.get(row.keyId);
    if (known !== undefined) return known;
    if (row.masterKeyId !== this.#master.id) await this.#refresh();
    const binding = dataKeyBinding(row.accountId, row.keyId);
    const plain = decrypt(this.#master.bytes, row.wrapped, binding);
    if (plain === null) throw unreadable(`the data key of ${row.accountId} does not open`);
    this.#opened.set(row.keyId, plain);
    return plain;
  }

  /** Takes the master key of now, which a rotation may have changed. @throws GatewayError SECRET_UNREADABLE when this process cannot get it */
  async #refresh(): Promise<void> {
    const facts = await this.#deps.store.vaultFacts();
    if (facts === null) throw unreadable('the vault was reset: restart this process');
    this.#facts = facts;
    if (facts.masterKeyId === this.#master.id) return;
    const master = await fitting(this.#deps.source, facts);
    if (master === null) {
      throw unreadable('the master key was changed: restart this process with the new one');
    }
    this.#master = master;
  }
}

/** The key of the source that the facts were made with; null when it has none. */
const fitting = async (source: MasterKeySource, facts: VaultFacts): Promise<MasterKey | null> => {
  const keys = await source.keys(facts.scrypt);
  const key = keys.find((one) => one.id === facts.masterKeyId);
  if (key === undefined) return null;
  const text = decrypt(key.bytes, facts.check, checkBinding(key));
  return text?.toString('utf8') === CHECK_TEXT ? key : null;
};

const found = async ({ store, source, clock, random }: VaultDeps): Promise<VaultFacts> => {
  const { key, scrypt } = await source.first();
  const pair = await newKeyPair();
  const publicKey = Buffer.from(pair.publicKey).toString('base64url');
  const next = { key, scrypt, kind: source.kind };
  const { privateKey } = pair;
  return store.found(
    { ...wrapped(next, { facts: { publicKey }, privateKey }, random), publicKey },
    clock.now(),
  );
};

/** Everything in the facts that depends on the master key. */
const wrapped = (
  { key, kind, scrypt }: NextKey,
  login: { readonly facts: Pick<VaultFacts, 'publicKey'>; readonly privateKey: Uint8Array },
  random: Random,
): Omit<VaultFacts, 'publicKey'> => ({
  masterKeyId: key.id,
  kind,
  scrypt,
  check: encrypt(key.bytes, Buffer.from(CHECK_TEXT, 'utf8'), checkBinding(key), random),
  wrappedPrivateKey: encrypt(
    key.bytes,
    login.privateKey,
    privateBinding(login.facts.publicKey),
    random,
  ),
});

const privateKeys = (facts: VaultFacts, master: MasterKey): KeyPair => {
  const binding = privateBinding(facts.publicKey);
  const privateKey = decrypt(master.bytes, facts.wrappedPrivateKey, binding);
  if (privateKey === null) throw unreadable('the private key of the login secrets does not open');
  return { publicKey: Buffer.from(facts.publicKey, 'base64url'), privateKey };
};
