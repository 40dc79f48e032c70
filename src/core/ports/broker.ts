import type { z } from 'zod';
import type {
  AccountId,
  BrokerId,
  BrokerOrderId,
  ClientTag,
  Decimal,
  EpochMs,
  MonotonicMs,
  TradeId,
} from '../domain/ids';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type {
  ModifiableTerms,
  OrderTerms,
  OrderType,
  Product,
  Side,
  TimeInForce,
} from '../domain/order';
import type { Clock, Random } from './clock';
import type { HttpPort } from './http';
import type { Logger } from './logger';
import type { DayFigures, MarketData, TradingCalendar } from './market';
import type { GttClient, HistorySource, OptionChainSource, PreviewSource } from './market-data';
import type { SocketPort } from './socket';
import type { SocketIoPort } from './socket-io';

/** How a command ended. Returned, never thrown: a forgotten case is a compile error. */
export type CommandOutcome =
  | { readonly kind: 'accepted'; readonly brokerOrderId: BrokerOrderId }
  /** The broker proved that it refused. */
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  /** No byte left us, or the broker's documented throttle or dead-session reply. */
  | {
      readonly kind: 'not-sent';
      readonly why: 'no-session' | 'rate-limit' | 'no-connection' | 'aborted';
      readonly retryAfterMs?: number;
    }
  /** Bytes may have left: it may or may not have happened. */
  | {
      readonly kind: 'unknown';
      readonly why: 'timeout' | 'reset' | 'server-error' | 'bad-reply';
      readonly cause: unknown;
    };

/** Travels with every call; an adapter reads nothing ambient. */
export interface CallContext {
  readonly signal: AbortSignal;
  /** Wall time after which the answer is of no use. */
  readonly deadlineAt: EpochMs;
  /** The first byte must not leave after this instant; null while nothing paces the call. */
  readonly sendBy: MonotonicMs | null;
  readonly correlationId: string;
}

export interface PlaceOrder {
  readonly terms: OrderTerms;
  /** The instrument of the terms, looked up. */
  readonly instrument: Instrument;
  /** Goes into the broker's free-text field and comes back in its book. */
  readonly clientTag: ClientTag;
  /** What `prepare` found; absent where it found nothing to say. */
  readonly reference?: MarketReference;
}
/** What the market showed just before an order; rupees. */
export interface MarketReference {
  readonly last: Decimal;
  /** The prices between which the exchange takes orders today; null: not stated. */
  readonly upperBand: Decimal | null;
  readonly lowerBand: Decimal | null;
}
export interface ModifyOrder {
  readonly brokerOrderId: BrokerOrderId;
  readonly instrument: Instrument;
  readonly terms: OrderTerms;
  readonly change: ModifiableTerms;
}
export interface CancelOrder {
  readonly brokerOrderId: BrokerOrderId;
  readonly terms: OrderTerms;
}

/** One attempt per call. Retrying is the queue's decision, and only ever after `not-sent`. */
export interface ExecutionClient {
  /**
   * Reads what a placement needs to know, before its slot is taken: a slot is over in milliseconds. Paced
   * queries only. Side and quantity of a smart order may still change. Absent: nothing is needed.
   * @throws GatewayError: the order is not sent, and ends when its code says that a price is not there
   */
  prepare?(
    command: Pick<PlaceOrder, 'terms' | 'instrument'>,
    context: CallContext,
  ): Promise<MarketReference | null>;
  place(command: PlaceOrder, context: CallContext): Promise<CommandOutcome>;
  modify(command: ModifyOrder, context: CallContext): Promise<CommandOutcome>;
  cancel(command: CancelOrder, context: CallContext): Promise<CommandOutcome>;
}

/** What the broker's book says of one order; terms as the broker now holds them. */
export interface OrderReport {
  readonly brokerOrderId: BrokerOrderId;
  readonly exchangeOrderId: string | null;
  /** Our tag, when it came back. */
  readonly clientTag: ClientTag | null;
  readonly terms: OrderTerms;
  readonly status:
    'open' | 'trigger_pending' | 'triggered' | 'filled' | 'canceled' | 'rejected' | 'expired';
  readonly filledQuantity: number;
  /** Rupees; null before the first fill. */
  readonly averagePrice: Decimal | null;
  /** The broker's words for a refusal or cancellation. */
  readonly message: string | null;
  readonly placedAt: EpochMs | null;
}

/** One execution. */
export interface FillReport {
  readonly tradeId: TradeId;
  readonly brokerOrderId: BrokerOrderId;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly product: Product;
  readonly quantity: number;
  /** Rupees. */
  readonly price: Decimal;
  readonly filledAt: EpochMs;
  /** Rupees of brokerage, taxes and fees; absent: this broker does not say them per fill. */
  readonly charges?: Decimal;
}

/** Net position of today; quantity is signed. Prices and money in rupees. */
export interface PositionReport {
  readonly instrument: InstrumentId;
  readonly product: Product;
  readonly quantity: number;
  readonly averagePrice: Decimal;
  readonly lastPrice: Decimal | null;
  readonly realizedPnl: Decimal;
  readonly unrealizedPnl: Decimal;
}

/** Settled stock. */
export interface HoldingReport {
  readonly instrument: InstrumentId;
  readonly quantity: number;
  readonly averagePrice: Decimal;
  readonly lastPrice: Decimal | null;
}

/** Rupees. */
export interface Funds {
  readonly availableCash: Decimal;
  readonly collateral: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly realizedPnl: Decimal;
  readonly utilisedMargin: Decimal;
  /** Brokerage, taxes and fees, already taken from the cash; absent: this broker does not say. */
  readonly charges?: { readonly today: Decimal; readonly total: Decimal };
}

/** What the market shows in one instrument; rupees and exchange units. A price that is not there is null, never 0. */
export interface MarketQuote extends DayFigures {
  readonly instrument: InstrumentId;
  readonly last: Decimal;
  /** Null while nobody bids or offers, and for indices. */
  readonly bid: Decimal | null;
  readonly ask: Decimal | null;
}
export interface DepthLevel {
  readonly price: Decimal;
  readonly quantity: number;
}
export interface MarketDepth extends MarketQuote {
  /** Best first, at most five; empty when nothing stands there. */
  readonly bids: readonly DepthLevel[];
  readonly asks: readonly DepthLevel[];
  /** Of the last trade; null when the broker does not say. */
  readonly lastQuantity: number | null;
  /** All that stands in the market; null when the broker does not say. */
  readonly totalBidQuantity: number | null;
  readonly totalAskQuantity: number | null;
}
export type QuoteResult =
  | { readonly kind: 'quote'; readonly quote: MarketQuote }
  /** The broker answered, and has no price for this one. */
  | { readonly kind: 'none'; readonly instrument: InstrumentId; readonly reason: string };

/** Prices on demand. Queries: they wait for a free slot. @throws GatewayError when the broker could not be read */
export interface MarketDataSource {
  /** One result for each instrument, in the given order; the adapter splits what its broker limits. */
  quotes(instruments: readonly Instrument[], context: CallContext): Promise<readonly QuoteResult[]>;
  /** @throws GatewayError NO_PRICE with the reason when the broker has no price. */
  depth(instrument: Instrument, context: CallContext): Promise<MarketDepth>;
}

/** An order as a margin calculator takes it. */
export interface MarginOrder {
  readonly terms: OrderTerms;
  readonly instrument: Instrument;
}
/** Rupees that the orders would block together. A broker that knows only the total gives null for the parts. */
export interface MarginReport {
  readonly total: Decimal;
  readonly span: Decimal | null;
  readonly exposure: Decimal | null;
}
export interface MarginSource {
  /** Paced like every query. @throws GatewayError NO_PRICE when an order needs a price that is not there */
  required(orders: readonly MarginOrder[], context: CallContext): Promise<MarginReport>;
}

/** Full snapshots for the reconciler. Throws a GatewayError; an empty array means "none", never "failed". */
export interface ReportSource {
  orders(context: CallContext): Promise<readonly OrderReport[]>;
  /** The ids of all orders in the part of the book where one of this instrument stands; absent: `orders` says it as cheaply. */
  orderIds?(instrument: InstrumentId, context: CallContext): Promise<readonly BrokerOrderId[]>;
  fills(context: CallContext): Promise<readonly FillReport[]>;
  positions(context: CallContext): Promise<readonly PositionReport[]>;
  holdings(context: CallContext): Promise<readonly HoldingReport[]>;
  funds(context: CallContext): Promise<Funds>;
}

/** "Look there, believe nothing else." */
export interface OrderHint {
  readonly brokerOrderId: BrokerOrderId | null;
  readonly clientTag: ClientTag | null;
}
export interface OrderStream {
  close(): Promise<void>;
}

/** What a login gave. The token is a secret. */
export interface SessionGrant {
  /** What the broker's calls carry, as the adapter wants it back from `TokenReader`. */
  readonly token: string;
  readonly expiresAt: EpochMs;
  /** The login id that the broker says it belongs to. */
  readonly identity: string;
}

/** How a person or the login worker brings in a day's session. */
export interface LoginFlow {
  /** Where the broker's own login begins; it may contain the API key, never a secret. */
  url(): string;
  /**
   * Takes what a finished login left in the browser's address, or the code alone.
   * @throws GatewayError LOGIN_FAILED with the broker's words and the fix, or VALIDATION for a text that is none
   */
  exchange(pasted: string, context: CallContext): Promise<SessionGrant>;
}

export interface SessionFlow {
  /** Whether the broker would take a call now. */
  probe(context: CallContext): Promise<'live' | 'expired'>;
  /** Absent: the account needs no daily login. */
  readonly login?: LoginFlow;
}

/** One thing that the owner of an account gives, kept in the vault. */
export interface CredentialField {
  /** As the API and the module's schema name it: `apiSecret`. */
  readonly name: string;
  /** As a person reads it. */
  readonly label: string;
  /** `app`: opened by whoever calls the broker. `login`: opened by the login role alone. */
  readonly secrecy: 'app' | 'login';
  /** Needed before the account can trade; the others only for a login without a person. */
  readonly required: boolean;
  /** Its name in a .env of OpenAlgo, where it has one. */
  readonly importedFrom?: string;
  /** Trims and checks; its messages say what is wrong and where to find the right value, never the value. */
  readonly schema: z.ZodType<string>;
}

/** Everything one account at one broker can do. An absent part is an absent capability. */
export interface BrokerClient {
  readonly session: SessionFlow;
  readonly execution: ExecutionClient;
  readonly reports: ReportSource;
  readonly orderUpdates?: {
    open(onHint: (hint: OrderHint) => void, context: CallContext): Promise<OrderStream>;
  };
  /** Quotes and depth; absent: this broker gives none, and the API answers 501. */
  readonly marketData?: MarketDataSource;
  /** The broker's own margin calculator; absent: it has none, and the API answers 501. */
  readonly margin?: MarginSource;
  /** Past candles; present when `Capabilities.intervals` is. */
  readonly history?: HistorySource;
  readonly optionChain?: OptionChainSource;
  /** The broker's own figure of what an order costs. */
  readonly preview?: PreviewSource;
  /** Orders that wait at the broker for a price. */
  readonly gtt?: GttClient;
  /** The rules of this account where they differ from its module's; absent: the module's hold. */
  readonly rateRules?: readonly RateRule[];
  /** Clears a practice account; only the paper broker has it. */
  readonly practice?: { reset(context: CallContext): Promise<void> };
  close(): Promise<void>;
}

/** Intervals by unit, shortest first: `1s`, `5m`, `1h`, `D`, `W`, `M`. */
export interface CandleIntervals {
  readonly seconds: readonly string[];
  readonly minutes: readonly string[];
  readonly hours: readonly string[];
  readonly days: readonly string[];
  readonly weeks: readonly string[];
  readonly months: readonly string[];
}

/** Times between two readings of the books, milliseconds. */
export interface BookPace {
  /** The least, whatever happens: hints that come sooner share one reading. */
  readonly soonMs: number;
  /** With live orders and no stream of hints, and for doubt that has stood for a minute. */
  readonly pollMs: number;
  /** With a stream, or without live orders. */
  readonly idleMs: number;
  /** Positions, after a change; the net itself is known from the fills. */
  readonly positionsMs: number;
}

export type OrderTypeSupport = 'native' | 'emulated' | 'none';

/** Data, not code: the API validates with it, the docs print it, the contract suite skips by it. */
export interface Capabilities {
  readonly orderTypes: Readonly<Record<OrderType, OrderTypeSupport>>;
  readonly products: readonly Product[];
  /** Why a product is not among them, in words for the person who asked for it. */
  readonly withheld?: Readonly<Partial<Record<Product, string>>>;
  readonly timesInForce: readonly TimeInForce[];
  readonly canModify: boolean;
  readonly clientTag: {
    readonly maxLength: number;
    readonly allowed: RegExp;
    readonly echo: 'always' | 'sometimes';
  } | null;
  /** Longest time the broker may take to answer a command; absence is concluded only after it. */
  readonly commandTimeoutMs: number;
  /** True: orders name instruments by the broker's own symbols, from its master. Absent: by ours. */
  readonly ownSymbols?: true;
  /** How often the books may be read where a reading costs many calls; absent: whenever it helps. */
  readonly bookPace?: BookPace;
  /** Candles that this broker's client gives, as the API spells them; absent: it gives none. */
  readonly intervals?: CandleIntervals;
  /** True when prices are made up and no real money moves; shown wherever a person sees the account. */
  readonly simulated: boolean;
  /** Whether new orders go to a practice twin until the account is set live; absent: unless simulated. */
  readonly liveSwitch?: boolean;
}

export type CallClass = 'order' | 'query';

/** A call is a drop that leaks out `windowMs` after it went in; a bucket holds `limit` drops. */
export interface RateRule {
  readonly name: string;
  readonly scope: 'account' | 'key' | 'ip';
  readonly classes: readonly CallClass[];
  readonly limit: number;
  /** Of `limit`, how many entries (not exits, not cancels) may use. */
  readonly entryLimit: number;
  readonly windowMs: number;
  /** `ist-midnight`: the count starts again each day in India, whatever `windowMs` is. */
  readonly resets: 'rolling' | 'ist-midnight';
  /** Where the figure comes from. */
  readonly source: string;
}

/** What each folder under src/brokers exports, exactly once. */
export interface BrokerModule<Credentials = unknown> {
  readonly id: BrokerId;
  readonly title: string;
  readonly capabilities: Capabilities;
  readonly rateRules: readonly RateRule[];
  readonly credentials: z.ZodType<Credentials>;
  /** What the owner has to give; absent: nothing. The `app` fields and the settings make `credentials`. */
  readonly credentialFields?: readonly CredentialField[];
  create(account: AccountId, credentials: Credentials, ports: BrokerPorts): BrokerClient;
}

/** Waits for a free slot; a query may wait, a command never calls this (the dispatcher paid for it). */
export interface CallPacer {
  /**
   * What `send` gives (an HttpResult, or anything of a broker without HTTP), called with a context whose `sendBy` is the end of the slot: a call that could not
   * begin by then (a slow connection, a paused process) gets a new slot and is begun again.
   * @throws GatewayError BUCKET_FULL when no slot comes free before the deadline.
   */
  query<T>(context: CallContext, send: (paced: CallContext) => Promise<T>): Promise<T>;
}

export interface TokenReader {
  /** Today's token of the account, or null: then the outcome is `not-sent: no-session`. */
  current(account: AccountId): Promise<string | null>;
  /** The broker refused this token as dead, in `words`: nobody gets it again. */
  died(account: AccountId, token: string, words: string): void;
}

/** How the account's broker names an instrument today. */
export interface BrokerName {
  readonly symbol: string;
  readonly exchange: string;
  readonly token: string;
}

/** The names of the account's broker, from its own master of today. */
export interface BrokerSymbols {
  /** Null: the master does not list it, and it cannot be ordered there. */
  nameOf(id: InstrumentId): BrokerName | null;
  /** Null when no instrument, or more than one, has this name. */
  find(exchange: string, symbol: string): Instrument | null;
}

export interface BrokerPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: HttpPort;
  readonly socket: SocketPort;
  readonly socketIo: SocketIoPort;
  readonly pacer: CallPacer;
  readonly tokens: TokenReader;
  readonly instruments: InstrumentLookup;
  readonly symbols: BrokerSymbols;
  /** Prices for brokers that need them (paper). */
  readonly market: MarketData;
  /** Trading days and hours; a practice broker settles and closes by them. */
  readonly calendar: TradingCalendar;
  /** A folder of the broker's own for files that must survive a restart. */
  readonly dataDirectory: string;
  readonly logger: Logger;
}

/** Symbols as this instance knows them today. */
export interface InstrumentLookup {
  find(id: InstrumentId): Instrument | null;
}
