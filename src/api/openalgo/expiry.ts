import { z } from 'zod';
import { istDate } from '../../core/domain/time';
import { NOTHING, oneOf } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { readAccess, readBody, readEnvelope, readFailures, readOf } from './reads';
import { expiryText } from './symbol-rows';
import { termFields } from './terms';

/** Exchanges that have contracts with an expiry, in the order of the contract's message. */
const EXPIRY_EXCHANGES = ['NFO', 'BFO', 'MCX', 'CDS', 'NCO', 'BCD', 'NCDEX', 'CRYPTO'] as const;

/** `POST /api/v1/expiry`. */
export const expiry = defineRoute({
  name: 'expiry',
  method: 'post',
  path: '/api/v1/expiry',
  access: readAccess,
  family: 'object',
  summary: 'Days on which contracts of an underlying expire, today and later.',
  body: readBody.extend({
    symbol: termFields.symbol,
    exchange: oneOf(EXPIRY_EXCHANGES),
    instrumenttype: oneOf(['futures', 'options']),
  }),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, message: z.string(), data: z.array(z.string()) }),
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      symbol: 'NIFTY',
      exchange: 'NFO',
      instrumenttype: 'options',
    },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      message: 'Found 3 expiry dates for NIFTY options in NFO',
      data: ['28-OCT-25', '04-NOV-25', '25-NOV-25'],
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { marks } = await readOf(body.account, call);
    const underlying = body.symbol.toUpperCase();
    const { exchange, instrumenttype } = body;
    const { catalogue, clock } = call.deps;
    const days = catalogue.expiries(underlying, exchange, instrumenttype, istDate(clock.now()));
    const what = `${underlying} ${instrumenttype} in ${exchange}`;
    return success({
      message:
        days.length === 0
          ? `No expiry dates found for ${what}`
          : `Found ${String(days.length)} expiry dates for ${what}`,
      data: days.map(expiryText),
      ...marks,
    });
  },
});
