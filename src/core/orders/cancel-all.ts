import { isGatewayError } from '../domain/errors';
import type { Order } from '../domain/order';
import type { OrderServiceDeps } from './order-service';
import { routeOf } from './order-route';
import type { OrderRoute } from './order-route';
import type {
  CancelAllAnswer,
  Caller,
  CommandAnswer,
  OpenCancellation,
  OrderService,
} from './service-types';

interface Cancelling {
  withdraw(order: Order, caller: Caller): Promise<boolean>;
  cancel(order: Order, caller: Caller): Promise<CommandAnswer>;
}

type Ended = {
  readonly kind: 'canceled' | 'failed' | 'pending';
} & OpenCancellation;

/**
 * Cancels every open order of one account, waiting stops and orders placed elsewhere among them. What
 * is still queued goes first: it needs no call, and must not be sent while the others are cancelled.
 */
export const createCancelAll =
  (deps: OrderServiceDeps, cancelling: Cancelling): OrderService['cancelAll'] =>
  async (request, caller) => {
    const route = await routeOf(deps, request.account);
    const { accountId } = route.account;
    const open = (await deps.ledger.openOrders(accountId)).filter(
      (order) => request.strategy === null || order.strategy === request.strategy,
    );
    // Before anything is done: a read that fails afterwards would hide what was.
    const others = await leftAlone(deps, route);
    const waiting = open.filter((order) => order.state === 'queued');
    const withdrawn = await Promise.all(
      waiting.map((order) => withdrawOne(deps, cancelling, order, caller)),
    );
    const rest = open.filter((order) => !withdrawn.some((one) => one?.orderId === order.orderId));
    const ended = await Promise.all(
      rest.map((order) => cancelOne(deps, cancelling, order, caller)),
    );
    const of = (kind: Ended['kind']): readonly OpenCancellation[] =>
      ended.filter((one) => one.kind === kind);
    return {
      account: accountId,
      practice: route.account.twinOf !== null,
      canceled: [
        ...withdrawn.filter((order) => order !== null),
        ...of('canceled').map(({ order }) => order),
      ],
      failed: of('failed'),
      pending: of('pending'),
      leftAlone: others,
    } satisfies CancelAllAnswer;
  };

/** The order once it ended without a call, null when it must be cancelled at the broker. */
const withdrawOne = async (
  deps: OrderServiceDeps,
  cancelling: Cancelling,
  order: Order,
  caller: Caller,
): Promise<Order | null> => {
  try {
    if (!(await cancelling.withdraw(order, caller))) return null;
    return (await deps.ledger.order(order.orderId)) ?? order;
  } catch {
    // Tried again with the others, where what goes wrong is told.
    return null;
  }
};

const cancelOne = async (
  deps: OrderServiceDeps,
  cancelling: Cancelling,
  listed: Order,
  caller: Caller,
): Promise<Ended> => {
  try {
    // It may have moved since the list was read.
    const order = (await deps.ledger.order(listed.orderId)) ?? listed;
    if (order.state === 'canceled') return { kind: 'canceled', order, message: '' };
    return endOf(await cancelling.cancel(order, caller));
  } catch (error) {
    const order = await deps.ledger.order(listed.orderId).catch(() => null);
    if (order?.state === 'canceled') return { kind: 'canceled', order, message: '' };
    const message = isGatewayError(error) ? error.message : 'internal fault; look the order up';
    if (!isGatewayError(error)) {
      deps.logger.error({ orderId: listed.orderId, reason: String(error) }, 'not cancelled');
    }
    return { kind: 'failed', order: order ?? listed, message };
  }
};

const endOf = ({ order, command }: CommandAnswer): Ended => {
  if (command === null || order.state === 'canceled') {
    return { kind: 'canceled', order, message: '' };
  }
  switch (command.state) {
    case 'accepted':
      return { kind: 'canceled', order, message: '' };
    case 'rejected':
    case 'denied':
    case 'expired':
      return {
        kind: 'failed',
        order,
        message: command.reason ?? `the cancel was ${command.state}`,
      };
    case 'held':
      return {
        kind: 'pending',
        order,
        message:
          order.inDoubtSince === null
            ? 'remembered; it is sent once the broker’s id of the order is known'
            : 'the order is in doubt; its cancel is remembered and sent once the order is found',
      };
    case 'queued':
      return { kind: 'pending', order, message: 'waits to be sent' };
    case 'submitted':
    case 'in_doubt':
      return { kind: 'pending', order, message: 'the cancel was sent and is not confirmed' };
  }
};

/** Open orders where the account's new orders do not go now. */
const leftAlone = async (deps: OrderServiceDeps, route: OrderRoute): Promise<number> => {
  if (!route.switched) return 0;
  const other =
    route.account === route.asked ? await deps.accounts.knownTwin(route.asked) : route.asked;
  return other === null ? 0 : (await deps.ledger.openOrders(other.accountId)).length;
};
