import { createHash } from 'node:crypto';
import type { Account } from '../domain/account';
import { GatewayError } from '../domain/errors';
import { epochMs } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { OrderTerms } from '../domain/order';
import type { PositionReport } from '../ports/broker';
import type { Intent, IntentFacts, IntentPlan } from '../ports/ledger';
import { exitPlan } from './exit-plan';
import type { ExitPlan } from './exit-plan';
import { asExit, draftIntents } from './intents';
import { onRoute, requireRoute, routeOf } from './order-route';
import type { OrderRoute } from './order-route';
import type { OrderServiceDeps } from './order-service';
import type { CloseAllAnswer, CloseAllRequest, LeftOpen, Positions } from './positions-types';
import { requireInstrument } from './pretrade-check';
import { answersOf, finishRecording } from './record-orders';
import type { Caller } from './service-types';

const READ_TIMEOUT_MS = 10_000;
/** How long the broker's positions and the booked fills may take to agree before each is closed as far as both do. */
const AGREE_LIMIT_MS = 3_000;
const AGREE_STEP_MS = 300;

/** Positions as the broker reports them now, and the exit of all of them. */
export const createPositions = (deps: OrderServiceDeps): Positions => ({
  closeAll: (request, caller) =>
    onRoute(deps, request.account, (route) => closeAll(deps, route, request, caller)),
  open: async (selector, instrument, product) => {
    requireInstrument(deps.instruments, instrument);
    const { account } = await routeOf(deps, selector);
    const quantity = (await readPositions(deps, account))
      .filter((position) => position.product === product)
      .filter((position) => instrumentKey(position.instrument) === instrumentKey(instrument))
      .reduce((sum, position) => sum + position.quantity, 0);
    return { account: account.accountId, practice: account.twinOf !== null, quantity };
  },
});

/** The account's positions from its broker. @throws GatewayError when they could not be read */
const readPositions = async (
  deps: OrderServiceDeps,
  account: Account,
): Promise<readonly PositionReport[]> => {
  const { client } = await deps.accounts.open(account);
  return client.reports.positions({
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    deadlineAt: epochMs(deps.clock.now() + READ_TIMEOUT_MS),
    sendBy: null,
    correlationId: `positions-${account.accountId}`,
  });
};

/**
 * The positions that are not flat, once the ledger has booked what led to them, or as they are after
 * a while: a fill that is not booked yet would make an exit too large or too small.
 */
const settledPositions = async (
  deps: OrderServiceDeps,
  account: Account,
): Promise<readonly PositionReport[]> => {
  const { clock, ledger, bus } = deps;
  const end = clock.monotonic() + AGREE_LIMIT_MS;
  for (;;) {
    const open = (await readPositions(deps, account)).filter((one) => one.quantity !== 0);
    const agreed = await Promise.all(
      open.map(async ({ instrument: { exchange, symbol }, product, quantity }) => {
        const net = await ledger.netPosition(account.accountId, exchange, symbol, product);
        return net === quantity;
      }),
    );
    if (agreed.every(Boolean) || clock.monotonic() >= end) return open;
    bus.publish({ kind: 'hint', accountId: account.accountId });
    await clock.sleep(AGREE_STEP_MS);
  }
};

const closeAll = async (
  deps: OrderServiceDeps,
  route: OrderRoute,
  request: CloseAllRequest,
  caller: Caller,
): Promise<CloseAllAnswer> => {
  const { account } = route;
  const refusal = await deps.sessions.refusal(account);
  if (refusal !== null) throw refusal;
  const open = await settledPositions(deps, account);
  let left: LeftOpen[] = [];
  let written: readonly Intent[] = [];
  deps.crashPoint?.('before-intent');
  const recorded = await deps.ledger.recordPlan({
    idempotency: keyOf(route, request, caller),
    at: deps.clock.now(),
    make: (factsOf) => {
      let practice = account.twinOf !== null;
      const plans = open.map((position) => {
        const facts = factsOf(account.accountId, position.instrument, position.product);
        requireRoute(route, facts);
        practice ||= facts.analyzing;
        return planOf(deps, route, position, facts);
      });
      left = plans.map((plan) => plan.left).filter((one) => one !== null);
      written = exitsOf(deps, route, request, caller, plans, practice);
      return written;
    },
  });
  const { orders, replayed } = await finishRecording(deps, recorded, written, caller);
  return {
    account: orders[0]?.accountId ?? account.accountId,
    practice: orders[0]?.practice ?? account.twinOf !== null,
    positions: replayed ? new Set(orders.map(({ terms }) => nameOf(terms))).size : open.length,
    orders: await answersOf(deps, orders, written, caller, replayed),
    left: replayed ? [] : left,
    replayed,
  };
};

const nameOf = (terms: OrderTerms): string => `${instrumentKey(terms.instrument)} ${terms.product}`;

/** @throws GatewayError POSITION_UNKNOWN while the ledger does not know today's positions */
const planOf = (
  deps: OrderServiceDeps,
  route: OrderRoute,
  position: PositionReport,
  facts: IntentFacts,
): ExitPlan => {
  const { account, asked } = route;
  const { net } = facts;
  if (net === null) {
    throw new GatewayError('POSITION_UNKNOWN', "today's positions are not known yet");
  }
  return exitPlan(
    position,
    { ...facts, net },
    deps.instruments.find(position.instrument),
    [asked, account].map((one) => deps.accounts.module(one).capabilities),
  );
};

/** Orders that close a short position come first: what hedges must not be sold before what it hedges. */
const exitsOf = (
  deps: OrderServiceDeps,
  route: OrderRoute,
  request: CloseAllRequest,
  caller: Caller,
  plans: readonly ExitPlan[],
  practice: boolean,
): readonly Intent[] => {
  const terms = plans.flatMap((plan) => plan.terms);
  const legs = [
    ...terms.filter((one) => one.side === 'BUY'),
    ...terms.filter((one) => one.side === 'SELL'),
  ].map((one) => ({ terms: one, strategy: request.strategy, smart: null }));
  const { account, clientOrderId } = request;
  const batch = { account, clientOrderId, sellsAfterBuys: false, legs };
  return draftIntents(deps, route.account, batch, caller).map((draft) =>
    asExit({ ...draft, order: { ...draft.order, practice } }, deps),
  );
};

const keyOf = (
  route: OrderRoute,
  request: CloseAllRequest,
  caller: Caller,
): IntentPlan['idempotency'] => {
  if (request.clientOrderId === null) return null;
  const meaning = JSON.stringify(['close-all', route.asked.accountId, request.strategy]);
  return {
    apiKeyId: caller.apiKeyId,
    clientOrderId: request.clientOrderId,
    requestHash: createHash('sha256').update(meaning).digest('hex'),
  };
};
