import { ZERO, absolute, add, maximum, multiply, subtract } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { Product, Side } from '../../core/domain/order';
import { leavesOf } from './book';
import type { PaperOrder, PaperPosition } from './book';
import { FUTURE_RATES, SHARE_RATES, SOLD_OPTION_RATES } from './margin-rates';
import type { SpotOf } from './underlying';

/** Rupees; `span` and `exposure` are 0 for what is paid in full or by a share of its value. */
export interface Requirement {
  readonly total: Decimal;
  readonly span: Decimal;
  readonly exposure: Decimal;
}

const NOTHING: Requirement = { total: ZERO, span: ZERO, exposure: ZERO };
const plain = (total: Decimal): Requirement => ({ total, span: ZERO, exposure: ZERO });
const twoParts = (span: Decimal, exposure: Decimal): Requirement => ({
  total: add(span, exposure),
  span,
  exposure,
});

export const sumOf = (parts: readonly Requirement[]): Requirement =>
  parts.reduce(
    (sum, part) => ({
      total: add(sum.total, part.total),
      span: add(sum.span, part.span),
      exposure: add(sum.exposure, part.exposure),
    }),
    NOTHING,
  );

const soldOption = (
  instrument: Instrument,
  strike: Decimal,
  quantity: number,
  spotOf: SpotOf,
): Requirement => {
  const spot = spotOf(instrument);
  // Without a price of the underlying the strike stands in, as if the option were at the money.
  const value = spot?.price ?? strike;
  const out = instrument.right === 'CE' ? subtract(strike, value) : subtract(value, strike);
  const rates = SOLD_OPTION_RATES[spot?.kind ?? 'index'];
  const scan = subtract(multiply(value, rates.scan), maximum(out, ZERO));
  return twoParts(
    multiply(maximum(scan, multiply(value, rates.floor)), quantity),
    multiply(multiply(value, rates.exposure), quantity),
  );
};

/** Rupees that opening `quantity` worth `value` (quantity x price) blocks. */
export const requirement = (
  instrument: Instrument,
  product: Product,
  side: Side,
  quantity: number,
  value: Decimal,
  spotOf: SpotOf,
): Requirement => {
  if (quantity === 0) return NOTHING;
  if (instrument.kind === 'future') {
    return twoParts(multiply(value, FUTURE_RATES.span), multiply(value, FUTURE_RATES.exposure));
  }
  if (instrument.kind === 'option') {
    if (side === 'BUY' || instrument.strike === null) return plain(value);
    return soldOption(instrument, instrument.strike, quantity, spotOf);
  }
  return plain(multiply(value, SHARE_RATES[product]));
};

const slot = (instrument: Instrument, product: Product): string =>
  `${instrumentKey(instrument)}|${product}`;

/** Rupees blocked by what is held. */
export const positionMargin = (positions: readonly PaperPosition[], spotOf: SpotOf): Decimal =>
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
          spotOf,
        ).total,
      ),
    ZERO,
  );

/** What an order that opens its whole rest blocks; rows are immutable, so each is reckoned once. */
const wholeMargins = new WeakMap<PaperOrder, Decimal>();

const openingMargin = (order: PaperOrder, opening: number, spotOf: SpotOf): Decimal => {
  const { instrument, terms, marginPrice } = order;
  const reckon = (): Decimal =>
    requirement(
      instrument,
      terms.product,
      terms.side,
      opening,
      multiply(marginPrice, opening),
      spotOf,
    ).total;
  // A sold option moves with its underlying.
  const moves = instrument.kind === 'option' && terms.side === 'SELL';
  if (moves || opening !== leavesOf(order)) return reckon();
  const known = wholeMargins.get(order);
  if (known !== undefined) return known;
  const margin = reckon();
  wholeMargins.set(order, margin);
  return margin;
};

/**
 * Rupees blocked by live orders. The part of an order that closes what is held costs nothing;
 * earlier orders use that allowance first. Selling for delivery blocks nothing: the stock is there.
 */
class OrderMargin {
  total: Decimal = ZERO;
  readonly #closable = new Map<string, number>();
  readonly #spotOf: SpotOf;

  constructor(positions: readonly PaperPosition[], spotOf: SpotOf) {
    this.#spotOf = spotOf;
    for (const { instrument, product, quantity } of positions) {
      const side = quantity > 0 ? 'SELL' : 'BUY';
      this.#closable.set(`${slot(instrument, product)}|${side}`, Math.abs(quantity));
    }
  }

  /** Takes the next order and gives what it blocks. */
  add(order: PaperOrder): Decimal {
    const { side, product } = order.terms;
    if (product === 'DELIVERY' && side === 'SELL') return ZERO;
    const leaves = leavesOf(order);
    const key = `${slot(order.instrument, product)}|${side}`;
    const allowance = this.#closable.get(key) ?? 0;
    const closing = Math.min(allowance, leaves);
    if (closing > 0) this.#closable.set(key, allowance - closing);
    const blocked = openingMargin(order, leaves - closing, this.#spotOf);
    this.total = add(this.total, blocked);
    return blocked;
  }
}

/** Rupees free for new orders: cash less what positions and live orders block. `next`: what one more order would block. */
export const available = (
  cash: Decimal,
  orders: readonly PaperOrder[],
  positions: readonly PaperPosition[],
  spotOf: SpotOf,
  next: PaperOrder | null = null,
): { readonly free: Decimal; readonly needed: Decimal } => {
  const blocked = new OrderMargin(positions, spotOf);
  for (const order of orders) blocked.add(order);
  const free = subtract(subtract(cash, positionMargin(positions, spotOf)), blocked.total);
  return { free, needed: next === null ? ZERO : blocked.add(next) };
};
