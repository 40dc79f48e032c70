import type { Account } from '../domain/account';
import { isSettled } from '../domain/command';
import type { Command } from '../domain/command';
import { GatewayError, isGatewayError } from '../domain/errors';
import { brokerOrderId, epochMs } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type { ModifiableTerms, Order } from '../domain/order';
import { isTerminal } from '../domain/order-state';
import type { InstrumentLookup } from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { Intent, Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { CommandQueue } from '../ports/queue';
import type { Accounts } from '../sessions/accounts';
import { awaitOutcome, enqueue } from './await-outcome';
import type { CrashPoint } from './dispatcher';
import { blankCommand, decide, draftIntents } from './intents';
import { checkOrder, checkTerms } from './pretrade-check';
import type {
  BasketRequest,
  Caller,
  CancelRequest,
  CommandAnswer,
  ModifyRequest,
  OrderService,
  PlaceRequest,
} from './service-types';

export interface OrderServiceDeps {
  readonly ledger: Ledger;
  readonly queue: CommandQueue;
  readonly bus: Bus;
  readonly accounts: Accounts;
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

const LANES = ['urgent', 'normal'] as const;

/** The way in: parse is done, here an order is checked, written to disk, queued and waited for. */
export const createOrderService = (deps: OrderServiceDeps): OrderService => {
  const { ledger, accounts, clock } = deps;

  const findIn = async (account: Account, id: string): Promise<Order> => {
    const order = await ledger.findOrder(account.accountId, id);
    if (order === null) throw new GatewayError('ORDER_NOT_FOUND', `Order ${id} not found`);
    return order;
  };

  /** Writes all legs in one transaction under one key, or finds what that key wrote before. */
  const record = async (
    account: Account,
    drafts: readonly Intent[],
    caller: Caller,
    forced: ReadonlySet<string>,
  ): Promise<{ readonly orders: readonly Order[]; readonly replayed: boolean }> => {
    const written: Intent[] = [];
    deps.crashPoint?.('before-intent');
    const recorded = await ledger.recordIntents(drafts, (draft, facts) => {
      const intent = decide(draft, facts, deps, forced.has(draft.order.orderId));
      written.push(intent);
      return intent;
    });
    deps.crashPoint?.('after-intent');
    switch (recorded.kind) {
      case 'conflict':
        throw new GatewayError(
          'CLIENT_ORDER_ID_REUSED',
          'client_order_id: was used for a different request',
          { field: 'client_order_id' },
        );
      case 'replay': {
        const known = await Promise.all(recorded.orderIds.map((id) => ledger.order(id)));
        return { orders: known.filter((order) => order !== null), replayed: true };
      }
      case 'recorded':
        break;
    }
    deps.logger.info(
      { account: account.accountId, orders: written.length, correlationId: caller.correlationId },
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
      deps.metrics.orderMoved(account.accountId, 'queued');
      if (!forced.has(order.orderId)) continue;
      const detail = { orderId: order.orderId, terms: order.terms };
      await ledger
        .audit(order.createdAt, `key ${caller.apiKeyId}`, 'orders.force-exit', detail)
        .catch((error: unknown) => {
          deps.logger.error({ ...detail, reason: String(error) }, 'forced exit not audited');
        });
    }
    return { orders: written.map((intent) => intent.order), replayed: false };
  };

  const placeLegs = async (
    request: BasketRequest,
    caller: Caller,
    /** Stands before a field's name in a refusal; empty for an order that came alone. */
    prefixOf: (leg: number) => string,
  ): Promise<readonly CommandAnswer[]> => {
    const startedAt = clock.monotonic();
    const account = await accounts.resolve(request.account);
    const { capabilities } = accounts.module(account);
    for (const [index, leg] of request.legs.entries()) {
      inLeg(prefixOf(index), () => {
        const instrument = requireInstrument(deps.instruments, leg.terms.instrument);
        checkOrder(leg.terms, instrument, capabilities, leg.smart);
      });
    }
    const drafts = draftIntents(deps, account, request, caller);
    const forced = new Set<string>(
      drafts
        .filter((_, index) => request.legs[index]?.forceExit === true)
        .map((draft) => draft.order.orderId),
    );
    const { orders, replayed } = await record(account, drafts, caller, forced);
    deps.metrics.stage(account.accountId, 'accept', (clock.monotonic() - startedAt) / 1000);
    const answers = orders.map(async (order) => {
      const place = drafts.find((draft) => draft.order.orderId === order.orderId)?.command;
      const [command] = place === undefined ? await ledger.commandsOf(order.orderId) : [place];
      if (command === undefined)
        throw new GatewayError('INTERNAL', 'an order has no place command');
      return { ...(await awaitOutcome(deps, order, command, caller.waitMs)), replayed };
    });
    return Promise.all(answers);
  };

  const place = async (request: PlaceRequest, caller: Caller): Promise<CommandAnswer> => {
    const { account, clientOrderId, terms, strategy } = request;
    const legs = [
      { terms, strategy, smart: request.smart ?? null, forceExit: request.forceExit === true },
    ];
    const [answer] = await placeLegs(
      { account, clientOrderId, legs, sellsAfterBuys: false },
      caller,
      () => '',
    );
    if (answer === undefined) throw new GatewayError('INTERNAL', 'the replayed order is missing');
    return answer;
  };

  const modify = async (request: ModifyRequest, caller: Caller): Promise<CommandAnswer> => {
    const account = await accounts.resolve(request.account);
    const order = await findIn(account, request.orderId);
    const { capabilities } = accounts.module(account);
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
      if (done)
        return { order: await findIn(account, order.orderId), command: null, replayed: false };
    }
    await refuseIfUnderWay(ledger, order, 'modify');
    const lane = order.isExit ? 'urgent' : 'normal';
    return recordChange(deps, order, { kind: 'modify', lane, change: request.change }, caller);
  };

  const cancel = async (request: CancelRequest, caller: Caller): Promise<CommandAnswer> => {
    const account = await accounts.resolve(request.account);
    const order = await findIn(account, request.orderId);
    if (isTerminal(order.state)) {
      throw new GatewayError('ORDER_CLOSED', `Order ${order.orderId} is ${order.state}`);
    }
    if (order.state === 'queued') {
      const reason = 'cancelled before it was sent';
      if (await ledger.cancelQueued(order.orderId, clock.now(), reason, caller.correlationId)) {
        deps.bus.publish({ kind: 'order', accountId: account.accountId, orderId: order.orderId });
        return { order: await findIn(account, order.orderId), command: null, replayed: false };
      }
    }
    const open = await refuseIfUnderWay(ledger, order, 'cancel');
    if (open !== null) return awaitOutcome(deps, order, open, caller.waitMs);
    return recordChange(deps, order, { kind: 'cancel', lane: 'urgent', change: null }, caller);
  };

  return {
    place,
    placeBasket: (request, caller) =>
      placeLegs(request, caller, (leg) => `orders[${String(leg)}].`),
    modify,
    cancel,
    find: async (account, id) => findIn(await accounts.resolve(account), id),
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

/** Runs the check of one leg, whose refusal then names the leg too. */
const inLeg = (prefix: string, check: () => void): void => {
  try {
    check();
  } catch (error) {
    if (!isGatewayError(error) || error.field === null) throw error;
    throw new GatewayError(error.code, prefix + error.message, {
      field: prefix + error.field,
      cause: error,
    });
  }
};

const requireInstrument = (instruments: InstrumentLookup, id: InstrumentId): Instrument => {
  const found = instruments.find(id);
  if (found !== null) return found;
  throw new GatewayError(
    'UNKNOWN_SYMBOL',
    `symbol: ${id.symbol} not found in exchange ${id.exchange}`,
    { field: 'symbol' },
  );
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
