import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unzipSync, strFromU8 } from 'fflate';
import { request } from 'undici';
import { readIciciMaster } from '../../src/brokers/icici/master';
import { isoDate } from '../../src/core/domain/ids';
import { longDate } from '../../src/simulators/icici/instruments';
import type { IciciInstrument } from '../../src/simulators/icici/instruments';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import { IciciCaller } from '../support/icici-calls';
import { keysOf, listedAs, skippedOf } from '../support/master-readings';

/** A Monday noon in India. */
const NOW = Date.parse('2026-11-16T06:30:00.000Z');

describe('the other endpoints of the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let caller: IciciCaller;
  beforeEach(async () => {
    simulator = await startIciciSimulator({
      limits: [],
      timestampWindowMs: null,
      clock: () => NOW,
    });
    caller = await IciciCaller.open(simulator);
  });
  afterEach(async () => {
    await simulator.close();
  });

  const refused = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object,
    text: string,
  ): Promise<void> => {
    expect(await caller.call(method, path, body)).toMatchObject({
      status: 200,
      json: { Success: null, Status: 500, Error: expect.stringContaining(text) },
    });
  };
  const option = (): IciciInstrument => {
    const found = simulator.instruments.find(
      (one) => one.stockCode === 'NIFTY' && one.strike === '24800' && one.right === 'CE',
    );
    if (found === undefined) throw new Error('there is this option');
    return found;
  };
  const named = (one: IciciInstrument): Record<string, string> => ({
    stock_code: one.stockCode,
    exchange_code: one.exchange,
    expiry_date: `${one.expiry ?? ''}T06:00:00.000Z`,
    right: one.right === 'CE' ? 'call' : 'put',
    strike_price: one.strike ?? '0',
  });

  describe('history', () => {
    const v2 = async (changes: Record<string, string>, token = caller.token): Promise<unknown> => {
      const query = new URLSearchParams({
        interval: '1minute',
        from_date: '2026-11-13T09:20:00.000Z',
        to_date: '2026-11-13T09:22:00.000Z',
        stock_code: 'RELIND',
        exch_code: 'NSE',
        product_type: 'cash',
        ...changes,
      });
      const answer = await request(`${simulator.historyUrl}historicalcharts?${query.toString()}`, {
        headers: { apikey: simulator.user.apps[0]?.appKey ?? '', 'x-sessiontoken': token },
      });
      return { status: answer.statusCode, json: await answer.body.json() };
    };
    const rows = async (changes: Record<string, string>): Promise<Record<string, unknown>[]> =>
      ((await v2(changes)) as { json: { Success: Record<string, unknown>[] } }).json.Success; // As asked.

    it('gives v2 rows of numbers with both ends of the range, unsigned', async () => {
      const found = await rows({});
      expect(found.map((row) => row['datetime'])).toEqual([
        '2026-11-13 09:20:00',
        '2026-11-13 09:21:00',
        '2026-11-13 09:22:00',
      ]);
      expect(found[0]).toMatchObject({ stock_code: 'RELIND', exchange_code: 'NSE' });
      for (const { open, high, low, close } of found as Record<string, number>[]) {
        expect(Math.max(open ?? NaN, close ?? NaN)).toBeLessThanOrEqual(high ?? NaN);
        expect(Math.min(open ?? NaN, close ?? NaN)).toBeGreaterThanOrEqual(low ?? NaN);
      }
      expect(await rows({})).toEqual(found);
    });

    it('gives at most a thousand rows, and days stamped at midnight without today', async () => {
      const many = {
        interval: '1second',
        from_date: '2026-11-13T09:15:00.000Z',
        to_date: '2026-11-13T15:30:00.000Z',
      };
      expect(await rows(many)).toHaveLength(1000);
      const days = await rows({
        interval: '1day',
        from_date: '2026-11-12T00:00:00.000Z',
        to_date: '2026-11-16T00:00:00.000Z',
      });
      expect(days.map((row) => row['datetime'])).toEqual([
        '2026-11-12 00:00:00',
        '2026-11-13 00:00:00',
      ]);
    });

    it('names the contract in its rows, and answers an empty list for what it does not know', async () => {
      const one = option();
      const wanted = named(one);
      const found = await rows({ ...wanted, exch_code: 'NFO', product_type: 'options' });
      expect(found[0]).toMatchObject({
        product_type: 'Options',
        right: 'Call',
        strike_price: 24800,
        expiry_date: longDate(one.expiry ?? '').toUpperCase(),
      });
      expect(await v2({ stock_code: 'NOBODY' })).toEqual({
        status: 200,
        json: { Error: null, Status: 200, Success: [] },
      });
      expect(await v2({}, 'QUI6MQ==')).toMatchObject({ status: 401, json: { Status: 5 } });
    });

    it('gives v1 rows of text with its own loose edges', async () => {
      const body = {
        interval: 'minute',
        from_date: '2026-11-13T09:20:00.000Z',
        to_date: '2026-11-13T09:22:00.000Z',
        stock_code: 'RELIND',
        exchange_code: 'NSE',
      };
      const found = await caller.rows('GET', 'historicalcharts', body);
      expect(found.map((row) => row['datetime'])).toEqual([
        '2026-11-13 09:21:00',
        '2026-11-13 09:22:00',
      ]);
      expect(found[0]).toMatchObject({ open: expect.stringMatching(/^\d/), product_type: null });
      await refused('GET', 'historicalcharts', { ...body, stock_code: 'NOBODY' }, 'No Data Found');
    });
  });

  it('gives one side of a chain, refuses a chain of too little, and null for an expired one', async () => {
    const chain = { ...named(option()), product_type: 'options', strike_price: '' };
    const found = await caller.rows('GET', 'optionchain', chain);
    expect(found.length).toBeGreaterThan(5);
    expect(found[0]).toMatchObject({ right: 'Call', ltq: '65', open_interest: 65_000 });
    await refused('GET', 'optionchain', { ...chain, right: '' }, 'Invalid');
    const expired = { ...chain, expiry_date: '2020-01-28T06:00:00.000Z' };
    expect(await caller.call('GET', 'optionchain', expired)).toMatchObject({
      json: { Success: null, Status: 200 },
    });
    expect(await caller.rows('GET', 'quotes', named(option()))).toMatchObject([
      { product_type: 'Options', strike_price: 24800, spot_price: '24800' },
    ]);
  });

  it('previews the charges, which add up, and works out the margin of a basket', async () => {
    const body = { price: '440', quantity: '10', action: 'buy', product: 'cash' };
    const found = (await caller.success('GET', 'preview_order', body)) as Record<string, number>; // Numbers by the documents.
    const parts = ['exchange_turnover_charges', 'stamp_duty', 'stt', 'sebi_charges', 'gst'];
    const sum = parts.reduce((total, name) => total + (found[name] ?? NaN), 0);
    expect(found['total_other_charges']).toBeCloseTo(sum, 6);
    expect(found['total_brokerage']).toBeCloseTo(sum + (found['brokerage'] ?? NaN), 6);
    const leg = {
      ...{ strike_price: '24800', quantity: '65', right: 'call', product: 'options' },
      ...{ action: 'buy', price: '100', expiry_date: '24-Nov-2026', stock_code: 'NIFTY' },
    };
    const basket = { list_of_positions: [leg], exchange_code: 'NFO' };
    expect(await caller.success('POST', 'margincalculator', basket)).toMatchObject({
      margin_calulation: [{ right: 'Call', product: 'Options', stock_code: 'NIFTY ' }],
      span_margin_required: '6500.00',
      trade_margin: null,
    });
    const limits = { limit_rate: '16', exchange_code: '24-Nov-2026' };
    expect(await caller.success('POST', 'fnolmtpriceandqtycal', limits)).toEqual({
      available_quantity: '0',
      action_id: '0',
      order_margin: '0',
      limit_rate: '16',
    });
  });

  it('moves money to a segment as far as there is any, and shows it in funds and margin', async () => {
    const move = { transaction_type: 'credit', amount: '1000', segment: 'FNO' };
    expect(await caller.success('POST', 'funds', move)).toEqual({ status: 'Success' });
    expect(await caller.success('GET', 'funds')).toMatchObject({
      allocated_fno: 1_001_000,
      unallocated_balance: '2999000.00',
    });
    expect(await caller.success('GET', 'margin', { exchange_code: 'NFO' })).toMatchObject({
      cash_limit: 1_001_000,
    });
    await refused('POST', 'funds', { ...move, amount: '9000000' }, 'Wallet Amount');
    await refused('POST', 'margin', { exchange_code: 'NSE' }, 'not allowed');
  });

  it('squares off an open position, and nothing that is not there', async () => {
    const one = option();
    const lot = String(one.lotSize);
    const close = {
      ...named(one),
      ...{ product_type: 'options', action: 'sell', order_type: 'limit', validity: 'day' },
      ...{ quantity: lot, price: '1', stoploss_price: '' },
    };
    await refused('POST', 'squareoff', close, 'Resource not available');
    await caller.success('POST', 'order', {
      ...named(one),
      ...{ product: 'options', action: 'buy', order_type: 'limit', validity: 'day' },
      ...{ quantity: lot, price: '200' },
    });
    await refused('POST', 'squareoff', { ...close, order_type: 'market' }, 'Market orders');
    expect(await caller.success('POST', 'squareoff', close)).toEqual({
      order_id: expect.stringMatching(/^\d{8}2500\d{6}$/),
      message: 'Successfully Placed the order',
      indicator: '0',
    });
    expect(await caller.rows('GET', 'portfoliopositions')).toMatchObject([
      { action: 'NA', quantity: '0' },
    ]);
    expect(simulator.stats().requests).toMatchObject({ squareoff: 3 });
  });

  describe('GTT', () => {
    const single = (): object => ({
      ...named(option()),
      ...{ product: 'options', quantity: '65', gtt_type: 'single', index_or_stock: 'index' },
      trade_date: '2026-11-16T06:00:00.00Z',
      order_details: [{ action: 'buy', limit_price: '82', trigger_price: '80' }],
    });
    const book = { exchange_code: 'NFO' };

    it('places, changes, cancels and shows one leg', async () => {
      const placed = (await caller.success('POST', 'gttorder', single())) as {
        gtt_order_id: string;
      }; // Matched below.
      expect(placed).toEqual({
        gtt_order_id: '2026111600000001',
        message: 'Your GTT Order Request Placed Successfully',
      });
      const change = {
        ...book,
        gtt_order_id: placed.gtt_order_id,
        gtt_type: 'single',
        order_details: [{ action: 'buy', limit_price: '72', trigger_price: '70.5' }],
      };
      await caller.success('PUT', 'gttorder', change);
      expect(await caller.rows('GET', 'gttorder', book)).toMatchObject([
        {
          gtt_type: 'Single',
          fresh_order_id: null,
          quantity: 65,
          order_datetime: '16-NOV-2026 12:00:00',
          order_details: [{ gtt_leg_type: null, trigger_price: 70.5, limit_price: 72 }],
        },
      ]);
      await caller.success('DELETE', 'gttorder', change);
      expect(await caller.rows('GET', 'gttorder', book)).toMatchObject([
        { order_details: [{ status: 'Cancelled' }] },
      ]);
      await refused('DELETE', 'gttorder', change, 'present status');
      await refused('PUT', 'gttorder', { ...change, gtt_order_id: '1' }, 'does not exist');
    });

    it('enters the order when the price comes to the trigger', async () => {
      await caller.success('POST', 'gttorder', single());
      simulator.gtt.matchAll();
      expect(simulator.book.orders()).toEqual([]);
      const { expiry } = option();
      const key = `OPT-NIFTY-${longDate(expiry ?? '')}-24800-CE`;
      simulator.market.set({ prices: { [key]: '79.9' } });
      simulator.gtt.matchAll();
      expect(simulator.book.orders()).toMatchObject([{ action: 'buy', price: '82' }]);
      expect(simulator.log.since()[0]?.operation).toBe('foreign');
    });

    it('enters the first of three legs at once and lets the exits wait for it', async () => {
      const three = {
        ...single(),
        ...{ gtt_type: 'cover_oco', fresh_order_action: 'buy', fresh_order_price: '90' },
        fresh_order_type: 'limit',
        order_details: [
          { gtt_leg_type: 'target', action: 'sell', limit_price: '95', trigger_price: '96' },
          { gtt_leg_type: 'stoploss', action: 'sell', limit_price: '70', trigger_price: '71' },
        ],
      };
      await caller.success('POST', 'gttorder', three);
      const [entry] = simulator.book.orders();
      expect(entry).toMatchObject({ status: 'Ordered', price: '90' });
      simulator.gtt.matchAll();
      expect(simulator.book.orders()).toHaveLength(1);
      simulator.market.set({ defaultPrice: '89' });
      simulator.book.matchAll();
      simulator.market.set({ defaultPrice: '97' });
      simulator.gtt.matchAll();
      expect(simulator.book.orders()).toMatchObject([{}, { action: 'sell', price: '95' }]);
      expect(await caller.rows('GET', 'gttorder', book)).toMatchObject([
        {
          fresh_order_id: entry?.orderId,
          order_details: [{ status: 'Executed' }, { status: 'Cancelled' }],
        },
      ]);
    });
  });

  describe('the security master', () => {
    const files = async (): Promise<Record<string, string>> => {
      const answer = await request(simulator.masterUrl);
      const zip = unzipSync(new Uint8Array(await answer.body.arrayBuffer()));
      return Object.fromEntries(
        Object.entries(zip).map(([name, bytes]) => [name, strFromU8(bytes)]),
      );
    };

    it('is a zip of seven files with the columns, quotes and line ends of the real ones', async () => {
      const found = await files();
      const width = (name: string): number[] => [
        ...new Set((found[name] ?? '').split('\r\n').map((line) => line.split(',').length)),
      ];
      expect(Object.keys(found).map((name) => [name, width(name)])).toEqual([
        ['NSEScripMaster.txt', [61]],
        ['BSEScripMaster.txt', [34]],
        ['FONSEScripMaster.txt', [69]],
        ['FOBSEScripMaster.txt', [69]],
        ['CDNSEScripMaster.txt', [69]],
        ['MCXScripMaster.txt', [27]],
        ['MFScripMaster.txt', [17]],
      ]);
      const nse = found['NSEScripMaster.txt'] ?? '';
      expect(nse.startsWith('"Token", "ShortName", "Series"')).toBe(true);
      expect(nse.endsWith('\n')).toBe(false);
      expect(nse).toMatch(
        /\r\n"2885","RELIND","EQ","RELIANCE INDUSTRIES",0\.01,1,.*,"RELIANCE"\r\n/,
      );
      expect(found['FONSEScripMaster.txt']).toMatch(
        /"OPTIDX","NIFTY","OPTION","24-Nov-2026","24800","CE",/,
      );
      const single = await request(`${simulator.url}/ScripFile/NSEScripMaster.txt`);
      expect(await single.body.text()).toBe(nse);
    });

    it('is understood by the reader of the real one, traps and all', async () => {
      const answer = await request(simulator.masterUrl);
      const zip = new Uint8Array(await answer.body.arrayBuffer());
      const reading = readIciciMaster(zip, isoDate('2026-11-16'));
      const keys = keysOf(reading);
      expect(keys).toEqual(
        expect.arrayContaining([
          ...['NSE:RELIANCE', 'BSE:INFY', 'NSE:SBIN', 'NFO:NIFTY24NOV26FUT'],
          ...['NFO:BANKNIFTY24NOV26FUT', 'NFO:NIFTY24NOV2624800CE'],
        ]),
      );
      expect(keys.filter((key) => key.includes('SAMPLE'))).toEqual(['NSE:SAMPLE-N1']);
      const future = listedAs(reading, 'NFO:BANKNIFTY24NOV26FUT').instrument;
      expect(future).toMatchObject({ lotSize: 30, tickSize: '0.2' });
      // Beside what is traded here, the bond among the traps and one commodity.
      expect(keys).toHaveLength(simulator.instruments.length + 2);
      const skipped = { 'no-exchange-token': 4, 'currency-spot': 4, 'mutual-fund': 1 };
      expect(skippedOf(reading)).toEqual(skipped);
    });

    it('is missing, cut off or of yesterday when told', async () => {
      simulator.plan.next('master', { kind: 'html', status: 404, applied: false });
      expect((await request(simulator.masterUrl)).statusCode).toBe(404);
      simulator.plan.next('master', { kind: 'truncated' });
      await expect(files()).rejects.toThrow();
      simulator.plan.next('master', { kind: 'stale-read' });
      expect(Object.keys(await files())).toHaveLength(7);
    });
  });
});
