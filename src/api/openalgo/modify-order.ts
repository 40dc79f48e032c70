import { account, apikey, NOTHING, orderIdText } from '../fields';
import { defineRoute } from '../route';
import { productOf, sideOf } from '../words';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  orderNotFound,
  unknownAccount,
  wrongField,
} from './examples';
import { commandAnswer, orderAnswerSchema } from './order-answer';
import { orderBody, priceTerms, quantityTerms, termFields } from './terms';

/** `POST /api/v1/modifyorder`. */
export const modifyOrder = defineRoute({
  name: 'modifyorder',
  method: 'post',
  path: '/api/v1/modifyorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Changes price, type or quantity of an order; all twelve fields are required.',
  description:
    'Exchange, symbol, action and product say which order the caller means: a difference is refused. ' +
    'The price rules are those of placeorder.',
  body: orderBody({ apikey: apikey(), ...termFields, orderid: orderIdText(), account: account() }),
  params: NOTHING,
  answer: orderAnswerSchema,
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      orderid: EXAMPLE_ORDER_ID,
      action: 'BUY',
      product: 'MIS',
      pricetype: 'LIMIT',
      price: '811.00',
      quantity: '5',
      disclosed_quantity: '0',
      trigger_price: '0',
    },
    success: {
      status: 'success',
      orderid: EXAMPLE_ORDER_ID,
      state: 'accepted',
      order_status: 'open',
      account: 'paper-main',
      broker_order_id: 'P000000017',
      command_state: 'accepted',
      simulated: true,
    },
    failures: [
      wrongField('disclosed_quantity', 'Missing data for required field.'),
      {
        name: 'Order finished',
        status: 400,
        body: {
          status: 'error',
          message: 'The order is already filled.',
          code: 'ORDER_CLOSED',
        },
      },
      {
        name: 'Change under way',
        status: 409,
        body: {
          status: 'error',
          message: 'A change of this order is under way.',
          code: 'COMMAND_PENDING',
        },
      },
      orderNotFound,
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body: order }, call) => {
    const request = {
      account: order.account ?? null,
      orderId: order.orderid,
      change: {
        ...priceTerms(order.pricetype, order.price, order.trigger_price),
        ...quantityTerms(order.quantity, order.disclosed_quantity),
      },
      expected: {
        instrument: { exchange: order.exchange, symbol: order.symbol },
        side: sideOf(order.action),
        product: productOf(order.product),
      },
    };
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    return commandAnswer(await call.deps.orders.modify(request, call.caller), marks);
  },
});
