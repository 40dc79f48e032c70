import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { brokerId } from '../../src/core/domain/ids';
import { RecordedCatalogue } from '../../src/core/instruments/recorded-catalogue';
import { CatalogueBench } from '../support/catalogue';
import { syntheticRows } from '../support/synthetic-instruments';
import { SBIN } from '../brokers/paper/harness';
import { account, capabilities, startApi } from './fakes';
import type { TestApi } from './fakes';

const rows = [...syntheticRows(6_000)];
let bench: CatalogueBench;
let api: TestApi;
beforeAll(async () => {
  bench = new CatalogueBench();
  await bench.build(rows);
  api = await startApi({
    catalogue: bench.open(),
    brokers: [
      { id: brokerId('paper'), title: 'Paper', capabilities },
      {
        id: brokerId('zerodha'),
        title: 'Zerodha',
        capabilities: {
          ...capabilities,
          ownSymbols: true,
          intervals: { ...NO_INTERVALS, minutes: ['1m', '5m'], days: ['D'] },
        },
      },
    ],
  });
  api.accounts.push(account({ accountId: Z_MAIN, broker: brokerId('zerodha'), isDefault: false }));
});
afterAll(() => {
  bench.close();
});

const NO_INTERVALS = { seconds: [], minutes: [], hours: [], days: [], weeks: [], months: [] };
const Z_MAIN = account().accountId.replace('paper', 'zerodha') as ReturnType<
  typeof account
>['accountId']; // the brand of an id that the test makes itself

type Row = Readonly<Record<string, unknown>>;
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Row;
  /** `data`, when it is a list. */
  readonly rows: readonly Row[];
  /** The names of wrong fields, when `message` is an object of them. */
  readonly fields: readonly string[];
}
const replyOf = async (pending: request.Test): Promise<Reply> => {
  const { status, headers, text, body } = await pending.set('host', '127.0.0.1');
  const read = body as Row; // supertest types it as any; every JSON answer here is an object
  const { data, message } = read;
  return {
    status,
    headers: headers, // likewise
    text,
    body: read,
    rows: Array.isArray(data) ? (data as Row[]) : [],
    fields: typeof message === 'object' && message !== null ? Object.keys(message) : [],
  };
};
const post = (name: string, fields: object, to: TestApi = api): Promise<Reply> =>
  replyOf(
    request(to.app)
      .post(`/api/v1/${name}`)
      .send({ apikey: to.keys.read, ...fields }),
  );
const get = (query: Record<string, string>, path = 'instruments'): Promise<Reply> =>
  replyOf(
    request(api.app)
      .get(`/api/v1/${path}`)
      .query({ apikey: api.keys.read, ...query }),
  );

const OPTION = {
  symbol: 'SBIN24NOV26102.5PE',
  brsymbol: 'SBIN24NOV26102.5PE',
  exchange: 'NFO',
  brexchange: 'NFO',
  token: 'SBIN24NOV26102.5PE',
  expiry: '24-NOV-26',
  strike: 102.5,
  lotsize: 550,
  instrumenttype: 'PE',
  tick_size: 0.05,
  freeze_qty: 1,
};

describe('symbol', () => {
  it('gives one instrument under its exact symbol; the paper broker’s names are ours', async () => {
    const { status, body } = await post('symbol/', {
      symbol: 'SBIN24NOV26102.5PE',
      exchange: 'NFO',
      count: 3,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'success', account: 'paper-main', data: OPTION });
    expect(body).toMatchObject({ data: { id: expect.any(Number) } });
  });

  it('gives the names of the account’s broker', async () => {
    const wanted = { symbol: 'SBIN24NOV26102.5PE', exchange: 'NFO', account: Z_MAIN };
    const { body } = await post('symbol', wanted);
    const listing = rows
      .find(({ instrument }) => instrument.symbol === wanted.symbol)
      ?.listings.find(({ broker }) => broker === 'zerodha');
    expect(body['data']).toMatchObject({
      symbol: wanted.symbol,
      brsymbol: listing?.brokerSymbol,
      token: listing?.token,
    });
  });

  it.each([
    ['NIFTY24NOV26FUT', 'NFO', { instrumenttype: 'FUT', strike: 0, freeze_qty: 1800 }],
    ['NIFTY', 'NSE_INDEX', { instrumenttype: 'INDEX', expiry: '' }],
    ['M&M', 'NSE', { instrumenttype: 'EQ', lotsize: 1, freeze_qty: 1 }],
  ])('tells the kind of %s', async (symbol, exchange, data) => {
    expect((await post('symbol', { symbol, exchange })).body['data']).toMatchObject(data);
  });

  it('says what it does not know, and which field is wrong', async () => {
    const unknown = await post('symbol', { symbol: 'sbin', exchange: 'NSE' });
    expect([unknown.status, unknown.body['message']]).toEqual([
      404,
      'Symbol sbin not found in exchange NSE',
    ]);
    const wrong = await post('symbol', { symbol: 'SBIN', exchange: 'nse' });
    expect([wrong.status, wrong.fields]).toEqual([400, ['exchange']]);
    const missing = await post('symbol', { exchange: 'NSE' });
    expect(missing.body['message']).toEqual({ symbol: ['Missing data for required field.'] });
    const key = await post('symbol', { apikey: 'wrong', symbol: 'SBIN', exchange: 'NSE' });
    expect([key.status, key.body]).toEqual([
      403,
      { status: 'error', message: 'Invalid openalgo apikey' },
    ]);
  });

  it('shows a replayed instrument in place of the catalogue’s', async () => {
    const recorded = [
      { ...SBIN, tickSize: SBIN.tickSize, lotSize: 7 },
      { ...SBIN, symbol: 'AAATECH', name: 'AAA TECH', underlying: 'AAATECH' },
    ];
    const replayed = await startApi({ catalogue: new RecordedCatalogue(bench.open(), recorded) });
    const call = (name: string, fields: object): Promise<Reply> => post(name, fields, replayed);
    const one = await call('symbol', { symbol: 'SBIN', exchange: 'NSE' });
    expect(one.body).toMatchObject({ data: { lotsize: 7 } });
    const added = await call('symbol', { symbol: 'AAATECH', exchange: 'NSE' });
    expect(added.status).toBe(200);
    const found = await call('search', { query: 'aaa tech' });
    expect(found.rows.map((row) => row['symbol'])).toEqual(['AAATECH']);
    const both = await call('search', { query: 'SBIN', exchange: 'NSE' });
    expect(both.rows).toMatchObject([{ lotsize: 7 }]);
  });
});

describe('search', () => {
  it('counts and shows what fits, without row ids', async () => {
    const { body, rows: found } = await post('search', {
      query: 'sbin 102.5 pe',
      exchange: 'NFO',
    });
    expect(body['message']).toBe(`Found ${String(found.length)} matching symbols`);
    expect(found[0]).toMatchObject(OPTION);
    expect(found[0]).not.toHaveProperty('id');
    expect(body).not.toHaveProperty('truncated');
  });

  it('shows 500 at most, and says that there are more', async () => {
    const { body, rows: found } = await post('search', { query: 'ce' });
    expect([found.length, body['truncated']]).toEqual([500, true]);
  });

  it('without a hit is a success', async () => {
    for (const query of ['zzzz', '"*"', '(', 'NOT', ':^']) {
      const { status, body } = await post('search', { query });
      expect([query, status, body['message'], body['data']]).toEqual([
        query,
        200,
        'No matching symbols found',
        [],
      ]);
    }
  });

  it('refuses a blank text with a text, and too many words', async () => {
    for (const query of ['', '   ', 'a b c d e f g h i j k']) {
      const { status, body } = await post('search', { query });
      expect([status, typeof body['message'], body['field']]).toEqual([400, 'string', 'query']);
    }
    expect((await post('search', {})).body['message']).toEqual({
      query: ['Missing data for required field.'],
    });
  });
});

describe('expiry', () => {
  it('lists days from today on, ascending', async () => {
    const wanted = { symbol: 'nifty', exchange: 'NFO', instrumenttype: 'futures' };
    expect((await post('expiry', wanted)).body).toMatchObject({
      status: 'success',
      message: 'Found 3 expiry dates for NIFTY futures in NFO',
      data: ['24-NOV-26', '29-DEC-26', '25-JAN-27'],
    });
  });

  it('of an unknown underlying is an empty list, of a share market a wrong field', async () => {
    const wanted = { symbol: 'ZZZZ', exchange: 'NFO', instrumenttype: 'options' };
    const none = await post('expiry', wanted);
    expect([none.status, none.body['data']]).toEqual([200, []]);
    const wrong = await post('expiry', { ...wanted, exchange: 'NSE' });
    expect([wrong.status, wrong.fields]).toEqual([400, ['exchange']]);
  });
});

describe('intervals', () => {
  it('are those of the account’s broker; paper gives no candles', async () => {
    expect((await post('intervals', {})).body['data']).toEqual(NO_INTERVALS);
    expect((await post('intervals', { account: Z_MAIN })).body['data']).toEqual({
      ...NO_INTERVALS,
      minutes: ['1m', '5m'],
      days: ['D'],
    });
  });
});

describe('instruments', () => {
  it('are all of one exchange, or all, as JSON', async () => {
    const bse = await get({ exchange: 'BSE', format: 'json' });
    expect(bse.status).toBe(200);
    expect(bse.headers['content-type']).toMatch(/^application\/json/);
    expect(bse.rows.length).toBe(
      rows.filter(({ instrument }) => instrument.exchange === 'BSE').length,
    );
    expect(Object.keys(bse.rows[0] ?? {})).toHaveLength(11);
    const all = await get({ count: '5' }, 'instruments/');
    expect([all.body['status'], all.rows.length]).toEqual(['success', rows.length]);
    expect((await get({ exchange: 'CRYPTO' })).body).toMatchObject({ status: 'success', data: [] });
  });

  it('are a file with a header row and eleven columns as CSV', async () => {
    const { headers, text } = await get({ exchange: 'NFO', format: 'csv' });
    expect(headers['content-type']).toMatch(/^text\/csv/);
    expect(headers['content-disposition']).toBe('attachment; filename=instruments_NFO.csv');
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size',
    );
    expect(lines.length - 1).toBe(
      rows.filter(({ instrument }) => instrument.exchange === 'NFO').length,
    );
    expect(lines.find((line) => line.startsWith('SBIN24NOV26102.5PE,'))).toMatch(
      /,24-NOV-26,102\.5,550,PE,0\.05$/,
    );
  });

  it('refuse a wrong key and a wrong field: as plain text when CSV was asked for', async () => {
    const json = await get({ apikey: 'wrong' });
    expect([json.status, json.body['message']]).toEqual([403, 'Invalid openalgo apikey']);
    const csv = await get({ apikey: 'wrong', format: 'csv' });
    expect([csv.status, csv.text]).toEqual([403, 'Invalid openalgo apikey']);
    expect(csv.headers['content-type']).toMatch(/^text\/plain/);
    const wrong = await get({ exchange: 'MOON' });
    expect([wrong.status, wrong.fields]).toEqual([400, ['exchange']]);
    const format = await get({ format: 'xml' });
    expect([format.status, format.fields]).toEqual([400, ['format']]);
    const none = await replyOf(request(api.app).get('/api/v1/instruments'));
    expect([none.status, none.fields]).toEqual([400, ['apikey']]);
    const twice = await replyOf(
      request(api.app).get(`/api/v1/instruments?apikey=${api.keys.read}&exchange=NSE&exchange=BSE`),
    );
    expect(twice.status).toBe(400);
  });

  it('leave the key of the query in no log line', async () => {
    await get({ exchange: 'BSE' });
    await get({ exchange: 'MOON' });
    await get({}, 'instrumentz');
    expect(api.log.length).toBeGreaterThan(0);
    expect(JSON.stringify(api.log)).not.toContain(api.keys.read);
  });
});
