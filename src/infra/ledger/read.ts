import type { Command, Fill, OpenCommandState, OrderEventRow } from '../../core/domain/command';
import type { Order } from '../../core/domain/order';
import { toCommand, toEvent, toFill, toOrder } from './rows';
import { ORDER_OPEN } from './schema';
import type { PositionRow } from './schema';
import type { LedgerTables } from './tables';

export const order = (t: LedgerTables, id: string): Order | null => {
  const row = t.order(id);
  return row === null ? null : toOrder(row);
};

/** By our id, else by the broker's; the newest when a broker used an id again. */
export const findOrder = (t: LedgerTables, account: string, id: string): Order | null => {
  const query = t.sql
    .selectFrom('orders')
    .selectAll()
    .where('account_id', '=', account)
    .where((eb) => eb.or([eb('order_id', '=', id), eb('broker_order_id', '=', id)]));
  const rows = t.file.all(query);
  const own = rows.find((row) => row.order_id === id) ?? rows[0];
  return own === undefined ? null : toOrder(own);
};

export const orderByTag = (t: LedgerTables, account: string, tag: string): Order | null => {
  const query = t.sql
    .selectFrom('orders')
    .selectAll()
    .where('account_id', '=', account)
    .where('client_tag', '=', tag);
  const row = t.file.all(query)[0];
  return row === undefined ? null : toOrder(row);
};

export const orders = (t: LedgerTables, account: string, since: number): Order[] => {
  const query = t.sql
    .selectFrom('orders')
    .selectAll()
    .where('account_id', '=', account)
    .where((eb) => eb.or([eb('updated_at', '>=', since), ORDER_OPEN]))
    .orderBy('created_at', 'desc')
    .orderBy('order_id', 'desc');
  return t.file.all(query).map(toOrder);
};

export const openOrders = (t: LedgerTables, account: string): Order[] =>
  t.openOrders(account).map(toOrder);

/** Commands in `states`, state by state, the oldest `limit` of each. */
export const commands = (
  t: LedgerTables,
  account: string,
  states: readonly OpenCommandState[],
  limit?: number,
): Command[] => states.flatMap((state) => t.commandsIn(account, state, limit)).map(toCommand);

export const hasCommandDue = (t: LedgerTables, account: string, at: number): boolean =>
  t.commandsDue(account, at, 1).length > 0;

export const sentOrders = (t: LedgerTables, account: string): Order[] =>
  t.sentOrders(account).map(toOrder);

export const commandsOf = (t: LedgerTables, id: string): Command[] =>
  t.commandsOf(id).map(toCommand);

export const events = (t: LedgerTables, id: string): OrderEventRow[] =>
  t.file
    .all(t.sql.selectFrom('order_events').selectAll().where('order_id', '=', id).orderBy('seq'))
    .map(toEvent);

export const fills = (t: LedgerTables, account: string, since: number): Fill[] => {
  const query = t.sql
    .selectFrom('fills')
    .selectAll()
    .where('account_id', '=', account)
    .where('filled_at', '>=', since)
    .orderBy('filled_at', 'desc')
    .orderBy('trade_id', 'desc');
  return t.file.all(query).map(toFill);
};

export const fillsOf = (t: LedgerTables, id: string): Fill[] =>
  t.file
    .all(t.sql.selectFrom('fills').selectAll().where('order_id', '=', id).orderBy('filled_at'))
    .map(toFill);

export const position = (
  t: LedgerTables,
  account: string,
  exchange: string,
  symbol: string,
  product: string,
): PositionRow | null => {
  const query = t.sql
    .selectFrom('positions')
    .selectAll()
    .where('account_id', '=', account)
    .where('exchange', '=', exchange)
    .where('symbol', '=', symbol)
    // The caller's product came from the domain; a text that is none matches no row.
    .where('product', '=', product as PositionRow['product']);
  return t.file.all(query)[0] ?? null;
};
