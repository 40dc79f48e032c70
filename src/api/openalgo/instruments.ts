import { z } from 'zod';
import type { Account } from '../../core/domain/account';
import type { Exchange } from '../../core/domain/instrument';
import type { CatalogueEntry } from '../../core/ports/catalogue';
import { NOTHING, oneOf } from '../fields';
import { defineRoute } from '../route';
import type { Call, FailureExample, JsonObject } from '../route';
import { EXAMPLE_KEY, keyFailures, unknownAccount, wrongFieldObject } from './examples';
import { readBody, readEnvelope, readOf } from './reads';
import { exampleInstrument, instrumentRow, instrumentSchema } from './symbol-rows';
import { termFields } from './terms';

const COLUMNS = Object.keys(instrumentSchema.shape).join(',');

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

type Pieces = Iterable<readonly CatalogueEntry[]>;

function* csvPieces(pieces: Pieces, ownSymbols: boolean): Generator<string> {
  yield `${COLUMNS}\n`;
  for (const piece of pieces) {
    const lines = piece.map((entry) =>
      Object.values(instrumentRow(entry, ownSymbols)).map(cell).join(','),
    );
    yield `${lines.join('\n')}\n`;
  }
}

function* jsonPieces(pieces: Pieces, ownSymbols: boolean, head: JsonObject): Generator<string> {
  yield `${JSON.stringify({ status: 'success', ...head }).slice(0, -1)},"data":[`;
  let joint = '';
  for (const piece of pieces) {
    const rows = piece.map((entry) => JSON.stringify(instrumentRow(entry, ownSymbols)));
    yield `${joint}${rows.join(',')}`;
    joint = ',';
  }
  yield ']}';
}

const entriesOf = (account: Account, exchange: Exchange | null, call: Call): Pieces =>
  call.deps.catalogue.list(exchange, call.accounts.symbolsOf(account));

const failures: readonly FailureExample[] = [
  wrongFieldObject('exchange', 'Must be one of: NSE, NFO, CDS.'),
  unknownAccount,
  ...keyFailures('read'),
];

/** `GET /api/v1/instruments`. */
export const instruments = defineRoute({
  name: 'instruments',
  method: 'get',
  path: '/api/v1/instruments',
  access: { kind: 'key', scope: 'read', carrier: 'query' },
  family: 'object',
  summary: 'All instruments, or those of one exchange, as JSON or as a CSV file.',
  description:
    'Sent as it is read, so it may be tens of megabytes. With `format=csv` errors are plain text. An ' +
    'answer that is cut off is an error, not the end of the list.',
  body: readBody.extend({
    exchange: termFields.exchange.optional(),
    format: oneOf(['json', 'csv']).optional(),
  }),
  textErrors: (query) => query['format'] === 'csv',
  params: NOTHING,
  answer: z.object({ ...readEnvelope, message: z.string(), data: z.array(instrumentSchema) }),
  examples: {
    request: { apikey: EXAMPLE_KEY, exchange: 'NFO', format: 'json' },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      message: 'Instruments of NFO',
      data: [exampleInstrument],
    },
    failures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const exchange = body.exchange ?? null;
    const ownSymbols = call.accounts.symbolsOf(account) !== null;
    const pieces = entriesOf(account, exchange, call);
    if (body.format === 'csv') {
      const fileName = `instruments${exchange === null ? '' : `_${exchange}`}.csv`;
      const text = csvPieces(pieces, ownSymbols);
      return { status: 200, pieces: text, contentType: 'text/csv', fileName };
    }
    const head = { message: `Instruments of ${exchange ?? 'all exchanges'}`, ...marks };
    return {
      status: 200,
      pieces: jsonPieces(pieces, ownSymbols, head),
      contentType: 'application/json',
      fileName: null,
    };
  },
});
