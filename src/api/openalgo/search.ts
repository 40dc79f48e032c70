import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { NOTHING, text } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY } from './examples';
import { readAccess, readBody, readEnvelope, readFailures, readOf } from './reads';
import { exampleInstrument, symbolRow, symbolSchema } from './symbol-rows';
import { termFields } from './terms';

const MOST_ROWS = 500;
const MOST_WORDS = 10;

/** @throws GatewayError VALIDATION with a text, as the contract has it for this field alone */
const checkQuery = (query: string): void => {
  const words = query.split(/\s+/u).filter((word) => word !== '').length;
  if (words > 0 && words <= MOST_WORDS) return;
  const message =
    words === 0 ? 'query: must not be blank.' : `query: must be at most ${MOST_WORDS} words.`;
  throw new GatewayError('VALIDATION', message, { field: 'query' });
};

/** `POST /api/v1/search`. */
export const search = defineRoute({
  name: 'search',
  method: 'post',
  path: '/api/v1/search',
  access: readAccess,
  family: 'object',
  summary: 'Instruments that a text fits, the best first.',
  description:
    'First the very symbol, then symbols that begin with the text, then rows where every word begins a ' +
    `word of the symbol, name, strike, expiry or a broker’s code. At most ${MOST_ROWS} rows; \`truncated\` ` +
    'says that there are more.',
  body: readBody.extend({ query: text(0, 200), exchange: termFields.exchange.optional() }),
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    message: z.string(),
    data: z.array(symbolSchema),
    truncated: z.literal(true).optional(),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, query: 'nifty oct fut', exchange: 'NFO' },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      message: 'Found 1 matching symbols',
      data: [{ ...exampleInstrument, freeze_qty: 1800 }],
    },
    failures: [
      {
        name: 'Blank query',
        status: 400,
        body: {
          status: 'error',
          message: 'query: must not be blank.',
          code: 'VALIDATION',
          field: 'query',
        },
      },
      ...readFailures,
    ],
  },
  handle: async ({ body }, call) => {
    checkQuery(body.query);
    const { account, marks } = await readOf(body.account, call);
    const broker = call.accounts.symbolsOf(account);
    const found = call.deps.catalogue.search(
      body.query,
      body.exchange ?? null,
      MOST_ROWS + 1,
      broker,
    );
    const rows = found.slice(0, MOST_ROWS).map((entry) => symbolRow(entry, broker !== null));
    return success({
      message:
        rows.length === 0
          ? 'No matching symbols found'
          : `Found ${String(rows.length)} matching symbols`,
      data: rows,
      ...(found.length > MOST_ROWS ? { truncated: true } : {}),
      ...marks,
    });
  },
});
