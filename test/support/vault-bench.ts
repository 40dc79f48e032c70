import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { accountId, brokerId } from '../../src/core/domain/ids';
import type { Account } from '../../src/core/domain/account';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { SqliteVault } from '../../src/infra/ledger/sqlite-vault';
import { SystemRandom } from '../../src/infra/system-random';
import { KeyFile } from '../../src/infra/vault/key-file';
import type { MasterKeySource } from '../../src/infra/vault/master-key';
import { Vault } from '../../src/infra/vault/vault';
import { FakeClock } from '../fakes/fake-clock';

/** A data folder with two accounts at a broker, and as many vaults over it as a test opens. */
export class VaultBench {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'toran-vault-'));
  readonly path = path.join(this.directory, 'ledger.sqlite');
  readonly keyFile = path.join(this.directory, 'keys', 'master.key');
  readonly clock = new FakeClock();
  readonly random = new SystemRandom();
  readonly ledger = new SqliteLedger(this.path, this.clock, this.random);
  readonly store = new SqliteVault(this.path, this.clock, this.random);

  static async open(broker = 'paper'): Promise<VaultBench> {
    const bench = new VaultBench();
    for (const name of ['one', 'two']) {
      await bench.ledger.addAccount(bench.account(name, broker), bench.clock.now());
    }
    return bench;
  }

  account(name: string, broker = 'paper'): Account {
    return {
      accountId: accountId(name),
      broker: brokerId(broker),
      login: name,
      label: name,
      isDefault: name === 'one',
      stoppedReason: null,
      live: false,
      twinOf: null,
    };
  }

  /** A process that takes its key from `source`; the key file when it names none. */
  vault(source: MasterKeySource = new KeyFile(this.directory, this.random)): Promise<Vault> {
    const { store, clock, random } = this;
    return Vault.open({ store, source, clock, random });
  }

  /** Everything that a copy of the ledger holds: the file and what SQLite keeps beside it. */
  ledgerBytes(): string {
    return readdirSync(this.directory)
      .filter((name) => name.startsWith('ledger.sqlite'))
      .map((name) => readFileSync(path.join(this.directory, name), 'latin1'))
      .join('\n');
  }

  async close(): Promise<void> {
    this.store.close();
    await this.ledger.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
