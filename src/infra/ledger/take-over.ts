import { GatewayError } from '../../core/domain/errors';
import type { OrderRow } from './schema';
import type { LedgerTables } from './tables';

/**
 * Frees a broker's id for our own order when its row was first seen as placed elsewhere: fills and
 * commands move over, and what the book had shown is returned for the order's own row.
 * @throws GatewayError ALREADY_EXISTS when another order of ours has that id
 */
export const takeOver = (
  t: LedgerTables,
  account: string,
  orderId: string,
  brokerOrderId: string,
): Partial<OrderRow> => {
  const holder = t.orderByBrokerId(account, brokerOrderId);
  if (holder === null || holder.order_id === orderId) return {};
  if (holder.origin !== 'foreign') {
    throw new GatewayError(
      'ALREADY_EXISTS',
      `Broker order ${brokerOrderId} belongs to order ${holder.order_id}`,
    );
  }
  const offset = Math.max(0, ...t.commandsOf(orderId).map((command) => command.n));
  for (const command of t.commandsOf(holder.order_id).reverse()) {
    t.file.run(
      t.sql
        .updateTable('commands')
        .set({ order_id: orderId, n: command.n + offset })
        .where('order_id', '=', holder.order_id)
        .where('n', '=', command.n),
    );
  }
  const fillsOf = t.sql
    .selectFrom('fills')
    .select(['filled_at', 'quantity'])
    .where('account_id', '=', account)
    .where('broker_order_id', '=', brokerOrderId);
  const own = t.order(orderId);
  for (const fill of t.file.all(fillsOf)) {
    // The same fill, now under our order's own instrument, side and product.
    t.bookNet(holder, fill.filled_at, -fill.quantity);
    t.bookNet(own ?? holder, fill.filled_at, fill.quantity);
  }
  t.file.run(
    t.sql
      .updateTable('fills')
      .set({ order_id: orderId })
      .where('account_id', '=', account)
      .where('broker_order_id', '=', brokerOrderId),
  );
  t.file.run(t.sql.deleteFrom('orders').where('order_id', '=', holder.order_id));
  return {
    base_state: holder.base_state,
    filled_quantity: holder.filled_quantity,
    average_price: holder.average_price,
    exchange_order_id: holder.exchange_order_id,
  };
};
