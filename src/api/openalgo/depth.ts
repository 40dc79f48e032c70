import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { marketFailures, symbolFields } from './market-fields';
import { depthRow, depthSchema } from './market-rows';
import { exampleQuote } from './quotes';
import { readAccess, readBody, readEnvelope, readOf } from './reads';

const { open, high, low, ltp, prev_close, volume, oi } = exampleQuote;
const figures = { open, high, low, ltp, prev_close, volume, oi };
const EMPTY = { price: 0, quantity: 0 };

/** `POST /api/v1/depth`. */
export const depth = defineRoute({
  name: 'depth',
  method: 'post',
  path: '/api/v1/depth',
  access: readAccess,
  family: 'object',
  summary: 'What stands in the market of one instrument; always five rows a side.',
  body: readBody.extend(symbolFields),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, data: depthSchema }),
  examples: {
    request: { apikey: EXAMPLE_KEY, symbol: 'SBIN', exchange: 'NSE' },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: {
        bids: [{ price: 812.4, quantity: 150 }, EMPTY, EMPTY, EMPTY, EMPTY],
        asks: [{ price: 812.5, quantity: 75 }, EMPTY, EMPTY, EMPTY, EMPTY],
        ...figures,
        ltq: 0,
        totalbuyqty: 150,
        totalsellqty: 75,
      },
    },
    failures: marketFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const { exchange, symbol } = body;
    const found = await call.deps.marketReads.depth(account.accountId, { exchange, symbol });
    return success({ data: depthRow(found), ...marks });
  },
});
