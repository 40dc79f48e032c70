import { createHash } from 'node:crypto';
import type { Account } from '../domain/account';
import { isSettled } from '../domain/command';
import type { Command } from '../domain/command';
import { GatewayError } from '../domain/errors';
import { brokerOrderId, epochMs } from '../domain/ids';
import type { OrderId } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type { ModifiableTerms, Order, OrderTerms } from '../domain/order';
import { isTerminal } from '../domain/order-state';
import type { InstrumentLookup } from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { CommandQueue } from '../ports/queue';
import type { Accounts } from '../sessions/accounts';
import { isExitOrder } from './exit';
import { newOrderId, tagFor } from './order-ids';
import { checkOrder, checkTerms } from './pretrade-check';
import type {
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
}

/** The way in: parse is done, here an order is checked, written to disk, queued and waited for. */
export const createOrderService = (deps: OrderServiceDeps): OrderService => {
  const { ledger, accounts, clock } = deps;

  const findIn = async (account: Account, id: string): Promise<Order> => {
    const order = await ledger.findOrder(account.accountId, id);
    if (order === null) throw new GatewayError('ORDER_NOT_FOUND', `Order ${id} not found`);
    return order;
  };

  const place = async (request: PlaceRequest, caller: Caller): Promise<CommandAnswer> => {
    const startedAt = clock.monotonic();
    const account = await accounts.resolve(request.account);
    const instrument = requireInstrument(deps.instruments, request.terms.instrument);
    const { capabilities } = accounts.module(account);
    checkOrder(request.terms, instrument, capabilities);
    const isExit = await exitOf(ledger, account, request.terms);
    if (!isExit && account.stoppedReason !== null) {
      throw new GatewayError(
        'ACCOUNT_STOPPED',
        `New entries are stopped: ${account.stoppedReason}`,
      );
    }
    const { order, command } = newIntent(deps, account, request, caller, isExit);
    const recorded = await ledger.recordIntents([
      {
        order,
        command,
        idempotency:
          request.clientOrderId === null
            ? null
            : {
                apiKeyId: caller.apiKeyId,
                clientOrderId: request.clientOrderId,
                requestHash: hashOf(account, request),
              },
      },
    ]);
    switch (recorded.kind) {
      case 'conflict':
        throw new GatewayError(
          'CLIENT_ORDER_ID_REUSED',
          'client_order_id: was used for a different request',
          { field: 'client_order_id' },
        );
      case 'replay': {
        const first = recorded.orderIds[0];
        const known = first === undefined ? null : await ledger.order(first);
        if (known === null) throw new GatewayError('INTERNAL', 'the replayed order is missing');
        const settled = await waitFor(deps, known.orderId, 1, caller.waitMs);
        return { ...settled, replayed: true };
      }
      case 'recorded':
        break;
    }
    deps.metrics.stage(account.accountId, 'accept', (clock.monotonic() - startedAt) / 1000);
    deps.metrics.orderMoved(account.accountId, 'queued');
    return enqueueAndWait(deps, command, caller.waitMs);
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
    return record(deps, order, { kind: 'modify', lane, change: request.change }, caller);
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
    if (open !== null) return waitForAnswer(deps, open, caller.waitMs);
    return record(deps, order, { kind: 'cancel', lane: 'urgent', change: null }, caller);
  };

  return {
    place,
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

const exitOf = async (ledger: Ledger, account: Account, terms: OrderTerms): Promise<boolean> => {
  const { instrument, product } = terms;
  const position = await ledger.confirmedPosition(
    account.accountId,
    instrument.exchange,
    instrument.symbol,
    product,
  );
  if (position === null || position.quantity === 0) return false;
  return isExitOrder(position.quantity, terms, await ledger.openOrders(account.accountId));
};

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

const newIntent = (
  deps: OrderServiceDeps,
  account: Account,
  request: PlaceRequest,
  caller: Caller,
  isExit: boolean,
): { readonly order: Order; readonly command: Command } => {
  const at = deps.clock.now();
  const id = newOrderId(deps.clock, deps.random);
  const order: Order = {
    orderId: id,
    accountId: account.accountId,
    origin: 'toran',
    terms: request.terms,
    state: 'queued',
    filledQuantity: 0,
    averagePrice: null,
    brokerOrderId: null,
    exchangeOrderId: null,
    clientTag: tagFor(id),
    clientOrderId: request.clientOrderId,
    strategy: request.strategy,
    apiKeyId: caller.apiKeyId,
    reasonCode: null,
    reason: null,
    inDoubtSince: null,
    isExit,
    correlationId: caller.correlationId,
    createdAt: at,
    updatedAt: at,
  };
  const wait = isExit ? deps.exitDeadlineMs : deps.entryDeadlineMs;
  const command: Command = {
    ...blankCommand(order, caller.correlationId, epochMs(at + wait), at),
    n: 1,
    kind: 'place',
    lane: isExit ? 'urgent' : 'normal',
    state: 'queued',
    change: null,
  };
  return { order, command };
};

const blankCommand = (
  order: Order,
  correlationId: string,
  deadlineAt: Command['deadlineAt'],
  at: Command['createdAt'],
): Omit<Command, 'n' | 'kind' | 'lane' | 'state' | 'change'> => ({
  orderId: order.orderId,
  accountId: order.accountId,
  attempt: 1,
  deadlineAt,
  submittedAt: null,
  sendBy: null,
  settledAt: null,
  reasonCode: null,
  reason: null,
  correlationId,
  createdAt: at,
});

/** Writes a modify or cancel; it is held while the broker's id is not known. */
const record = async (
  deps: OrderServiceDeps,
  order: Order,
  command: Pick<Command, 'kind' | 'lane' | 'change'>,
  caller: Caller,
): Promise<CommandAnswer> => {
  const at = deps.clock.now();
  const deadlineAt = epochMs(at + deps.exitDeadlineMs);
  const recorded = await deps.ledger.recordCommand({
    ...blankCommand(order, caller.correlationId, deadlineAt, at),
    ...command,
    state: order.brokerOrderId === null ? 'held' : 'queued',
  });
  if (recorded.state === 'held') return waitForAnswer(deps, recorded, caller.waitMs);
  return enqueueAndWait(deps, recorded, caller.waitMs);
};

const enqueueAndWait = async (
  deps: OrderServiceDeps,
  command: Command,
  waitMs: number,
): Promise<CommandAnswer> => {
  const waiting = waitForAnswer(deps, command, waitMs);
  try {
    await deps.queue.add(command.lane, [command]);
  } catch (error) {
    // It is on disk: the sweeper queues it as soon as Redis is back.
    deps.logger.warn({ orderId: command.orderId, reason: String(error) }, 'queued on disk only');
  }
  return waiting;
};

const waitForAnswer = (
  deps: OrderServiceDeps,
  command: Command,
  waitMs: number,
): Promise<CommandAnswer> => waitFor(deps, command.orderId, command.n, waitMs);

/** The order and command once the broker answered, or as they are when `waitMs` is over. */
const waitFor = async (
  deps: OrderServiceDeps,
  id: OrderId,
  n: number,
  waitMs: number,
): Promise<CommandAnswer> => {
  const read = async (): Promise<CommandAnswer> => {
    const order = await deps.ledger.order(id);
    const command = (await deps.ledger.commandsOf(id)).find((candidate) => candidate.n === n);
    if (order === null || command === undefined) {
      throw new GatewayError('INTERNAL', `order ${id} is missing from the ledger`);
    }
    return { order, command, replayed: false };
  };
  const stop = new AbortController();
  let news = true;
  let wake = (): void => undefined;
  const unsubscribe = deps.bus.subscribe((message) => {
    if ((message.kind !== 'order' && message.kind !== 'command') || message.orderId !== id) return;
    news = true;
    wake();
  });
  const timeUp = deps.clock.sleep(waitMs, stop.signal).then(() => true as const);
  try {
    for (;;) {
      news = false;
      const answer = await read();
      if (answer.command !== null && isSettledForCaller(answer.command)) return answer;
      const woken = new Promise<false>((resolve) => {
        wake = (): void => {
          resolve(false);
        };
      });
      // Something may have happened while the ledger was read.
      if (news as boolean) continue;
      if (await Promise.race([timeUp, woken])) return await read();
    }
  } finally {
    unsubscribe();
    stop.abort();
  }
};

const isSettledForCaller = (command: Command): boolean => isSettled(command.state);

const hashOf = (account: Account, request: PlaceRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([account.accountId, request.strategy, canonical(request.terms)]))
    .digest('hex');

const canonical = (terms: OrderTerms): readonly unknown[] => [
  terms.instrument.exchange,
  terms.instrument.symbol,
  terms.side,
  terms.product,
  terms.timeInForce,
  terms.orderType,
  terms.quantity,
  terms.disclosedQuantity,
  terms.limitPrice,
  terms.triggerPrice,
];
