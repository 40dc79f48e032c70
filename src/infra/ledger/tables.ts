import type { Kysely } from 'kysely';
import type { Command } from '../../core/domain/command';
import type { BaseState, OrderEvent } from '../../core/domain/order-state';
import { nextState } from '../../core/domain/order-state';
import type { InstrumentId } from '../../core/domain/instrument';
import type { Product } from '../../core/domain/order';
import { CLOSED } from './schema';
import type { AccountRow, CommandRow, OrderRow, Tables } from './schema';
import type { SqliteFile } from './sqlite-file';
import { toCommand } from './rows';

/** Row access that every ledger operation shares; runs inside the caller's transaction. */
export class LedgerTables {
  readonly file: SqliteFile;
  readonly sql: Kysely<Tables>;
  readonly #order: (id: string) => OrderRow[];
  readonly #orderByBrokerId: (account: string, id: string) => OrderRow[];
  readonly #account: (id: string) => AccountRow[];
  readonly #openOrdersIn: (
    account: string,
    exchange: string,
    symbol: string,
    product: Product,
  ) => OrderRow[];
  readonly #openingOf: (
    account: string,
    day: string,
    exchange: string,
    symbol: string,
    product: Product,
  ) => readonly { readonly quantity: number }[];
  readonly #openingsTaken: (account: string, day: string) => readonly unknown[];
  readonly #filledIn: (
    account: string,
    exchange: string,
    symbol: string,
    product: Product,
    from: number,
    until: number,
  ) => readonly { readonly side: 'BUY' | 'SELL'; readonly quantity: number }[];
  readonly #command: (id: string, n: number) => CommandRow[];
  readonly #commandsOf: (id: string) => CommandRow[];

  constructor(file: SqliteFile, sql: Kysely<Tables>) {
    this.file = file;
    this.sql = sql;
    this.#order = file.prepare((id: string) =>
      sql.selectFrom('orders').selectAll().where('order_id', '=', id),
    );
    this.#orderByBrokerId = file.prepare((account: string, id: string) =>
      sql
        .selectFrom('orders')
        .selectAll()
        .where('account_id', '=', account)
        .where('broker_order_id', '=', id),
    );
    this.#account = file.prepare((id: string) =>
      sql.selectFrom('accounts').selectAll().where('account_id', '=', id),
    );
    this.#openOrdersIn = file.prepare(
      (account: string, exchange: string, symbol: string, product: Product) =>
        sql
          .selectFrom('orders')
          .selectAll()
          .where('account_id', '=', account)
          .where('base_state', 'not in', CLOSED)
          .where('exchange', '=', exchange)
          .where('symbol', '=', symbol)
          .where('product', '=', product),
    );
    this.#openingOf = file.prepare(
      (account: string, day: string, exchange: string, symbol: string, product: Product) =>
        sql
          .selectFrom('position_baselines')
          .select('quantity')
          .where('account_id', '=', account)
          .where('day', '=', day)
          .where('exchange', '=', exchange)
          .where('symbol', '=', symbol)
          .where('product', '=', product),
    );
    this.#openingsTaken = file.prepare((account: string, day: string) =>
      sql
        .selectFrom('position_days')
        .select('day')
        .where('account_id', '=', account)
        .where('day', '=', day),
    );
    this.#filledIn = file.prepare(
      (
        account: string,
        exchange: string,
        symbol: string,
        product: Product,
        from: number,
        until: number,
      ) =>
        sql
          .selectFrom('fills')
          .innerJoin('orders', 'orders.order_id', 'fills.order_id')
          .select(['orders.side', 'fills.quantity'])
          .where('fills.account_id', '=', account)
          .where('orders.exchange', '=', exchange)
          .where('orders.symbol', '=', symbol)
          .where('orders.product', '=', product)
          .where('fills.filled_at', '>=', from)
          .where('fills.filled_at', '<', until),
    );
    this.#command = file.prepare((id: string, n: number) =>
      sql.selectFrom('commands').selectAll().where('order_id', '=', id).where('n', '=', n),
    );
    this.#commandsOf = file.prepare((id: string) =>
      sql.selectFrom('commands').selectAll().where('order_id', '=', id).orderBy('n'),
    );
  }

  order(orderId: string): OrderRow | null {
    return this.#order(orderId)[0] ?? null;
  }

  orderByBrokerId(account: string, brokerOrderId: string): OrderRow | null {
    return this.#orderByBrokerId(account, brokerOrderId)[0] ?? null;
  }

  account(account: string): AccountRow | null {
    return this.#account(account)[0] ?? null;
  }

  /** Orders in one instrument and product that are not finished. */
  openOrdersIn(account: string, instrument: InstrumentId, product: Product): OrderRow[] {
    return this.#openOrdersIn(account, instrument.exchange, instrument.symbol, product);
  }

  /** Whether the opening positions of `day` are set. */
  openingsTaken(account: string, day: string): boolean {
    return this.#openingsTaken(account, day).length > 0;
  }

  /** Opening position of the day plus the signed fills from `from` until `until`. */
  netBetween(
    account: string,
    key: { readonly exchange: string; readonly symbol: string; readonly product: Product },
    day: string,
    from: number,
    until: number,
  ): number {
    const { exchange, symbol, product } = key;
    const opening = this.#openingOf(account, day, exchange, symbol, product)[0]?.quantity ?? 0;
    return this.#filledIn(account, exchange, symbol, product, from, until).reduce(
      (sum, fill) => sum + (fill.side === 'BUY' ? fill.quantity : -fill.quantity),
      opening,
    );
  }

  command(orderId: string, n: number): CommandRow | null {
    return this.#command(orderId, n)[0] ?? null;
  }

  /** All commands of one order, oldest first. */
  commandsOf(orderId: string): CommandRow[] {
    return this.#commandsOf(orderId);
  }

  /** Commands of one order that are not final, oldest first. */
  openCommands(orderId: string): CommandRow[] {
    return this.#commandsOf(orderId).filter(
      ({ state }) =>
        state === 'queued' || state === 'held' || state === 'submitted' || state === 'in_doubt',
    );
  }

  updateOrder(orderId: string, change: Partial<OrderRow>, at: number): void {
    this.file.update('orders', { ...change, updated_at: at }, { order_id: orderId });
  }

  updateCommand(orderId: string, n: number, change: Partial<CommandRow>): Command {
    this.file.update('commands', change, { order_id: orderId, n });
    const row = this.command(orderId, n);
    if (row === null) throw new Error(`ledger: command ${orderId}/${String(n)} vanished`);
    return toCommand(row);
  }

  event(orderId: string, n: number | null, at: number, kind: string, detail: object): void {
    this.file.insert('order_events', {
      order_id: orderId,
      n,
      at,
      kind,
      detail: JSON.stringify(detail),
    });
  }

  /** The base state after `event`; writes a line of history when it is a move. */
  move(row: OrderRow, event: OrderEvent, at: number, detail: object = {}): BaseState {
    const next = nextState(row.base_state, event);
    if (next === null) return row.base_state;
    if (next !== row.base_state) {
      this.event(row.order_id, null, at, 'state', {
        from: row.base_state,
        to: next,
        event,
        ...detail,
      });
    }
    return next;
  }

  /** Re-derives what shows beside the state from the commands that are still under way. */
  refreshOverlay(orderId: string, at: number): void {
    const row = this.order(orderId);
    if (row === null) return;
    const commands = this.#commandsOf(orderId);
    // A cancel or modify that the broker accepted is under way until the book shows its effect.
    const underWay = commands.filter(
      ({ kind, state, settled_at }) =>
        kind !== 'place' &&
        (state === 'submitted' ||
          state === 'in_doubt' ||
          (state === 'accepted' && settled_at === null)),
    );
    const pending = underWay.some((command) => command.kind === 'cancel')
      ? 'cancel'
      : underWay.length > 0
        ? 'update'
        : null;
    const doubtful = commands.some((command) => command.state === 'in_doubt');
    const inDoubtSince = doubtful ? (row.in_doubt_since ?? at) : null;
    if (row.pending !== pending || row.in_doubt_since !== inDoubtSince) {
      this.updateOrder(orderId, { pending, in_doubt_since: inDoubtSince }, at);
    }
  }
}
