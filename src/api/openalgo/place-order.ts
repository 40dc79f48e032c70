import { anyNumber, apikey, NOTHING } from '../fields';
import { defineRoute } from '../route';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  placementFailures,
  unknownAccount,
  wrongField,
} from './examples';
import { IN_DOUBT_MESSAGE, orderAnswerSchema, placeAnswer } from './order-answer';
import { callFields, clientOrderIdOf, plainLegFields, termsOf } from './order-request';
import { orderBody, termFields } from './terms';

const body = orderBody({
  apikey: apikey(),
  strategy: termFields.strategy,
  ...plainLegFields,
  /** A hint between two parts of another server; the contract lets clients send it. Ignored. */
  underlying_ltp: anyNumber().nullable().optional(),
  ...callFields,
});

/** `POST /api/v1/placeorder`. */
export const placeOrder = defineRoute({
  name: 'placeorder',
  method: 'post',
  path: '/api/v1/placeorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  takesAlerts: true,
  summary: 'Places one order and waits for its outcome.',
  description:
    'A LIMIT without a price and a price on a MARKET order are refused. With client_order_id (or the ' +
    'Idempotency-Key header) the same call again answers with the same order and places nothing. ' +
    `In doubt is answered 200 with in_doubt true: "${IN_DOUBT_MESSAGE}". ` +
    'While entries of the account are stopped, only orders that reduce a position are taken; ' +
    'force_exit is for one that an order in doubt hides.',
  body,
  params: NOTHING,
  answer: orderAnswerSchema,
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: '5',
      pricetype: 'SL',
      price: '812.50',
      trigger_price: '812',
      product: 'MIS',
    },
    success: {
      status: 'success',
      orderid: EXAMPLE_ORDER_ID,
      state: 'trigger_pending',
      order_status: 'trigger pending',
      account: 'paper-main',
      broker_order_id: 'P000000017',
      simulated: true,
    },
    failures: [
      wrongField('quantity', 'Quantity must be a positive number.'),
      wrongField('force_exit', 'the position is 0; the order does not only reduce it'),
      {
        name: 'Entries are stopped',
        status: 400,
        body: {
          status: 'error',
          message: 'New entries are stopped: Going on holiday',
          code: 'ACCOUNT_STOPPED',
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
      terms: termsOf(order),
      strategy: order.strategy,
      clientOrderId: clientOrderIdOf(order.client_order_id, call),
      // Absent is "not forced": the exit must then show itself.
      forceExit: order.force_exit === true,
    };
    // Before the order is made: a read that fails afterwards would hide an order that exists.
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    return placeAnswer(await call.deps.orders.place(request, call.caller), marks);
  },
});
