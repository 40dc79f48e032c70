import path from 'node:path';
import { brokerModules } from '../brokers/registry';
import type { Config } from '../config';
import type { Account } from '../core/domain/account';
import type { EpochMs } from '../core/domain/ids';
import type { Accounts } from '../core/sessions/accounts';
import { Credentials } from '../core/sessions/credentials';
import { SqliteVault } from '../infra/ledger/sqlite-vault';
import { SystemClock } from '../infra/system-clock';
import { SystemRandom } from '../infra/system-random';
import { openVault } from '../infra/vault/open-vault';
import type { Vault } from '../infra/vault/vault';
import type { SecretInput } from './secret-input';
import type { Row } from './render-table';

/** What the commands about secrets need of the running command line. */
export interface LedgerView {
  readonly config: Config;
  readonly accounts: Accounts;
  readonly audit: (action: string, detail: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly now: () => EpochMs;
}

/** The stored secrets; `open` needs the master key, `store` alone does not. */
export interface VaultView extends LedgerView {
  readonly store: SqliteVault;
  readonly open: () => Promise<{ readonly vault: Vault; readonly credentials: Credentials }>;
}

export interface SecretSurroundings {
  readonly withLedger: (work: (view: LedgerView) => Promise<void>) => Promise<void>;
  readonly print: (rows: readonly Row[]) => void;
  /** For questions and remarks; not a part of the output. */
  readonly say: (text: string) => void;
  readonly input: SecretInput;
}

/** Runs `work` over the vault of the ledger. */
export const withVault = (
  around: SecretSurroundings,
  work: (view: VaultView) => Promise<void>,
): Promise<void> =>
  around.withLedger(async (view) => {
    const clock = new SystemClock();
    const random = new SystemRandom();
    const file = path.join(view.config.dataDirectory, 'ledger.sqlite');
    const store = new SqliteVault(file, clock, random);
    try {
      await work({
        ...view,
        store,
        open: async () => {
          const vault = await openVault(view.config, store, clock, random);
          const credentials = new Credentials({ modules: brokerModules, store, vault, clock });
          return { vault, credentials };
        },
      });
    } finally {
      store.close();
    }
  });

/** One row per declared field: whether it is there, and since when. */
export const presenceRows = async (
  credentials: Credentials,
  account: Account,
): Promise<readonly Row[]> =>
  (await credentials.presence(account)).map((field) => ({
    field: field.name,
    label: field.label,
    needed: field.required ? 'to trade' : field.secrecy === 'login' ? 'to log in alone' : '',
    set: field.updatedAt === null ? '' : new Date(field.updatedAt).toISOString(),
  }));
