import type { BrokerOrderId, Decimal, EpochMs, IsoDate } from '../domain/ids';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type { OrderTerms, Product, Side } from '../domain/order';
import type { CallContext, CommandOutcome } from './broker';

/** What traded in one interval. Rupees and exchange units; not adjusted for splits or dividends. */
export interface Candle {
  /** When the interval begins; for a day the beginning of the day in India. */
  readonly at: EpochMs;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: number;
  /** Open contracts; null for shares and where the broker does not say. */
  readonly openInterest: number | null;
}

/** Both ends included: candles that begin in it. Of days: every day that it touches. */
export interface CandleRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Past prices. Queries: each page waits for a free slot. */
export interface HistorySource {
  /**
   * Ascending, each instant once; empty when nothing traded, or when the broker knows nothing of it.
   * `interval` is one of the words of `Capabilities.intervals`.
   * @throws GatewayError VALIDATION for a word that is none or a range that ends before it begins, UNKNOWN_SYMBOL, or when the broker could not be read
   */
  candles(
    instrument: Instrument,
    interval: string,
    range: CandleRange,
    context: CallContext,
  ): Promise<readonly Candle[]>;
}

/** One option of a chain. Rupees and exchange units; a price that is not there is null, never 0. */
export interface ChainQuote {
  readonly strike: Decimal;
  readonly right: 'CE' | 'PE';
  /** Null when the broker quotes a contract that its master of today does not list. */
  readonly instrument: InstrumentId | null;
  /** Null before the first trade of the day. */
  readonly last: Decimal | null;
  readonly bid: Decimal | null;
  readonly ask: Decimal | null;
  readonly bidQuantity: number;
  readonly askQuantity: number;
  readonly previousClose: Decimal | null;
  readonly volume: number;
  readonly openInterest: number | null;
}
export interface OptionChain {
  readonly underlying: string;
  readonly expiry: IsoDate;
  /** Price of the underlying; null when the broker does not say. */
  readonly spot: Decimal | null;
  /** By strike, the call before the put. */
  readonly quotes: readonly ChainQuote[];
}
export interface OptionChainSource {
  /**
   * The chain that the option `of` is part of: all strikes of its underlying and expiry, both rights.
   * Without quotes when the broker has none, as for an expired contract.
   * @throws GatewayError VALIDATION when `of` is no option, UNKNOWN_SYMBOL, or when the broker could not be read
   */
  chain(of: Instrument, context: CallContext): Promise<OptionChain>;
}

/** What an order would cost beside its price. Rupees; nothing is placed. */
export interface OrderCharges {
  readonly brokerage: Decimal;
  readonly exchangeCharges: Decimal;
  readonly stampDuty: Decimal;
  readonly transactionTax: Decimal;
  readonly regulatorFee: Decimal;
  readonly gst: Decimal;
  /** All of them, as the broker adds them up. */
  readonly total: Decimal;
}
export interface PreviewSource {
  /** @throws GatewayError UNSUPPORTED for what the broker does not preview, NO_PRICE when the order needs a price that is not there */
  charges(
    order: { readonly terms: OrderTerms; readonly instrument: Instrument },
    context: CallContext,
  ): Promise<OrderCharges>;
}

/** Becomes a limit order once the last price reaches the trigger. Rupees. */
export interface GttLeg {
  readonly triggerPrice: Decimal;
  readonly limitPrice: Decimal;
}
/** An order that the broker keeps until its trigger, over days. The exits are on the other side of the entry. */
export type GttPlan =
  | { readonly kind: 'single'; readonly side: Side; readonly leg: GttLeg }
  | {
      readonly kind: 'entry-and-exits';
      readonly entry: { readonly side: Side; readonly limitPrice: Decimal };
      readonly target: GttLeg;
      readonly stop: GttLeg;
    };
/** What a modify may change: the legs, not the entry and not the quantity. */
export type GttChange =
  | { readonly kind: 'single'; readonly side: Side; readonly leg: GttLeg }
  | {
      readonly kind: 'exits';
      readonly side: Side;
      readonly target: GttLeg;
      readonly stop: GttLeg;
    };

export interface PlaceGtt {
  readonly instrument: Instrument;
  readonly product: Product;
  readonly quantity: number;
  readonly plan: GttPlan;
}

/** One GTT as the broker's book shows it. */
export interface GttReport {
  readonly gttId: BrokerOrderId;
  /** Null when today's master does not list it any more. */
  readonly instrument: InstrumentId | null;
  /** The broker's own name of it. */
  readonly brokerSymbol: string;
  readonly kind: 'single' | 'entry-and-exits';
  readonly quantity: number;
  readonly legs: readonly (GttLeg & {
    readonly role: 'single' | 'target' | 'stop';
    readonly side: Side;
    /** The broker's word as it came; nothing may be concluded from it. */
    readonly status: string;
  })[];
  /** The order that opened the position; null for a single one. */
  readonly entryOrderId: BrokerOrderId | null;
  readonly placedAt: EpochMs;
}

/**
 * Orders that wait at the broker. Commands make one attempt and return how they ended; the id of an
 * accepted one is that of the GTT. `rejected` with the code UNSUPPORTED: refused here, nothing was sent.
 */
export interface GttClient {
  place(command: PlaceGtt, context: CallContext): Promise<CommandOutcome>;
  modify(
    gttId: BrokerOrderId,
    instrument: Instrument,
    change: GttChange,
    context: CallContext,
  ): Promise<CommandOutcome>;
  cancel(
    gttId: BrokerOrderId,
    instrument: Instrument,
    context: CallContext,
  ): Promise<CommandOutcome>;
  /** Those placed on the days from `from` to `to`, both included. @throws GatewayError when the book could not be read */
  list(from: IsoDate, to: IsoDate, context: CallContext): Promise<readonly GttReport[]>;
}
