import {
  ZERO,
  add,
  compare,
  divide,
  isPositive,
  multiply,
  subtract,
} from '../../core/domain/decimal';
import type { BrokerOrderId, Decimal, EpochMs, IsoDate } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { ModifiableTerms, OrderTerms } from '../../core/domain/order';
import { istDate, startOfIstDay } from '../../core/domain/time';
import type { BrokerPorts, MarginOrder, PlaceOrder } from '../../core/ports/broker';
import { isLive, leavesOf } from './book';
import type { PaperFill, PaperHolding, PaperOrder, PaperPosition, PaperStatus } from './book';
import type { PaperCredentials } from './credentials';
import { Desk, draftIds } from './desk';
import type { Changed } from './desk';
import { available, requirement, sumOf } from './margin';
import type { Requirement } from './margin';
import { MatchingPass } from './matching-pass';
import { Rollover } from './rollover';
import { checkRules } from './rules';
import type { Refusal } from './rules';
import { entriesClosed } from './sessions';
import type { PaperStore } from './store';
import { spotAt } from './underlying';
import type { SpotOf } from './underlying';

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
  readonly holdings: readonly PaperHolding[];
  readonly cash: Decimal;
  /** Rupees of charges today (wall time, IST) and since the start. */
  readonly charges: { readonly today: Decimal; readonly total: Decimal };
  /** Cash less what positions and live orders block. */
  readonly available: Decimal;
}

const restingStatus = (terms: ModifiableTerms): PaperStatus =>
  terms.triggerPrice === null ? 'open' : 'trigger_pending';

/** What the engine needs from outside. */
export type EnginePorts = Pick<BrokerPorts, 'market' | 'clock' | 'calendar' | 'instruments'>;

/**
 * The exchange and back office of one paper account. Every public call first makes up for the days since
 * the last one (each in its own transaction), then is one transaction that lets time and the market do
 * their work, so a call sees and leaves the books as of now. Doing it twice at the same instant changes
 * nothing. @throws SQLITE_BUSY (see isBusy) with nothing changed.
 */
export class PaperEngine {
  readonly #store: PaperStore;
  readonly #ports: EnginePorts;
  readonly #credentials: PaperCredentials;
  readonly #onChange: (order: PaperOrder) => void;
  readonly #desk: Desk;
  readonly #rollover: Rollover;
  readonly #pass: MatchingPass;
  /** The market day up to which this process knows everything to be settled. */
  #day: IsoDate | null = null;

  /** `onChange` hears of each order that a committed call changed, after the commit. */
  constructor(
    store: PaperStore,
    ports: EnginePorts,
    credentials: PaperCredentials,
    onChange: (order: PaperOrder) => void,
  ) {
    this.#store = store;
    this.#ports = ports;
    this.#credentials = credentials;
    this.#onChange = onChange;
    this.#desk = new Desk(store, ports.market, ports.clock, credentials.charges);
    this.#rollover = new Rollover(store, this.#desk, ports, credentials.squareOff);
    this.#pass = new MatchingPass(store, this.#desk, ports, (one) => this.#rollover.isOver(one));
  }

  place({ terms, instrument, clientTag }: PlaceOrder): EngineResult {
    return this.#commit((changed) => {
      const refusal = this.#checkRules(terms, instrument);
      if (refusal !== null) return { kind: 'rejected', ...refusal };
      const marginPrice = this.#marginPrice(terms, instrument);
      if (marginPrice === null) return this.#noPrice(instrument);
      const now = this.#ports.clock.now();
      const marketAt = this.#ports.market.now();
      const draft: PaperOrder = {
        ...draftIds,
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
        lookedAt: marketAt,
        marginPrice,
        marketAt,
        brokerage: ZERO,
        system: null,
      };
      const short = this.#checkMeans(draft);
      if (short !== null) return { kind: 'rejected', ...short };
      const order: PaperOrder = { ...draft, ...this.#store.nextOrder() };
      this.#desk.save(order, changed);
      this.#pass.run(changed);
      return { kind: 'accepted', brokerOrderId: order.brokerOrderId };
    });
  }

  modify(id: BrokerOrderId, change: ModifiableTerms): EngineResult {
    return this.#commit((changed) => {
      const order = this.#store.findOrder(id);
      if (order === null) return rejected('ORDER_NOT_FOUND', `no order ${id}`);
      if (!isLive(order.status)) {
        return rejected('ORDER_CLOSED', `order ${id} is already ${order.status}`);
      }
      const { instrument, side, product, timeInForce } = order.terms;
      const terms: OrderTerms = { ...change, instrument, side, product, timeInForce };
      const refusal = this.#checkRules(terms, order.instrument, order);
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
        updatedAt: this.#ports.clock.now(),
      };
      const short = this.#checkMeans(after);
      if (short !== null) return { kind: 'rejected', ...short };
      this.#desk.save(after, changed);
      this.#pass.run(changed);
      return { kind: 'accepted', brokerOrderId: id };
    });
  }

  cancel(id: BrokerOrderId): EngineResult {
    return this.#commit((changed) => {
      const order = this.#store.findOrder(id);
      if (order === null) return rejected('ORDER_NOT_FOUND', `no order ${id}`);
      if (!isLive(order.status)) {
        return rejected('ORDER_CLOSED', `order ${id} is already ${order.status}`);
      }
      this.#desk.finish(order, 'canceled', 'cancelled by the user', changed);
      return { kind: 'accepted', brokerOrderId: id };
    });
  }

  /** Lets time and the market do their work; whether there is more to wait for. */
  match(): boolean {
    return this.#commit(() => this.#store.hasLiveOrders() || this.#rollover.waits());
  }

  /** Whether live orders or positions wait for the market or for a time. */
  waits(): boolean {
    return this.#store.transaction(() => this.#store.hasLiveOrders() || this.#rollover.waits());
  }

  /** The orders of today (wall time, IST) and every live one, after a match. */
  orders(): PaperOrder[] {
    return this.#commit(() => this.#store.ordersSince(this.#today()));
  }

  /** The fills of today (wall time, IST), after a match. */
  fills(): PaperFill[] {
    return this.#commit(() => this.#store.fillsSince(this.#today()));
  }

  /** Positions, holdings and cash, after a match. */
  means(): PaperMeans {
    return this.#commit(() => {
      const positions = this.#store.positions();
      const cash = this.#store.cash();
      const today = this.#store.fillsSince(this.#today()).map(({ charges }) => charges);
      return {
        positions,
        holdings: this.#store.holdings(),
        cash,
        charges: {
          today: today.reduce(add, ZERO),
          total: this.#store.days().charges,
        },
        available: available(cash, this.#store.liveOrders(), positions, this.#spotOf).free,
      };
    });
  }

  /** Rupees that the orders would block in an account that holds nothing, rounded half up to the paisa. Null: no price for one of them. */
  required(orders: readonly MarginOrder[]): Requirement | MarginOrder {
    const parts: Requirement[] = [];
    for (const order of orders) {
      const { terms, instrument } = order;
      const price = this.#marginPrice(terms, instrument);
      if (price === null) return order;
      const value = multiply(price, terms.quantity);
      parts.push(
        requirement(instrument, terms.product, terms.side, terms.quantity, value, this.#spotOf),
      );
    }
    const { span, exposure, total } = sumOf(parts);
    const [roundedSpan, roundedExposure] = [divide(span, 1, 2), divide(exposure, 1, 2)];
    const rest = divide(subtract(total, add(span, exposure)), 1, 2);
    return {
      span: roundedSpan,
      exposure: roundedExposure,
      total: add(rest, add(roundedSpan, roundedExposure)),
    };
  }

  /** Cancels what is live, forgets positions and holdings and restores the starting cash. The order book stays. */
  reset(): void {
    this.#commit((changed) => {
      for (const order of this.#store.liveOrders()) {
        this.#desk.finish(order, 'canceled', 'the practice account was reset', changed);
      }
      this.#store.deletePositions();
      this.#store.deleteHoldings();
      this.#store.setCash(this.#credentials.startingCash);
      this.#store.setDays({ ...this.#store.days(), charges: ZERO });
    });
  }

  readonly #spotOf: SpotOf = (contract) =>
    spotAt(this.#ports.instruments, this.#ports.market, contract, this.#ports.market.now());

  #today(): EpochMs {
    return startOfIstDay(istDate(this.#ports.clock.now()));
  }

  #commit<T>(work: (changed: Changed) => T): T {
    this.#catchUp();
    const changed: Changed = new Map();
    const result = this.#store.transaction(() => {
      this.#rollover.run(changed);
      this.#pass.run(changed);
      return work(changed);
    });
    for (const order of changed.values()) this.#onChange(order);
    return result;
  }

  /** Closes the market days since the last call, one transaction for each. */
  #catchUp(): void {
    const today = istDate(this.#ports.market.now());
    if (this.#day === today) return;
    for (const day of this.#store.transaction(() => this.#rollover.openDays())) {
      this.#store.transaction(() => {
        this.#rollover.openDay(day);
      });
    }
    this.#day = today;
  }

  /** What forbids the terms; `before` is the order that they change. */
  #checkRules(
    terms: OrderTerms,
    instrument: PaperOrder['instrument'],
    before: PaperOrder | null = null,
  ): Refusal | null {
    const broken = checkRules(terms, instrument, istDate(this.#ports.market.now()));
    if (broken !== null) return broken;
    if (this.#rollover.isOver(instrument)) {
      return {
        code: 'NOT_TRADABLE',
        message: `${instrumentKey(instrument)} expired at the close of ${instrument.expiry ?? ''}`,
      };
    }
    const rules = this.#credentials.squareOff;
    if (rules === null || terms.product !== 'INTRADAY') return null;
    const { calendar, market } = this.#ports;
    const closed = entriesClosed(calendar, rules, instrument.exchange, market.now());
    if (closed === null || this.#onlyReduces(terms, instrument, before)) return null;
    return { code: 'INTRADAY_CLOSED', message: `${closed}; orders that reduce are taken` };
  }

  #onlyReduces(
    terms: OrderTerms,
    instrument: PaperOrder['instrument'],
    before: PaperOrder | null,
  ): boolean {
    const held = this.#store.position(instrument, terms.product)?.quantity ?? 0;
    const key = instrumentKey(instrument);
    const reducing = this.#store
      .liveOrders()
      .filter(
        (order) =>
          order.seq !== before?.seq &&
          order.terms.product === terms.product &&
          order.terms.side === terms.side &&
          instrumentKey(order.instrument) === key,
      )
      .reduce((sum, order) => sum + leavesOf(order), 0);
    const wanted = terms.quantity - (before?.filledQuantity ?? 0);
    const closes = terms.side === 'SELL' ? held : -held;
    return wanted + reducing <= closes;
  }

  #marginPrice(terms: OrderTerms, instrument: PaperOrder['instrument']): Decimal | null {
    const quote = this.#ports.market.quote(instrument, this.#ports.market.now());
    if (quote === null) return null;
    return terms.limitPrice ?? terms.triggerPrice ?? (terms.side === 'BUY' ? quote.ask : quote.bid);
  }

  #noPrice(instrument: PaperOrder['instrument']): EngineResult {
    return rejected(
      'NO_PRICE',
      `no price for ${instrumentKey(instrument)} in the market "${this.#ports.market.label}"`,
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
    const { free, needed } = available(cash, others, positions, this.#spotOf, order);
    // An order that blocks nothing (an exit) is taken even when the account is under water.
    if (!isPositive(needed) || compare(free, needed) >= 0) return null;
    return {
      code: 'INSUFFICIENT_FUNDS',
      message: `needs ${needed} rupees of margin, ${free} are free`,
    };
  }

  #checkHoldings(order: PaperOrder, others: readonly PaperOrder[]): Refusal | null {
    const key = instrumentKey(order.instrument);
    const held =
      (this.#store.position(order.instrument, 'DELIVERY')?.quantity ?? 0) +
      (this.#store.holding(order.instrument)?.quantity ?? 0);
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
