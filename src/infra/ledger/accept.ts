import type { Command } from '../../core/domain/command';
import type { AccountId, EpochMs, OrderId } from '../../core/domain/ids';
import { orderId } from '../../core/domain/ids';
import type { InstrumentId } from '../../core/domain/instrument';
import type { ModifiableTerms, Order, Product } from '../../core/domain/order';
import { isTerminal } from '../../core/domain/order-state';
import type {
  Decide,
  IdempotencyKey,
  Intent,
  IntentFacts,
  IntentPlan,
  RecordedIntents,
} from '../../core/ports/ledger';
import type { ReceivedCall } from '../../core/ports/webhook-store';
import { absorbHeld } from './absorb-held';
import { termColumns } from './change';
import { netPosition } from './positions';
import { switchesOf } from './practice';
import { addReceived, repeatOf } from './received';
import { fromCommand, fromOrder, toCommand, toOrder } from './rows';
import type { CommandRow, OrderRow } from './schema';
import type { LedgerTables } from './tables';

/** How long a client order id protects its caller from a doubled request. */
const IDEMPOTENCY_DAYS = 30;
const DAY_MS = 86_400_000;

/** Writes new orders with their place commands, all or none; runs inside a transaction. */
export const recordIntents = (
  t: LedgerTables,
  intents: readonly Intent[],
  decide: Decide,
  received?: ReceivedCall,
): RecordedIntents => {
  const key = intents[0]?.idempotency ?? null;
  const at = intents[0]?.order.createdAt ?? 0;
  if (key === null && received !== undefined) {
    const earlier = repeatOf(t, received);
    if (earlier === 'undecided') return { kind: 'undecided' };
    if (earlier !== null) return { kind: 'replay', orderIds: earlier };
    addReceived(t, received, intents);
  }
  const seen = key === null ? null : recall(t, key, at);
  if (seen !== null) return seen;
  if (key !== null) remember(t, key, intents, at);
  for (const draft of intents) write(t, decide(draft, factsFor(t, draft.order)));
  return { kind: 'recorded' };
};

/** Makes orders from what is read here and writes them, all or none; runs inside a transaction. */
export const recordPlan = (t: LedgerTables, plan: IntentPlan): RecordedIntents => {
  const { idempotency: key, at } = plan;
  const seen = key === null ? null : recall(t, key, at);
  if (seen !== null) return seen;
  const intents = plan.make((account, instrument, product) =>
    factsOf(t, account, instrument, product, at),
  );
  if (key !== null && intents.length > 0) remember(t, key, intents, at);
  for (const intent of intents) write(t, intent);
  return { kind: 'recorded' };
};

/** What the key wrote before, null when it is new or too old to protect. */
const recall = (t: LedgerTables, key: IdempotencyKey, at: number): RecordedIntents | null => {
  const seen = t.file.all(
    t.sql
      .selectFrom('idempotency')
      .selectAll()
      .where('api_key_id', '=', key.apiKeyId)
      .where('client_order_id', '=', key.clientOrderId),
  )[0];
  if (seen === undefined || seen.created_at <= at - IDEMPOTENCY_DAYS * DAY_MS) return null;
  if (seen.request_hash !== key.requestHash) return { kind: 'conflict' };
  return { kind: 'replay', orderIds: seen.order_ids.split(',').map(orderId) };
};

const remember = (
  t: LedgerTables,
  key: IdempotencyKey,
  intents: readonly Intent[],
  at: number,
): void => {
  t.file.run(
    t.sql
      .insertInto('idempotency')
      .values({
        api_key_id: key.apiKeyId,
        client_order_id: key.clientOrderId,
        request_hash: key.requestHash,
        order_ids: intents.map((intent) => intent.order.orderId).join(','),
        created_at: at,
      })
      .onConflict((conflict) =>
        conflict.columns(['api_key_id', 'client_order_id']).doUpdateSet((eb) => ({
          request_hash: eb.ref('excluded.request_hash'),
          order_ids: eb.ref('excluded.order_ids'),
          created_at: eb.ref('excluded.created_at'),
        })),
      ),
  );
};

const write = (t: LedgerTables, { order, command }: Intent): void => {
  t.file.insert('orders', fromOrder(order));
  t.file.insert('commands', fromCommand(command));
  t.event(order.orderId, command.n, order.createdAt, 'intent', {
    terms: order.terms,
    account: order.accountId,
    strategy: order.strategy,
    isExit: order.isExit,
    ...(order.practice ? { practice: true } : {}),
    correlationId: order.correlationId,
    deadlineAt: command.deadlineAt,
  });
};

const factsFor = (t: LedgerTables, order: Intent['order']): IntentFacts =>
  factsOf(t, order.accountId, order.terms.instrument, order.terms.product, order.createdAt);

const factsOf = (
  t: LedgerTables,
  account: AccountId,
  instrument: InstrumentId,
  product: Product,
  at: number,
): IntentFacts => {
  let openOrders: readonly Order[] | null = null;
  return {
    net: netPosition(t, account, { ...instrument, product }, at),
    // An entry into a flat position needs none of them, and behind a backlog they are thousands.
    get openOrders() {
      openOrders ??= t.openOrdersIn(account, instrument, product).map(toOrder);
      return openOrders;
    },
    stoppedReason: t.account(account)?.stopped_reason ?? null,
    ...switchesOf(t, account),
  };
};

/** Adds a modify or cancel under the order's next number; runs inside a transaction. */
export const recordCommand = (t: LedgerTables, command: Omit<Command, 'n'>): Command => {
  const last = t.file.all(
    t.sql
      .selectFrom('commands')
      .select('n')
      .where('order_id', '=', command.orderId)
      .orderBy('n', 'desc')
      .limit(1),
  )[0];
  const row = fromCommand({ ...command, n: (last?.n ?? 0) + 1 });
  t.file.insert('commands', row);
  t.event(row.order_id, row.n, row.created_at, 'command', {
    kind: row.kind,
    state: row.state,
    change: command.change,
    correlationId: row.correlation_id,
    deadlineAt: row.deadline_at,
  });
  return toCommand(row);
};

/** Ends a queued place without a call; false when it is no longer queued. */
export const cancelQueued = (
  t: LedgerTables,
  id: OrderId,
  at: EpochMs,
  reason: string,
  correlationId: string,
): boolean => {
  const order = t.order(id);
  const place = t.command(id, 1);
  if (order?.base_state !== 'queued' || place?.kind !== 'place' || !isUnsent(place.state)) {
    return false;
  }
  t.updateCommand(id, 1, { state: 'denied', settled_at: at, reason_code: 'WITHDRAWN', reason });
  const state = t.move(order, 'withdraw', at, { reason, correlationId });
  t.updateOrder(id, { base_state: state, reason_code: 'WITHDRAWN', reason }, at);
  return true;
};

const isUnsent = (state: Command['state']): boolean => state === 'queued' || state === 'held';

/** Rewrites a queued place without a call; false when it is no longer queued. */
export const modifyQueued = (
  t: LedgerTables,
  id: OrderId,
  change: ModifiableTerms,
  at: EpochMs,
  correlationId: string,
): boolean => {
  const order = t.order(id);
  const place = t.command(id, 1);
  if (order?.base_state !== 'queued' || place?.kind !== 'place' || !isUnsent(place.state)) {
    return false;
  }
  t.updateOrder(id, termColumns(change), at);
  t.event(id, 1, at, 'modified-while-queued', { change, correlationId });
  return true;
};

/** A modify or cancel: held -> queued once the order has a broker id and lives; -> denied once it is finished. */
export const releaseHeld = (t: LedgerTables, account: string, at: number): Command[] => {
  const held = t.commandsIn(account, 'held');
  const moved: Command[] = [];
  for (const row of held) {
    const order = t.order(row.order_id);
    // An earlier row of this loop may have ended it.
    const stillHeld = t.command(row.order_id, row.n)?.state === 'held';
    if (order === null || !stillHeld) continue;
    if (row.kind === 'place') {
      const released = releaseLeg(t, order, row, at);
      if (released !== null) moved.push(released);
      continue;
    }
    if (isTerminal(order.base_state)) {
      t.event(row.order_id, row.n, at, 'denied', { code: 'ORDER_CLOSED', state: order.base_state });
      moved.push(
        t.updateCommand(row.order_id, row.n, {
          state: 'denied',
          settled_at: at,
          reason_code: 'ORDER_CLOSED',
          reason: `the order is ${order.base_state}`,
        }),
      );
    } else if (order.base_state === 'queued') {
      moved.push(...absorbHeld(t, order, at));
    } else if (order.broker_order_id !== null) {
      t.event(row.order_id, row.n, at, 'released', {});
      moved.push(t.updateCommand(row.order_id, row.n, { state: 'queued' }));
    }
  }
  return moved;
};

/** A SELL leg goes once every BUY leg of its basket is accepted, and is denied once one was refused. */
const releaseLeg = (
  t: LedgerTables,
  order: OrderRow,
  place: CommandRow,
  at: number,
): Command | null => {
  const buys = t.file.all(
    t.sql
      .selectFrom('orders')
      .selectAll()
      .where('batch_id', '=', order.batch_id)
      .where('side', '=', 'BUY'),
  );
  const refused = buys.find(
    (buy) => isTerminal(buy.base_state) && buy.base_state !== 'filled' && buy.filled_quantity === 0,
  );
  if (refused !== undefined) {
    const reason = `leg ${String(refused.leg)} (BUY ${refused.symbol}) is ${refused.base_state}`;
    const state = t.move(order, 'deny', at, { code: 'BATCH_LEG_REFUSED' });
    t.updateOrder(
      order.order_id,
      { base_state: state, reason_code: 'BATCH_LEG_REFUSED', reason },
      at,
    );
    t.event(order.order_id, place.n, at, 'denied', { code: 'BATCH_LEG_REFUSED', reason });
    return t.updateCommand(order.order_id, place.n, {
      state: 'denied',
      settled_at: at,
      reason_code: 'BATCH_LEG_REFUSED',
      reason,
    });
  }
  if (buys.some((buy) => buy.broker_order_id === null)) return null;
  t.event(order.order_id, place.n, at, 'released', { batch: order.batch_id });
  return t.updateCommand(order.order_id, place.n, { state: 'queued' });
};
