import { z } from 'zod';
import { GatewayError, isGatewayError } from '../../core/domain/errors';
import type { OrderTerms } from '../../core/domain/order';
import { ORDER_STATES } from '../../core/domain/order-state';
import type { CommandAnswer } from '../../core/orders/service-types';
import { apikey, flagOrWord, NOTHING } from '../fields';
import type { JsonObject } from '../route';
import { defineRoute, InvalidFields, success } from '../route';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  placementFailures,
  unknownAccount,
  wrongField,
} from './examples';
import { placeAnswer, practiceMarks } from './order-answer';
import { callFields, clientOrderIdOf, plainLegFields, termsOf } from './order-request';
import { orderRow } from './rows';
import { orderBody, termFields } from './terms';

const MAX_LEGS = 50;
const LEG_COUNT = `Orders must contain 1 to ${String(MAX_LEGS)} items.`;

const body = orderBody({
  apikey: apikey(),
  strategy: termFields.strategy,
  orders: z
    .array(orderBody(plainLegFields), {
      error: (issue) =>
        issue.input === undefined ? 'Missing data for required field.' : 'Not a valid list.',
    })
    .min(1, { error: LEG_COUNT })
    .max(MAX_LEGS, { error: LEG_COUNT }),
  sells_after_buys: flagOrWord().optional(),
  ...callFields,
});

const resultSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  product: z.string(),
  status: z.enum(['success', 'error']),
  orderid: z.string(),
  message: z.string().optional(),
  code: z.string().optional(),
  state: z.enum(ORDER_STATES),
  order_status: z.string(),
  broker_order_id: z.string().optional(),
  in_doubt: z.literal(true).optional(),
  leg: z.int().meta({ description: 'place in the request, from 1' }),
});
type Result = z.infer<typeof resultSchema>;

/** The terms of one leg. @throws GatewayError that names the field as `orders[i].…` */
const legTerms = (leg: Parameters<typeof termsOf>[0], index: number): OrderTerms => {
  const prefix = `orders[${String(index)}].`;
  try {
    return termsOf(leg);
  } catch (error) {
    if (error instanceof InvalidFields) {
      const named = Object.entries(error.fields).map(([field, said]) => [prefix + field, said]);
      // Entries of a map of messages make such a map again.
      throw new InvalidFields(Object.fromEntries(named) as typeof error.fields);
    }
    if (!isGatewayError(error) || error.field === null) throw error;
    throw new GatewayError(error.code, prefix + error.message, { field: prefix + error.field });
  }
};

/** What became of one leg, from the order itself, so that it cannot be told about another leg. */
const resultOf = (answer: CommandAnswer, index: number): Result => {
  const { symbol, exchange, product } = orderRow(answer.order);
  const told = placeAnswer(answer, {});
  const json: JsonObject = 'json' in told ? told.json : {};
  // The schema drops what stands once on the envelope.
  return resultSchema.parse({ symbol, exchange, product, ...json, leg: index + 1 });
};

/** @throws GatewayError INTERNAL when a leg has no answer: its caller must look the orders up */
export const inLegOrder = (
  answers: readonly CommandAnswer[],
  legs: number,
): readonly CommandAnswer[] => {
  if (answers.length !== legs) throw new GatewayError('INTERNAL', 'a leg of the batch is missing');
  return [...answers].sort((a, b) => (a.order.batch?.leg ?? 0) - (b.order.batch?.leg ?? 0));
};

/**
 * `POST /api/v1/basketorder`. One leg that fails a check refuses the whole basket and nothing is
 * stored: all legs are written in one transaction, so that neither a crash nor a typing slip can
 * leave half of a spread, and a resend under the same id finds all legs or none.
 */
export const basketOrder = defineRoute({
  name: 'basketorder',
  method: 'post',
  path: '/api/v1/basketorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Places 1 to 50 orders as one request and waits for their outcomes.',
  description:
    'All legs are accepted or none: a leg that fails a check refuses the basket with 400 and a ' +
    'message that names orders[i].field, i from 0. What becomes of the accepted legs is in results, ' +
    'in the order of the request. With sells_after_buys true no SELL leg is sent before the broker ' +
    'has accepted every BUY leg, and none is sent when it refuses one; without it nothing waits. ' +
    'client_order_id stands for the whole basket.',
  body,
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    results: z.array(resultSchema),
    account: z.string(),
    batch_id: z.string().nullable(),
    client_order_id: z.string().optional(),
    replayed: z.literal(true).optional(),
    simulated: z.literal(true).optional(),
    mode: z.literal('analyze').optional(),
  }),
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      strategy: 'pairs',
      sells_after_buys: true,
      orders: [
        { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', quantity: '5', product: 'MIS' },
        { symbol: 'INFY', exchange: 'NSE', action: 'SELL', quantity: '2', product: 'MIS' },
      ],
    },
    success: {
      status: 'success',
      results: [
        {
          symbol: 'SBIN',
          exchange: 'NSE',
          product: 'MIS',
          status: 'success',
          orderid: EXAMPLE_ORDER_ID,
          state: 'filled',
          order_status: 'complete',
          broker_order_id: 'P000000017',
          leg: 1,
        },
        {
          symbol: 'INFY',
          exchange: 'NSE',
          product: 'MIS',
          status: 'error',
          orderid: '250909000000042',
          message: 'Insufficient funds',
          code: 'INSUFFICIENT_FUNDS',
          state: 'rejected',
          order_status: 'rejected',
          leg: 2,
        },
      ],
      account: 'paper-main',
      batch_id: EXAMPLE_ORDER_ID,
      simulated: true,
    },
    failures: [
      wrongField('orders[1].quantity', 'Quantity must be a positive number.'),
      ...placementFailures.filter((failure) => failure.body['field'] === 'client_order_id'),
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body: basket }, call) => {
    const { strategy } = basket;
    const request = {
      account: basket.account ?? null,
      clientOrderId: clientOrderIdOf(basket.client_order_id, call),
      // Documented: the contract's own order of sending is kept unless it is asked for.
      sellsAfterBuys: basket.sells_after_buys ?? false,
      legs: basket.orders.map((leg, index) => ({
        terms: legTerms(leg, index),
        strategy,
        smart: null,
        forceExit: leg.force_exit === true,
      })),
    };
    // Before the orders are made: a read that fails afterwards would hide orders that exist.
    const account = await call.deps.books.account(request.account);
    const marks = call.accounts.marks(account);
    const made = await call.deps.orders.placeBasket(request, call.caller);
    const answers = inLegOrder(made, request.legs.length);
    return success({
      results: answers.map(resultOf),
      account: answers[0]?.order.accountId ?? account.accountId,
      batch_id: answers[0]?.order.batch?.id ?? null,
      ...(request.clientOrderId === null ? {} : { client_order_id: request.clientOrderId }),
      ...(answers.some((answer) => answer.replayed) ? { replayed: true } : {}),
      ...marks,
      ...practiceMarks(answers.some((answer) => answer.order.practice)),
    });
  },
});
