import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_ORDER_ID } from './examples';
import {
  bookOf,
  readAccess,
  readBody,
  readEnvelope,
  readExampleRequest,
  readFailures,
} from './reads';
import { tradeRow, tradeRowSchema } from './rows';

/** `POST /api/v1/tradebook`. */
export const tradeBook = defineRoute({
  name: 'tradebook',
  method: 'post',
  path: '/api/v1/tradebook',
  access: readAccess,
  family: 'object',
  summary: 'Executions of today (India time).',
  body: readBody,
  params: NOTHING,
  answer: z.object({ ...readEnvelope, data: z.array(tradeRowSchema) }),
  examples: {
    request: readExampleRequest,
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: [
        {
          symbol: 'SBIN',
          exchange: 'NSE',
          product: 'MIS',
          action: 'BUY',
          quantity: 5,
          average_price: 812.4,
          trade_value: 4062,
          orderid: EXAMPLE_ORDER_ID,
          timestamp: '09-Sep-2025 10:15:04',
          timestamp_iso: '2025-09-09T10:15:04.020+05:30',
          tradeid: 'T000000009',
          price: 812.4,
          strategy: 'ema-cross',
          account: 'paper-main',
          broker_order_id: 'P000000017',
        },
      ],
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await bookOf(body.account, call);
    const fills = await call.deps.books.fills(account.accountId);
    return success({ data: fills.map(tradeRow), ...marks });
  },
});
