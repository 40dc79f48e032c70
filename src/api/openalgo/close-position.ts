import { z } from 'zod';
import { ORDER_STATES } from '../../core/domain/order-state';
import type { CloseAllAnswer, LeftOpen } from '../../core/orders/positions-types';
import type { CommandAnswer } from '../../core/orders/service-types';
import { apikey, NOTHING } from '../fields';
import type { JsonObject } from '../route';
import { defineRoute, success } from '../route';
import { productWordOf } from '../words';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  unknownAccount,
  wrongField,
} from './examples';
import { placeAnswer, practiceMarks } from './order-answer';
import { callFields, clientOrderIdOf } from './order-request';
import { orderBody, termFields } from './terms';

/** The contract's words for a full success; clients compare them. */
const ALL_CLOSED = 'All Open Positions Squared Off';
const NOTHING_OPEN = 'No open positions to close';
/** Live positions, if there are any, were not looked at: that must not read as if there were none. */
const NOTHING_OPEN_IN_PRACTICE = `${NOTHING_OPEN} in practice; live positions were left alone`;

const resultSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  product: z.string(),
  action: z.enum(['BUY', 'SELL']),
  quantity: z.int(),
  status: z.enum(['success', 'error']),
  orderid: z.string().optional(),
  message: z.string().optional(),
  code: z.string().optional(),
  state: z.enum(ORDER_STATES).optional(),
  order_status: z.string().optional(),
  broker_order_id: z.string().optional(),
  in_doubt: z.literal(true).optional(),
});
type Result = z.infer<typeof resultSchema>;

const exitResult = (answer: CommandAnswer): Result => {
  const { terms } = answer.order;
  const said = placeAnswer(answer, {});
  const json: JsonObject = 'json' in said ? said.json : {};
  return resultSchema.parse({
    ...json,
    ...terms.instrument,
    product: productWordOf(terms.product),
    action: terms.side,
    quantity: terms.quantity,
  });
};

const leftResult = (left: LeftOpen): Result => ({
  symbol: left.instrument.symbol,
  exchange: left.instrument.exchange,
  product: productWordOf(left.product),
  action: left.side,
  quantity: left.quantity,
  status: 'error',
  message: left.message,
  code: left.code,
});

interface Counts {
  readonly closed_positions: number;
  readonly failed_closures: number;
  readonly unconfirmed_closures: number;
}

/** Positions by how their worst part ended. */
const countsOf = (results: readonly Result[]): Counts => {
  const worst = new Map<string, 'closed' | 'failed' | 'unconfirmed'>();
  for (const result of results) {
    const key = `${result.exchange}:${result.symbol} ${result.product}`;
    const known = worst.get(key) ?? 'closed';
    if (result.status === 'error') worst.set(key, 'failed');
    else worst.set(key, known === 'closed' && result.in_doubt === true ? 'unconfirmed' : known);
  }
  const count = (how: 'closed' | 'failed' | 'unconfirmed'): number =>
    [...worst.values()].filter((one) => one === how).length;
  return {
    closed_positions: count('closed'),
    failed_closures: count('failed'),
    unconfirmed_closures: count('unconfirmed'),
  };
};

const messageOf = (answer: CloseAllAnswer, counts: Counts): string => {
  if (answer.positions === 0) return answer.practice ? NOTHING_OPEN_IN_PRACTICE : NOTHING_OPEN;
  if (counts.closed_positions === answer.positions) return ALL_CLOSED;
  const closed = `${String(counts.closed_positions)} of ${String(answer.positions)}`;
  return `Closed ${closed} positions; see results`;
};

/** `POST /api/v1/closeposition`. */
export const closePosition = defineRoute({
  name: 'closeposition',
  method: 'post',
  path: '/api/v1/closeposition',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Exits every open position of the account at the market.',
  description:
    'The broker is asked for its positions first; when they cannot be read, nothing is sent. All exits ' +
    'are written in one transaction, BUY before SELL; a position above the freeze limit becomes ' +
    'several orders. Open orders are not cancelled: what they would close already is not closed again ' +
    'and is told as EXIT_UNDER_WAY. strategy selects nothing. A closed position means that the broker ' +
    'took its exit order.',
  body: orderBody({ apikey: apikey(), strategy: termFields.strategy, ...callFields }),
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    message: z.string(),
    results: z.array(resultSchema),
    closed_positions: z.int(),
    failed_closures: z.int(),
    unconfirmed_closures: z.int(),
    account: z.string(),
    client_order_id: z.string().optional(),
    replayed: z.literal(true).optional(),
    simulated: z.literal(true).optional(),
    mode: z.literal('analyze').optional(),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, strategy: 'ema-cross' },
    success: {
      status: 'success',
      message: ALL_CLOSED,
      results: [
        {
          symbol: 'SBIN',
          exchange: 'NSE',
          product: 'MIS',
          action: 'SELL',
          quantity: 5,
          status: 'success',
          orderid: EXAMPLE_ORDER_ID,
          state: 'filled',
          order_status: 'complete',
          broker_order_id: 'P000000017',
        },
      ],
      closed_positions: 1,
      failed_closures: 0,
      unconfirmed_closures: 0,
      account: 'paper-main',
      simulated: true,
    },
    failures: [
      wrongField('symbolgroup', 'Unknown field.'),
      {
        name: 'Positions not known',
        status: 400,
        body: {
          status: 'error',
          message: "today's positions are not known yet",
          code: 'POSITION_UNKNOWN',
        },
      },
      {
        name: 'Positions not readable',
        status: 503,
        body: {
          status: 'error',
          message: 'The broker did not answer in time.',
          code: 'TIMEOUT',
          correlation_id: '7f0c1b9a5d2e4f60',
        },
      },
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body }, call) => {
    const request = {
      account: body.account ?? null,
      strategy: body.strategy,
      clientOrderId: clientOrderIdOf(body.client_order_id, call),
    };
    // Before the orders are made: a read that fails afterwards would hide orders that exist.
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    const answer = await call.deps.positions.closeAll(request, call.caller);
    const results = [...answer.orders.map(exitResult), ...answer.left.map(leftResult)];
    const counts = countsOf(results);
    return success({
      message: messageOf(answer, counts),
      results,
      ...counts,
      account: answer.account,
      ...(request.clientOrderId === null ? {} : { client_order_id: request.clientOrderId }),
      ...(answer.replayed ? { replayed: true } : {}),
      ...marks,
      ...practiceMarks(answer.practice),
    });
  },
});
