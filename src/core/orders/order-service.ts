import { isSettled } from '../domain/command';
import type { Command } from '../domain/command';
import { GatewayError, isGatewayError } from '../domain/errors';
import { brokerOrderId, epochMs } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { ModifiableTerms, Order } from '../domain/order';
import { isTerminal } from '../domain/order-state';
import type { InstrumentLookup } from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { Decide, Intent, Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { CommandQueue } from '../ports/queue';
import type { Accounts } from '../sessions/accounts';
import type { SessionGate } from '../sessions/session-gate';
import { awaitOutcome, enqueue } from './await-outcome';
import type { CrashPoint } from './dispatcher';
import { createCancelAll } from './cancel-all';
import { blankCommand, decide, draftIntents, judgeBySum } from './intents';
import { requireMayGrow } from './growth';
import { onRoute, requireRoute } from './order-route';
import type { OrderRoute } from './order-route';
import { checkOrder, checkTerms, requireInstrument } from './pretrade-check';
import { answersOf, finishRecording, recordOnce } from './record-orders';
import type {
  BasketRequest,
  Caller,
  CommandAnswer,
  ModifyRequest,
  OrderService,
  PlaceRequest,
} from './service-types';

export interface OrderServiceDeps {
  readonly ledger: Ledger;
  readonly queue: Pick<CommandQueue, 'add'>;
  readonly bus: Bus;
  readonly accounts: Accounts;
  readonly sessions: Pick<SessionGate, 'refusal'>;
  readonly instruments: InstrumentLookup;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How long an entry may wait to be sent, milliseconds. */
  readonly entryDeadlineMs: number;
  /** The same for cancels and exits: longer, because not sending them is the worse fault. */
  readonly exitDeadlineMs: number;
  /** Called at named instants of the way in; only fault tests pass one that does something. */
  readonly crashPoint?: (name: CrashPoint) => void;
}

/** The way in: parse is done, here an order is checked, written to disk, queued and waited for. */
export const createOrderService = (deps: OrderServiceDeps): OrderService => {
  const { ledger, accounts, clock } = deps;

  /** The order wherever it lives: in the account, or in the practice twin that took its new orders. */
  const findFor = async (selector: string | null, id: string): Promise<Order> => {
    const account = await accounts.resolve(selector);
    const own = await ledger.findOrder(account.accountId, id);
    if (own !== null) return own;
    const twin = accounts.needsLive(account) ? await accounts.knownTwin(account) : null;
    const practised = twin === null ? null : await ledger.findOrder(twin.accountId, id);
    if (practised === null) throw new GatewayError('ORDER_NOT_FOUND', `Order ${id} not found`);
    return practised;
  };

  const again = async (order: Order): Promise<Order> =>
    (await ledger.order(order.orderId)) ?? order;

  /** A change of an order that left needs the broker. @throws GatewayError NO_SESSION */
  const requireSession = async (order: Order): Promise<void> => {
    const refusal = await deps.sessions.refusal(await accounts.resolve(order.accountId));
    if (refusal !== null) throw refusal;
  };

  const placeOn = async (
    route: OrderRoute,
    request: BasketRequest,
    caller: Caller,
    nameOf: FieldName,
  ): Promise<readonly CommandAnswer[]> => {
    const startedAt = clock.monotonic();
    const { account, asked } = route;
    // Practice is worth something only if it refuses what the real broker would.
    for (const { capabilities } of new Set([accounts.module(asked), accounts.module(account)])) {
      for (const [index, leg] of request.legs.entries()) {
        const named = (field: string): string => nameOf(index, field);
        inLeg(named, () => {
          const instrument = requireInstrument(deps.instruments, leg.terms.instrument);
          checkOrder(leg.terms, instrument, capabilities, leg.smart);
        });
      }
    }
    const drafts = draftIntents(deps, account, request, caller, asked);
    const forced = new Set<string>(
      drafts
        .filter((_, index) => request.legs[index]?.forceExit === true)
        .map((draft) => draft.order.orderId),
    );
    const total = request.legs.reduce((sum, leg) => sum + leg.terms.quantity, 0);
    const judge = request.split === true ? judgeBySum(total) : undefined;
    const written: Intent[] = [];
    const refusal = await deps.sessions.refusal(account);
    deps.crashPoint?.('before-intent');
    const judgeLeg: Decide = (draft, facts) => {
      requireRoute(route, facts);
      // Here and not before: the repeat of a call that was accepted must find its orders.
      if (refusal !== null) throw refusal;
      const order = { ...draft.order, practice: draft.order.practice || facts.analyzing };
      const intent = decide(
        { ...draft, order },
        facts,
        deps,
        forced.has(draft.order.orderId),
        judge,
      );
      written.push(intent);
      return intent;
    };
    const recorded = await recordOnce(deps, drafts, judgeLeg, caller.received);
    const { orders, replayed } = await finishRecording(deps, recorded, written, caller, forced);
    deps.metrics.stage(account.accountId, 'accept', (clock.monotonic() - startedAt) / 1000);
    return answersOf(deps, orders, written, caller, replayed);
  };

  const placeLegs = (
    request: BasketRequest,
    caller: Caller,
    nameOf: FieldName,
  ): Promise<readonly CommandAnswer[]> =>
    onRoute(deps, request.account, (route) => placeOn(route, request, caller, nameOf));

  const place = async (request: PlaceRequest, caller: Caller): Promise<CommandAnswer> => {
    const { account, clientOrderId, terms, strategy } = request;
    const legs = [
      { terms, strategy, smart: request.smart ?? null, forceExit: request.forceExit === true },
    ];
    const [answer] = await placeLegs(
      { account, clientOrderId, legs, sellsAfterBuys: false },
      caller,
      (_leg, field) => field,
    );
    if (answer === undefined) throw new GatewayError('INTERNAL', 'the replayed order is missing');
    return answer;
  };

  const modify = async (request: ModifyRequest, caller: Caller): Promise<CommandAnswer> => {
    const order = await findFor(request.account, request.orderId);
    const { capabilities } = accounts.module(await accounts.resolve(order.accountId));
    requireSame(order, request);
    if (isTerminal(order.state)) {
      throw new GatewayError('ORDER_CLOSED', `Order ${order.orderId} is ${order.state}`);
    }
    if (!capabilities.canModify) {
      throw new GatewayError('UNSUPPORTED', 'The broker cannot modify orders');
    }
    const instrument = requireInstrument(deps.instruments, order.terms.instrument);
    checkTerms(request.change, instrument, capabilities);
    if (request.change.quantity <= order.filledQuantity) {
      throw new GatewayError(
        'ORDER_NOT_MODIFIABLE',
        `quantity: ${String(order.filledQuantity)} is filled already`,
        { field: 'quantity' },
      );
    }
    if (sameTerms(order.terms, request.change)) {
      throw new GatewayError('ORDER_NOT_MODIFIABLE', 'Nothing would change');
    }
    await requireMayGrow(ledger, order, request.change.quantity);
    const at = clock.now();
    if (order.state === 'queued' && order.smart !== null) {
      throw new GatewayError(
        'ORDER_NOT_MODIFIABLE',
        'The quantity of a smart order is worked out when it is sent; cancel it and place anew',
      );
    }
    if (order.state === 'queued') {
      const done = await ledger.modifyQueued(
        order.orderId,
        request.change,
        at,
        caller.correlationId,
      );
      if (done) return { order: await again(order), command: null, replayed: false };
    }
    await refuseIfUnderWay(ledger, order, 'modify');
    await requireSession(order);
    const lane = order.isExit ? 'urgent' : 'normal';
    return recordChange(deps, order, { kind: 'modify', lane, change: request.change }, caller);
  };

  /** Ends a queued order without a call; false when it is no longer queued. */
  const withdraw = async (order: Order, caller: Caller): Promise<boolean> => {
    const reason = 'cancelled before it was sent';
    const at = clock.now();
    if (!(await ledger.cancelQueued(order.orderId, at, reason, caller.correlationId))) return false;
    deps.bus.publish({ kind: 'order', accountId: order.accountId, orderId: order.orderId });
    return true;
  };

  const cancelOrder = async (order: Order, caller: Caller): Promise<CommandAnswer> => {
    if (isTerminal(order.state)) {
      throw new GatewayError('ORDER_CLOSED', `Order ${order.orderId} is ${order.state}`);
    }
    if (order.state === 'queued' && (await withdraw(order, caller))) {
      return { order: await again(order), command: null, replayed: false };
    }
    const open = await refuseIfUnderWay(ledger, order, 'cancel');
    if (open !== null) return awaitOutcome(deps, order, open, caller.waitMs);
    await requireSession(order);
    return recordChange(deps, order, { kind: 'cancel', lane: 'urgent', change: null }, caller);
  };

  return {
    place,
    placeBasket: (request, caller) =>
      placeLegs(
        request,
        caller,
        request.split === true
          ? splitField(request.legs.length)
          : (leg, field) => `orders[${String(leg)}].${field}`,
      ),
    modify,
    cancel: async (request, caller) =>
      cancelOrder(await findFor(request.account, request.orderId), caller),
    cancelAll: createCancelAll(deps, { withdraw, cancel: cancelOrder }),
    find: findFor,
    resolve: async (id, verdict, actor) => {
      const word =
        'adopt' in verdict
          ? { adopt: brokerOrderId(verdict.adopt) }
          : { notPlaced: verdict.notPlaced };
      const order = await ledger.resolveDoubt(id, word, clock.now(), actor);
      deps.bus.publish({ kind: 'order', accountId: order.accountId, orderId: id });
      deps.bus.publish({ kind: 'hint', accountId: order.accountId });
      return order;
    },
  };
};

/** What the caller calls a field of one leg. */
type FieldName = (leg: number, field: string) => string;

/** The children of a split have the quantity of `splitsize`, but for the last, which has the rest. */
const splitField =
  (children: number): FieldName =>
  (leg, field) =>
    field === 'quantity' && leg < children - 1 ? 'splitsize' : field;

/** Runs the check of one leg, whose refusal then names the field as the caller knows it. */
const inLeg = (named: (field: string) => string, check: () => void): void => {
  try {
    check();
  } catch (error) {
    if (!isGatewayError(error) || error.field === null) throw error;
    const { code, field, message } = error;
    const text = message.startsWith(field) ? named(field) + message.slice(field.length) : message;
    throw new GatewayError(code, text, { field: named(field), cause: error });
  }
};

const requireSame = (order: Order, request: ModifyRequest): void => {
  const { instrument, side, product } = request.expected;
  const wrong =
    instrumentKey(order.terms.instrument) !== instrumentKey(instrument)
      ? 'symbol'
      : order.terms.side !== side
        ? 'action'
        : order.terms.product !== product
          ? 'product'
          : null;
  if (wrong === null) return;
  throw new GatewayError(
    'ORDER_NOT_MODIFIABLE',
    `${wrong}: differs from the order; only price, trigger_price, quantity, disclosed_quantity and pricetype can change`,
    { field: wrong },
  );
};

const sameTerms = (a: ModifiableTerms, b: ModifiableTerms): boolean =>
  a.orderType === b.orderType &&
  a.quantity === b.quantity &&
  a.limitPrice === b.limitPrice &&
  a.triggerPrice === b.triggerPrice &&
  a.disclosedQuantity === b.disclosedQuantity;

/** The cancel that is already under way, null when there is none. @throws GatewayError COMMAND_PENDING when a modify meets an open command */
const refuseIfUnderWay = async (
  ledger: Ledger,
  order: Order,
  kind: 'modify' | 'cancel',
): Promise<Command | null> => {
  const commands = await ledger.commandsOf(order.orderId);
  const open = commands.filter((command) => command.kind !== 'place' && !isSettled(command.state));
  if (kind === 'cancel') return open.find((command) => command.kind === 'cancel') ?? null;
  if (open.length === 0) return null;
  throw new GatewayError('COMMAND_PENDING', `Order ${order.orderId} is being changed already`);
};

/** Writes a modify or cancel; it is held while the broker's id is not known. */
const recordChange = async (
  deps: OrderServiceDeps,
  order: Order,
  command: Pick<Command, 'kind' | 'lane' | 'change'>,
  caller: Caller,
): Promise<CommandAnswer> => {
  const at = deps.clock.now();
  const deadlineAt = epochMs(at + deps.exitDeadlineMs);
  deps.crashPoint?.('before-intent');
  const recorded = await deps.ledger.recordCommand({
    ...blankCommand(order, caller.correlationId, deadlineAt, at),
    ...command,
    state: order.brokerOrderId === null ? 'held' : 'queued',
  });
  deps.crashPoint?.('after-intent');
  if (recorded.state === 'queued') await enqueue(deps, recorded.lane, [recorded]);
  deps.crashPoint?.('after-queue');
  return awaitOutcome(deps, order, recorded, caller.waitMs);
};
