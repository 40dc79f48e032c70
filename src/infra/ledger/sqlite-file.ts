import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Compilable, InferResult } from 'kysely';
import { GatewayError } from '../../core/domain/errors';
import type { Clock, Random } from '../../core/ports/clock';
import { MIGRATIONS } from './migrations';
import type { Tables } from './schema';

/** Typed SQL text only: the builder compiles, SqliteFile executes synchronously. */
export const sqlFor = (): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });

export interface SqliteFileOptions {
  /** Whether each commit is synced to the disk. */
  readonly durable: boolean;
  /** Told after each commit. */
  readonly committed?: () => void;
  /** Whether what is deleted or replaced is overwritten in the file; absent: it stays until its place is used again. */
  readonly erase?: boolean;
}

interface Waiting {
  readonly work: () => unknown;
  readonly settle: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const SQLITE_BUSY = 5;
/** How long a writer waits for its turn before the caller is told that the store is unavailable. */
const LOCK_LIMIT_MS = 5_000;
/** About half a second. */
const EMPTY_ATTEMPTS = 50;
/** The log grows to this many pages of 4 KB before a commit itself empties it; see Checkpointer. */
const CHECKPOINT_PAGES = 4_000;

/**
 * One connection to the ledger file. WAL and synchronous=FULL: a committed transaction has been
 * synced to disk when `write` returns. Transactions are synchronous, so none stays open across an
 * await; a lock held by another process is waited for without blocking this one's event loop.
 */
export class SqliteFile {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #statements = new Map<string, StatementSync>();
  readonly #waiting: Waiting[] = [];
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #committed: (() => void) | undefined;
  #flushing = false;

  constructor(path: string, clock: Clock, random: Random, options: SqliteFileOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#db = new DatabaseSync(path, { timeout: 5 });
    this.#retryBlocking(() => {
      this.#db.exec('PRAGMA journal_mode = WAL');
    });
    this.#db.exec(`PRAGMA synchronous = ${options.durable ? 'FULL' : 'NORMAL'}`);
    this.#db.exec('PRAGMA foreign_keys = ON');
    if (options.erase === true) this.#db.exec('PRAGMA secure_delete = ON');
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${String(CHECKPOINT_PAGES)}`);
    this.#begin = this.#db.prepare('BEGIN IMMEDIATE');
    this.#commit = this.#db.prepare('COMMIT');
    this.#committed = options.committed;
  }

  /** Brings the file to the newest schema. @throws Error when the file is from a newer version. */
  migrate(): void {
    this.#retryBlocking(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        this.#db.exec(
          'CREATE TABLE IF NOT EXISTS schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT',
        );
        const row = this.#db.prepare('SELECT max(id) AS id FROM schema_migrations').get();
        const done = Number(row?.['id'] ?? 0);
        const newest = MIGRATIONS.at(-1)?.id ?? 0;
        if (done > newest) {
          throw new Error(
            `The ledger has schema ${String(done)}, this version knows ${String(newest)}: start the newer version.`,
          );
        }
        for (const migration of MIGRATIONS.filter((m) => m.id > done)) {
          this.#db.exec(migration.sql);
          this.#db
            .prepare('INSERT INTO schema_migrations (id, name) VALUES (?, ?)')
            .run(migration.id, migration.name);
        }
        this.#db.exec('COMMIT');
      } catch (error) {
        this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /**
   * A query built and compiled once, called often: building SQL text costs more than running it.
   * `build` gets stand-ins for the values; they may only be used as values.
   */
  prepare<A extends readonly SQLInputValue[], Q extends Compilable>(
    build: (...values: A) => Q,
  ): (...values: A) => InferResult<Q> {
    const standIns = Array.from({ length: build.length }, (_, index) => new StandIn(index));
    // The builder stores values without looking at them.
    const { sql, parameters } = build(...(standIns as unknown as A)).compile();
    const order = parameters.map((value) => (value instanceof StandIn ? value.index : value));
    const fixed = parameters.map((value) => !(value instanceof StandIn));
    return (...values) => {
      const bound = order.map((entry, i) => (fixed[i] === true ? entry : values[Number(entry)]));
      // The builder typed the query by Tables; SQLite gives the same columns back.
      return this.#statement(sql).all(...bind(bound)) as unknown as InferResult<Q>;
    };
  }

  /** Rows of a query. */
  all<Q extends Compilable>(query: Q): InferResult<Q> {
    const { sql, parameters } = query.compile();
    // The builder typed the query by Tables; SQLite gives the same columns back.
    return this.#statement(sql).all(...bind(parameters)) as unknown as InferResult<Q>;
  }

  /** Writes one row; the column names are those of the table's type. */
  insert<T extends keyof Tables>(table: T, row: Partial<Tables[T]>): void {
    const columns = Object.keys(row);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    this.#statement(sql).run(...bind(Object.values(row)));
  }

  /** Changes the rows whose columns equal `where`; the number of them. */
  update<T extends keyof Tables>(
    table: T,
    change: Partial<Tables[T]>,
    where: Partial<Tables[T]>,
  ): number {
    const assign = (keys: readonly string[], joint: string): string =>
      keys.map((key) => `${key} = ?`).join(joint);
    const sql = `UPDATE ${table} SET ${assign(Object.keys(change), ', ')} WHERE ${assign(Object.keys(where), ' AND ')}`;
    const values = [...Object.values(change), ...Object.values(where)];
    return Number(this.#statement(sql).run(...bind(values)).changes);
  }

  /** The number of rows changed. */
  run(query: Compilable): number {
    const { sql, parameters } = query.compile();
    return Number(this.#statement(sql).run(...bind(parameters)).changes);
  }

  /**
   * The result of `work`, run in an immediate transaction that is on disk when this resolves. Works
   * that arrive in one turn of the event loop share the transaction, and so one sync of the disk;
   * each has its own savepoint, so that one that throws takes nothing else with it.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, settle: resolve as (result: unknown) => void, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      void this.#drain();
    });
  }

  /** The text of every statement used so far, for looking at how each finds its rows. */
  get statements(): readonly string[] {
    return [...this.#statements.keys()];
  }

  /**
   * Moves the write-ahead log into the file and empties it, so that nothing old is left in it. Gives up
   * while other connections keep reading: then the log goes when the last of them closes.
   */
  async emptyLog(): Promise<void> {
    for (let attempt = 0; attempt < EMPTY_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await this.#clock.sleep(1 + this.#random.integer(20));
      try {
        if (this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0) return;
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What else this turn of the event loop wants to write goes along.
      await nextTurn();
      await this.#flush(this.#waiting.splice(0));
    }
    this.#flushing = false;
  }

  /** Commits the works, waiting for the lock of another process; never throws. */
  async #flush(works: readonly Waiting[]): Promise<void> {
    const giveUpAt = this.#clock.monotonic() + LOCK_LIMIT_MS;
    for (;;) {
      try {
        for (const answer of this.#transaction(works)) answer();
        return;
      } catch (error) {
        const busy = isBusy(error);
        if (!busy || this.#clock.monotonic() > giveUpAt) {
          const fault = busy
            ? new GatewayError('STORE_UNAVAILABLE', 'the ledger stays locked', { cause: error })
            : storeError(error);
          for (const { reject } of works) reject(fault);
          return;
        }
      }
      await this.#clock.sleep(1 + this.#random.integer(4));
    }
  }

  /** Runs the works as one transaction; the answers to give once it is committed. */
  #transaction(works: readonly Waiting[]): (() => void)[] {
    this.#begin.run();
    try {
      const [only] = works;
      const finish =
        only !== undefined && works.length === 1
          ? [this.#runAlone(only)]
          : works.map((waiting) => this.#runOne(waiting));
      this.#commit.run();
      this.#committed?.();
      return finish;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Alone a work needs no savepoint: what it throws undoes the transaction. */
  #runAlone({ work, settle }: Waiting): () => void {
    const result = work();
    return () => {
      settle(result);
    };
  }

  #runOne({ work, settle, reject }: Waiting): () => void {
    this.#db.exec('SAVEPOINT work');
    try {
      const result = work();
      this.#db.exec('RELEASE work');
      return () => {
        settle(result);
      };
    } catch (error) {
      // A full or broken disk ends the whole transaction: then nothing of it may be answered.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO work; RELEASE work');
      return () => {
        reject(storeError(error));
      };
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  /** Only for opening, before anything else runs. */
  #retryBlocking(work: () => void): void {
    for (let attempt = 0; ; attempt += 1) {
      try {
        work();
        return;
      } catch (error) {
        if (!isBusy(error) || attempt > 1_000) throw error;
      }
    }
  }
}

/** Takes the place of a value while a query is compiled. */
class StandIn {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

const bind = (parameters: readonly unknown[]): SQLInputValue[] =>
  parameters.map((value) => {
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'bigint'
    ) {
      return value;
    }
    throw new TypeError(`cannot bind a ${typeof value}`);
  });

/** SQLite's own number of an error; not by class, which differs between module realms. */
const errcodeOf = (error: unknown): number | null =>
  typeof error === 'object' &&
  error !== null &&
  'errcode' in error &&
  typeof error.errcode === 'number'
    ? error.errcode
    : null;

const isBusy = (error: unknown): boolean => ((errcodeOf(error) ?? 0) & 0xff) === SQLITE_BUSY;

const storeError = (error: unknown): unknown =>
  errcodeOf(error) === null
    ? error
    : new GatewayError('STORE_UNAVAILABLE', `the ledger refused: ${String(error)}`, {
        cause: error,
      });
