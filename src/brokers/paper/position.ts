import { ZERO, absolute, add, divide, isZero, multiply, subtract } from '../../core/domain/decimal';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import type { Product, Side } from '../../core/domain/order';
import type { PaperPosition } from './book';

/** Paise of paise: how exactly the cost of a partly closed position is split. */
const COST_PLACES = 8;

/**
 * The position after a fill, and what the fill realised in rupees. Weighted average cost; a fill
 * larger than the position closes it and opens the other side at the fill's price. The cost of the
 * closed part is taken from the open cost to the last digit, so money is never made by rounding.
 */
export const applyFill = (
  before: PaperPosition | null,
  fill: {
    readonly instrument: Instrument;
    readonly product: Product;
    readonly side: Side;
    readonly quantity: number;
    readonly price: Decimal;
    readonly day: IsoDate;
  },
): { readonly position: PaperPosition; readonly realized: Decimal } => {
  const held = before?.quantity ?? 0;
  const cost = before?.cost ?? ZERO;
  const signed = fill.side === 'BUY' ? fill.quantity : -fill.quantity;
  const closes = held !== 0 && Math.sign(held) !== Math.sign(signed);
  const closed = closes ? Math.min(Math.abs(held), fill.quantity) : 0;
  const closedSigned = closed * Math.sign(signed);
  const closedCost =
    closed === 0
      ? ZERO
      : closed === Math.abs(held)
        ? cost
        : divide(multiply(cost, closed), Math.abs(held), COST_PLACES);
  const realized = closed === 0 ? ZERO : subtract(multiply(fill.price, -closedSigned), closedCost);
  const opened = signed - closedSigned;
  const earlier = before?.realizedDay === fill.day ? before.realized : ZERO;
  return {
    realized,
    position: {
      instrument: fill.instrument,
      product: fill.product,
      quantity: held + signed,
      cost: add(subtract(cost, closedCost), multiply(fill.price, opened)),
      realized: add(earlier, realized),
      realizedDay: fill.day,
      lastFillPrice: fill.price,
    },
  };
};

/** Rupees per unit, 4 decimals; 0 when flat. */
export const averagePrice = (position: PaperPosition): Decimal =>
  position.quantity === 0 || isZero(position.cost)
    ? ZERO
    : absolute(divide(position.cost, position.quantity, 4));

/** Rupees that closing at `price` would realise. */
export const unrealized = (position: PaperPosition, price: Decimal): Decimal =>
  subtract(multiply(price, position.quantity), position.cost);
