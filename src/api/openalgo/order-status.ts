import { z } from 'zod';
import { account, apikey, NOTHING, orderIdText } from '../fields';
import { defineRoute, success } from '../route';
import {
  bodyFailures,
  EXAMPLE_KEY,
  EXAMPLE_ORDER_ID,
  keyFailures,
  orderNotFound,
  unknownAccount,
  wrongField,
} from './examples';
import { exampleOrderRow } from './order-book';
import { practiceMarks } from './order-answer';
import { readAccess, readEnvelope, readOf } from './reads';
import { orderRow, orderRowSchema } from './rows';
import { termFields } from './terms';

/** `POST /api/v1/orderstatus`. */
export const orderStatus = defineRoute({
  name: 'orderstatus',
  method: 'post',
  path: '/api/v1/orderstatus',
  access: readAccess,
  family: 'text',
  summary: 'One order of any day, by our id or the broker’s.',
  description: 'The price type is given under both names that clients read.',
  body: z.object({
    apikey: apikey(),
    strategy: termFields.strategy,
    orderid: orderIdText(),
    account: account(),
  }),
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: orderRowSchema.extend({ price_type: z.string() }),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, strategy: 'ema-cross', orderid: EXAMPLE_ORDER_ID },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: { ...exampleOrderRow, price_type: exampleOrderRow.pricetype },
    },
    failures: [
      wrongField('orderid', 'Missing data for required field.'),
      orderNotFound,
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: async ({ body }, call) => {
    const { marks } = await readOf(body.account, call);
    const order = await call.deps.orders.find(body.account ?? null, body.orderid);
    const row = orderRow(order);
    return success({
      data: { ...row, price_type: row.pricetype },
      ...marks,
      account: order.accountId,
      ...practiceMarks(order.practice),
    });
  },
});
