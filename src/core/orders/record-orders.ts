import { GatewayError } from '../domain/errors';
import type { Order } from '../domain/order';
import type { Decide, Intent, RecordedIntents } from '../ports/ledger';
import type { ReceivedCall } from '../ports/webhook-store';
import { awaitOutcome, enqueue } from './await-outcome';
import type { OrderServiceDeps } from './order-service';
import type { Caller, CommandAnswer } from './service-types';

const LANES = ['urgent', 'normal'] as const;
/** How often it is looked whether another process has answered a call of the same bytes. */
const LOOK_AGAIN_MS = 50;

/**
 * Writes the orders of a call, once it is known whether the call is the repeat of one that another
 * process was answering: taken for a repeat too early, the second of two alerts that are both meant
 * would be lost; taken for a new one, an order would be doubled.
 */
export const recordOnce = async (
  deps: Pick<OrderServiceDeps, 'ledger' | 'clock'>,
  drafts: readonly Intent[],
  judge: Decide,
  received: ReceivedCall | undefined,
): Promise<RecordedIntents> => {
  for (;;) {
    const now = received === undefined ? undefined : { ...received, at: deps.clock.now() };
    const recorded = await deps.ledger.recordIntents(drafts, judge, now);
    // It ends with that process's answer, or when an answer would be overdue.
    if (recorded.kind !== 'undecided') return recorded;
    await deps.clock.sleep(LOOK_AGAIN_MS);
  }
};

interface Recorded {
  readonly orders: readonly Order[];
  /** They are those that the same key wrote before. */
  readonly replayed: boolean;
}

/** What follows a transaction that wrote orders, or found what its key wrote before: they are queued and told about. */
export const finishRecording = async (
  deps: OrderServiceDeps,
  recorded: RecordedIntents,
  written: readonly Intent[],
  caller: Caller,
  forced: ReadonlySet<string> = new Set(),
): Promise<Recorded> => {
  deps.crashPoint?.('after-intent');
  switch (recorded.kind) {
    case 'conflict':
      throw new GatewayError(
        'CLIENT_ORDER_ID_REUSED',
        'client_order_id: was used for a different request',
        { field: 'client_order_id' },
      );
    case 'replay': {
      const known = await Promise.all(recorded.orderIds.map((id) => deps.ledger.order(id)));
      return { orders: known.filter((order) => order !== null), replayed: true };
    }
    case 'undecided':
      throw new GatewayError('INTERNAL', 'orders were not written');
    case 'recorded':
      break;
  }
  if (written.length === 0) return { orders: [], replayed: false };
  deps.logger.info(
    {
      account: written[0]?.order.accountId,
      orders: written.length,
      correlationId: caller.correlationId,
    },
    'accepted',
  );
  // From here on nothing may throw: the caller would send again what is on disk.
  const ready = written.map((intent) => intent.command).filter((c) => c.state === 'queued');
  for (const lane of LANES) {
    await enqueue(
      deps,
      lane,
      ready.filter((command) => command.lane === lane),
    );
  }
  deps.crashPoint?.('after-queue');
  for (const { order } of written) {
    deps.metrics.orderMoved(order.accountId, 'queued');
    if (forced.has(order.orderId)) await auditForced(deps, order, caller);
  }
  return { orders: written.map((intent) => intent.order), replayed: false };
};

const auditForced = async (deps: OrderServiceDeps, order: Order, caller: Caller): Promise<void> => {
  const detail = { orderId: order.orderId, terms: order.terms };
  await deps.ledger
    .audit(order.createdAt, `key ${caller.apiKeyId}`, 'orders.force-exit', detail)
    .catch((error: unknown) => {
      deps.logger.error({ ...detail, reason: String(error) }, 'forced exit not audited');
    });
};

/** One answer per order, each once the broker answered or the wait is over. */
export const answersOf = (
  deps: OrderServiceDeps,
  orders: readonly Order[],
  written: readonly Intent[],
  caller: Caller,
  replayed: boolean,
): Promise<readonly CommandAnswer[]> =>
  Promise.all(
    orders.map(async (order) => {
      const known = written.find((intent) => intent.order.orderId === order.orderId)?.command;
      const [command] = known === undefined ? await deps.ledger.commandsOf(order.orderId) : [known];
      if (command === undefined) {
        throw new GatewayError('INTERNAL', 'an order has no place command');
      }
      return { ...(await awaitOutcome(deps, order, command, caller.waitMs)), replayed };
    }),
  );
