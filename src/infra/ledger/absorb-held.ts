import type { Command } from '../../core/domain/command';
import { changeOf, termColumns } from './change';
import type { OrderRow } from './schema';
import type { LedgerTables } from './tables';

/**
 * Carries out, without a call, the changes that were held for a placement which turned out not to
 * have left: a cancel withdraws the order, a modify rewrites it. Returns the commands it ended.
 */
export const absorbHeld = (t: LedgerTables, order: OrderRow, at: number): Command[] => {
  const held = t
    .openCommands(order.order_id)
    .filter((c) => c.state === 'held' && c.kind !== 'place');
  const cancel = held.find((command) => command.kind === 'cancel');
  if (cancel === undefined) {
    return held.map((command) => {
      const change = changeOf(command);
      if (change !== null) t.updateOrder(order.order_id, termColumns(change), at);
      t.event(order.order_id, command.n, at, 'applied-unsent', {});
      return t.updateCommand(order.order_id, command.n, { state: 'accepted', settled_at: at });
    });
  }
  const reason = 'cancelled before it was sent';
  const state = t.move(order, 'withdraw', at, { by: cancel.n });
  t.updateOrder(order.order_id, { base_state: state, reason_code: 'WITHDRAWN', reason }, at);
  const place = t.updateCommand(order.order_id, 1, {
    state: 'denied',
    settled_at: at,
    reason_code: 'WITHDRAWN',
    reason,
  });
  const ended = held.map((command) =>
    t.updateCommand(
      order.order_id,
      command.n,
      command.kind === 'cancel'
        ? { state: 'accepted', settled_at: at }
        : { state: 'denied', settled_at: at, reason_code: 'ORDER_CLOSED', reason },
    ),
  );
  return [place, ...ended];
};
