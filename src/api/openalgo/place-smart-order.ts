import { z } from 'zod';
import type { OrderTerms } from '../../core/domain/order';
import type { CommandAnswer } from '../../core/orders/service-types';
import { apikey, NOTHING, signedPosition, smartQuantity } from '../fields';
import type { Answer, JsonObject } from '../route';
import { defineRoute, success } from '../route';
import { CONTRACT_DEFAULTS } from '../words';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  placementFailures,
  unknownAccount,
  wrongField,
} from './examples';
import { orderAnswerSchema, placeAnswer, practiceMarks } from './order-answer';
import { callFields, clientOrderIdOf, legFields, termsBesideQuantity } from './order-request';
import { orderBody, termFields } from './terms';

/** The contract's words for "nothing to do"; clients compare them. */
const MATCHED = 'Positions Already Matched. No Action needed.';
const NO_POSITION = 'No OpenPosition Found. Not placing Exit order.';

const body = orderBody({
  apikey: apikey(),
  strategy: termFields.strategy,
  ...legFields,
  quantity: smartQuantity(),
  position_size: signedPosition(),
  ...callFields,
});

export const nothingDone = z
  .object({
    status: z.literal('success'),
    message: z.enum([MATCHED, NO_POSITION]),
    account: z.string(),
    client_order_id: z.string().optional(),
    replayed: z.literal(true).optional(),
    simulated: z.literal(true).optional(),
    mode: z.literal('analyze').optional(),
  })
  .meta({ id: 'NothingToDo' });

/**
 * Side and quantity are placeholders here: both are worked out when the order is sent. They stand
 * only for a flat position that is wanted flat, where the contract sends the caller's own.
 */
export const smartTermsOf = (
  order: Omit<z.output<typeof body>, 'apikey' | 'strategy'>,
): OrderTerms => ({
  ...termsBesideQuantity(order),
  quantity: Math.max(order.quantity, Math.abs(order.position_size), 1),
  disclosedQuantity: order.disclosed_quantity ?? CONTRACT_DEFAULTS.disclosed_quantity,
});

/** No order id when nothing was sent: a client would take it for an order at the broker. */
export const smartAnswer = (answer: CommandAnswer, marks: JsonObject): Answer => {
  const { order } = answer;
  if (order.reasonCode !== 'ALREADY_MATCHED') return placeAnswer(answer, marks);
  const exitOfNothing = order.smart?.position === 0 && order.smart.flatQuantity === 0;
  return success({
    message: exitOfNothing ? NO_POSITION : MATCHED,
    account: order.accountId,
    ...(order.clientOrderId === null ? {} : { client_order_id: order.clientOrderId }),
    ...(answer.replayed ? { replayed: true } : {}),
    ...marks,
    ...practiceMarks(order.practice),
  });
};

/** `POST /api/v1/placesmartorder`. */
export const placeSmartOrder = defineRoute({
  name: 'placesmartorder',
  method: 'post',
  path: '/api/v1/placesmartorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  takesAlerts: true,
  summary: 'Brings the net position of symbol, exchange and product to position_size.',
  description:
    'The order is the difference between position_size and the position with all orders that are ' +
    'under way, worked out at the moment of sending. action and quantity are used only when the ' +
    'position is flat and position_size is 0: then they are the order. A position that is not known ' +
    `yet is never taken for flat: the order is refused. Nothing to do is 200 without orderid: "${MATCHED}", ` +
    `or "${NO_POSITION}" when both numbers are 0.`,
  body,
  params: NOTHING,
  answer: z.union([orderAnswerSchema, nothingDone]),
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: '0',
      position_size: '-100',
      pricetype: 'MARKET',
      product: 'MIS',
    },
    success: {
      status: 'success',
      orderid: EXAMPLE_ORDER_ID,
      state: 'accepted',
      order_status: 'open',
      account: 'paper-main',
      broker_order_id: 'P000000018',
      simulated: true,
    },
    failures: [
      wrongField('position_size', 'Missing data for required field.'),
      {
        name: 'Position not known',
        status: 400,
        body: {
          status: 'error',
          message: "today's position is not known yet",
          code: 'POSITION_UNKNOWN',
          orderid: EXAMPLE_ORDER_ID,
          state: 'denied',
          order_status: 'rejected',
          account: 'paper-main',
        },
      },
      ...placementFailures,
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body: order }, call) => {
    const request = {
      account: order.account ?? null,
      terms: smartTermsOf(order),
      strategy: order.strategy,
      clientOrderId: clientOrderIdOf(order.client_order_id, call),
      smart: { position: order.position_size, flatQuantity: order.quantity },
    };
    // Before the order is made: a read that fails afterwards would hide an order that exists.
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    return smartAnswer(await call.deps.orders.place(request, call.caller), marks);
  },
});
