import type { Claim } from '../../core/ports/ledger';
import { netPosition } from './positions';
import { endCommand } from './end-command';
import type { CommandRow, OrderRow } from './schema';
import type { LedgerTables } from './tables';

/**
 * Works a smart order's side and quantity out at the moment of sending, inside the transaction that
 * claims it: no other order of the position can be claimed in between. False when there is nothing
 * to send: then it was ended, or it stays queued because an order in doubt hides the truth, or because
 * shares must be bought before they can be sold.
 */
export const aimAtTarget = (
  t: LedgerTables,
  order: OrderRow,
  command: CommandRow,
  claim: Claim,
): boolean => {
  const { at } = claim;
  const target = order.target_position ?? 0;
  const net = netPosition(t, order.account_id, order, at);
  if (net === null) {
    end(t, order, command, 'POSITION_UNKNOWN', "today's position is not known yet", at);
    return false;
  }
  const { account_id: account, exchange, symbol, product } = order;
  const others = t
    .openOrdersIn(account, { exchange, symbol }, product)
    .filter((row) => row.order_id !== order.order_id)
    // A smart order that is still queued will look at the position itself.
    .filter((row) => row.target_position === null || row.base_state !== 'queued');
  if (others.some((row) => row.in_doubt_since !== null)) return false;
  const inFlight = others.reduce((sum, row) => {
    const leaves = row.quantity - row.filled_quantity;
    return sum + (row.side === 'BUY' ? leaves : -leaves);
  }, 0);
  const wanted = target - net - inFlight;
  const unbought = unboughtOf(others, product, target, wanted);
  const delta = wanted + unbought;
  // What is being bought must be sold again, but not before it is held; it waits for that or its deadline.
  if (unbought > 0 && delta >= 0) return false;
  const detail = { target, net, inFlight, delta, ...(unbought === 0 ? {} : { unbought }) };
  const flat = order.flat_quantity ?? 0;
  // Flat and wanted flat: the contract sends the request's own side and quantity. A position that an
  // order under way is already closing is not flat: the second of two exit alerts sends nothing.
  const asRequested = target === 0 && net === 0 && inFlight === 0 && flat > 0;
  if (delta === 0 && !asRequested) {
    t.event(order.order_id, command.n, at, 'already-matched', detail);
    end(t, order, command, 'ALREADY_MATCHED', 'the position is already as wanted', at);
    return false;
  }
  const quantity = asRequested ? flat : Math.abs(delta);
  const fault = refusalOf(quantity, order, claim);
  if (fault !== null) {
    end(t, order, command, fault.code, fault.reason, at);
    return false;
  }
  const side = asRequested ? order.side : delta > 0 ? 'BUY' : 'SELL';
  t.event(order.order_id, command.n, at, 'aimed', { ...detail, side, quantity });
  t.updateOrder(order.order_id, { side, quantity }, at);
  return true;
};

/**
 * What open BUY orders have not bought yet, of a DELIVERY position that is to become smaller but not
 * short; 0 everywhere else. A broker refuses as a whole a sale of more shares than are held, and what is
 * held would not be sold at all: so only that much is sold now.
 */
const unboughtOf = (
  others: readonly OrderRow[],
  product: OrderRow['product'],
  target: number,
  wanted: number,
): number =>
  product === 'DELIVERY' && target >= 0 && wanted < 0
    ? others
        .filter((row) => row.side === 'BUY')
        .reduce((sum, row) => sum + row.quantity - row.filled_quantity, 0)
    : 0;

/** The checks of a quantity that was not known when the order was accepted. */
const refusalOf = (
  quantity: number,
  order: OrderRow,
  claim: Claim,
): { readonly code: string; readonly reason: string } | null => {
  if (quantity % claim.lotSize !== 0) {
    const reason = `${String(quantity)} is not a multiple of the lot size ${String(claim.lotSize)}`;
    return { code: 'LOT_SIZE', reason };
  }
  if (claim.freezeQuantity !== null && quantity > claim.freezeQuantity) {
    const reason = `${String(quantity)} is above ${String(claim.freezeQuantity)}, the most one order may hold`;
    return { code: 'FREEZE_QUANTITY', reason };
  }
  if (order.disclosed_quantity > quantity) {
    const reason = `disclosed_quantity is above the ${String(quantity)} that would be sent`;
    return { code: 'VALIDATION', reason };
  }
  return null;
};

const end = (
  t: LedgerTables,
  order: OrderRow,
  command: CommandRow,
  code: string,
  reason: string,
  at: number,
): void => {
  endCommand(t, command, 'denied', code, reason, at);
  const state = t.move(order, code === 'ALREADY_MATCHED' ? 'withdraw' : 'deny', at, { code });
  t.updateOrder(order.order_id, { base_state: state, reason_code: code, reason }, at);
};
