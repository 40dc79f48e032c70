import { ZERO, add, isPositive, maximum, multiply, subtract } from '../../core/domain/decimal';
import type { Decimal, EpochMs, IsoDate } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Exchange, Instrument } from '../../core/domain/instrument';
import { istDate, istTime } from '../../core/domain/time';
import { nextTradingDay } from '../../core/market/calendar';
import type { BrokerPorts } from '../../core/ports/broker';
import { leavesOf } from './book';
import type { PaperOrder, PaperPosition } from './book';
import type { PaperCredentials } from './credentials';
import type { Changed, Desk } from './desk';
import { closeOf, lastSquareOff } from './sessions';
import type { PaperStore } from './store';
import { spotAt } from './underlying';

type Means = Pick<BrokerPorts, 'market' | 'clock' | 'calendar' | 'instruments'>;

/** How late a square-off must be to say so. */
const LATE_MS = 60_000;

/**
 * What the passing of time does to the books: deliveries settle, contracts expire, intraday positions
 * are closed. Every step is judged by dates, so that days on which the process was off are made up for, and doing
 * it twice changes nothing. Methods belong inside a transaction.
 */
export class Rollover {
  readonly #store: PaperStore;
  readonly #desk: Desk;
  readonly #means: Means;
  readonly #rules: PaperCredentials['squareOff'];

  constructor(store: PaperStore, desk: Desk, means: Means, rules: PaperCredentials['squareOff']) {
    this.#store = store;
    this.#desk = desk;
    this.#means = means;
    this.#rules = rules;
  }

  /** Market days up to today that are not closed yet and on which something settles; today last. */
  openDays(): readonly IsoDate[] {
    const today = istDate(this.#means.market.now());
    const { marketDay } = this.#store.days();
    if (marketDay === today) return [];
    // A new file, or a replay that was started again: nothing lies between.
    if (marketDay === '' || marketDay > today) return [today];
    const due = new Set(
      this.#store
        .positions()
        .filter(isUnsettled)
        .map((position) => this.#settlementDay(position))
        .filter((day) => day > marketDay && day <= today),
    );
    return [...due.add(today)].sort();
  }

  /** Settles what is due on `day` and notes the day; nothing when it was done before. */
  openDay(day: IsoDate): void {
    const days = this.#store.days();
    if (days.marketDay >= day && days.marketDay <= istDate(this.#means.market.now())) return;
    for (const position of this.#store.positions()) {
      if (isUnsettled(position) && this.#settlementDay(position) <= day) this.#settle(position);
    }
    this.#store.setDays({ ...this.#store.days(), marketDay: day });
  }

  /** Everything that is due at this instant, before any order is looked at. */
  run(changed: Changed): void {
    this.#openBookDay();
    const now = this.#means.market.now();
    this.#expire(now, changed);
    this.#squareOff(now, changed);
  }

  /** Whether time alone may still change the books, so that somebody has to look now and then. */
  waits(): boolean {
    return this.#store
      .positions()
      .some(
        ({ quantity, product, instrument }) =>
          quantity !== 0 &&
          (instrument.expiry !== null || (product === 'INTRADAY' && this.#rules !== null)),
      );
  }

  /** Whether the contract's last day of trading is over. */
  isOver(instrument: Instrument): boolean {
    const { expiry, exchange } = instrument;
    if (expiry === null) return false;
    return this.#means.market.now() >= closeOf(this.#means.calendar, exchange, expiry);
  }

  /** The position book of a new wall day begins with what is open. */
  #openBookDay(): void {
    const today = istDate(this.#means.clock.now());
    const days = this.#store.days();
    if (days.bookDay === today) return;
    for (const position of this.#store.positions()) {
      const { quantity, net, soldHoldings } = position;
      if (net === quantity && soldHoldings === 0) continue;
      this.#store.savePosition({ ...position, net: quantity, soldHoldings: 0, soldValue: ZERO });
    }
    this.#store.setDays({ ...days, bookDay: today });
  }

  /** The trading day after the last purchase. */
  #settlementDay({ instrument, realizedDay }: PaperPosition): IsoDate {
    return nextTradingDay(this.#means.calendar, instrument.exchange, realizedDay);
  }

  /** Bought stock becomes a holding, and its price leaves the cash. */
  #settle(position: PaperPosition): void {
    const { instrument, quantity, cost } = position;
    const held = this.#store.holding(instrument);
    this.#store.saveHolding({
      instrument,
      quantity: (held?.quantity ?? 0) + quantity,
      cost: add(held?.cost ?? ZERO, cost),
    });
    this.#store.setCash(subtract(this.#store.cash(), cost));
    this.#store.savePosition({ ...position, quantity: 0, cost: ZERO });
  }

  #expire(now: EpochMs, changed: Changed): void {
    for (const position of this.#store.positions()) {
      const { instrument, quantity } = position;
      if (quantity === 0 || instrument.expiry === null || !this.isOver(instrument)) continue;
      this.#cancel(
        (order) => instrumentKey(order.instrument) === instrumentKey(instrument),
        `the contract expired on ${instrument.expiry}`,
        'expired',
        changed,
      );
      this.#settleExpired(position, instrument.expiry, now, changed);
    }
  }

  #settleExpired(position: PaperPosition, expiry: IsoDate, now: EpochMs, changed: Changed): void {
    const { instrument } = position;
    const closedAt = closeOf(this.#means.calendar, instrument.exchange, expiry);
    const { price, words } = this.#finalPrice(position, closedAt);
    const quantity = Math.abs(position.quantity);
    const order = this.#desk.closingOrder(
      position,
      quantity,
      'expiry',
      `expired on ${expiry}: settled by the paper broker at ${price} (${words})`,
    );
    const value = multiply(price, quantity);
    const filled: PaperOrder = {
      ...order,
      status: 'filled',
      fresh: false,
      filledQuantity: quantity,
      filledValue: value,
      tradingDay: istDate(now),
    };
    const exercised =
      instrument.kind === 'option' && position.quantity > 0 && isPositive(price)
        ? 'EXERCISE'
        : null;
    const after = this.#desk.execute(filled, { quantity, price }, now, exercised, value);
    changed.set(after.seq, after);
  }

  /** Options: what they are worth exercised. Futures: their last price. */
  #finalPrice(
    { instrument, lastFillPrice }: PaperPosition,
    closedAt: EpochMs,
  ): { readonly price: Decimal; readonly words: string } {
    const { market, instruments } = this.#means;
    const { strike, right } = instrument;
    const spot = strike === null ? null : spotAt(instruments, market, instrument, closedAt);
    if (strike !== null && spot !== null) {
      const worth = right === 'CE' ? subtract(spot.price, strike) : subtract(strike, spot.price);
      return {
        price: maximum(worth, ZERO),
        words: `its value with ${instrument.underlying} at ${spot.price}`,
      };
    }
    const last = market.priceAt(instrument, closedAt);
    return last === null
      ? { price: lastFillPrice, words: 'its last fill: the market has no price of that day' }
      : { price: last, words: 'its last price' };
  }

  #squareOff(now: EpochMs, changed: Changed): void {
    const rules = this.#rules;
    if (rules === null) return;
    const known = new Map<Exchange, EpochMs | null>();
    const dueAt = (exchange: Exchange): EpochMs | null => {
      const found = known.get(exchange);
      if (found !== undefined) return found;
      const at = lastSquareOff(this.#means.calendar, rules, exchange, now);
      known.set(exchange, at);
      return at;
    };
    const isDue = (exchange: Exchange, since: EpochMs): boolean => {
      const at = dueAt(exchange);
      return at !== null && since < at;
    };
    this.#cancel(
      ({ system, terms, instrument, marketAt }) =>
        system === null && terms.product === 'INTRADAY' && isDue(instrument.exchange, marketAt),
      'cancelled by the paper broker: intraday square-off',
      'canceled',
      changed,
    );
    for (const position of this.#store.positions()) {
      const { quantity, product, instrument, openedAt } = position;
      const at = dueAt(instrument.exchange);
      if (quantity === 0 || product !== 'INTRADAY' || at === null || openedAt >= at) continue;
      this.#closePosition(position, at, now, changed);
    }
  }

  #closePosition(position: PaperPosition, at: EpochMs, now: EpochMs, changed: Changed): void {
    const { instrument, quantity } = position;
    const closing = this.#store
      .liveOrders()
      .filter(
        (order) =>
          order.system !== null &&
          order.terms.product === position.product &&
          instrumentKey(order.instrument) === instrumentKey(instrument),
      )
      .reduce((total, order) => total + leavesOf(order), 0);
    const late = now - at > LATE_MS ? ', done late' : '';
    const message = `intraday square-off of ${istDate(at)} ${istTime(at).slice(0, 5)} by the paper broker${late}`;
    for (const part of slices(Math.abs(quantity) - closing, instrument)) {
      const order = this.#desk.closingOrder(position, part, 'square-off', message);
      this.#desk.save(order, changed);
    }
  }

  #cancel(
    which: (order: PaperOrder) => boolean,
    message: string,
    status: 'canceled' | 'expired',
    changed: Changed,
  ): void {
    for (const order of this.#store.liveOrders()) {
      if (which(order)) this.#desk.finish(order, status, message, changed);
    }
  }
}

const isUnsettled = ({ product, quantity }: PaperPosition): boolean =>
  product === 'DELIVERY' && quantity > 0;

/** Orders no larger than the exchange takes at once. */
const slices = (quantity: number, { lotSize, freezeQuantity }: Instrument): readonly number[] => {
  const largest = freezeQuantity === null ? 0 : Math.floor(freezeQuantity / lotSize) * lotSize;
  const parts: number[] = [];
  let left = quantity;
  while (left > 0) {
    const part = largest > 0 ? Math.min(left, largest) : left;
    parts.push(part);
    left -= part;
  }
  return parts;
};
