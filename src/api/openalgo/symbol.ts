import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { readAccess, readBody, readEnvelope, readFailures, readOf } from './reads';
import { exampleInstrument, symbolRow, symbolSchema } from './symbol-rows';
import { termFields } from './terms';

/** `POST /api/v1/symbol`. */
export const symbol = defineRoute({
  name: 'symbol',
  method: 'post',
  path: '/api/v1/symbol',
  access: readAccess,
  family: 'object',
  summary: 'One instrument by its exact symbol and exchange.',
  description: '`id` is the number of its row and changes with each day’s catalogue.',
  body: readBody.extend({ symbol: termFields.symbol, exchange: termFields.exchange }),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, data: symbolSchema.extend({ id: z.int() }) }),
  examples: {
    request: { apikey: EXAMPLE_KEY, symbol: 'NIFTY28OCT25FUT', exchange: 'NFO' },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: { ...exampleInstrument, freeze_qty: 1800, id: 9123 },
    },
    failures: [
      {
        name: 'No such symbol',
        status: 404,
        body: {
          status: 'error',
          message: 'Symbol NIFTY99OCT25FUT not found in exchange NFO',
          code: 'SYMBOL_NOT_FOUND',
          field: 'symbol',
        },
      },
      ...readFailures,
    ],
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const broker = call.accounts.symbolsOf(account);
    const entry = call.deps.catalogue.entry(body, broker);
    if (entry === null) {
      throw new GatewayError(
        'SYMBOL_NOT_FOUND',
        `Symbol ${body.symbol} not found in exchange ${body.exchange}`,
        { field: 'symbol' },
      );
    }
    return success({ data: { id: entry.rowId, ...symbolRow(entry, broker !== null) }, ...marks });
  },
});
