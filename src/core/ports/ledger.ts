import type { Account } from '../domain/account';
import type { Command, OpenCommandState, Fill, OrderEventRow } from '../domain/command';
import type { AccountId, BrokerOrderId, ClientTag, Decimal, EpochMs, OrderId } from '../domain/ids';
import type { InstrumentId } from '../domain/instrument';
import type { Order, Product } from '../domain/order';
import type { FillReport, OrderReport, PositionReport } from './broker';
import type { ReceivedCall } from './webhook-store';

/** A new order with its first command, to be written in one transaction. */
export interface Intent {
  readonly order: Order;
  readonly command: Command;
  readonly idempotency: IdempotencyKey | null;
}
/** What a new order is judged by, read in the transaction that writes it. */
export interface IntentFacts {
  /** Today's net in the order's instrument and product; null while it is not known. */
  readonly net: number | null;
  /** Orders of the account in the same instrument and product that are not finished. */
  readonly openOrders: readonly Order[];
  /** Why entries are stopped, null when they are not. */
  readonly stoppedReason: string | null;
  /** Whether the account (of a twin: the one it stands for) may take new orders itself now. */
  readonly tradesLive: boolean;
  /** The analyzer is on. */
  readonly analyzing: boolean;
}
/** Orders that can only be worked out from what the transaction that writes them reads. */
export interface IntentPlan {
  readonly idempotency: IdempotencyKey | null;
  readonly at: EpochMs;
  /** Every new order, from the facts of one instrument and product each. Empty: nothing is written. */
  make(
    facts: (account: AccountId, instrument: InstrumentId, product: Product) => IntentFacts,
  ): readonly Intent[];
}
/** The last word on an intent before it is written. @throws GatewayError to refuse all of them */
export type Decide = (draft: Intent, facts: IntentFacts) => Intent;

export interface IdempotencyKey {
  readonly apiKeyId: string;
  readonly clientOrderId: string;
  /** SHA-256 of the request's meaning. */
  readonly requestHash: string;
}
export type RecordedIntents =
  | { readonly kind: 'recorded' }
  /** The same key and the same request were seen before, or a call whose answer never went out. */
  | { readonly kind: 'replay'; readonly orderIds: readonly OrderId[] }
  | { readonly kind: 'conflict' }
  /** Another process may be answering a call of the same bytes: nothing was written, ask again in a moment. */
  | { readonly kind: 'undecided' };

export type CommandSettlement =
  | { readonly kind: 'accepted'; readonly brokerOrderId: BrokerOrderId }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** The moment at which one process takes a queued command for itself. */
export interface Claim {
  readonly orderId: OrderId;
  readonly n: number;
  readonly attempt: number;
  readonly at: EpochMs;
  readonly sendBy: EpochMs;
  /** The drop's name in the leaky bucket; stored with the send time so that lost buckets can be refilled. */
  readonly callId: string;
  /** The broker's order ids just before the send, where tags may not come back; otherwise null. */
  readonly bookBefore: readonly string[] | null;
  /** Of the order's instrument; a smart order's quantity is checked against them. */
  readonly lotSize: number;
  readonly freezeQuantity: number | null;
}

/** One successful read of a broker's order book and trade book. */
export interface BookReading {
  readonly orders: readonly OrderReport[];
  readonly fills: readonly FillReport[];
  /** When the earlier of the two reads began. */
  readonly startedAt: EpochMs;
  /** Commands whose last possible send lies before this have had time to show in the book. */
  readonly provesSentBefore: EpochMs;
  /** Commands that the broker confirmed before this have had time to show their effect. */
  readonly provesAnsweredBefore: EpochMs;
  /** Rows that may be a doubtful order of ours with a lost tag are not imported as foreign. */
  readonly tagsMayBeEmpty: boolean;
  /** Rows and fills that an earlier reading already brought in exactly this form. */
  readonly alreadyApplied: {
    readonly orders: ReadonlySet<string>;
    readonly fills: ReadonlySet<string>;
  };
  readonly newOrderId: () => OrderId;
}

/** What one pass over a broker's books changed. */
export interface AppliedReports {
  /** Orders whose row changed. */
  readonly changed: readonly OrderId[];
  /** Orders seen for the first time, placed elsewhere. */
  readonly imported: readonly OrderId[];
  /** Legal-move violations and other oddities, for the log. */
  readonly notes: readonly string[];
  /** Trade ids whose order the book did not have yet; not booked. */
  readonly orphanFills: readonly string[];
}

/** One call that counts against the broker's limits. */
export interface RecordedCall {
  readonly callId: string;
  readonly callClass: 'order' | 'query';
  readonly at: EpochMs;
}

/** A net that the broker's own fills do not explain. */
export interface PositionMismatch {
  readonly exchange: string;
  readonly symbol: string;
  readonly product: string;
  readonly atBroker: number;
  readonly byFills: number;
}

export interface ApiKeyRow {
  readonly keyId: string;
  readonly label: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly scopes: readonly ('read' | 'trade' | 'admin')[];
  /** Calls per second of this key. */
  readonly ratePerSecond: number;
  readonly createdAt: EpochMs;
  readonly revokedAt: EpochMs | null;
}

/** A position as last confirmed by the broker, or null when never read. */
export interface ConfirmedPosition {
  readonly quantity: number;
  readonly averagePrice: Decimal;
  readonly asOf: EpochMs;
}

/**
 * The truth. Every method is one transaction; the writing ones return only when the rows are on
 * disk. @throws GatewayError STORE_UNAVAILABLE when the file stays locked or the disk refuses.
 */
export interface Ledger {
  // Accept
  /** `received`: the call behind intents without an idempotency key, when its sender may repeat it. */
  recordIntents(
    intents: readonly Intent[],
    decide?: Decide,
    received?: ReceivedCall,
  ): Promise<RecordedIntents>;
  /** The same for orders that are made inside the transaction; one that makes none leaves no key behind. */
  recordPlan(plan: IntentPlan): Promise<RecordedIntents>;
  /** Adds a modify or cancel to an order; gives it the next number. */
  recordCommand(command: Omit<Command, 'n'>): Promise<Command>;
  /** Ends a queued place and the cancel that asks for it, in one step and without a call; false when the place is no longer queued. */
  cancelQueued(
    orderId: OrderId,
    at: EpochMs,
    reason: string,
    correlationId: string,
  ): Promise<boolean>;
  /** Rewrites a queued place, in one step and without a call; false when it is no longer queued. */
  modifyQueued(
    orderId: OrderId,
    change: NonNullable<Command['change']>,
    at: EpochMs,
    correlationId: string,
  ): Promise<boolean>;

  // Dispatch
  /** queued -> submitted with `sendBy`; null when another process won, it is not queued, or it is past its deadline. */
  claim(claim: Claim): Promise<{ readonly order: Order; readonly command: Command } | null>;
  /** Books how the attempt ended, and moves the order; null when there is no such command. */
  settle(
    orderId: OrderId,
    n: number,
    attempt: number,
    settlement: CommandSettlement,
    at: EpochMs,
  ): Promise<{ readonly order: Order; readonly command: Command } | null>;
  /** Ends a queued command that must not be sent, for example because its instrument expired overnight. */
  deny(orderId: OrderId, n: number, code: string, reason: string, at: EpochMs): Promise<boolean>;
  /** queued or held past its deadline -> expired; the rows it ended. `because`: what kept them back, for their reason. */
  expireOverdue(account: AccountId, at: EpochMs, because?: string): Promise<readonly Command[]>;
  /** held -> queued once the order has a broker id; held -> denied once the order is finished. The released rows. */
  releaseHeld(account: AccountId, at: EpochMs): Promise<readonly Command[]>;
  /** submitted with sendBy before `at` -> in_doubt. The rows it moved. */
  markDoubtful(account: AccountId, at: EpochMs): Promise<readonly Command[]>;

  // Reconcile
  applyReports(account: AccountId, books: BookReading): Promise<AppliedReports>;
  /** Stores a positions reading that no fill came between, and says where it and the booked fills disagree. */
  savePositions(
    account: AccountId,
    positions: readonly PositionReport[],
    readAt: EpochMs,
  ): Promise<readonly PositionMismatch[]>;
  /** Whether today's opening positions are set. */
  positionsKnown(account: AccountId): Promise<boolean>;
  /** Forgets today's opening positions, so that the next reading sets them anew. */
  clearBaseline(account: AccountId, at: EpochMs): Promise<void>;
  /** Ends a doubtful place that several reads proved absent: the order becomes denied, NOT_AT_BROKER. Null when it is no longer in doubt. */
  concludeAbsent(orderId: OrderId, at: EpochMs): Promise<Order | null>;
  /** A person's word on a doubtful order; audited. @throws GatewayError ORDER_NOT_FOUND, ORDER_CLOSED */
  resolveDoubt(
    orderId: OrderId,
    verdict: { readonly adopt: BrokerOrderId } | { readonly notPlaced: string },
    at: EpochMs,
    actor: string,
  ): Promise<Order>;

  // Read
  order(id: OrderId): Promise<Order | null>;
  /** By our id or the broker's. */
  findOrder(account: AccountId, id: string): Promise<Order | null>;
  orderByTag(account: AccountId, tag: ClientTag): Promise<Order | null>;
  /** Orders created or changed since `since`, newest first; live ones always. */
  orders(account: AccountId, since: EpochMs): Promise<readonly Order[]>;
  /** Orders not finished. */
  openOrders(account: AccountId): Promise<readonly Order[]>;
  /** Orders that are not finished and may be at the broker. */
  sentOrders(account: AccountId): Promise<readonly Order[]>;
  /** Commands in these states, state by state, the oldest `limit` of each. */
  commands(
    account: AccountId,
    states: readonly OpenCommandState[],
    limit?: number,
  ): Promise<readonly Command[]>;
  commandsOf(id: OrderId): Promise<readonly Command[]>;
  events(id: OrderId): Promise<readonly OrderEventRow[]>;
  fills(account: AccountId, since: EpochMs): Promise<readonly Fill[]>;
  fillsOf(id: OrderId): Promise<readonly Fill[]>;
  /** Today's net: the day's opening position plus the booked fills; null before the day's first reading. */
  netPosition(
    account: AccountId,
    exchange: string,
    symbol: string,
    product: Product,
  ): Promise<number | null>;
  confirmedPosition(
    account: AccountId,
    exchange: string,
    symbol: string,
    product: string,
  ): Promise<ConfirmedPosition | null>;
  addEvent(
    id: OrderId,
    n: number | null,
    at: EpochMs,
    kind: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>;

  // Accounts, keys, audit
  accounts(): Promise<readonly Account[]>;
  addAccount(account: Account, at: EpochMs): Promise<void>;
  setDefaultAccount(account: AccountId): Promise<void>;
  setStopped(account: AccountId, reason: string | null): Promise<void>;
  /** Lets new orders of the account go to the real market, or no longer; audited in the same step. */
  setLive(account: AccountId, live: boolean, at: EpochMs, actor: string): Promise<void>;
  /** Whether new orders of the account may go to the real market now: it is live and the analyzer is off. */
  tradesLive(account: AccountId): Promise<boolean>;
  /** Whether the analyzer is on, read anew: another process may have turned it. */
  analyzing(): Promise<boolean>;
  /** Turns the analyzer for all accounts; audited in the same step. */
  setAnalyzing(on: boolean, at: EpochMs, actor: string): Promise<void>;
  /** How many orders were accepted as practice. */
  practiceOrders(): Promise<number>;
  apiKeys(): Promise<readonly ApiKeyRow[]>;
  addApiKey(key: ApiKeyRow): Promise<void>;
  revokeApiKey(keyId: string, at: EpochMs): Promise<boolean>;
  audit(
    at: EpochMs,
    actor: string,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>;

  // Pacing
  /** Send times since `since`, oldest first; the source from which lost buckets are refilled. */
  callsSince(account: AccountId, since: EpochMs): Promise<readonly RecordedCall[]>;
  recordCall(account: AccountId, call: RecordedCall): Promise<void>;
  close(): Promise<void>;
}
