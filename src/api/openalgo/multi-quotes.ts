import { z } from 'zod';
import type { SymbolQuote } from '../../core/market/market-reads';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { marketFailures, symbolItem } from './market-fields';
import { quoteRow, quoteSchema } from './market-rows';
import { exampleQuote } from './quotes';
import { readAccess, readBody, readEnvelope, readOf } from './reads';

/** Most symbols of one call: as many as a body of 64 KB holds anyway, and a bound for the broker. */
const MAX_SYMBOLS = 500;

const named = { symbol: z.string(), exchange: z.string() };
const resultSchema = z.union([
  z.strictObject({ ...named, data: quoteSchema }),
  z.strictObject({ ...named, error: z.string() }),
]);

const resultOf = (quote: SymbolQuote): z.infer<typeof resultSchema> => {
  const { symbol, exchange } = quote.kind === 'quote' ? quote.quote.instrument : quote.instrument;
  switch (quote.kind) {
    case 'quote':
      return { symbol, exchange, data: quoteRow(quote.quote) };
    case 'none':
      return { symbol, exchange, error: `no price: ${quote.reason}` };
    case 'unknown-symbol':
      return { symbol, exchange, error: `there is no ${symbol} on ${exchange}` };
  }
};

/** `POST /api/v1/multiquotes`. */
export const multiQuotes = defineRoute({
  name: 'multiquotes',
  method: 'post',
  path: '/api/v1/multiquotes',
  access: readAccess,
  family: 'object',
  summary: 'The prices of many instruments; those without one carry an error instead.',
  description:
    'Unknown symbols come first. When none of the symbols exists the answer is 400 and lists them.',
  body: readBody.extend({
    symbols: z
      .array(symbolItem, {
        error: (issue) =>
          issue.input === undefined ? 'Missing data for required field.' : 'Not a valid list.',
      })
      .min(1, { error: 'Shorter than minimum length 1.' })
      .max(MAX_SYMBOLS, { error: `Longer than maximum length ${MAX_SYMBOLS}.` }),
  }),
  params: NOTHING,
  answer: z.object({ ...readEnvelope, results: z.array(resultSchema) }),
  examples: {
    request: {
      apikey: EXAMPLE_KEY,
      symbols: [
        { symbol: 'SBIN', exchange: 'NSE' },
        { symbol: 'NOPE', exchange: 'NSE' },
      ],
    },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      results: [
        { symbol: 'NOPE', exchange: 'NSE', error: 'there is no NOPE on NSE' },
        { symbol: 'SBIN', exchange: 'NSE', data: exampleQuote },
      ],
    },
    failures: [
      {
        name: 'All symbols unknown',
        status: 400,
        body: {
          status: 'error',
          message: 'None of the symbols exists.',
          code: 'UNKNOWN_SYMBOL',
          field: 'symbols',
          invalid_symbols: [{ symbol: 'NOPE', exchange: 'NSE' }],
        },
      },
      ...marketFailures.slice(1),
    ],
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const found = await call.deps.marketReads.quotes(account.accountId, body.symbols);
    const unknown = found.filter(({ kind }) => kind === 'unknown-symbol');
    if (unknown.length === found.length) {
      return {
        status: 400,
        json: {
          status: 'error',
          message: 'None of the symbols exists.',
          code: 'UNKNOWN_SYMBOL',
          field: 'symbols',
          invalid_symbols: body.symbols.map(({ symbol, exchange }) => ({ symbol, exchange })),
          ...marks,
        },
      };
    }
    const rest = found.filter(({ kind }) => kind !== 'unknown-symbol');
    return success({ results: [...unknown, ...rest].map(resultOf), ...marks });
  },
});
