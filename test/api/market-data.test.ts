import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import { decimal } from '../../src/core/domain/decimal';
import { GatewayError } from '../../src/core/domain/errors';
import type { MarketReads, SymbolQuote } from '../../src/core/market/market-reads';
import type { MarketQuote } from '../../src/core/ports/broker';
import { startApi } from './fakes';
import type { TestApi } from './fakes';

const SBIN: MarketQuote = {
  instrument: { exchange: 'NSE', symbol: 'SBIN' },
  last: decimal('812.4'),
  bid: decimal('812.35'),
  ask: null,
  open: decimal('810'),
  high: decimal('818.4'),
  low: decimal('806.1'),
  previousClose: null,
  volume: 4_512_230,
  openInterest: null,
};

let api: TestApi;
let asked: unknown[];
const reads: MarketReads = {
  quotes: (_account, ids) => {
    asked.push(ids);
    return Promise.resolve(
      ids.map((instrument): SymbolQuote => {
        if (instrument.symbol === 'SBIN') return { kind: 'quote', quote: SBIN };
        if (instrument.symbol === 'IDLE') return { kind: 'none', instrument, reason: 'no trade' };
        return { kind: 'unknown-symbol', instrument };
      }),
    );
  },
  depth: (_account, { symbol }) =>
    symbol === 'IDLE'
      ? Promise.reject(new GatewayError('NO_PRICE', 'NSE:IDLE: no trade'))
      : Promise.resolve({
          ...SBIN,
          bids: [{ price: decimal('812.35'), quantity: 150 }],
          asks: [],
          lastQuantity: 3,
          totalBidQuantity: null,
          totalAskQuantity: null,
        }),
  margin: () => Promise.reject(new GatewayError('UNSUPPORTED', 'Fake (fake) gives no margin.')),
};
beforeEach(async () => {
  asked = [];
  api = await startApi({ marketReads: reads });
});

/** The keys that these tests read; each test says which of them must be there. */
interface Body {
  readonly message: object;
  readonly code: string;
  readonly year: number;
  readonly results: readonly object[];
  readonly unknown_exchanges: readonly string[];
  readonly data: {
    readonly find: (test: (row: Readonly<Record<string, unknown>>) => boolean) => unknown;
    readonly bids: readonly object[];
    readonly asks: readonly object[];
  };
}
const post = async (
  path: string,
  body: object,
  to: TestApi = api,
): Promise<{ readonly status: number; readonly body: Body }> => {
  const { status, body: answer } = await request(to.app)
    .post(`/api/v1/${path}`)
    .send({ apikey: to.keys.read, ...body });
  // Any JSON; a key that is missing fails the test that reads it.
  return { status, body: answer as Body };
};
const documented = (name: string, body: unknown): void => {
  expect(ROUTES.find((route) => route.name === name)?.answer?.parse(body)).toEqual(body);
};

describe('quotes', () => {
  it('answers with or without a trailing slash, and ignores unknown fields', async () => {
    for (const path of ['quotes', 'quotes/']) {
      const answer = await post(path, { symbol: 'SBIN', exchange: 'NSE', count: 5 });
      expect(answer.status).toBe(200);
      documented('quotes', answer.body);
      expect(answer.body.data).toEqual({
        open: 810,
        high: 818.4,
        low: 806.1,
        ltp: 812.4,
        ask: null,
        bid: 812.35,
        prev_close: null,
        volume: 4_512_230,
        oi: 0,
      });
    }
  });

  it.each([
    ['NOPE', 400, { code: 'UNKNOWN_SYMBOL', field: 'symbol' }],
    ['IDLE', 404, { code: 'NO_PRICE', message: 'NSE:IDLE: no trade.' }],
  ])('says why %s has no quote', async (symbol, status, body) => {
    const answer = await post('quotes', { symbol, exchange: 'NSE' });
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(body)]);
  });

  it('names wrong fields as an object', async () => {
    const answer = await post('quotes', { exchange: 'nse' });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body.message)).toEqual(['symbol', 'exchange']);
  });

  it('names the broker that has no quotes', async () => {
    const bare = await startApi();
    const answer = await post('quotes', { symbol: 'SBIN', exchange: 'NSE' }, bare);
    expect([answer.status, answer.body.code]).toEqual([501, 'UNSUPPORTED']);
    expect(answer.body.message).toContain('fake');
  });
});

describe('multiquotes', () => {
  it('puts unknown symbols first and gives each its own answer', async () => {
    const symbols = ['SBIN', 'NOPE', 'IDLE'].map((symbol) => ({ symbol, exchange: 'NSE' }));
    const answer = await post('multiquotes', { symbols });
    expect(answer.status).toBe(200);
    documented('multiquotes', answer.body);
    expect(answer.body.results).toEqual([
      { symbol: 'NOPE', exchange: 'NSE', error: 'there is no NOPE on NSE' },
      { symbol: 'SBIN', exchange: 'NSE', data: expect.objectContaining({ ltp: 812.4 }) },
      { symbol: 'IDLE', exchange: 'NSE', error: 'no price: no trade' },
    ]);
    expect(asked).toHaveLength(1);
  });

  it('is a 400 that lists them when no symbol exists', async () => {
    const answer = await post('multiquotes', { symbols: [{ symbol: 'NOPE', exchange: 'NSE' }] });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      status: 'error',
      invalid_symbols: [{ symbol: 'NOPE', exchange: 'NSE' }],
    });
  });

  it('refuses an empty list and names the item at fault', async () => {
    expect((await post('multiquotes', { symbols: [] })).body.message).toHaveProperty('symbols');
    const answer = await post('multiquotes', { symbols: [{ symbol: 'SBIN', exchange: 'X' }] });
    expect(Object.keys(answer.body.message)).toEqual(['symbols[0].exchange']);
  });
});

describe('depth', () => {
  it('has five rows a side, padded with zeros', async () => {
    const answer = await post('depth/', { symbol: 'SBIN', exchange: 'NSE' });
    expect(answer.status).toBe(200);
    documented('depth', answer.body);
    const { bids, asks } = answer.body.data;
    expect(bids).toHaveLength(5);
    expect(asks).toHaveLength(5);
    expect(bids[0]).toEqual({ price: 812.35, quantity: 150 });
    expect(asks[0]).toEqual({ price: 0, quantity: 0 });
    expect(answer.body.data).toMatchObject({ ltq: 3, totalbuyqty: 150, totalsellqty: 0 });
  });

  it('never gives 0 for a price that is not there', async () => {
    const answer = await post('depth', { symbol: 'IDLE', exchange: 'NSE' });
    expect([answer.status, answer.body.code]).toEqual([404, 'NO_PRICE']);
  });
});

describe('market/holidays', () => {
  it('lists a year with closed, open and unknown exchanges', async () => {
    const answer = await post('market/holidays/', { year: '2026' });
    expect(answer.status).toBe(200);
    documented('market-holidays', answer.body);
    expect(answer.body).toMatchObject({ year: 2026, timezone: 'Asia/Kolkata' });
    const on = (date: string): unknown => answer.body.data.find((row) => row['date'] === date);
    expect(on('2026-01-26')).toMatchObject({
      holiday_type: 'TRADING_HOLIDAY',
      open_exchanges: [],
    });
    expect(on('2026-11-24')).toMatchObject({
      closed_exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD'],
      open_exchanges: [
        {
          exchange: 'MCX',
          start_time: Date.UTC(2026, 10, 24, 11, 30),
          end_time: Date.UTC(2026, 10, 24, 18, 25),
        },
        { exchange: 'NCO' },
      ],
    });
    expect(on('2026-02-19')).toMatchObject({ holiday_type: 'SETTLEMENT_HOLIDAY' });
    expect(on('2026-02-01')).toMatchObject({ holiday_type: 'SPECIAL_SESSION' });
    expect(on('2026-11-08')).toMatchObject({
      holiday_type: 'SPECIAL_SESSION',
      unknown_exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX', 'NCO'],
    });
  });

  it('takes this year in India when none is given, and says which lists are incomplete', async () => {
    expect((await post('market/holidays', {})).body.year).toBe(2026);
    const answer = await post('market/holidays', { year: 2025 });
    expect(answer.body.unknown_exchanges).toEqual(['CDS', 'BCD']);
  });

  it.each([2031, 2019, 2051, 'x', 2026.5, true])('refuses the year %p by name', async (year) => {
    const answer = await post('market/holidays', { year });
    expect(answer.status).toBe(400);
    expect(answer.body.message).toHaveProperty('year');
  });

  it('verifies the key', async () => {
    for (const path of ['market/holidays', 'market/timings']) {
      const answer = await post(path, { apikey: 'wrong', date: '2026-11-20' });
      expect([answer.status, answer.body.message]).toEqual([403, 'Invalid openalgo apikey']);
    }
  });
});

describe('market/timings', () => {
  it('gives the hours of the day with their phases', async () => {
    const answer = await post('market/timings', { date: '2026-08-03' });
    expect(answer.status).toBe(200);
    documented('market-timings', answer.body);
    const nfo = answer.body.data.find((row) => row['exchange'] === 'NFO');
    expect(nfo).toMatchObject({
      start_time: Date.UTC(2026, 7, 3, 3, 45),
      end_time: Date.UTC(2026, 7, 3, 10, 10),
    });
    const nse = answer.body.data.find((row) => row['exchange'] === 'NSE');
    expect(nse).toMatchObject({ phases: [{}, { phase: 'closing auction' }, {}] });
  });

  it('is empty on a weekend and on a full holiday', async () => {
    for (const date of ['2026-11-21', '2026-12-25']) {
      expect((await post('market/timings', { date })).body).toMatchObject({
        data: [],
        unknown_exchanges: [],
      });
    }
  });

  it.each(['2026-02-30', '2026-1-5', '20-11-2026', '2027-01-04'])(
    'refuses the date %s by name',
    async (date) => {
      const answer = await post('market/timings', { date });
      expect(answer.status).toBe(400);
      expect(answer.body.message).toHaveProperty('date');
    },
  );
});
