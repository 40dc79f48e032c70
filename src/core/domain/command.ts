import type { AccountId, BrokerOrderId, Decimal, EpochMs, OrderId } from './ids';
import type { ModifiableTerms } from './order';

export const COMMAND_KINDS = ['place', 'modify', 'cancel'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * `queued`: may be sent. `held`: waits for the broker's id of an order whose place is not settled.
 * `submitted`: this attempt may be on the wire. `in_doubt`: sent, not confirmed. The rest is final.
 */
export const COMMAND_STATES = [
  'queued',
  'held',
  'submitted',
  'in_doubt',
  'accepted',
  'rejected',
  'denied',
  'expired',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];
/** The states of a command whose end is not known. */
export type OpenCommandState = Extract<CommandState, 'queued' | 'held' | 'submitted' | 'in_doubt'>;

/** One intent that needs the wire: number 1 of an order is its place, later ones change or cancel it. */
export interface Command {
  readonly orderId: OrderId;
  readonly n: number;
  readonly accountId: AccountId;
  readonly kind: CommandKind;
  readonly lane: 'urgent' | 'normal';
  readonly state: CommandState;
  /** Set for a modify. */
  readonly change: ModifiableTerms | null;
  /** Counts the sends that provably never left plus the current one. */
  readonly attempt: number;
  /** Not sent after this instant. */
  readonly deadlineAt: EpochMs;
  /** When the winning process recorded that it is about to send. */
  readonly submittedAt: EpochMs | null;
  /** The last instant at which its first byte may have left. */
  readonly sendBy: EpochMs | null;
  readonly settledAt: EpochMs | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly correlationId: string;
  readonly createdAt: EpochMs;
}

export const isSettled = (state: CommandState): boolean =>
  state === 'accepted' || state === 'rejected' || state === 'denied' || state === 'expired';

/** One line of an order's append-only history. */
export interface OrderEventRow {
  readonly seq: number;
  readonly orderId: OrderId;
  readonly n: number | null;
  readonly at: EpochMs;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One execution as booked. */
export interface Fill {
  readonly accountId: AccountId;
  readonly tradeId: string;
  readonly orderId: OrderId;
  readonly brokerOrderId: BrokerOrderId;
  readonly quantity: number;
  readonly price: Decimal;
  readonly filledAt: EpochMs;
}
