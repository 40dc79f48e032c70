import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { brokerOrderId, epochMs } from '../../core/domain/ids';
import type { BrokerOrderId, Decimal, EpochMs } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { Product } from '../../core/domain/order';
import { isLive } from './book';
import type { PaperFill, PaperOrder, PaperPosition } from './book';
import { PAPER_SCHEMA } from './schema';

/** How long one process waits for another's transaction; these take about a millisecond. */
const BUSY_TIMEOUT_MS = 250;
/** How long opening waits: another process may be making the same file. */
const OPEN_TIMEOUT_MS = 5_000;

const accountRow = z.object({
  birth: z.string(),
  last_order: z.number(),
  last_trade: z.number(),
  cash: z.string(),
  market: z.string(),
});
const bodyRow = z.object({ body: z.string() });
const fillRow = bodyRow.extend({
  trade_id: z.string(),
  quantity: z.number(),
  price: z.string(),
  filled_at: z.number(),
  market_at: z.number(),
});
const poolRow = z.object({ level: z.number(), at: z.number() });

/** True for "another process holds the file": nothing was read or written. */
export const isBusy = (error: unknown): boolean =>
  // By shape: the driver's errors may come from another realm, where instanceof fails.
  typeof error === 'object' &&
  error !== null &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  // The primary result code; the upper bits only say where it happened. 5 is SQLITE_BUSY.
  (error.errcode & 0xff) === 5;

/**
 * The durable state of one paper account: one SQLite file that several processes may open. Reads and
 * writes belong inside `transaction`, which is on disk when it returns.
 */
export class PaperStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  /** Opens or makes the file. `cash`: rupees of a new account; `now`: wall time, names a new file's ids. */
  constructor(path: string, cash: Decimal, now: EpochMs) {
    mkdirSync(dirname(path), { recursive: true });
    this.#db = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS });
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec('PRAGMA synchronous = FULL');
    this.transaction(() => {
      this.#db.exec(PAPER_SCHEMA);
      this.#run(
        "INSERT OR IGNORE INTO account VALUES (1, ?, 0, 0, ?, '')",
        now.toString(36).toUpperCase(),
        cash,
      );
    });
    this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }

  /** Runs `work` alone among all processes. @throws what `work` throws, after undoing it; SQLITE_BUSY (see isBusy). */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  cash(): Decimal {
    // Written by setCash only, from a Decimal.
    return this.#account().cash as Decimal;
  }

  setCash(cash: Decimal): void {
    this.#run('UPDATE account SET cash = ?', cash);
  }

  /** The label of the price source that the stored looks belong to; empty at first. */
  market(): string {
    return this.#account().market;
  }

  /** Notes another price source; what was looked at in the old one no longer counts. */
  setMarket(label: string): void {
    this.#run('UPDATE account SET market = ?', label);
    this.#run('DELETE FROM pools');
  }

  /** The next order number and its ids: unique within this file and over all files made at other times. */
  nextOrder(): { seq: number; brokerOrderId: BrokerOrderId; exchangeOrderId: string } {
    this.#run('UPDATE account SET last_order = last_order + 1');
    const { last_order: seq, birth } = this.#account();
    const text = String(seq).padStart(6, '0');
    return {
      seq,
      brokerOrderId: brokerOrderId(`P${birth}${text}`),
      exchangeOrderId: `X${birth}${text}`,
    };
  }

  saveOrder(order: PaperOrder): void {
    this.#run(
      `INSERT INTO orders (seq, broker_order_id, live, placed_at, updated_at, body)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (seq) DO UPDATE SET
         live = excluded.live, updated_at = excluded.updated_at, body = excluded.body`,
      order.seq,
      order.brokerOrderId,
      isLive(order.status) ? 1 : 0,
      order.placedAt,
      order.updatedAt,
      JSON.stringify(order),
    );
  }

  findOrder(id: BrokerOrderId): PaperOrder | null {
    const row = this.#get('SELECT body FROM orders WHERE broker_order_id = ?', id);
    return row === undefined ? null : this.#order(row);
  }

  liveOrders(): PaperOrder[] {
    return this.#all('SELECT body FROM orders WHERE live = 1 ORDER BY seq').map((row) =>
      this.#order(row),
    );
  }

  hasLiveOrders(): boolean {
    return this.#get('SELECT 1 FROM orders WHERE live = 1 LIMIT 1') !== undefined;
  }

  /** Live orders and those changed since `since` (wall time), oldest first. */
  ordersSince(since: EpochMs): PaperOrder[] {
    return this.#all(
      'SELECT body FROM orders WHERE live = 1 OR updated_at >= ? ORDER BY seq',
      since,
    ).map((row) => this.#order(row));
  }

  /** Books a fill and gives back its trade id. */
  addFill(fill: Omit<PaperFill, 'tradeId'>): string {
    this.#run('UPDATE account SET last_trade = last_trade + 1');
    const { last_trade: seq, birth } = this.#account();
    const tradeId = `T${birth}${String(seq).padStart(6, '0')}`;
    this.#run(
      'INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?)',
      seq,
      tradeId,
      fill.order.seq,
      fill.quantity,
      fill.price,
      fill.filledAt,
      fill.marketAt,
    );
    return tradeId;
  }

  /** Fills since `since` (wall time), oldest first. */
  fillsSince(since: EpochMs): PaperFill[] {
    return this.#all(
      `SELECT f.trade_id, f.quantity, f.price, f.filled_at, f.market_at, o.body
       FROM fills f JOIN orders o ON o.seq = f.order_seq WHERE f.filled_at >= ? ORDER BY f.seq`,
      since,
    ).map((raw) => {
      const row = fillRow.parse(raw);
      return {
        tradeId: row.trade_id,
        order: this.#order(row),
        quantity: row.quantity,
        // Written by addFill only, from a Decimal.
        price: row.price as Decimal,
        filledAt: epochMs(row.filled_at),
        marketAt: epochMs(row.market_at),
      };
    });
  }

  positions(): PaperPosition[] {
    return this.#all('SELECT body FROM positions ORDER BY key').map((row) => this.#position(row));
  }

  position(instrument: Instrument, product: Product): PaperPosition | null {
    const row = this.#get(
      'SELECT body FROM positions WHERE key = ?',
      `${instrumentKey(instrument)}|${product}`,
    );
    return row === undefined ? null : this.#position(row);
  }

  savePosition(position: PaperPosition): void {
    this.#run(
      'INSERT INTO positions VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
      `${instrumentKey(position.instrument)}|${position.product}`,
      JSON.stringify(position),
    );
  }

  deletePositions(): void {
    this.#run('DELETE FROM positions');
  }

  /** The used-volume level of an instrument and the market time it is of. */
  pool(instrument: Instrument): { level: number; at: number } | null {
    const row = this.#get('SELECT level, at FROM pools WHERE key = ?', instrumentKey(instrument));
    return row === undefined ? null : poolRow.parse(row);
  }

  savePool(instrument: Instrument, level: number, at: EpochMs): void {
    this.#run(
      `INSERT INTO pools VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET level = excluded.level, at = excluded.at`,
      instrumentKey(instrument),
      level,
      at,
    );
  }

  #account(): z.infer<typeof accountRow> {
    return accountRow.parse(
      this.#get('SELECT birth, last_order, last_trade, cash, market FROM account'),
    );
  }

  // The bodies are JSON that this class wrote itself inside this file; a foreign file fails to open.
  #order(row: unknown): PaperOrder {
    return JSON.parse(bodyRow.parse(row).body) as PaperOrder;
  }

  #position(row: unknown): PaperPosition {
    return JSON.parse(bodyRow.parse(row).body) as PaperPosition;
  }

  #statement(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: (string | number)[]): unknown {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number)[]): unknown[] {
    return this.#statement(sql).all(...values);
  }
}
