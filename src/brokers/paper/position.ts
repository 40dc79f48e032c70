import { ZERO, absolute, add, divide, isZero, multiply, subtract } from '../../core/domain/decimal';
import type { Decimal, EpochMs, IsoDate } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import type { Product, Side } from '../../core/domain/order';
import type { PaperHolding, PaperPosition } from './book';

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
    readonly marketAt: EpochMs;
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
      openedAt:
        before === null || (opened !== 0 && closed === Math.abs(held))
          ? fill.marketAt
          : before.openedAt,
      net: (before?.net ?? 0) + signed,
      soldHoldings: before?.soldHoldings ?? 0,
      soldValue: before?.soldValue ?? ZERO,
    },
  };
};

/**
 * What is left of a holding after `quantity` of it was sold at `price`, the delivery position that shows
 * the sale, and the rupees that it realised and that the sold part had cost.
 */
export const applyHoldingSale = (
  holding: PaperHolding,
  before: PaperPosition | null,
  sale: {
    readonly quantity: number;
    readonly price: Decimal;
    readonly day: IsoDate;
    readonly marketAt: EpochMs;
  },
): {
  readonly holding: PaperHolding;
  readonly position: PaperPosition;
  readonly realized: Decimal;
  readonly cost: Decimal;
} => {
  const { quantity, price, day, marketAt } = sale;
  const cost =
    quantity === holding.quantity
      ? holding.cost
      : divide(multiply(holding.cost, quantity), holding.quantity, COST_PLACES);
  const value = multiply(price, quantity);
  const realized = subtract(value, cost);
  const earlier = before?.realizedDay === day ? before.realized : ZERO;
  return {
    holding: {
      ...holding,
      quantity: holding.quantity - quantity,
      cost: subtract(holding.cost, cost),
    },
    position: {
      instrument: holding.instrument,
      product: 'DELIVERY',
      quantity: before?.quantity ?? 0,
      cost: before?.cost ?? ZERO,
      realized: add(earlier, realized),
      realizedDay: day,
      lastFillPrice: price,
      openedAt: before?.openedAt ?? marketAt,
      net: (before?.net ?? 0) - quantity,
      soldHoldings: (before?.soldHoldings ?? 0) + quantity,
      soldValue: add(before?.soldValue ?? ZERO, value),
    },
    realized,
    cost,
  };
};

/**
 * Stock that was sold from the holdings earlier on this wall day and is bought again: it goes back to
 * them, and is paid at once. The sale keeps what it realised.
 */
export const applyBuyBack = (
  holding: PaperHolding | null,
  before: PaperPosition,
  bought: { readonly quantity: number; readonly price: Decimal; readonly day: IsoDate },
): { readonly holding: PaperHolding; readonly position: PaperPosition; readonly cost: Decimal } => {
  const { quantity, price, day } = bought;
  const cost = multiply(price, quantity);
  const left = before.soldHoldings - quantity;
  return {
    cost,
    holding: {
      instrument: before.instrument,
      quantity: (holding?.quantity ?? 0) + quantity,
      cost: add(holding?.cost ?? ZERO, cost),
    },
    position: {
      ...before,
      realized: before.realizedDay === day ? before.realized : ZERO,
      realizedDay: day,
      lastFillPrice: price,
      net: before.net + quantity,
      soldHoldings: left,
      soldValue: divide(multiply(before.soldValue, left), before.soldHoldings, COST_PLACES),
    },
  };
};

/** Rupees per unit of what the position book shows, 4 decimals; 0 when it shows nothing. */
export const shownAverage = (position: PaperPosition): Decimal => {
  if (position.net === 0) return ZERO;
  if (Math.sign(position.quantity) === Math.sign(position.net)) return averagePrice(position);
  return position.soldHoldings > 0
    ? divide(position.soldValue, position.soldHoldings, 4)
    : position.lastFillPrice;
};

/** Rupees per unit, 4 decimals; 0 when flat. */
export const averagePrice = (position: PaperPosition): Decimal =>
  position.quantity === 0 || isZero(position.cost)
    ? ZERO
    : absolute(divide(position.cost, position.quantity, 4));

/** Rupees that closing at `price` would realise. */
export const unrealized = (position: PaperPosition, price: Decimal): Decimal =>
  subtract(multiply(price, position.quantity), position.cost);
