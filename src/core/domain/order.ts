import type { AccountId, BrokerOrderId, ClientTag, Decimal, EpochMs, OrderId } from './ids';
import type { InstrumentId } from './instrument';
import { isTerminal } from './order-state';
import type { OrderState } from './order-state';

export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];
export const ORDER_TYPES = ['MARKET', 'LIMIT', 'STOP_LIMIT', 'STOP_MARKET'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];
export const PRODUCTS = ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'] as const;
export type Product = (typeof PRODUCTS)[number];
export const TIMES_IN_FORCE = ['DAY', 'IOC'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** Prices that an order type carries: a limit order without a price does not compile. */
export type PriceTerms =
  | { readonly orderType: 'MARKET'; readonly limitPrice: null; readonly triggerPrice: null }
  | { readonly orderType: 'LIMIT'; readonly limitPrice: Decimal; readonly triggerPrice: null }
  | {
      readonly orderType: 'STOP_LIMIT';
      readonly limitPrice: Decimal;
      readonly triggerPrice: Decimal;
    }
  | {
      readonly orderType: 'STOP_MARKET';
      readonly limitPrice: null;
      readonly triggerPrice: Decimal;
    };

/** What a modify may change; quantity is the new total, unsigned, exchange units. */
export type ModifiableTerms = PriceTerms & {
  readonly quantity: number;
  readonly disclosedQuantity: number;
};

export type OrderTerms = ModifiableTerms & {
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly product: Product;
  readonly timeInForce: TimeInForce;
};

/** What a smart order wants to hold. */
export interface SmartTarget {
  /** Wanted net position, signed. */
  readonly position: number;
  /** Sent with the order's own side when the position is flat and is wanted flat; 0: nothing. */
  readonly flatQuantity: number;
}

/** An order as the ledger knows it. */
export interface Order {
  readonly orderId: OrderId;
  readonly accountId: AccountId;
  /** `foreign`: placed elsewhere and first seen in the broker's book. */
  readonly origin: 'toran' | 'foreign';
  readonly terms: OrderTerms;
  readonly state: OrderState;
  readonly filledQuantity: number;
  /** Rupees; null until the first fill. */
  readonly averagePrice: Decimal | null;
  readonly brokerOrderId: BrokerOrderId | null;
  readonly exchangeOrderId: string | null;
  readonly clientTag: ClientTag | null;
  readonly clientOrderId: string | null;
  readonly strategy: string;
  readonly apiKeyId: string | null;
  /** Our code or the broker's, and its words, once denied, rejected, canceled or expired for a reason. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly inDoubtSince: EpochMs | null;
  /** Whether the order only reduces a position; decided when it was accepted. */
  readonly isExit: boolean;
  /** Legs that were accepted as one request, in their order; null for a single order. */
  readonly batch: { readonly id: string; readonly leg: number } | null;
  /** Set for a smart order: side and quantity are worked out when it is sent. */
  readonly smart: SmartTarget | null;
  /** Accepted as practice: it went to a practice twin, or to a simulated broker while analyzing. */
  readonly practice: boolean;
  readonly correlationId: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** Still working at the broker: 0 once terminal. */
export const leavesQuantity = (
  order: Pick<Order, 'state' | 'filledQuantity'> & {
    readonly terms: { readonly quantity: number };
  },
): number => (isTerminal(order.state) ? 0 : order.terms.quantity - order.filledQuantity);
