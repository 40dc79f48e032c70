import { GatewayError } from '../domain/errors';
import type { Order } from '../domain/order';
import type { Ledger } from '../ports/ledger';
import { reducible } from './exit';

/**
 * Lets an order become larger while entries of its account are stopped only as far as it then still
 * reduces the position: more would be an entry by another name. @throws GatewayError ACCOUNT_STOPPED
 */
export const requireMayGrow = async (
  ledger: Pick<Ledger, 'accounts' | 'openOrders' | 'netPosition'>,
  order: Order,
  quantity: number,
): Promise<void> => {
  const { accountId, terms } = order;
  if (quantity <= terms.quantity) return;
  const account = (await ledger.accounts()).find((one) => one.accountId === accountId);
  const stoppedReason = account?.stoppedReason ?? null;
  if (stoppedReason === null) return;
  const { exchange, symbol } = terms.instrument;
  const net = await ledger.netPosition(accountId, exchange, symbol, terms.product);
  const others = (await ledger.openOrders(accountId)).filter(
    (one) => one.orderId !== order.orderId,
  );
  const free = net === null ? 0 : reducible(net, terms, others);
  if (quantity - order.filledQuantity <= free) return;
  throw new GatewayError('ACCOUNT_STOPPED', `New entries are stopped: ${stoppedReason}`);
};
