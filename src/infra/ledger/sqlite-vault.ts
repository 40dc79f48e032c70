import { z } from 'zod';
import { accountId, epochMs } from '../../core/domain/ids';
import type { AccountId, EpochMs } from '../../core/domain/ids';
import type { Clock, Random } from '../../core/ports/clock';
import type { CredentialStore, StoredCredential } from '../../core/ports/vault';
import type { KeyStore, Rewrapped, VaultFacts, WrappedDataKey } from '../vault/key-store';
import { readSealed } from '../vault/sealed-text';
import type { DataKeyRow, VaultRow } from './schema';
import { SqliteFile, sqlFor } from './sqlite-file';

const ONLY_ROW = 1;
const scryptSchema = z.strictObject({
  cost: z.int(),
  blockSize: z.int(),
  parallel: z.int(),
  salt: z.string(),
});

/**
 * The vault's part of the ledger file, which SqliteLedger has brought to the newest schema: wrapped keys
 * and sealed texts. What is deleted or replaced is overwritten in the file.
 */
export class SqliteVault implements KeyStore, CredentialStore {
  readonly #file: SqliteFile;
  readonly #sql = sqlFor();

  constructor(path: string, clock: Clock, random: Random) {
    this.#file = new SqliteFile(path, clock, random, { durable: true, erase: true });
  }

  vaultFacts(): Promise<VaultFacts | null> {
    return this.#read(() => this.#facts());
  }

  found(facts: VaultFacts, at: EpochMs): Promise<VaultFacts> {
    return this.#file.write(() => {
      const standing = this.#facts();
      if (standing !== null) return standing;
      this.#file.insert('vault', { id: ONLY_ROW, ...columnsOf(facts), founded_at: at });
      return facts;
    });
  }

  dataKey(account: AccountId): Promise<WrappedDataKey | null> {
    return this.#read(() => this.#dataKey(account));
  }

  dataKeys(): Promise<readonly WrappedDataKey[]> {
    return this.#read(() => this.#dataKeys());
  }

  addDataKey(key: WrappedDataKey, at: EpochMs): Promise<WrappedDataKey | null> {
    return this.#file.write(() => {
      const standing = this.#dataKey(key.accountId);
      if (standing !== null) return standing;
      if (this.#facts()?.masterKeyId !== key.masterKeyId) return null;
      this.#file.insert('data_keys', {
        account_id: key.accountId,
        key_id: key.keyId,
        wrapped: key.wrapped,
        master_key_id: key.masterKeyId,
        created_at: at,
      });
      return key;
    });
  }

  async rewrap(
    work: (facts: VaultFacts, dataKeys: readonly WrappedDataKey[]) => Rewrapped,
    at: EpochMs,
  ): Promise<void> {
    await this.#file.write(() => {
      const facts = this.#facts();
      if (facts === null) throw new Error('the vault is not founded');
      const next = work(facts, this.#dataKeys());
      this.#file.update('vault', { ...columnsOf(next.facts), rotated_at: at }, { id: ONLY_ROW });
      for (const { accountId: account, wrapped, masterKeyId } of next.dataKeys) {
        const columns = { wrapped, master_key_id: masterKeyId };
        this.#file.update('data_keys', columns, { account_id: account });
      }
    });
    await this.#file.emptyLog();
  }

  async clearVault(): Promise<readonly AccountId[]> {
    const cleared = await this.#file.write(() => {
      const accounts = this.#dataKeys().map((row) => row.accountId);
      for (const account of accounts) this.#forget(account);
      this.#file.run(this.#sql.deleteFrom('vault'));
      return accounts;
    });
    await this.#file.emptyLog();
    return cleared;
  }

  credentials(account: AccountId): Promise<readonly StoredCredential[]> {
    return this.#read(() =>
      this.#file
        .all(
          this.#sql
            .selectFrom('credentials')
            .selectAll()
            .where('account_id', '=', account)
            .orderBy('field'),
        )
        .map((row) => ({
          field: row.field,
          secrecy: row.secrecy,
          sealed: row.sealed,
          updatedAt: epochMs(row.updated_at),
        })),
    );
  }

  saveCredentials(account: AccountId, fields: readonly StoredCredential[]): Promise<boolean> {
    return this.#file.write(() => {
      const keyId = this.#dataKey(account)?.keyId;
      if (keyId === undefined) return false;
      if (fields.some(({ sealed }) => readSealed(sealed)?.keyId !== keyId)) return false;
      for (const { field, secrecy, sealed, updatedAt } of fields) {
        const columns = { secrecy, sealed, key_id: keyId, updated_at: updatedAt };
        this.#file.run(
          this.#sql
            .insertInto('credentials')
            .values({ account_id: account, field, ...columns })
            .onConflict((conflict) =>
              conflict.columns(['account_id', 'field']).doUpdateSet(columns),
            ),
        );
      }
      this.#noteChange(account);
      return true;
    });
  }

  async forgetAccount(account: AccountId): Promise<void> {
    await this.#file.write(() => {
      this.#forget(account);
    });
    await this.#file.emptyLog();
  }

  credentialRevisions(): Promise<ReadonlyMap<AccountId, number>> {
    return this.#read(() => {
      const rows = this.#file.all(this.#sql.selectFrom('credential_revisions').selectAll());
      return new Map(rows.map((row) => [accountId(row.account_id), row.revision]));
    });
  }

  close(): void {
    this.#file.close();
  }

  #facts(): VaultFacts | null {
    const row = this.#file.all(this.#sql.selectFrom('vault').selectAll())[0];
    return row === undefined ? null : factsOf(row);
  }

  #dataKey(account: AccountId): WrappedDataKey | null {
    const row = this.#file.all(
      this.#sql.selectFrom('data_keys').selectAll().where('account_id', '=', account),
    )[0];
    return row === undefined ? null : dataKeyOf(row);
  }

  #dataKeys(): readonly WrappedDataKey[] {
    return this.#file.all(this.#sql.selectFrom('data_keys').selectAll()).map(dataKeyOf);
  }

  #forget(account: AccountId): void {
    this.#file.run(this.#sql.deleteFrom('credentials').where('account_id', '=', account));
    this.#file.run(this.#sql.deleteFrom('data_keys').where('account_id', '=', account));
    this.#noteChange(account);
  }

  #noteChange(account: AccountId): void {
    this.#file.run(
      this.#sql
        .insertInto('credential_revisions')
        .values({ account_id: account, revision: 1 })
        .onConflict((conflict) =>
          conflict
            .column('account_id')
            .doUpdateSet((eb) => ({ revision: eb('credential_revisions.revision', '+', 1) })),
        ),
    );
  }

  // Asynchronous because the port is: another store may have to wait.
  #read<T>(work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

const columnsOf = (facts: VaultFacts): Omit<VaultRow, 'id' | 'founded_at' | 'rotated_at'> => ({
  master_key_id: facts.masterKeyId,
  kind: facts.kind,
  scrypt: facts.scrypt === null ? null : JSON.stringify(facts.scrypt),
  key_check: facts.check,
  public_key: facts.publicKey,
  wrapped_private_key: facts.wrappedPrivateKey,
});

const factsOf = (row: VaultRow): VaultFacts => ({
  masterKeyId: row.master_key_id,
  kind: row.kind,
  scrypt: row.scrypt === null ? null : scryptSchema.parse(JSON.parse(row.scrypt)),
  check: row.key_check,
  publicKey: row.public_key,
  wrappedPrivateKey: row.wrapped_private_key,
});

const dataKeyOf = (row: DataKeyRow): WrappedDataKey => ({
  accountId: accountId(row.account_id),
  keyId: row.key_id,
  wrapped: row.wrapped,
  masterKeyId: row.master_key_id,
});
