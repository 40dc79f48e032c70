import type { Kysely } from 'kysely';
import type { Command, CommandState, OpenCommandState } from '../../core/domain/command';
import type { BaseState, OrderEvent } from '../../core/domain/order-state';
import { nextState } from '../../core/domain/order-state';
import { epochMs } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import type { Product } from '../../core/domain/order';
import { COMMAND_OPEN, ORDER_OPEN } from './schema';
import type { AccountRow, CommandRow, OrderRow, Tables } from './schema';
import type { CallClass } from '../../core/ports/broker';
import type { SqliteFile } from './sqlite-file';
import { toCommand } from './rows';

/** SQLite's word for no limit. */
const ALL = -1;

interface InstrumentRef {
  readonly exchange: string;
  readonly symbol: string;
}

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
  readonly #filledOn: (
    account: string,
    day: string,
    exchange: string,
    symbol: string,
    product: Product,
  ) => readonly { readonly quantity: number }[];
  readonly #command: (id: string, n: number) => CommandRow[];
  readonly #commandsOf: (id: string) => CommandRow[];
  readonly #commandsIn: (account: string, state: CommandState, limit: number) => CommandRow[];
  readonly #commandsDue: (account: string, at: number, limit: number) => CommandRow[];
  readonly #sentOrders: (account: string) => OrderRow[];
  readonly #fill: (account: string, trade: string) => readonly unknown[];
  readonly #fillsOf: (
    id: string,
  ) => readonly { readonly quantity: number; readonly price: string }[];
  readonly #recordCall: (id: string, account: string, callClass: CallClass, at: number) => unknown;
  readonly #openOrders: (account: string) => OrderRow[];
  readonly #unsettledBrokerIds: (
    account: string,
  ) => readonly { readonly broker_order_id: string | null }[];

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
          .where(ORDER_OPEN)
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
    this.#filledOn = file.prepare(
      (account: string, day: string, exchange: string, symbol: string, product: Product) =>
        sql
          .selectFrom('day_nets')
          .select('quantity')
          .where('account_id', '=', account)
          .where('day', '=', day)
          .where('exchange', '=', exchange)
          .where('symbol', '=', symbol)
          .where('product', '=', product),
    );
    this.#command = file.prepare((id: string, n: number) =>
      sql.selectFrom('commands').selectAll().where('order_id', '=', id).where('n', '=', n),
    );
    this.#commandsOf = file.prepare((id: string) =>
      sql.selectFrom('commands').selectAll().where('order_id', '=', id).orderBy('n'),
    );
    this.#commandsIn = file.prepare((account: string, state: CommandState, limit: number) =>
      sql
        .selectFrom('commands')
        .selectAll()
        .where('account_id', '=', account)
        .where('state', '=', state)
        .where(COMMAND_OPEN)
        .orderBy('created_at')
        .orderBy('order_id')
        .orderBy('n')
        .limit(limit),
    );
    this.#commandsDue = file.prepare((account: string, at: number, limit: number) =>
      sql
        .selectFrom('commands')
        .selectAll()
        .where('account_id', '=', account)
        .where(COMMAND_OPEN)
        .where('state', 'in', ['queued', 'held'])
        .where('deadline_at', '<=', at)
        .limit(limit),
    );
    this.#sentOrders = file.prepare((account: string) =>
      sql
        .selectFrom('orders')
        .selectAll()
        .where('account_id', '=', account)
        .where(ORDER_OPEN)
        .where('base_state', '!=', 'queued'),
    );
    this.#fill = file.prepare((account: string, trade: string) =>
      sql
        .selectFrom('fills')
        .select('order_id')
        .where('account_id', '=', account)
        .where('trade_id', '=', trade),
    );
    this.#fillsOf = file.prepare((id: string) =>
      sql.selectFrom('fills').select(['quantity', 'price']).where('order_id', '=', id),
    );
    this.#recordCall = file.prepare(
      (id: string, account: string, callClass: CallClass, at: number) =>
        sql
          .insertInto('calls')
          .values({ call_id: id, account_id: account, call_class: callClass, at })
          // A call that did not begin in time was paced anew.
          .onConflict((conflict) =>
            conflict.column('call_id').doUpdateSet((eb) => ({ at: eb.ref('excluded.at') })),
          ),
    );
    this.#unsettledBrokerIds = file.prepare((account: string) =>
      sql
        .selectFrom('commands')
        .innerJoin('orders', 'orders.order_id', 'commands.order_id')
        .select('orders.broker_order_id')
        .where('commands.account_id', '=', account)
        .where('commands.settled_at', 'is', null),
    );
    this.#openOrders = file.prepare((account: string) =>
      sql
        .selectFrom('orders')
        .selectAll()
        .where('account_id', '=', account)
        .where(ORDER_OPEN)
        .orderBy('created_at'),
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
  openOrdersIn(account: string, instrument: InstrumentRef, product: Product): OrderRow[] {
    return this.#openOrdersIn(account, instrument.exchange, instrument.symbol, product);
  }

  /** Orders of the account that are not finished, oldest first. */
  openOrders(account: string): OrderRow[] {
    return this.#openOrders(account);
  }

  /** Commands of the account in an open state, oldest first, at most `limit`. */
  commandsIn(account: string, state: OpenCommandState, limit = ALL): CommandRow[] {
    return this.#commandsIn(account, state, limit);
  }

  /** Commands that were not sent and are past their deadline, at most `limit`. */
  commandsDue(account: string, at: number, limit = ALL): CommandRow[] {
    return this.#commandsDue(account, at, limit);
  }

  /** Orders that are not finished and not only queued here. */
  sentOrders(account: string): OrderRow[] {
    return this.#sentOrders(account);
  }

  /** Whether the fill is booked. */
  isBooked(account: string, tradeId: string): boolean {
    return this.#fill(account, tradeId).length > 0;
  }

  /** Quantity and price of each fill of the order. */
  fillsOf(orderId: string): readonly { readonly quantity: number; readonly price: string }[] {
    return this.#fillsOf(orderId);
  }

  /** Notes a call to the broker, or the later instant of one that did not begin in time. */
  recordCall(callId: string, account: string, callClass: CallClass, at: number): void {
    this.#recordCall(callId, account, callClass, at);
  }

  /** The broker ids of orders with a command that is not settled. */
  unsettledBrokerIds(account: string): readonly { readonly broker_order_id: string | null }[] {
    return this.#unsettledBrokerIds(account);
  }

  /** Whether the opening positions of `day` are set. */
  openingsTaken(account: string, day: string): boolean {
    return this.#openingsTaken(account, day).length > 0;
  }

  /** Opening position of `day` plus what was bought, less what was sold on it. */
  netOn(account: string, key: InstrumentRef & { readonly product: Product }, day: string): number {
    const { exchange, symbol, product } = key;
    const opening = this.#openingOf(account, day, exchange, symbol, product)[0]?.quantity ?? 0;
    return opening + (this.#filledOn(account, day, exchange, symbol, product)[0]?.quantity ?? 0);
  }

  /** Adds a fill of `order` to its day's net; a negative quantity takes it out again. */
  bookNet(order: OrderRow, filledAt: number, quantity: number): void {
    const row = {
      account_id: order.account_id,
      day: istDate(epochMs(filledAt)),
      exchange: order.exchange,
      symbol: order.symbol,
      product: order.product,
    };
    const before = this.#filledOn(row.account_id, row.day, row.exchange, row.symbol, row.product);
    const signed = order.side === 'BUY' ? quantity : -quantity;
    const [known] = before;
    if (known === undefined) this.file.insert('day_nets', { ...row, quantity: signed });
    else this.file.update('day_nets', { quantity: known.quantity + signed }, row);
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
