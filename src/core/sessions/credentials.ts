import type { Account } from '../domain/account';
import { GatewayError } from '../domain/errors';
import type { AccountId, EpochMs } from '../domain/ids';
import type { BrokerModule, CredentialField } from '../ports/broker';
import type { Clock } from '../ports/clock';
import type { CredentialStore, LoginReader, LoginSeal, SecretBox } from '../ports/vault';
import { checkedCredentials } from './credential-check';

/** What is known of one field. Never its value. */
export interface CredentialPresence {
  readonly name: string;
  readonly label: string;
  readonly secrecy: CredentialField['secrecy'];
  readonly required: boolean;
  /** When it was last set; null while it is not there. */
  readonly updatedAt: EpochMs | null;
}

/** Which of an account's required credentials are there. */
export interface CredentialState {
  readonly complete: boolean;
  /** Names of fields, never values. */
  readonly missing: readonly string[];
}

/** An account's credentials changed: new ones, or forgotten. */
export interface CredentialChange {
  readonly accountId: AccountId;
  /** Nothing is left: whoever keeps a session of the account forgets it too. */
  readonly forgotten: boolean;
}

export interface CredentialsDeps {
  readonly modules: readonly BrokerModule[];
  readonly store: CredentialStore;
  readonly vault: SecretBox & LoginSeal;
  readonly clock: Clock;
}

/** Sealing again after the data key was forgotten in between. */
const SEAL_ATTEMPTS = 3;

/** The credentials of accounts, by the schema that their broker declares. Values go in and to the broker's client, nowhere else. */
export class Credentials {
  readonly #deps: CredentialsDeps;
  readonly #listeners = new Set<(change: CredentialChange) => Promise<void> | void>();

  constructor(deps: CredentialsDeps) {
    this.#deps = deps;
  }

  /** What the broker of the account wants; empty when it wants nothing. */
  fieldsOf(account: Pick<Account, 'broker'>): readonly CredentialField[] {
    const module = this.#deps.modules.find((one) => one.id === account.broker);
    return module?.credentialFields ?? [];
  }

  /** Each declared field, in the broker's order. */
  async presence(account: Account): Promise<readonly CredentialPresence[]> {
    const stored = await this.#deps.store.credentials(account.accountId);
    return this.fieldsOf(account).map(({ name, label, secrecy, required }) => ({
      name,
      label,
      secrecy,
      required,
      updatedAt: stored.find((row) => row.field === name)?.updatedAt ?? null,
    }));
  }

  /** Which of the required fields are there. */
  async state(account: Account): Promise<CredentialState> {
    const known = await this.presence(account);
    const missing = known.filter(({ required, updatedAt }) => required && updatedAt === null);
    return { complete: missing.length === 0, missing: missing.map(({ name }) => name) };
  }

  /**
   * Stores the entered fields and keeps the others; the names of those that were set.
   * @throws GatewayError VALIDATION that names the field; then nothing was stored
   */
  async set(
    account: Account,
    entered: Readonly<Record<string, unknown>>,
  ): Promise<readonly string[]> {
    const fields = this.fieldsOf(account);
    if (fields.length === 0) {
      throw new GatewayError('VALIDATION', `The broker ${account.broker} takes no credentials.`);
    }
    const values = checkedCredentials(fields, entered);
    for (let attempt = 0; attempt < SEAL_ATTEMPTS; attempt += 1) {
      if (await this.#save(account.accountId, values)) {
        await this.announce({ accountId: account.accountId, forgotten: false });
        return [...values.keys()].map((field) => field.name);
      }
    }
    throw new GatewayError('STORE_UNAVAILABLE', 'the account is being forgotten; nothing was set');
  }

  /**
   * The `app` fields, for creating the account's client.
   * @throws GatewayError NO_SESSION that names the missing ones, SECRET_UNREADABLE
   */
  async appFields(account: Account): Promise<Readonly<Record<string, string>>> {
    const { store, vault } = this.#deps;
    const fields = this.fieldsOf(account).filter((field) => field.secrecy === 'app');
    const stored = await store.credentials(account.accountId);
    const rowOf = ({ name }: CredentialField): (typeof stored)[number] | undefined =>
      stored.find((row) => row.field === name && row.secrecy === 'app');
    const missing = fields.filter((field) => field.required && rowOf(field) === undefined);
    if (missing.length > 0) throw credentialsMissing(account, missing);
    const values: Record<string, string> = {};
    for (const field of fields) {
      const row = rowOf(field);
      if (row === undefined) continue;
      const place = { accountId: account.accountId, field: field.name };
      values[field.name] = await vault.open(place, row.sealed);
    }
    return values;
  }

  /** Deletes credentials and data key: nothing that was sealed for the account opens again. */
  async forget(account: Pick<Account, 'accountId'>): Promise<void> {
    await this.#deps.store.forgetAccount(account.accountId);
    await this.announce({ accountId: account.accountId, forgotten: true });
  }

  /** Calls `listener` for each change; a change of another process comes through CredentialWatch. */
  onChange(listener: (change: CredentialChange) => Promise<void> | void): void {
    this.#listeners.add(listener);
  }

  /** Tells the listeners, one after the other. */
  async announce(change: CredentialChange): Promise<void> {
    for (const listener of this.#listeners) await listener(change);
  }

  async #save(account: AccountId, values: ReadonlyMap<CredentialField, string>): Promise<boolean> {
    const { store, vault, clock } = this.#deps;
    const updatedAt = clock.now();
    const rows = await Promise.all(
      [...values].map(async ([{ name: field, secrecy }, text]) => {
        const place = { accountId: account, field };
        const sealed =
          secrecy === 'login'
            ? await vault.sealForLogin(place, text)
            : await vault.seal(place, text);
        return { field, secrecy, sealed, updatedAt };
      }),
    );
    return store.saveCredentials(account, rows);
  }
}

const credentialsMissing = (account: Account, missing: readonly CredentialField[]): GatewayError =>
  new GatewayError(
    'NO_SESSION',
    `credentials are missing: ${missing.map(({ name }) => name).join(', ')}; give them with \`npm run toran -- accounts credentials ${account.accountId}\``,
  );

/**
 * The `login` fields that the account has, by name. There is a reader only where the role `login` runs.
 * @throws GatewayError SECRET_UNREADABLE
 */
export const loginFields = async (
  reader: LoginReader,
  store: CredentialStore,
  account: AccountId,
): Promise<ReadonlyMap<string, string>> => {
  const values = new Map<string, string>();
  for (const { field, secrecy, sealed } of await store.credentials(account)) {
    if (secrecy !== 'login') continue;
    values.set(field, await reader.open({ accountId: account, field }, sealed));
  }
  return values;
};
