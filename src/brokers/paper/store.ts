import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { brokerOrderId } from '../../core/domain/ids';
import type { BrokerOrderId, Decimal, EpochMs } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { Product } from '../../core/domain/order';
import { isLive } from './book';
import type { PaperDays, PaperFill, PaperHolding, PaperOrder, PaperPosition } from './book';
import { PaperCache } from './cache';
import { accountRow, daysOf, fillOf, holdingOf, orderOf, poolRow, positionOf } from './rows';
import type { AccountRow } from './rows';
import { PAPER_SCHEMA } from './schema';
import type { ChargeLine } from '../../core/market/charges';

/** How long one process waits for another's transaction; these take about a millisecond. */
const BUSY_TIMEOUT_MS = 250;
/** How long opening waits: another process may be making the same file. */
const OPEN_TIMEOUT_MS = 5_000;

const versionRow = z.object({ data_version: z.number() });
const slotOf = (instrument: Instrument, product: Product): string =>
  `${instrumentKey(instrument)}|${product}`;

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
 * writes belong inside `transaction`, which is on disk when it returns. What was read is kept in memory
 * until another process writes, so that a read costs what changed and not what the day holds.
 */
export class PaperStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  #cache = new PaperCache();
  /** Changes when another process has written. */
  #version = -1;

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
      const version = versionRow.parse(this.#get('PRAGMA data_version')).data_version;
      if (version !== this.#version) {
        this.#cache = new PaperCache();
        this.#version = version;
      }
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // What was noted in memory may not be on disk.
      this.#cache = new PaperCache();
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
    this.#setAccount({ cash });
  }

  /** The label of the price source that the stored looks belong to; empty at first. */
  market(): string {
    return this.#account().market;
  }

  /** Notes another price source; what was looked at in the old one no longer counts. */
  setMarket(label: string): void {
    this.#setAccount({ market: label });
    this.#run('DELETE FROM pools');
    this.#cache.pools = null;
  }

  days(): PaperDays {
    this.#cache.days ??= daysOf(this.#get('SELECT market_day, book_day, charges FROM days'));
    return this.#cache.days;
  }

  setDays(days: PaperDays): void {
    this.#run(
      `INSERT INTO days VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         market_day = excluded.market_day, book_day = excluded.book_day, charges = excluded.charges`,
      days.marketDay,
      days.bookDay,
      days.charges,
    );
    this.#cache.days = days;
  }

  /** The next order number and its ids: unique within this file and over all files made at other times. */
  nextOrder(): { seq: number; brokerOrderId: BrokerOrderId; exchangeOrderId: string } {
    const { last_order: last, birth } = this.#account();
    const seq = last + 1;
    this.#setAccount({ last_order: seq });
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
    this.#cache.putOrder(order);
  }

  findOrder(id: BrokerOrderId): PaperOrder | null {
    const row = this.#get('SELECT body FROM orders WHERE broker_order_id = ?', id);
    return row === undefined ? null : orderOf(row);
  }

  /** Orders that still work, oldest first. */
  liveOrders(): PaperOrder[] {
    this.#cache.live ??= new Map(
      this.#all('SELECT body FROM orders WHERE live = 1 ORDER BY seq')
        .map(orderOf)
        .map((order) => [order.seq, order]),
    );
    return [...this.#cache.live.values()];
  }

  hasLiveOrders(): boolean {
    return this.#get('SELECT 1 FROM orders WHERE live = 1 LIMIT 1') !== undefined;
  }

  /** Live orders and those changed since `since` (wall time), oldest first. */
  ordersSince(since: EpochMs): PaperOrder[] {
    const known = this.#cache.ordersSince(since);
    if (known !== null) return known;
    const rows = this.#all(
      'SELECT body FROM orders WHERE live = 1 OR updated_at >= ? ORDER BY seq',
      since,
    ).map(orderOf);
    this.#cache.orders = { since, rows: new Map(rows.map((order) => [order.seq, order])) };
    return rows;
  }

  /** Books a fill with what it cost, and gives back its trade id. */
  addFill(fill: Omit<PaperFill, 'tradeId'>, lines: readonly ChargeLine[]): string {
    const { last_trade: last, birth } = this.#account();
    const seq = last + 1;
    this.#setAccount({ last_trade: seq });
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
    if (lines.length > 0) {
      const text = JSON.stringify(lines);
      this.#run('INSERT INTO charges VALUES (?, ?, ?)', seq, fill.charges, text);
    }
    this.#cache.fills?.rows.push({ ...fill, tradeId });
    return tradeId;
  }

  /** Fills since `since` (wall time), oldest first. */
  fillsSince(since: EpochMs): PaperFill[] {
    const known = this.#cache.fillsSince(since);
    if (known !== null) return known;
    const rows = this.#all(
      `SELECT f.trade_id, f.quantity, f.price, f.filled_at, f.market_at, o.body, c.total AS charges
       FROM fills f JOIN orders o ON o.seq = f.order_seq LEFT JOIN charges c ON c.fill_seq = f.seq
       WHERE f.filled_at >= ? ORDER BY f.seq`,
      since,
    ).map(fillOf);
    this.#cache.fills = { since, rows };
    return [...rows];
  }

  positions(): PaperPosition[] {
    return [...this.#positions().values()];
  }

  position(instrument: Instrument, product: Product): PaperPosition | null {
    return this.#positions().get(slotOf(instrument, product)) ?? null;
  }

  savePosition(position: PaperPosition): void {
    const key = slotOf(position.instrument, position.product);
    this.#run(
      'INSERT INTO positions VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
      key,
      JSON.stringify(position),
    );
    const known = this.#positions();
    const isNew = !known.has(key);
    known.set(key, position);
    // Every process lists them in the order of their keys.
    if (isNew) this.#cache.positions = new Map([...known].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  deletePositions(): void {
    this.#run('DELETE FROM positions');
    this.#cache.positions = null;
  }

  holdings(): PaperHolding[] {
    return [...this.#holdings().values()];
  }

  holding(instrument: Instrument): PaperHolding | null {
    return this.#holdings().get(instrumentKey(instrument)) ?? null;
  }

  /** Stores the holding, or forgets it when nothing is left. */
  saveHolding(holding: PaperHolding): void {
    const key = instrumentKey(holding.instrument);
    if (holding.quantity === 0) {
      this.#run('DELETE FROM holdings WHERE key = ?', key);
      this.#holdings().delete(key);
      return;
    }
    this.#run(
      'INSERT INTO holdings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
      key,
      JSON.stringify(holding),
    );
    this.#holdings().set(key, holding);
  }

  deleteHoldings(): void {
    this.#run('DELETE FROM holdings');
    this.#cache.holdings = null;
  }

  /** The used-volume level of an instrument and the market time up to which all its orders were looked at. */
  pool(key: string): { readonly level: number; readonly at: number } | null {
    return this.#pools().get(key) ?? null;
  }

  /** Notes the look; `durable` false keeps it in memory until the next durable one. */
  savePool(key: string, level: number, at: EpochMs, durable: boolean): void {
    this.#pools().set(key, { level, at });
    if (!durable) return;
    this.#run(
      `INSERT INTO pools VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET level = excluded.level, at = excluded.at`,
      key,
      level,
      at,
    );
  }

  #account(): AccountRow {
    this.#cache.account ??= accountRow.parse(
      this.#get('SELECT birth, last_order, last_trade, cash, market FROM account'),
    );
    return this.#cache.account;
  }

  #setAccount(change: Partial<AccountRow>): void {
    const row = { ...this.#account(), ...change };
    this.#run(
      'UPDATE account SET last_order = ?, last_trade = ?, cash = ?, market = ?',
      row.last_order,
      row.last_trade,
      row.cash,
      row.market,
    );
    this.#cache.account = row;
  }

  #positions(): Map<string, PaperPosition> {
    this.#cache.positions ??= new Map(
      this.#all('SELECT body FROM positions ORDER BY key')
        .map(positionOf)
        .map((one) => [slotOf(one.instrument, one.product), one]),
    );
    return this.#cache.positions;
  }

  #holdings(): Map<string, PaperHolding> {
    this.#cache.holdings ??= new Map(
      this.#all('SELECT body FROM holdings ORDER BY key')
        .map(holdingOf)
        .map((one) => [instrumentKey(one.instrument), one]),
    );
    return this.#cache.holdings;
  }

  #pools(): Map<string, { level: number; at: number }> {
    this.#cache.pools ??= new Map(
      this.#all('SELECT key, level, at FROM pools').map((raw) => {
        const { key, level, at } = poolRow.parse(raw);
        return [key, { level, at }];
      }),
    );
    return this.#cache.pools;
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
