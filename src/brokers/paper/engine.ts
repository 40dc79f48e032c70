import { ZERO, add, compare, isPositive, subtract } from '../../core/domain/decimal';
import type { BrokerOrderId, Decimal, EpochMs, IsoDate } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { ModifiableTerms, OrderTerms } from '../../core/domain/order';
import { istDate, startOfIstDay } from '../../core/domain/time';
import type { PlaceOrder } from '../../core/ports/broker';
import type { Clock } from '../../core/ports/clock';
import type { MarketData } from '../../core/ports/market';
import { isLive } from './book';
import type { PaperFill, PaperOrder, PaperPosition, PaperStatus } from './book';
import { available } from './margin';
import { closePass, inPriority, matchOrder } from './matching';
import type { Pool } from './matching';
import { applyFill } from './position';
import { checkRules } from './rules';
import type { Refusal } from './rules';
import type { PaperStore } from './store';

export type EngineResult =
  | { readonly kind: 'accepted'; readonly brokerOrderId: BrokerOrderId }
  | ({ readonly kind: 'rejected' } & Refusal);

const rejected = (code: string, message: string): EngineResult => ({
  kind: 'rejected',
  code,
  message,
});

/** What the account holds as of now. */
export interface PaperMeans {
  readonly positions: readonly PaperPosition[];
  readonly cash: Decimal;
  /** Cash less what positions and live orders block. */
  readonly available: Decimal;
}

const restingStatus = (terms: ModifiableTerms): PaperStatus =>
  terms.triggerPrice === null ? 'open' : 'trigger_pending';

/**
 * The exchange and back office of one paper account. Every public call is one transaction that first
 * lets the market meet the live orders, so a call sees and leaves the books as of now. Doing it twice
 * at the same instant changes nothing. @throws SQLITE_BUSY (see isBusy) with nothing changed.
 */
export class PaperEngine {
  readonly #store: PaperStore;
  readonly #market: MarketData;
  readonly #clock: Clock;
  readonly #startingCash: Decimal;
  readonly #onChange: (order: PaperOrder) => void;

  /** `onChange` hears of each order that a committed call changed, after the commit. */
  constructor(
    store: PaperStore,
    market: MarketData,
    clock: Clock,
    startingCash: Decimal,
    onChange: (order: PaperOrder) => void,
  ) {
    this.#store = store;
    this.#market = market;
    this.#clock = clock;
    this.#startingCash = startingCash;
    this.#onChange = onChange;
  }

  place({ terms, instrument, clientTag }: PlaceOrder): EngineResult {
    return this.#commit((changed) => {
      const refusal = checkRules(terms, instrument, istDate(this.#market.now()));
      if (refusal !== null) return { kind: 'rejected', ...refusal };
      this.#match(changed);
      const marginPrice = this.#marginPrice(terms, instrument);
      if (marginPrice === null) return this.#noPrice(instrument);
      const now = this.#clock.now();
      const draft: PaperOrder = {
        seq: Number.MAX_SAFE_INTEGER,
        // Replaced below, once the order is sure to be taken.
        brokerOrderId: '' as BrokerOrderId,
        exchangeOrderId: '',
        clientTag,
        instrument,
        terms,
        status: restingStatus(terms),
        filledQuantity: 0,
        filledValue: ZERO,
        message: null,
        placedAt: now,
        updatedAt: now,
        tradingDay: null,
        fresh: true,
        lookedAt: this.#market.now(),
        marginPrice,
      };
      const short = this.#checkMeans(draft);
      if (short !== null) return { kind: 'rejected', ...short };
      const order: PaperOrder = { ...draft, ...this.#store.nextOrder() };
      this.#store.saveOrder(order);
      changed.set(order.seq, order);
      this.#match(changed);
      return { kind: 'accepted', brokerOrderId: order.brokerOrderId };
    });
  }

  modify(id: BrokerOrderId, change: ModifiableTerms): EngineResult {
    return this.#commit((changed) => {
      this.#match(changed);
      const order = this.#store.findOrder(id);
      if (order === null) return rejected('ORDER_NOT_FOUND', `no order ${id}`);
      if (!isLive(order.status)) {
        return rejected('ORDER_CLOSED', `order ${id} is already ${order.status}`);
      }
      const { instrument, side, product, timeInForce } = order.terms;
      const terms: OrderTerms = { ...change, instrument, side, product, timeInForce };
      const refusal = checkRules(terms, order.instrument, istDate(this.#market.now()));
      if (refusal !== null) return { kind: 'rejected', ...refusal };
      if (terms.quantity <= order.filledQuantity) {
        return rejected(
          'QUANTITY_FILLED',
          `quantity ${terms.quantity} is not above the ${order.filledQuantity} already filled`,
        );
      }
      const marginPrice = this.#marginPrice(terms, order.instrument);
      if (marginPrice === null) return this.#noPrice(order.instrument);
      // A stop that has triggered stays triggered as long as it is the same kind of order.
      const triggered = order.status === 'triggered' && order.terms.orderType === terms.orderType;
      const after: PaperOrder = {
        ...order,
        terms,
        marginPrice,
        status: triggered ? 'triggered' : restingStatus(terms),
        fresh: true,
        updatedAt: this.#clock.now(),
      };
      const short = this.#checkMeans(after);
      if (short !== null) return { kind: 'rejected', ...short };
      this.#store.saveOrder(after);
      changed.set(after.seq, after);
      this.#match(changed);
      return { kind: 'accepted', brokerOrderId: id };
    });
  }

  cancel(id: BrokerOrderId): EngineResult {
    return this.#commit((changed) => {
      this.#match(changed);
      const order = this.#store.findOrder(id);
      if (order === null) return rejected('ORDER_NOT_FOUND', `no order ${id}`);
      if (!isLive(order.status)) {
        return rejected('ORDER_CLOSED', `order ${id} is already ${order.status}`);
      }
      this.#finish(order, 'canceled', 'cancelled by the user', changed);
      return { kind: 'accepted', brokerOrderId: id };
    });
  }

  /** Lets the market meet the live orders; whether any are still live. */
  match(): boolean {
    return this.#commit((changed) => {
      this.#match(changed);
      return this.#store.hasLiveOrders();
    });
  }

  /** The orders of today (wall time, IST) and every live one, after a match. */
  orders(): PaperOrder[] {
    return this.#read((today) => this.#store.ordersSince(today));
  }

  /** The fills of today (wall time, IST), after a match. */
  fills(): PaperFill[] {
    return this.#read((today) => this.#store.fillsSince(today));
  }

  /** Positions and cash, after a match. */
  means(): PaperMeans {
    return this.#read(() => {
      const positions = this.#store.positions();
      const cash = this.#store.cash();
      const live = this.#store.liveOrders();
      return { positions, cash, available: available(cash, live, positions) };
    });
  }

  /** Cancels what is live, forgets the positions and restores the starting cash. The order book stays. */
  reset(): void {
    this.#commit((changed) => {
      for (const order of this.#store.liveOrders()) {
        this.#finish(order, 'canceled', 'the practice account was reset', changed);
      }
      this.#store.deletePositions();
      this.#store.setCash(this.#startingCash);
    });
  }

  #read<T>(read: (today: EpochMs) => T): T {
    return this.#commit((changed) => {
      this.#match(changed);
      return read(startOfIstDay(istDate(this.#clock.now())));
    });
  }

  #commit<T>(work: (changed: Map<number, PaperOrder>) => T): T {
    const changed = new Map<number, PaperOrder>();
    const result = this.#store.transaction(() => work(changed));
    for (const order of changed.values()) this.#onChange(order);
    return result;
  }

  #match(changed: Map<number, PaperOrder>): void {
    const live = this.#store.liveOrders();
    if (live.length === 0) return;
    if (this.#store.market() !== this.#market.label) this.#store.setMarket(this.#market.label);
    const now = this.#market.now();
    const groups = new Map<string, PaperOrder[]>();
    for (const order of live) {
      if (this.#expire(order, istDate(now), changed)) continue;
      const key = instrumentKey(order.instrument);
      groups.set(key, [...(groups.get(key) ?? []), this.#inThisMarket(order, now)]);
    }
    for (const group of groups.values()) this.#matchGroup(group, now, changed);
  }

  /** A DAY order ends with the first market day on which it met an open market. */
  #expire(order: PaperOrder, today: IsoDate, changed: Map<number, PaperOrder>): boolean {
    const contract = order.instrument.expiry;
    if (contract !== null && contract < today) {
      this.#finish(order, 'expired', `the contract expired on ${contract}`, changed);
      return true;
    }
    if (order.tradingDay === null || today <= order.tradingDay) return false;
    this.#finish(order, 'expired', `DAY order of ${order.tradingDay}`, changed);
    return true;
  }

  /** A replay that was started again runs on earlier time: then the order arrives anew. */
  #inThisMarket(order: PaperOrder, now: EpochMs): PaperOrder {
    if (order.lookedAt <= now) return order;
    return { ...order, lookedAt: now, fresh: true, tradingDay: null };
  }

  #matchGroup(group: PaperOrder[], now: EpochMs, changed: Map<number, PaperOrder>): void {
    const instrument = group[0]?.instrument;
    if (instrument === undefined || !this.#market.isOpen(instrument)) return;
    const first = this.#market.quote(instrument, now);
    if (first === null) return;
    const kept = this.#store.pool(instrument);
    // A level above the market's own figure by more than a loan from the depth belongs to other times.
    let pool: Pool =
      kept === null || kept.at > now ? { level: first.cumulativeVolume } : { level: kept.level };
    for (const order of inPriority(group)) {
      const quote = this.#market.quote(instrument, order.lookedAt);
      if (quote === null) continue;
      const match = matchOrder(order, quote, pool);
      pool = match.pool;
      const after = { ...match.order, tradingDay: order.tradingDay ?? istDate(now) };
      if (match.fill === null && after.status === order.status) {
        this.#store.saveOrder(after);
        continue;
      }
      const moved = { ...after, updatedAt: this.#clock.now() };
      this.#store.saveOrder(moved);
      changed.set(moved.seq, moved);
      if (match.fill !== null) this.#book(moved, match.fill, now);
    }
    this.#store.savePool(instrument, closePass(pool, first, instrument.lotSize).level, now);
  }

  #book(
    order: PaperOrder,
    fill: { readonly quantity: number; readonly price: Decimal },
    marketAt: EpochMs,
  ): void {
    this.#store.addFill({ order, ...fill, filledAt: this.#clock.now(), marketAt });
    const { position, realized } = applyFill(
      this.#store.position(order.instrument, order.terms.product),
      {
        instrument: order.instrument,
        product: order.terms.product,
        side: order.terms.side,
        ...fill,
        day: istDate(marketAt),
      },
    );
    this.#store.savePosition(position);
    this.#store.setCash(add(this.#store.cash(), realized));
  }

  #finish(
    order: PaperOrder,
    status: 'canceled' | 'expired',
    message: string,
    changed: Map<number, PaperOrder>,
  ): void {
    const after: PaperOrder = { ...order, status, message, updatedAt: this.#clock.now() };
    this.#store.saveOrder(after);
    changed.set(after.seq, after);
  }

  #marginPrice(terms: OrderTerms, instrument: PaperOrder['instrument']): Decimal | null {
    const quote = this.#market.quote(instrument, this.#market.now());
    if (quote === null) return null;
    return terms.limitPrice ?? terms.triggerPrice ?? (terms.side === 'BUY' ? quote.ask : quote.bid);
  }

  #noPrice(instrument: PaperOrder['instrument']): EngineResult {
    return rejected(
      'NO_PRICE',
      `no price for ${instrumentKey(instrument)} in the market "${this.#market.label}"`,
    );
  }

  /** Whether the account can carry `order` beside its other live orders; null when it can. */
  #checkMeans(order: PaperOrder): Refusal | null {
    const positions = this.#store.positions();
    const others = this.#store.liveOrders().filter(({ seq }) => seq !== order.seq);
    if (order.terms.product === 'DELIVERY' && order.terms.side === 'SELL') {
      const short = this.#checkHoldings(order, others);
      if (short !== null) return short;
    }
    const cash = this.#store.cash();
    const before = available(cash, others, positions);
    const after = available(cash, [...others, order], positions);
    const needed = subtract(before, after);
    // An order that blocks nothing (an exit) is taken even when the account is under water.
    if (!isPositive(needed) || compare(after, ZERO) >= 0) return null;
    return {
      code: 'INSUFFICIENT_FUNDS',
      message: `needs ${needed} rupees of margin, ${before} are free`,
    };
  }

  #checkHoldings(order: PaperOrder, others: readonly PaperOrder[]): Refusal | null {
    const key = instrumentKey(order.instrument);
    const held = this.#store.position(order.instrument, 'DELIVERY')?.quantity ?? 0;
    const promised = others
      .filter(
        ({ terms, instrument }) =>
          terms.product === 'DELIVERY' &&
          terms.side === 'SELL' &&
          instrumentKey(instrument) === key,
      )
      .reduce((sum, { terms, filledQuantity }) => sum + terms.quantity - filledQuantity, 0);
    const wanted = order.terms.quantity - order.filledQuantity;
    if (wanted <= held - promised) return null;
    return {
      code: 'INSUFFICIENT_HOLDINGS',
      message: `CNC sale of ${wanted} ${key}: ${held} are held, ${promised} of them in other live sales`,
    };
  }
}
