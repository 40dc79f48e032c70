import { ZERO, add, multiply, negate, subtract } from '../../core/domain/decimal';
import type { BrokerOrderId, Decimal, EpochMs } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import type { OrderTerms, Side } from '../../core/domain/order';
import { istDate } from '../../core/domain/time';
import { chargesOf, totalOf } from '../../core/market/charges';
import type { ChargeSchedule, Deal } from '../../core/market/charges';
import type { Clock } from '../../core/ports/clock';
import type { MarketData } from '../../core/ports/market';
import type { PaperOrder, PaperPosition } from './book';
import { applyBuyBack, applyFill, applyHoldingSale } from './position';
import type { PaperStore } from './store';

/** The orders that a call changed, by number. */
export type Changed = Map<number, PaperOrder>;

interface Execution {
  readonly quantity: number;
  readonly price: Decimal;
}

/** Writes what happened to orders and to the money behind them. Every method belongs inside a transaction. */
export class Desk {
  readonly #store: PaperStore;
  readonly #market: MarketData;
  readonly #clock: Clock;
  readonly #schedule: ChargeSchedule;

  constructor(store: PaperStore, market: MarketData, clock: Clock, schedule: ChargeSchedule) {
    this.#store = store;
    this.#market = market;
    this.#clock = clock;
    this.#schedule = schedule;
  }

  save(order: PaperOrder, changed: Changed): void {
    this.#store.saveOrder(order);
    changed.set(order.seq, order);
  }

  finish(
    order: PaperOrder,
    status: 'canceled' | 'expired',
    message: string,
    changed: Changed,
  ): void {
    this.save({ ...order, status, message, updatedAt: this.#clock.now() }, changed);
  }

  /** Opens an order of the broker's own that closes (part of) a position at the market. */
  closingOrder(
    position: PaperPosition,
    quantity: number,
    system: NonNullable<PaperOrder['system']>,
    message: string,
  ): PaperOrder {
    const { instrument, product } = position;
    const now = this.#clock.now();
    const marketAt = this.#market.now();
    return {
      ...this.#store.nextOrder(),
      clientTag: null,
      instrument,
      terms: marketTerms(instrument, position.quantity > 0 ? 'SELL' : 'BUY', product, quantity),
      status: 'open',
      filledQuantity: 0,
      filledValue: ZERO,
      message,
      placedAt: now,
      updatedAt: now,
      tradingDay: null,
      fresh: true,
      lookedAt: marketAt,
      marginPrice: position.lastFillPrice,
      marketAt,
      brokerage: ZERO,
      system,
    };
  }

  /** Books one execution of an order that is already in the state after it. */
  execute(
    order: PaperOrder,
    execution: Execution,
    marketAt: EpochMs,
    charged: Deal['side'] | null = order.terms.side,
    value: Decimal = multiply(execution.price, execution.quantity),
  ): PaperOrder {
    const lines =
      charged === null
        ? []
        : chargesOf(this.#schedule, {
            instrument: order.instrument,
            product: order.terms.product,
            side: charged,
            value,
            orderValue: order.filledValue,
            brokeragePaid: order.brokerage,
            day: istDate(marketAt),
          });
    const paid = lines.find(({ charge }) => charge === 'brokerage')?.amount ?? ZERO;
    const after: PaperOrder = { ...order, brokerage: add(order.brokerage, paid) };
    const charges = totalOf(lines);
    this.#store.saveOrder(after);
    const filledAt = this.#clock.now();
    this.#store.addFill({ order: after, ...execution, charges, filledAt, marketAt }, lines);
    const flow = this.#settleFill(after, execution, marketAt);
    this.#store.setCash(subtract(add(this.#store.cash(), flow), charges));
    const days = this.#store.days();
    this.#store.setDays({ ...days, charges: add(days.charges, charges) });
    return after;
  }

  /** Moves positions and holdings; the rupees by which the cash changes. */
  #settleFill(order: PaperOrder, { quantity, price }: Execution, marketAt: EpochMs): Decimal {
    const { instrument, terms } = order;
    const { product, side } = terms;
    const day = istDate(marketAt);
    const before = this.#store.position(instrument, product);
    const delivered = product === 'DELIVERY';
    const holding = delivered ? this.#store.holding(instrument) : null;
    const open = Math.max(0, before?.quantity ?? 0);
    const fromHolding =
      side === 'SELL' && holding !== null
        ? Math.min(holding.quantity, Math.max(0, quantity - open))
        : 0;
    const backToHolding =
      delivered && side === 'BUY' ? Math.min(quantity, before?.soldHoldings ?? 0) : 0;
    const plain = quantity - fromHolding - backToHolding;
    let position = before;
    let flow = ZERO;
    if (backToHolding > 0 && position !== null) {
      const done = applyBuyBack(holding, position, { quantity: backToHolding, price, day });
      this.#store.saveHolding(done.holding);
      position = done.position;
      flow = negate(done.cost);
    }
    if (plain > 0) {
      const part = { quantity: plain, price, day, marketAt };
      const done = applyFill(position, { instrument, product, side, ...part });
      position = done.position;
      flow = add(flow, done.realized);
    }
    if (fromHolding > 0 && holding !== null) {
      const part = { quantity: fromHolding, price, day, marketAt };
      const done = applyHoldingSale(holding, position, part);
      this.#store.saveHolding(done.holding);
      position = done.position;
      // The cost left the cash when the stock was settled.
      flow = add(flow, add(done.realized, done.cost));
    }
    if (position !== null) this.#store.savePosition(position);
    return flow;
  }
}

const marketTerms = (
  instrument: Instrument,
  side: Side,
  product: PaperPosition['product'],
  quantity: number,
): OrderTerms => ({
  instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
  side,
  product,
  quantity,
  disclosedQuantity: 0,
  timeInForce: 'DAY',
  orderType: 'MARKET',
  limitPrice: null,
  triggerPrice: null,
});

/** An order that is not in the book yet; its number and ids are replaced when it is taken. */
export const draftIds = {
  seq: Number.MAX_SAFE_INTEGER,
  brokerOrderId: '' as BrokerOrderId,
  exchangeOrderId: '',
} as const;
