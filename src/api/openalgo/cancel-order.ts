import { account, apikey, NOTHING, orderIdText } from '../fields';
import { defineRoute } from '../route';
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
import { orderBody, termFields } from './terms';

/** `POST /api/v1/cancelorder`. */
export const cancelOrder = defineRoute({
  name: 'cancelorder',
  method: 'post',
  path: '/api/v1/cancelorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Cancels an order.',
  description: 'A queued order is ended without a call to the broker.',
  body: orderBody({
    apikey: apikey(),
    strategy: termFields.strategy,
    orderid: orderIdText(),
    account: account(),
  }),
  params: NOTHING,
  answer: orderAnswerSchema,
  examples: {
    request: { apikey: EXAMPLE_KEY, strategy: 'ema-cross', orderid: EXAMPLE_ORDER_ID },
    success: {
      status: 'success',
      orderid: EXAMPLE_ORDER_ID,
      state: 'canceled',
      order_status: 'cancelled',
      account: 'paper-main',
      command_state: 'accepted',
      simulated: true,
    },
    failures: [
      wrongField('orderid', 'Missing data for required field.'),
      {
        name: 'Order finished',
        status: 400,
        body: { status: 'error', message: 'The order is already filled.', code: 'ORDER_CLOSED' },
      },
      orderNotFound,
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body }, call) => {
    const request = { account: body.account ?? null, orderId: body.orderid };
    const marks = call.accounts.marks(await call.deps.books.account(request.account));
    return commandAnswer(await call.deps.orders.cancel(request, call.caller), marks);
  },
});
