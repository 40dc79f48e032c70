import { ZERO, absolute, add, decimal, multiply, subtract } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { Product, Side } from '../../core/domain/order';
import { leavesOf } from './book';
import type { PaperOrder, PaperPosition } from './book';

// Round figures near what brokers ask, to make practice feel right. Real margins are set daily by
// exchange and broker; nothing here predicts them.
/** Shares for delivery are paid in full. */
const DELIVERY_RATE = decimal('1');
/** Intraday shares: five times the margin may be traded. */
const INTRADAY_EQUITY_RATE = decimal('0.2');
/** Futures, as a share of their value. */
const FUTURE_RATE = decimal('0.1');
/** A sold option, as a share of strike x quantity (a stand-in for the underlying's value). */
const SHORT_OPTION_RATE = decimal('0.15');

/** Rupees that opening `quantity` worth `value` (quantity x price) blocks. */
export const requirement = (
  instrument: Instrument,
  product: Product,
  side: Side,
  quantity: number,
  value: Decimal,
): Decimal => {
  if (quantity === 0) return ZERO;
  if (instrument.kind === 'future') return multiply(value, FUTURE_RATE);
  if (instrument.kind === 'option') {
    if (side === 'BUY' || instrument.strike === null) return value;
    return multiply(multiply(instrument.strike, quantity), SHORT_OPTION_RATE);
  }
  if (product === 'INTRADAY') return multiply(value, INTRADAY_EQUITY_RATE);
  return multiply(value, DELIVERY_RATE);
};

const slot = (instrument: Instrument, product: Product): string =>
  `${instrumentKey(instrument)}|${product}`;

/** Rupees blocked by what is held. */
export const positionMargin = (positions: readonly PaperPosition[]): Decimal =>
  positions.reduce(
    (sum, { instrument, product, quantity, cost }) =>
      add(
        sum,
        requirement(
          instrument,
          product,
          quantity > 0 ? 'BUY' : 'SELL',
          Math.abs(quantity),
          absolute(cost),
        ),
      ),
    ZERO,
  );

/**
 * Rupees blocked by live orders. The part of an order that closes what is held costs nothing;
 * earlier orders use that allowance first.
 */
export const orderMargin = (
  orders: readonly PaperOrder[],
  positions: readonly PaperPosition[],
): Decimal => {
  const closable = new Map<string, number>();
  for (const { instrument, product, quantity } of positions) {
    const side = quantity > 0 ? 'SELL' : 'BUY';
    closable.set(`${slot(instrument, product)}|${side}`, Math.abs(quantity));
  }
  let total = ZERO;
  for (const order of orders) {
    const { side, product } = order.terms;
    const leaves = leavesOf(order);
    const key = `${slot(order.instrument, product)}|${side}`;
    const allowance = closable.get(key) ?? 0;
    const closing = Math.min(allowance, leaves);
    closable.set(key, allowance - closing);
    const opening = leaves - closing;
    const value = multiply(order.marginPrice, opening);
    total = add(total, requirement(order.instrument, product, side, opening, value));
  }
  return total;
};

/** Rupees free for new orders: cash less what positions and live orders block. */
export const available = (
  cash: Decimal,
  orders: readonly PaperOrder[],
  positions: readonly PaperPosition[],
): Decimal => subtract(subtract(cash, positionMargin(positions)), orderMargin(orders, positions));
