import type { Order, OrderTerms } from '../domain/order';
import { isTerminal } from '../domain/order-state';

/**
 * How much of the confirmed net position is still free to be reduced by `side`:
 * |net| minus what is left of all live and doubtful orders on the reducing side. 0 when the side
 * does not reduce. An order within it is an exit; a larger one is an entry as a whole.
 */
export const reducible = (
  confirmedNet: number,
  terms: Pick<OrderTerms, 'instrument' | 'side' | 'product'>,
  orders: readonly Order[],
): number => {
  const reducingSide = confirmedNet > 0 ? 'SELL' : 'BUY';
  if (confirmedNet === 0 || terms.side !== reducingSide) return 0;
  const committed = orders
    .filter(
      (order) =>
        !isTerminal(order.state) &&
        order.terms.side === terms.side &&
        order.terms.product === terms.product &&
        order.terms.instrument.exchange === terms.instrument.exchange &&
        order.terms.instrument.symbol === terms.instrument.symbol,
    )
    .reduce((sum, order) => sum + order.terms.quantity - order.filledQuantity, 0);
  return Math.max(0, Math.abs(confirmedNet) - committed);
};
