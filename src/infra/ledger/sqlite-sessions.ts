import { epochMs } from '../../core/domain/ids';
import type { AccountId, EpochMs } from '../../core/domain/ids';
import type { Clock, Random } from '../../core/ports/clock';
import type { LedgerSession, SessionRows } from '../../core/ports/tokens';
import { SqliteFile, sqlFor } from './sqlite-file';

/** The sessions' part of the ledger file, which SqliteLedger has brought to the newest schema. */
export class SqliteSessions implements SessionRows {
  readonly #file: SqliteFile;
  readonly #sql = sqlFor();

  constructor(path: string, clock: Clock, random: Random) {
    this.#file = new SqliteFile(path, clock, random, { durable: true });
  }

  // Asynchronous because the port is: another store may have to wait.
  read(account: AccountId): Promise<LedgerSession | null> {
    try {
      return Promise.resolve(this.#row(account));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #row(account: AccountId): LedgerSession | null {
    const row = this.#file.all(
      this.#sql.selectFrom('session_tokens').selectAll().where('account_id', '=', account),
    )[0];
    if (row === undefined) return null;
    const { died_at: diedAt, died_words: diedWords } = row;
    return {
      accountId: account,
      sealed: row.sealed,
      startedAt: epochMs(row.started_at),
      expiresAt: epochMs(row.expires_at),
      identity: row.identity,
      died: diedAt === null ? null : { at: epochMs(diedAt), words: diedWords ?? '' },
    };
  }

  save(session: LedgerSession): Promise<void> {
    const columns = {
      sealed: session.sealed,
      expires_at: session.expiresAt,
      identity: session.identity,
      started_at: session.startedAt,
      died_at: session.died?.at ?? null,
      died_words: session.died?.words ?? null,
    };
    return this.#file.write(() => {
      this.#file.run(
        this.#sql
          .insertInto('session_tokens')
          .values({ account_id: session.accountId, ...columns })
          .onConflict((conflict) => conflict.column('account_id').doUpdateSet(columns)),
      );
    });
  }

  end(account: AccountId, sealed: string, at: EpochMs, words: string): Promise<boolean> {
    return this.#file.write(
      () =>
        this.#file.run(
          this.#sql
            .updateTable('session_tokens')
            .set({ died_at: at, died_words: words })
            .where('account_id', '=', account)
            .where('sealed', '=', sealed)
            .where('died_at', 'is', null),
        ) === 1,
    );
  }

  forget(account: AccountId): Promise<void> {
    return this.#file.write(() => {
      this.#file.run(this.#sql.deleteFrom('session_tokens').where('account_id', '=', account));
    });
  }

  close(): void {
    this.#file.close();
  }
}
