import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import {
  bookOf,
  readAccess,
  readBody,
  readEnvelope,
  readExampleRequest,
  readFailures,
} from './reads';
import { positionRow, positionRowSchema } from './rows';

/** `POST /api/v1/positionbook`. */
export const positionBook = defineRoute({
  name: 'positionbook',
  method: 'post',
  path: '/api/v1/positionbook',
  access: readAccess,
  family: 'object',
  summary: 'Net positions of today as the broker reports them.',
  body: readBody,
  params: NOTHING,
  answer: z.object({ ...readEnvelope, data: z.array(positionRowSchema) }),
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
          quantity: 5,
          average_price: '812.40',
          ltp: 813.1,
          pnl: 3.5,
          unrealized_pnl: 3.5,
          today_realized_pnl: 0,
          account: 'paper-main',
        },
      ],
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await bookOf(body.account, call);
    const positions = await call.deps.books.positions(account.accountId);
    return success({
      data: positions.map((position) => positionRow(position, account.accountId)),
      ...marks,
    });
  },
});
