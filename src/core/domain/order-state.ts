/**
 * The life of an order. A command under way on a working order shows as `pending_update` or
 * `pending_cancel`; being in doubt is not a state but a time stamp beside it.
 */
export const BASE_STATES = [
  'queued',
  'submitted',
  'accepted',
  'trigger_pending',
  'triggered',
  'partially_filled',
  'filled',
  'canceled',
  'rejected',
  'denied',
  'expired',
] as const;
export type BaseState = (typeof BASE_STATES)[number];
export type PendingCommand = 'cancel' | 'update' | null;
export type OrderState = BaseState | 'pending_update' | 'pending_cancel';
export const ORDER_STATES: readonly OrderState[] = [
  ...BASE_STATES,
  'pending_update',
  'pending_cancel',
];

/** What can happen to an order. `seen_*` are what a broker's book proved. */
export const ORDER_EVENTS = [
  'submit',
  'not_sent',
  'withdraw',
  'deny',
  'expire',
  'absent',
  'accept',
  'reject',
  'seen_open',
  'seen_trigger_pending',
  'seen_triggered',
  'seen_partial',
  'seen_filled',
  'seen_canceled',
  'seen_rejected',
  'seen_expired',
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

type Moves = Readonly<Partial<Record<OrderEvent, BaseState>>>;

/** Endings that any broker evidence may cause on an order that is not finished. */
const ENDINGS: Moves = {
  seen_filled: 'filled',
  seen_canceled: 'canceled',
  seen_rejected: 'rejected',
  seen_expired: 'expired',
};
const WORKING: Moves = { ...ENDINGS, seen_partial: 'partially_filled' };
const FOUND: Moves = {
  ...WORKING,
  accept: 'accepted',
  seen_open: 'accepted',
  seen_trigger_pending: 'trigger_pending',
  seen_triggered: 'triggered',
};

/**
 * Every legal move; anything else is noted and ignored. Evidence only moves an order forward, so
 * duplicated or reordered reports end in the same state. A finished order stays finished, but for
 * two proofs: fills that complete it, and a denied order that the broker turns out to have.
 */
export const ORDER_MOVES: Readonly<Record<BaseState, Moves>> = {
  queued: {
    ...FOUND,
    submit: 'submitted',
    withdraw: 'canceled',
    deny: 'denied',
    expire: 'expired',
  },
  submitted: { ...FOUND, not_sent: 'queued', absent: 'denied', reject: 'rejected' },
  accepted: { ...WORKING, seen_trigger_pending: 'trigger_pending', seen_triggered: 'triggered' },
  trigger_pending: { ...WORKING, seen_triggered: 'triggered' },
  triggered: WORKING,
  partially_filled: WORKING,
  filled: {},
  canceled: { seen_filled: 'filled' },
  rejected: { seen_filled: 'filled' },
  expired: { seen_filled: 'filled' },
  denied: FOUND,
};

const TERMINAL: ReadonlySet<OrderState> = new Set<OrderState>([
  'filled',
  'canceled',
  'rejected',
  'denied',
  'expired',
]);
export const isTerminal = (state: OrderState): boolean => TERMINAL.has(state);

const WORKING_STATES: ReadonlySet<OrderState> = new Set<OrderState>([
  'accepted',
  'trigger_pending',
  'triggered',
  'partially_filled',
  'pending_update',
  'pending_cancel',
]);
/** Known to be live at the broker. */
export const isWorking = (state: OrderState): boolean => WORKING_STATES.has(state);

/** The state after `event`, or null when the table has no such move (then nothing changes). */
export const nextState = (state: BaseState, event: OrderEvent): BaseState | null =>
  ORDER_MOVES[state][event] ?? null;

/** What a person sees: the base state, or the command under way on a working order. */
export const visibleState = (base: BaseState, pending: PendingCommand): OrderState => {
  if (pending === null || !isWorking(base)) return base;
  return pending === 'cancel' ? 'pending_cancel' : 'pending_update';
};

/** The `order_status` word of the OpenAlgo contract. */
export const openAlgoStatus = (
  state: OrderState,
): 'open' | 'trigger pending' | 'complete' | 'rejected' | 'cancelled' => {
  switch (state) {
    case 'queued':
    case 'submitted':
    case 'accepted':
    case 'triggered':
    case 'partially_filled':
    case 'pending_update':
    case 'pending_cancel':
      return 'open';
    case 'trigger_pending':
      return 'trigger pending';
    case 'filled':
      return 'complete';
    case 'rejected':
    case 'denied':
      return 'rejected';
    case 'canceled':
    case 'expired':
      return 'cancelled';
  }
};
