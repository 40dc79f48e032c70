import { z } from 'zod';
import { account, apikey, NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { productOf } from '../words';
import { bodyFailures, EXAMPLE_KEY, keyFailures, unknownAccount, wrongField } from './examples';
import { practiceMarks } from './order-answer';
import { readAccess, readEnvelope } from './reads';
import { termFields } from './terms';

/** `POST /api/v1/openposition`. */
export const openPosition = defineRoute({
  name: 'openposition',
  method: 'post',
  path: '/api/v1/openposition',
  access: readAccess,
  family: 'text',
  summary:
    'The net position of one symbol, exchange and product, signed, as the broker reports it.',
  description:
    'Orders under way are not counted. A position that cannot be read is an error, never 0.',
  body: z.object({
    apikey: apikey(),
    strategy: termFields.strategy,
    symbol: termFields.symbol,
    exchange: termFields.exchange,
    product: termFields.product,
    account: account(),
  }),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, quantity: z.int() }),
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      strategy: 'ema-cross',
      symbol: 'SBIN',
      exchange: 'NSE',
      product: 'MIS',
    },
    success: { status: 'success', quantity: 25, account: 'paper-main', simulated: true },
    failures: [
      wrongField('product', 'Missing data for required field.'),
      {
        name: 'No such symbol',
        status: 400,
        body: {
          status: 'error',
          message: 'symbol: SBINX not found in exchange NSE',
          code: 'UNKNOWN_SYMBOL',
          field: 'symbol',
        },
      },
      {
        name: 'Positions not readable',
        status: 503,
        body: {
          status: 'error',
          message: 'The broker did not answer in time.',
          code: 'TIMEOUT',
          correlation_id: '7f0c1b9a5d2e4f60',
        },
      },
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: async ({ body }, call) => {
    const named = body.account ?? null;
    const marks = call.accounts.marks(await call.deps.books.account(named));
    const { symbol, exchange } = body;
    const found = await call.deps.positions.open(
      named,
      { exchange, symbol },
      productOf(body.product),
    );
    return success({
      quantity: found.quantity,
      account: found.account,
      ...marks,
      ...practiceMarks(found.practice),
    });
  },
});
