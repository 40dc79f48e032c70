import type { Command } from '../../core/domain/command';
import type { Order } from '../../core/domain/order';
import { toOrder } from './rows';
import type { CommandRow } from './schema';
import type { LedgerTables } from './tables';

/** Ends a command for good, with its line of history. */
export const endCommand = (
  t: LedgerTables,
  command: CommandRow,
  state: 'rejected' | 'denied' | 'expired',
  code: string,
  reason: string,
  at: number,
): Command => {
  t.event(command.order_id, command.n, at, state, { kind: command.kind, code, reason });
  return t.updateCommand(command.order_id, command.n, {
    state,
    settled_at: at,
    reason_code: code,
    reason,
  });
};

/** The order as it stands inside the transaction. */
export const currentOrder = (t: LedgerTables, orderId: string): Order => {
  const row = t.order(orderId);
  if (row === null) throw new Error(`ledger: order ${orderId} vanished`);
  return toOrder(row);
};
