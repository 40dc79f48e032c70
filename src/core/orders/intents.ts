import { createHash } from 'node:crypto';
import type { Account } from '../domain/account';
import type { Command } from '../domain/command';
import { GatewayError } from '../domain/errors';
import { epochMs } from '../domain/ids';
import type { Order, OrderTerms } from '../domain/order';
import type { Clock, Random } from '../ports/clock';
import type { Intent, IntentFacts } from '../ports/ledger';
import { reducible } from './exit';
import { newOrderId, tagFor } from './order-ids';
import type { BasketRequest, Caller } from './service-types';

export interface IntentDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** How long an entry may wait to be sent, milliseconds. */
  readonly entryDeadlineMs: number;
  /** The same for cancels and exits: longer, because not sending them is the worse fault. */
  readonly exitDeadlineMs: number;
}

/** The orders of one request with their place commands, as entries; decide() has the last word. */
export const draftIntents = (
  deps: IntentDeps,
  account: Account,
  request: BasketRequest,
  caller: Caller,
  /** The account that the caller named; the orders may go to its practice twin. */
  asked: Account = account,
): readonly Intent[] => {
  const at = deps.clock.now();
  // Ascending, because after a restart what was written together is queued again in the order of its ids.
  const ids = request.legs.map(() => newOrderId(deps.clock, deps.random)).sort();
  const batchId = request.legs.length > 1 ? (ids[0] ?? null) : null;
  const sellsWait = request.sellsAfterBuys && request.legs.some((leg) => leg.terms.side === 'BUY');
  const idempotency =
    request.clientOrderId === null
      ? null
      : {
          apiKeyId: caller.apiKeyId,
          clientOrderId: request.clientOrderId,
          requestHash: hashOf(asked, request),
        };
  return request.legs.flatMap((leg, index) => {
    const id = ids[index];
    if (id === undefined) return [];
    const order: Order = {
      orderId: id,
      accountId: account.accountId,
      origin: 'toran',
      terms: leg.terms,
      state: 'queued',
      filledQuantity: 0,
      averagePrice: null,
      brokerOrderId: null,
      exchangeOrderId: null,
      clientTag: tagFor(id),
      clientOrderId: request.clientOrderId,
      strategy: leg.strategy,
      apiKeyId: caller.apiKeyId,
      reasonCode: null,
      reason: null,
      inDoubtSince: null,
      isExit: false,
      batch: batchId === null ? null : { id: batchId, leg: index + 1 },
      smart: leg.smart,
      practice: account.twinOf !== null,
      correlationId: caller.correlationId,
      createdAt: at,
      updatedAt: at,
    };
    const command: Command = {
      ...blankCommand(order, caller.correlationId, epochMs(at + deps.entryDeadlineMs), at),
      n: 1,
      kind: 'place',
      lane: 'normal',
      state: sellsWait && leg.terms.side === 'SELL' ? 'held' : 'queued',
      change: null,
    };
    return [{ order, command, idempotency }];
  });
};

/**
 * Entry or exit, judged inside the transaction that writes the order, so that two orders cannot both
 * be the exit of one position. @throws GatewayError ACCOUNT_STOPPED for an entry while entries are stopped
 */
export const decide = (
  draft: Intent,
  facts: IntentFacts,
  deps: IntentDeps,
  forced: boolean,
  /** Whether the order only reduces; the legs of a split are judged by their sum. */
  judge: Judge = reduces,
): Intent => {
  if (forced) requireReducing(draft.order, facts);
  const isExit = forced || judge(draft.order, facts);
  if (!isExit) {
    if (facts.stoppedReason === null) return draft;
    const hint = facts.openOrders.some((order) => order.inDoubtSince !== null)
      ? '; an order in doubt may hide that this is an exit: settle it, or send force_exit'
      : '';
    throw new GatewayError(
      'ACCOUNT_STOPPED',
      `New entries are stopped: ${facts.stoppedReason}${hint}`,
    );
  }
  return asExit(draft, deps);
};

/** The intent as an exit: it overtakes entries and may wait longer. */
export const asExit = (draft: Intent, deps: Pick<IntentDeps, 'exitDeadlineMs'>): Intent => ({
  ...draft,
  order: { ...draft.order, isExit: true },
  command: {
    ...draft.command,
    lane: 'urgent',
    deadlineAt: epochMs(draft.order.createdAt + deps.exitDeadlineMs),
  },
});

/** Even by a person's word an exit is never larger than the position. @throws GatewayError VALIDATION */
const requireReducing = (order: Order, facts: IntentFacts): void => {
  const { side, quantity } = order.terms;
  const reducingSide = (facts.net ?? 0) > 0 ? 'SELL' : 'BUY';
  const fits = facts.net !== null && side === reducingSide && quantity <= Math.abs(facts.net);
  if (fits && order.smart === null) return;
  throw new GatewayError(
    'VALIDATION',
    `force_exit: the position is ${facts.net === null ? 'not known' : String(facts.net)}; the order does not only reduce it`,
    { field: 'force_exit' },
  );
};

/** Whether an order only reduces the position. */
export type Judge = (order: Order, facts: IntentFacts) => boolean;

const reduces = (order: Order, facts: IntentFacts): boolean => {
  if (facts.net === null || facts.net === 0) return false;
  const { smart } = order;
  const side = facts.net > 0 ? 'SELL' : 'BUY';
  if (smart === null) {
    // Without a look at the open orders, which behind a backlog are many.
    if (order.terms.side !== side) return false;
    return order.terms.quantity <= reducible(facts.net, order.terms, facts.openOrders);
  }
  const free = reducible(facts.net, { ...order.terms, side }, facts.openOrders);
  const { position } = smart;
  const towardsZero = position * facts.net >= 0 && Math.abs(position) < Math.abs(facts.net);
  return towardsZero && Math.abs(facts.net - position) <= free;
};

/**
 * Judges all children of a split by their sum: they are exits together, or entries together. Child by
 * child the first ones would go as exits and the rest as entries, and a stop of entries would leave
 * half of what was asked for.
 */
export const judgeBySum = (total: number): Judge => {
  let verdict = false;
  return (order, facts) => {
    // The first child is judged before any of them is written; the others follow it.
    if ((order.batch?.leg ?? 1) === 1) {
      verdict = reduces({ ...order, terms: { ...order.terms, quantity: total } }, facts);
    }
    return verdict;
  };
};

/** A command of `order` without its number, kind and change. */
export const blankCommand = (
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

const hashOf = (account: Account, request: BasketRequest): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        account.accountId,
        // A basket's text stays as it was before splits existed: keys on disk must still match.
        ...(request.split === true ? ['split'] : []),
        request.sellsAfterBuys,
        request.legs.map((leg) => [leg.strategy, leg.smart, ...canonical(leg.terms)]),
      ]),
    )
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
