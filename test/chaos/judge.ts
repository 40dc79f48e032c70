import { isTerminal } from '../../src/core/domain/order-state';
import type { OrderState } from '../../src/core/domain/order-state';
import type { TrueEvent } from '../../src/simulators/core/event-log';
import type { NeutralOrder } from '../../src/simulators/neutral/wire';
import { idsIn } from './sender';
import type { Change, Intent } from './sender';

/** A row of the gateway's order book, as far as it is judged. */
export interface Row {
  readonly orderid: string;
  readonly strategy: string;
  readonly state: OrderState;
  readonly in_doubt: boolean;
  readonly pricetype: string;
  readonly action: 'BUY' | 'SELL';
  readonly broker_order_id: string | null;
  readonly quantity: number;
  readonly filled_quantity: number;
  readonly price: number;
  readonly trigger_price: number;
}
/** A command of an order, as its explain page has it. */
export interface CommandFact {
  readonly orderId: string;
  readonly kind: 'place' | 'modify' | 'cancel';
  readonly state: string;
  readonly settledAt: number | null;
}

/** One move of an order's state. */
export interface MoveFact {
  readonly orderId: string;
  readonly from: OrderState;
  readonly to: OrderState;
}

/** Everything that is known when a run is judged. */
export interface Facts {
  readonly intents: readonly Intent[];
  readonly changes: readonly Change[];
  readonly rows: readonly Row[];
  readonly commands: readonly CommandFact[];
  readonly history: readonly MoveFact[];
  readonly placements: readonly TrueEvent[];
  readonly book: readonly NeutralOrder[];
  /** Orders whose doubt was made an alarm. */
  readonly alarms: ReadonlySet<string>;
  /** Whether the broker's book may have lost a tag. */
  readonly tagsMayBeLost: boolean;
  /** The limit as which a MARKET order goes to a broker without market orders; null elsewhere. */
  readonly marketLimits: Readonly<Record<Row['action'], number>> | null;
  /** Whether the broker's book says that a stop's trigger was reached before any of it is filled. */
  readonly bookTellsTriggers: boolean;
  readonly stoppedReason: string | null;
  /** Calls that the broker refused because they came too fast. */
  readonly overLimit: number;
}

export type Verdict = 'doubled' | 'lost' | 'unsettled' | 'over limit';
export interface Failure {
  readonly verdict: Verdict;
  readonly text: string;
  readonly orderId: string | null;
}

/** What is wrong; empty when every intent came to exactly what the broker has. */
export const judge = (facts: Facts): readonly Failure[] => [
  ...doubled(facts),
  ...phantoms(facts),
  ...facts.intents.flatMap((intent) => judgeIntent(facts, intent)),
  ...facts.rows.flatMap((row) => judgeRow(facts, row)),
  ...facts.commands.flatMap((command) => judgeCommand(facts, command)),
  ...facts.history.flatMap(judgeMove),
  ...facts.changes.flatMap((change) => judgeChange(facts, change)),
  ...(facts.stoppedReason === null
    ? []
    : [fail('unsettled', `entries were stopped: ${facts.stoppedReason}`)]),
  ...(facts.overLimit === 0 ? [] : [fail('over limit', `${String(facts.overLimit)} calls`)]),
];

const fail = (verdict: Verdict, text: string, orderId: string | null = null): Failure => ({
  verdict,
  text,
  orderId,
});

const tagOf = (orderId: string): string => `TRN${orderId}`;
const placedAs = (facts: Facts, orderId: string): readonly TrueEvent[] =>
  facts.placements.filter((event) => event.tag === tagOf(orderId));

/** More placements than orders asked for, by order and by intent. */
const doubled = (facts: Facts): readonly Failure[] => [
  ...[...Map.groupBy(facts.placements, (event) => event.tag)]
    .filter(([, events]) => events.length > 1)
    .map(([tag, events]) =>
      fail(
        'doubled',
        `${String(events.length)} placements of ${String(tag)}`,
        tag?.slice(3) ?? null,
      ),
    ),
  ...facts.intents.flatMap((intent) => {
    const orders = facts.rows.filter((row) => row.strategy === intent.name);
    if (orders.length <= intent.legs) return [];
    const text = `${intent.name} asked for ${String(intent.legs)} and became ${String(orders.length)} orders`;
    return [fail('doubled', text, orders[0]?.orderid ?? null)];
  }),
];

/** Placements that the gateway does not know as its own. */
const phantoms = (facts: Facts): readonly Failure[] =>
  facts.placements
    .filter((event) => !facts.rows.some((row) => tagOf(row.orderid) === event.tag))
    .map((event) => fail('lost', `placement ${event.brokerOrderId} belongs to no order`));

/** What a sender was promised: one id per order for ever, and an order behind each. */
const judgeIntent = (facts: Facts, intent: Intent): readonly Failure[] => {
  const named = new Set(intent.answers.flatMap(idsIn));
  const promised = new Set(intent.answers.filter((answer) => answer.status === 200).flatMap(idsIn));
  const failures: Failure[] = [];
  if (named.size > intent.legs) {
    failures.push(fail('doubled', `${intent.name} was answered with ${[...named].join(' and ')}`));
  }
  for (const id of promised) {
    const row = facts.rows.find((candidate) => candidate.orderid === id);
    if (row === undefined) {
      failures.push(fail('lost', `${id} was acknowledged and is unknown`, id));
    } else if (row.strategy !== intent.name) {
      failures.push(
        fail('lost', `${id} was acknowledged for ${intent.name}, is ${row.strategy}`, id),
      );
    }
  }
  return failures;
};

const STATES: Readonly<Record<NeutralOrder['status'], readonly OrderState[]>> = {
  open: ['accepted', 'partially_filled', 'triggered'],
  trigger_pending: ['trigger_pending'],
  triggered: ['triggered', 'partially_filled'],
  complete: ['filled'],
  cancelled: ['canceled'],
  rejected: ['rejected'],
  expired: ['expired'],
};

/** The states in which an order may be that the broker has so. */
const statesOf = (facts: Facts, truth: NeutralOrder): readonly OrderState[] =>
  truth.status === 'triggered' && truth.filled_quantity === 0 && !facts.bookTellsTriggers
    ? ['trigger_pending']
    : STATES[truth.status];

const judgeRow = (facts: Facts, row: Row): readonly Failure[] => {
  const id = row.orderid;
  const placed = placedAs(facts, id)[0];
  const at = placed?.brokerOrderId ?? row.broker_order_id;
  const truth = facts.book.find((order) => order.order_id === at);
  if (row.in_doubt) return judgeDoubt(facts, row, placed);
  if (placed === undefined && row.strategy !== '') {
    if (isTerminal(row.state) && row.state !== 'filled' && row.broker_order_id === null) return [];
    const word: Verdict = isTerminal(row.state) || row.state === 'accepted' ? 'lost' : 'unsettled';
    return [fail(word, `${id} is ${row.state} and was never placed`, id)];
  }
  if (truth === undefined) return [fail('lost', `${id} is in no book`, id)];
  if (isTerminal(row.state) && row.broker_order_id === null) {
    return [
      fail('lost', `${id} is ${row.state}, the broker has ${truth.order_id} ${truth.status}`, id),
    ];
  }
  if (row.broker_order_id !== truth.order_id || !statesOf(facts, truth).includes(row.state)) {
    const ours = `${row.state} ${row.broker_order_id ?? 'without id'}`;
    const word: Verdict = isTerminal(row.state) ? 'lost' : 'unsettled';
    return [fail(word, `${id} is ${ours}, the broker has ${truth.order_id} ${truth.status}`, id)];
  }
  const differing = differences(facts, row, truth);
  return differing === '' ? [] : [fail('unsettled', `${id}: ${differing}`, id)];
};

const differences = (facts: Facts, row: Row, truth: NeutralOrder): string => {
  const emulated = row.pricetype === 'MARKET' ? facts.marketLimits?.[row.action] : undefined;
  const pairs: readonly (readonly [string, number, number])[] = [
    ['quantity', row.quantity, truth.quantity],
    ['filled', row.filled_quantity, truth.filled_quantity],
    ['price', emulated ?? row.price, Number(truth.price ?? 0)],
    ['trigger', row.trigger_price, Number(truth.trigger_price ?? 0)],
  ];
  return pairs
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([name, ours, theirs]) => `${name} ${String(ours)}, at the broker ${String(theirs)}`)
    .join('; ');
};

/** Doubt may last only where the broker's book itself cannot tell, and then it has to be an alarm. */
const judgeDoubt = (facts: Facts, row: Row, placed: TrueEvent | undefined): readonly Failure[] => {
  const id = row.orderid;
  const truth = facts.book.find((order) => order.order_id === placed?.brokerOrderId);
  const untold = placed === undefined || truth?.tag === '';
  if (!facts.tagsMayBeLost || !untold || row.broker_order_id !== null) {
    return [fail('unsettled', `${id} is in doubt though the broker's book tells`, id)];
  }
  return facts.alarms.has(id) ? [] : [fail('unsettled', `${id} is in doubt without an alarm`, id)];
};

/** Whoever is told that an order never was at the broker may place another: it must not come back. */
const judgeMove = ({ orderId, from, to }: MoveFact): readonly Failure[] =>
  from === 'denied' || (from === 'expired' && to !== 'filled')
    ? [fail('lost', `${orderId} was called ${from} and came back as ${to}`, orderId)]
    : [];

const SETTLED = ['accepted', 'rejected', 'denied', 'expired'];

const judgeCommand = (facts: Facts, command: CommandFact): readonly Failure[] => {
  const row = facts.rows.find((candidate) => candidate.orderid === command.orderId);
  if (row?.in_doubt === true) return [];
  const { orderId, kind, state } = command;
  if (!SETTLED.includes(state) || command.settledAt === null) {
    return [fail('unsettled', `the ${kind} of ${orderId} is ${state}`, orderId)];
  }
  // Cancelled while it still waited: nothing was sent, neither the order nor its cancel.
  if (kind === 'cancel' && row?.state === 'canceled' && placedAs(facts, orderId).length === 0) {
    return [];
  }
  const truth = facts.book.find((order) => order.order_id === row?.broker_order_id);
  if (kind === 'cancel' && state === 'accepted' && truth?.status !== 'cancelled') {
    const text = `the cancel of ${orderId} is called done, the broker has ${String(truth?.status)}`;
    return [fail('lost', text, orderId)];
  }
  return [];
};

/** An acknowledged change has its command, or changed the order while it was queued. */
const judgeChange = (facts: Facts, change: Change): readonly Failure[] => {
  if (change.answer?.status !== 200 || change.answer.json['command_state'] === undefined) return [];
  const { orderId, kind } = change;
  const own = facts.commands.filter((one) => one.orderId === orderId && one.kind === kind);
  return own.length > 0
    ? []
    : [fail('lost', `the acknowledged ${kind} of ${orderId} is gone`, orderId)];
};
