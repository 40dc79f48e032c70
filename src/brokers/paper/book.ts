import type { BrokerOrderId, ClientTag, Decimal, EpochMs, IsoDate } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import type { OrderTerms, Product } from '../../core/domain/order';
import type { OrderReport } from '../../core/ports/broker';

export type PaperStatus = OrderReport['status'];

/** One order in the paper broker's book. */
export interface PaperOrder {
  /** Counts the orders of the store; earlier orders have lower numbers. */
  readonly seq: number;
  readonly brokerOrderId: BrokerOrderId;
  readonly exchangeOrderId: string;
  readonly clientTag: ClientTag | null;
  /** As it was when the order came in, so that an expired contract stays readable. */
  readonly instrument: Instrument;
  readonly terms: OrderTerms;
  readonly status: PaperStatus;
  readonly filledQuantity: number;
  /** Rupees; the sum of quantity x price over its fills. */
  readonly filledValue: Decimal;
  readonly message: string | null;
  /** Wall time. */
  readonly placedAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** The market day on which it first met an open market; null until then. */
  readonly tradingDay: IsoDate | null;
  /** Has not met an open market since it was placed, changed or triggered: it may cross the spread. */
  readonly fresh: boolean;
  /** Market time up to which trades were looked at. */
  readonly lookedAt: EpochMs;
  /** Rupees; the price its margin is reckoned at. */
  readonly marginPrice: Decimal;
  /** The market's own time at which it came in. */
  readonly marketAt: EpochMs;
  /** Rupees of brokerage that its fills have paid. */
  readonly brokerage: Decimal;
  /** Why the broker itself placed it; null for the account's own orders. */
  readonly system: 'square-off' | 'expiry' | null;
}

/** One execution; `quantity` is unsigned. */
export interface PaperFill {
  readonly tradeId: string;
  readonly order: PaperOrder;
  readonly quantity: number;
  readonly price: Decimal;
  /** Rupees of brokerage, taxes and fees. */
  readonly charges: Decimal;
  /** Wall time. */
  readonly filledAt: EpochMs;
  /** The market's own time: recorded time in a replay. */
  readonly marketAt: EpochMs;
}

/**
 * A position; quantity and cost are signed, so cost / quantity is the average price. For delivery it
 * holds what was bought and is not settled yet: settled stock is a holding.
 */
export interface PaperPosition {
  readonly instrument: Instrument;
  readonly product: Product;
  readonly quantity: number;
  /** Rupees paid for what is open; negative for a short position. */
  readonly cost: Decimal;
  /** Rupees won or lost on `realizedDay`. */
  readonly realized: Decimal;
  /** Market day of the last fill. */
  readonly realizedDay: IsoDate;
  /** Price of the last fill. */
  readonly lastFillPrice: Decimal;
  /** Market time at which it last became long or short. */
  readonly openedAt: EpochMs;
  /**
   * What the position book shows: what was open when the wall day began, and the fills since. Differs
   * from `quantity` only for delivery, where selling settled stock shows as a negative position.
   */
  readonly net: number;
  /** Settled stock sold on this wall day, and what it fetched in rupees. */
  readonly soldHoldings: number;
  readonly soldValue: Decimal;
}

/** Settled stock; cost in rupees. */
export interface PaperHolding {
  readonly instrument: Instrument;
  readonly quantity: number;
  readonly cost: Decimal;
}

/** How far the books have been carried. Days are empty text in a new file. */
export interface PaperDays {
  /** Market day for which deliveries were settled. */
  readonly marketDay: string;
  /** Wall day (IST) whose opening the position book shows. */
  readonly bookDay: string;
  /** Rupees of charges since the start or the last reset. */
  readonly charges: Decimal;
}

export const isLive = (status: PaperStatus): boolean =>
  status === 'open' || status === 'trigger_pending' || status === 'triggered';

/** What is still to be filled; 0 once finished. */
export const leavesOf = (order: PaperOrder): number =>
  isLive(order.status) ? order.terms.quantity - order.filledQuantity : 0;
