import { GatewayError } from '../../core/domain/errors';
import type { Order } from '../../core/domain/order';
import { takeOver } from './take-over';
import type { LedgerTables } from './tables';
import { currentOrder, endCommand } from './end-command';

/** A person's word on an order in doubt, with its audit line; runs inside a transaction. */
export const resolveDoubt = (
  t: LedgerTables,
  orderId: string,
  verdict: { readonly adopt: string } | { readonly notPlaced: string },
  at: number,
  actor: string,
): Order => {
  const order = t.order(orderId);
  const command = t.command(orderId, 1);
  if (order === null) throw new GatewayError('ORDER_NOT_FOUND', `Order ${orderId} not found`);
  if (command?.kind !== 'place' || command.state !== 'in_doubt') {
    throw new GatewayError('ORDER_CLOSED', `Order ${orderId} is not in doubt`);
  }
  if ('adopt' in verdict) {
    const taken = takeOver(t, order.account_id, orderId, verdict.adopt);
    t.updateCommand(orderId, 1, { state: 'accepted', settled_at: at });
    const state = t.move(order, 'accept', at, { adopted: verdict.adopt, actor });
    t.updateOrder(
      orderId,
      { ...taken, base_state: taken.base_state ?? state, broker_order_id: verdict.adopt },
      at,
    );
  } else {
    endCommand(t, command, 'denied', 'NOT_AT_BROKER', verdict.notPlaced, at);
    const state = t.move(order, 'absent', at, { actor });
    t.updateOrder(
      orderId,
      { base_state: state, reason_code: 'NOT_AT_BROKER', reason: verdict.notPlaced },
      at,
    );
  }
  t.refreshOverlay(orderId, at);
  t.file.run(
    t.sql.insertInto('audit').values({
      at,
      actor,
      action: 'orders.resolve',
      detail: JSON.stringify({ orderId, ...verdict }),
    } as never), // seq is given by SQLite
  );
  return currentOrder(t, orderId);
};
