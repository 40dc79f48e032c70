import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { instrumentKey } from '../../core/domain/instrument';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { marketFailures, symbolFields } from './market-fields';
import { quoteRow, quoteSchema } from './market-rows';
import { readAccess, readBody, readEnvelope, readOf } from './reads';

export const exampleQuote = {
  open: 810,
  high: 818.4,
  low: 806.1,
  ltp: 812.4,
  ask: 812.5,
  bid: 812.4,
  prev_close: 808.9,
  volume: 4512230,
  oi: 0,
};

/** `POST /api/v1/quotes`. */
export const quotes = defineRoute({
  name: 'quotes',
  method: 'post',
  path: '/api/v1/quotes',
  access: readAccess,
  family: 'object',
  summary: 'The price of one instrument now.',
  body: readBody.extend(symbolFields),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, data: quoteSchema }),
  examples: {
    request: { apikey: EXAMPLE_KEY, symbol: 'SBIN', exchange: 'NSE' },
    success: { status: 'success', account: 'paper-main', simulated: true, data: exampleQuote },
    failures: marketFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const id = { exchange: body.exchange, symbol: body.symbol };
    const [found] = await call.deps.marketReads.quotes(account.accountId, [id]);
    if (found === undefined || found.kind === 'unknown-symbol') {
      throw new GatewayError(
        'UNKNOWN_SYMBOL',
        `symbol: there is no ${id.symbol} on ${id.exchange}.`,
        { field: 'symbol' },
      );
    }
    if (found.kind === 'none') {
      throw new GatewayError('NO_PRICE', `${instrumentKey(id)}: ${found.reason}.`);
    }
    return success({ data: quoteRow(found.quote), ...marks });
  },
});
