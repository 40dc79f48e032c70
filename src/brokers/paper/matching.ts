import { ZERO, add, compare, maximum, minimum, multiply } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { Quote } from '../../core/ports/market';
import type { PaperOrder } from './book';

/**
 * How much of the market's volume in one instrument our orders have used. `level` is on the scale of
 * `Quote.cumulativeVolume`: below the market's figure the difference may still be taken, above it we
 * have borrowed from the depth and wait until the market has traded as much again.
 */
export interface Pool {
  readonly level: number;
}

export interface Match {
  readonly order: PaperOrder;
  readonly pool: Pool;
  readonly fill: { readonly quantity: number; readonly price: Decimal } | null;
}

const wholeLots = (quantity: number, lot: number): number => Math.floor(quantity / lot) * lot;

/** What a resting order may take: what traded since the pool was last used. */
const restingQuantity = (pool: Pool, quote: Quote): number =>
  Math.max(0, quote.cumulativeVolume - pool.level);

/** What an order that crosses the spread may take: the depth, less what we borrowed from it before. */
const crossingQuantity = (pool: Pool, quote: Quote): number =>
  Math.max(0, quote.depth - Math.max(0, pool.level - quote.cumulativeVolume));

const isTriggered = (order: PaperOrder, quote: Quote): boolean => {
  const trigger = order.terms.triggerPrice;
  if (trigger === null) return true;
  return order.terms.side === 'BUY'
    ? compare(quote.high, trigger) >= 0
    : compare(quote.low, trigger) <= 0;
};

/** The price at which the order trades now, or null when the market is not there. */
const tradePrice = (order: PaperOrder, quote: Quote): Decimal | null => {
  const { side, limitPrice } = order.terms;
  const touch = side === 'BUY' ? quote.ask : quote.bid;
  if (limitPrice === null) return touch;
  if (order.fresh) {
    const crosses =
      side === 'BUY' ? compare(touch, limitPrice) <= 0 : compare(touch, limitPrice) >= 0;
    return crosses ? touch : null;
  }
  // It rested: it trades at its own price once the market came there. If the market jumped past it,
  // at the nearest price that was traded.
  if (side === 'BUY') {
    return compare(quote.low, limitPrice) <= 0 ? minimum(limitPrice, quote.high) : null;
  }
  return compare(quote.high, limitPrice) >= 0 ? maximum(limitPrice, quote.low) : null;
};

/**
 * One look of a live order at an open market; pure. `quote` has its range since `order.lookedAt`.
 * The result has looked up to the quote's time; an IOC order is finished by its first look.
 */
export const matchOrder = (before: PaperOrder, quote: Quote, pool: Pool): Match => {
  const looked: PaperOrder = { ...before, lookedAt: quote.at };
  let order = before;
  if (order.status === 'trigger_pending') {
    if (!isTriggered(order, quote)) {
      // A stop with IOC that does not trigger at once has nothing to wait for.
      return {
        order: order.terms.timeInForce === 'IOC' ? ended(looked) : { ...looked, fresh: false },
        pool,
        fill: null,
      };
    }
    order = { ...order, status: 'triggered', fresh: true };
  }
  const price = tradePrice(order, quote);
  const lot = order.instrument.lotSize;
  const offered = order.fresh ? crossingQuantity(pool, quote) : restingQuantity(pool, quote);
  const leaves = order.terms.quantity - order.filledQuantity;
  const quantity = price === null ? 0 : Math.min(leaves, wholeLots(offered, lot));
  const level = order.fresh ? Math.max(pool.level, quote.cumulativeVolume) : pool.level;
  const filledQuantity = order.filledQuantity + quantity;
  const after: PaperOrder = {
    ...order,
    lookedAt: quote.at,
    fresh: false,
    filledQuantity,
    filledValue: add(order.filledValue, price === null ? ZERO : multiply(price, quantity)),
    status: filledQuantity === order.terms.quantity ? 'filled' : order.status,
  };
  return {
    order: after.status !== 'filled' && order.terms.timeInForce === 'IOC' ? ended(after) : after,
    pool: quantity === 0 ? pool : { level: level + quantity },
    fill: quantity === 0 || price === null ? null : { quantity, price },
  };
};

const ended = (order: PaperOrder): PaperOrder => ({
  ...order,
  fresh: false,
  status: 'canceled',
  message: 'IOC: the rest found no counterpart at once and was cancelled',
});

/** More than any rounding of a price to a float. */
const APART = 1e-6;

/**
 * Whether a resting order surely had nothing to do with the market since it was last looked at. A cheap
 * check that may say no too often; `matchOrder` decides what it lets through.
 */
export const isUntouched = (order: PaperOrder, quote: Quote): boolean => {
  if (order.fresh || order.tradingDay === null || order.terms.timeInForce === 'IOC') return false;
  const { side, limitPrice, triggerPrice } = order.terms;
  const level = order.status === 'trigger_pending' ? triggerPrice : limitPrice;
  if (level === null) return false;
  // A buy limit waits below the market, a buy trigger above it.
  const waitsBelow = (side === 'BUY') === (order.status !== 'trigger_pending');
  return waitsBelow
    ? Number(quote.low) > Number(level) + APART
    : Number(quote.high) < Number(level) - APART;
};

/** The pool after all orders had their look: volume that nobody took is gone, except a part of a lot. */
export const closePass = (pool: Pool, quote: Quote, lot: number): Pool => {
  const unused = Math.max(0, quote.cumulativeVolume - pool.level);
  return { level: Math.max(pool.level, quote.cumulativeVolume - (unused % lot)) };
};

const byPrice = (a: PaperOrder, b: PaperOrder): number => {
  const left = a.terms.limitPrice;
  const right = b.terms.limitPrice;
  if (left === null || right === null) {
    return left === right ? a.seq - b.seq : left === null ? -1 : 1;
  }
  const better = a.terms.side === 'BUY' ? compare(right, left) : compare(left, right);
  return better === 0 ? a.seq - b.seq : better;
};

/**
 * The order of looks. Resting orders come first: on each side by price, then time; between the sides
 * whichever front order is older. Then the newcomers by time.
 */
export const inPriority = (orders: readonly PaperOrder[]): PaperOrder[] => {
  const resting = orders.filter((order) => !order.fresh).sort(byPrice);
  const buys = resting.filter((order) => order.terms.side === 'BUY');
  const sells = resting.filter((order) => order.terms.side === 'SELL');
  const merged: PaperOrder[] = [];
  for (;;) {
    const buy = buys[0];
    const sell = sells[0];
    const side = sell === undefined || (buy !== undefined && buy.seq < sell.seq) ? buys : sells;
    const next = side.shift();
    if (next === undefined) break;
    merged.push(next);
  }
  return [...merged, ...orders.filter((order) => order.fresh).sort((a, b) => a.seq - b.seq)];
};
