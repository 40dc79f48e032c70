import { z } from 'zod';
import type { OrderTerms } from '../../core/domain/order';
import { ORDER_STATES } from '../../core/domain/order-state';
import type { CommandAnswer } from '../../core/orders/service-types';
import { apikey, NOTHING, splitSize } from '../fields';
import type { JsonObject } from '../route';
import { defineRoute, InvalidFields, success } from '../route';
import { inLegOrder } from './basket-order';
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
import { callFields, clientOrderIdOf, legFields, termsOf } from './order-request';
import { orderBody, termFields } from './terms';

const MAX_CHILDREN = 100;
const TOO_MANY = `Total number of orders would exceed maximum limit of ${String(MAX_CHILDREN)}`;

const body = orderBody({
  apikey: apikey(),
  strategy: termFields.strategy,
  ...legFields,
  splitsize: splitSize(),
  ...callFields,
});

const resultSchema = z.object({
  order_num: z.int().meta({ description: 'from 1, in the order of sending' }),
  quantity: z.int(),
  status: z.enum(['success', 'error']),
  orderid: z.string(),
  message: z.string().optional(),
  code: z.string().optional(),
  state: z.enum(ORDER_STATES),
  order_status: z.string(),
  broker_order_id: z.string().optional(),
  in_doubt: z.literal(true).optional(),
});

/** The terms of each child; the last takes what is left. @throws InvalidFields above 100 children */
const childrenOf = (terms: OrderTerms, size: number): readonly OrderTerms[] => {
  const count = Math.ceil(terms.quantity / size);
  if (count > MAX_CHILDREN) throw new InvalidFields({ splitsize: [`${TOO_MANY}.`] });
  return Array.from({ length: count }, (_, i) => ({
    ...terms,
    quantity: Math.min(size, terms.quantity - i * size),
  }));
};

const resultOf = (answer: CommandAnswer, index: number): z.infer<typeof resultSchema> => {
  const told = placeAnswer(answer, {});
  const json: JsonObject = 'json' in told ? told.json : {};
  const { quantity } = answer.order.terms;
  // The schema drops what stands once on the envelope.
  return resultSchema.parse({ ...json, order_num: index + 1, quantity });
};

/**
 * `POST /api/v1/splitorder`. All children are on disk before the first is sent, so that a restart
 * goes on with them and a resend under the same id finds all of them.
 */
export const splitOrder = defineRoute({
  name: 'splitorder',
  method: 'post',
  path: '/api/v1/splitorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Places one order as several of at most splitsize each.',
  description:
    'Up to 100 children, the last takes the rest; all are accepted or none. They are sent in their ' +
    'order as fast as the broker allows, and one that is refused does not stop the others. An exit is ' +
    'judged by the whole quantity: the children are exits together or entries together. ' +
    'client_order_id stands for all of them.',
  body,
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    total_quantity: z.int(),
    split_size: z.int(),
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
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'SELL',
      quantity: '130',
      splitsize: '100',
      pricetype: 'MARKET',
      product: 'MIS',
    },
    success: {
      status: 'success',
      total_quantity: 130,
      split_size: 100,
      results: [
        {
          order_num: 1,
          quantity: 100,
          status: 'success',
          orderid: EXAMPLE_ORDER_ID,
          state: 'filled',
          order_status: 'complete',
          broker_order_id: 'P000000017',
        },
        {
          order_num: 2,
          quantity: 30,
          status: 'error',
          orderid: '250909000000042',
          message: 'Insufficient funds',
          code: 'INSUFFICIENT_FUNDS',
          state: 'rejected',
          order_status: 'rejected',
        },
      ],
      account: 'paper-main',
      batch_id: EXAMPLE_ORDER_ID,
      simulated: true,
    },
    failures: [
      wrongField('splitsize', `${TOO_MANY}.`),
      ...placementFailures,
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body: order }, call) => {
    const terms = termsOf(order);
    const children = childrenOf(terms, order.splitsize);
    const request = {
      account: order.account ?? null,
      clientOrderId: clientOrderIdOf(order.client_order_id, call),
      sellsAfterBuys: false,
      split: true,
      legs: children.map((child) => ({ terms: child, strategy: order.strategy, smart: null })),
    };
    // Before the orders are made: a read that fails afterwards would hide orders that exist.
    const account = await call.deps.books.account(request.account);
    const marks = call.accounts.marks(account);
    const made = await call.deps.orders.placeBasket(request, call.caller);
    const answers = inLegOrder(made, children.length);
    return success({
      total_quantity: terms.quantity,
      split_size: order.splitsize,
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
