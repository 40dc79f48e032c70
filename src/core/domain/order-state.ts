/**
 * The life of an order. `pending_update` and `pending_cancel` are a working order with a command under
 * way; being in doubt is not a state but a time stamp beside it.
 */
export const ORDER_STATES = [
  'queued',
  'submitted',
  'accepted',
  'trigger_pending',
  'triggered',
  'partially_filled',
  'pending_update',
  'pending_cancel',
  'filled',
  'canceled',
  'rejected',
  'denied',
  'expired',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** What can happen to an order. `seen_*` are what a broker's book proved. */
export const ORDER_EVENTS = [
  'submit',
  'not_sent',
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
  'cancel_sent',
  'update_sent',
  'command_failed',
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

type Moves = Readonly<Partial<Record<OrderEvent, OrderState>>>;

/** Moves that any broker evidence may cause on an order that is not finished. */
const PROVEN: Moves = {
  seen_filled: 'filled',
  seen_canceled: 'canceled',
  seen_rejected: 'rejected',
  seen_expired: 'expired',
};
const WORKING: Moves = {
  ...PROVEN,
  seen_partial: 'partially_filled',
  cancel_sent: 'pending_cancel',
  update_sent: 'pending_update',
};
const BEFORE_ACCEPT: Moves = {
  ...PROVEN,
  accept: 'accepted',
  seen_open: 'accepted',
  seen_trigger_pending: 'trigger_pending',
  seen_triggered: 'triggered',
  seen_partial: 'partially_filled',
};

/**
 * Every legal move; anything else is logged and ignored. Evidence only moves an order forward, so
 * duplicated or reordered reports end in the same state. A finished order stays finished, except:
 * fills that prove it complete, and a denied order that the book shows after all.
 */
export const ORDER_MOVES: Readonly<Record<OrderState, Moves>> = {
  queued: {
    ...BEFORE_ACCEPT,
    submit: 'submitted',
    deny: 'denied',
    expire: 'expired',
    seen_canceled: 'canceled',
  },
  submitted: {
    ...BEFORE_ACCEPT,
    not_sent: 'queued',
    deny: 'denied',
    absent: 'denied',
    reject: 'rejected',
  },
  accepted: { ...WORKING, seen_trigger_pending: 'trigger_pending', seen_triggered: 'triggered' },
  trigger_pending: { ...WORKING, seen_triggered: 'triggered' },
  triggered: WORKING,
  partially_filled: WORKING,
  // Where a failed command leads back to is derived from the facts on the row (see resumeState).
  pending_update: { ...PROVEN, cancel_sent: 'pending_cancel' },
  pending_cancel: { ...PROVEN, update_sent: 'pending_update' },
  filled: {},
  canceled: { seen_filled: 'filled' },
  rejected: { seen_filled: 'filled' },
  expired: { seen_filled: 'filled' },
  denied: BEFORE_ACCEPT,
};

const TERMINAL: ReadonlySet<OrderState> = new Set([
  'filled',
  'canceled',
  'rejected',
  'denied',
  'expired',
]);
export const isTerminal = (state: OrderState): boolean => TERMINAL.has(state);

const WORKING_STATES: ReadonlySet<OrderState> = new Set([
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
export const nextState = (state: OrderState, event: OrderEvent): OrderState | null =>
  ORDER_MOVES[state][event] ?? null;

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
