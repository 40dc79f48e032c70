import { z } from 'zod';
import { decimal } from '../../core/domain/decimal';
import { TIMES_IN_FORCE } from '../../core/domain/order';
import type { OrderTerms } from '../../core/domain/order';
import { account, anyNumber, apikey, NOTHING, oneOf, visible } from '../fields';
import type { Call } from '../route';
import { defineRoute, InvalidFields, parseWith } from '../route';
import { CONTRACT_DEFAULTS, productOf, sideOf } from '../words';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  unknownAccount,
  wrongField,
} from './examples';
import { IN_DOUBT_MESSAGE, orderAnswerSchema, placeAnswer } from './order-answer';
import { orderBody, priceTerms, quantityTerms, termFields } from './terms';

const CLIENT_ID_LENGTH = 64;

const body = orderBody({
  apikey: apikey(),
  strategy: termFields.strategy,
  exchange: termFields.exchange,
  symbol: termFields.symbol,
  action: termFields.action,
  quantity: termFields.quantity,
  pricetype: termFields.pricetype.optional(),
  product: termFields.product.optional(),
  price: termFields.price.optional(),
  trigger_price: termFields.trigger_price.optional(),
  disclosed_quantity: termFields.disclosed_quantity.optional(),
  /** A hint between two parts of another server; the contract lets clients send it. Ignored. */
  underlying_ltp: anyNumber().nullable().optional(),
  account: account(),
  client_order_id: visible(CLIENT_ID_LENGTH).optional(),
  validity: oneOf(TIMES_IN_FORCE).optional(),
});

const header = z.object({ 'Idempotency-Key': visible(CLIENT_ID_LENGTH).nullable() });

/** The one client order id of the call. @throws InvalidFields when body and header disagree */
const clientOrderIdOf = (inBody: string | undefined, call: Call): string | null => {
  const inHeader = parseWith(header, { 'Idempotency-Key': call.header('idempotency-key') })[
    'Idempotency-Key'
  ];
  if (inBody !== undefined && inHeader !== null && inBody !== inHeader) {
    throw new InvalidFields({ client_order_id: ['Differs from the Idempotency-Key header.'] });
  }
  return inBody ?? inHeader;
};

const termsOf = (order: z.output<typeof body>): OrderTerms => ({
  instrument: { exchange: order.exchange, symbol: order.symbol },
  side: sideOf(order.action),
  product: productOf(order.product ?? CONTRACT_DEFAULTS.product),
  timeInForce: order.validity ?? CONTRACT_DEFAULTS.validity,
  ...priceTerms(
    order.pricetype ?? CONTRACT_DEFAULTS.pricetype,
    order.price ?? decimal(CONTRACT_DEFAULTS.price),
    order.trigger_price ?? decimal(CONTRACT_DEFAULTS.trigger_price),
  ),
  ...quantityTerms(
    order.quantity,
    order.disclosed_quantity ?? CONTRACT_DEFAULTS.disclosed_quantity,
  ),
});

/** `POST /api/v1/placeorder`. */
export const placeOrder = defineRoute({
  name: 'placeorder',
  method: 'post',
  path: '/api/v1/placeorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Places one order and waits for its outcome.',
  description:
    'A LIMIT without a price and a price on a MARKET order are refused. With client_order_id (or the ' +
    'Idempotency-Key header) the same call again answers with the same order and places nothing. ' +
    `In doubt is answered 200 with in_doubt true: "${IN_DOUBT_MESSAGE}".`,
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
      {
        name: 'Price missing',
        status: 400,
        body: {
          status: 'error',
          message: 'price: a LIMIT order needs a price above 0.',
          code: 'PRICE_REQUIRED',
          field: 'price',
        },
      },
      {
        name: 'Refused by the broker',
        status: 400,
        body: {
          status: 'error',
          message: 'Insufficient funds',
          code: 'INSUFFICIENT_FUNDS',
          orderid: EXAMPLE_ORDER_ID,
          state: 'rejected',
          order_status: 'rejected',
          account: 'paper-main',
        },
      },
      {
        name: 'No broker session',
        status: 403,
        body: {
          status: 'error',
          message: 'The account has no live broker session.',
          code: 'NO_SESSION',
        },
      },
      {
        name: 'Client order id used for another order',
        status: 409,
        body: {
          status: 'error',
          message: 'client_order_id: used before for another request.',
          code: 'CLIENT_ORDER_ID_REUSED',
          field: 'client_order_id',
        },
      },
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
    };
    // Before the order is made: a read that fails afterwards would hide an order that exists.
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    return placeAnswer(await call.deps.orders.place(request, call.caller), marks);
  },
});
