import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';

const resultsSchema = z.record(z.string(), z.unknown());
const OK = { Status: 200, Error: null };
const refused = (text: string): object => ({
  Success: null,
  Status: 500,
  Error: expect.stringContaining(text),
});

describe('the official Breeze client against the simulator', () => {
  let simulator: IciciSimulator;
  let results: z.infer<typeof resultsSchema>;
  beforeAll(async () => {
    simulator = await startIciciSimulator({ limits: [] });
    simulator.accounts.setHoldings([
      { exchange: 'NSE', stockCode: 'ITC', quantity: 7, averagePrice: '300' },
    ]);
    const find = (kind: string): { expiry: string | null; strike: string | null } | undefined =>
      simulator.instruments.find(
        (one) => one.kind === kind && one.stockCode === 'NIFTY' && one.right !== 'PE',
      );
    const { url, feedsUrl, masterUrl, user } = simulator;
    const given = {
      ...{ url, feedsUrl, masterUrl, ...user.apps[0], apiSession: '55512345' },
      ...{ expiry: find('option')?.expiry, strike: find('option')?.strike },
      futureExpiry: find('future')?.expiry,
      today: `${new Date(Date.now() + 19_800_000).toISOString().slice(0, 10)}T10:00:00.000Z`,
    };
    const run = promisify(execFile)(
      process.execPath,
      [join(__dirname, 'icici-sdk.cjs'), JSON.stringify(given)],
      { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
    );
    results = resultsSchema.parse(JSON.parse((await run).stdout));
  }, 90_000);
  afterAll(async () => {
    await simulator.close();
  });

  it.each([
    ['generateSession', { user: 'AB123456', known: '2885' }],
    ['getCustomerDetails', { ...OK, Success: { idirect_userid: 'AB123456' } }],
    ['placeOrder', { ...OK, Success: { message: expect.stringContaining('successfully') } }],
    ['placeOrder btst', OK],
    ['placeOrder mtf', OK],
    ['placeOrder stoploss', OK],
    ['placeOrder options', { ...OK, Success: { message: 'Successfully Placed the order' } }],
    ['placeOrder futures', OK],
    ['placeOrder filled', OK],
    ['getOrderDetail', { ...OK, Success: [{ status: 'Ordered', user_remark: 'sdk1' }] }],
    ['getTradeList', { ...OK, Success: [{ book_type: 'Trade-Book', quantity: '10' }] }],
    ['getTradeDetail', { ...OK, Success: [{ executed_quantity: '10', action: 'B' }] }],
    ['getFunds', { ...OK, Success: { allocated_equity: 1_000_000 } }],
    ['setFunds', { ...OK, Success: { status: 'Success' } }],
    ['getDematHoldings', { ...OK, Success: [{ stock_code: 'ITC', quantity: '7' }] }],
    ['getPortfolioHoldings', { ...OK, Success: [{ quantity: '65', action: 'Buy' }] }],
    ['getPortfolioPositions', { ...OK, Success: [{ quantity: '65', segment: 'fno' }] }],
    ['getQuotes', { ...OK, Success: [{ exchange_code: 'NSE' }, { exchange_code: 'BSE' }] }],
    ['getMargin', { ...OK, Success: { limit_list: [] } }],
    ['getHistoricalData', { ...OK, Success: [{ stock_code: 'RELIND' }, {}] }],
    ['getHistoricalDatav2', { ...OK, Success: [{ stock_code: 'RELIND' }, {}, {}] }],
    ['previewOrder', { ...OK, Success: { total_brokerage: expect.any(Number) } }],
    ['marginCalculator', { ...OK, Success: { margin_calulation: [{ product: 'Options' }] } }],
    ['limitCalculator', { ...OK, Success: { limit_rate: '10.95' } }],
    ['getNames', { status: 'SUCCESS', isec_token: '2885', exchange_stockCode: 'RELIANCE' }],
    ['subscribeFeeds', { message: expect.any(String) }],
  ])('%s works as it stands', (name, expected) => {
    expect(results[name]).toMatchObject(expected);
  });

  it('getOrderList gives the whole book of an exchange', () => {
    expect(results['getOrderList']).toMatchObject({ ...OK, Success: { length: 5 } });
  });

  it.each([
    ['placeOrder market', refused('Market orders')],
    ['addMargin', refused('not allowed')],
  ])('%s reaches the simulator and is refused in business terms', (name, expected) => {
    expect(results[name]).toEqual(expected);
  });

  it.each([
    ['generateSession wrong', 'Could not authenticate credentials'],
    ['modifyOrder broken', 'order_type is not defined'],
    ['squareOff broken', 'order_type is not defined'],
    ['cancelOrder broken', 'cancelOrder() Error'],
  ])('%s fails as its own fault has it', (name, text) => {
    expect(results[name]).toEqual({ thrown: expect.stringContaining(text) });
  });

  it.each(['placeOrder margin', 'getOptionChainQuotes broken'])(
    '%s is refused by the client itself',
    (name) => {
      expect(results[name]).toMatchObject({ Success: '', Status: 500 });
    },
  );

  it.each([
    ['modifyOrder', { ...OK, Success: { message: 'Successfully Modified the order' } }],
    ['squareOff', { ...OK, Success: { indicator: '0' } }],
    ['option chain', { ...OK, Success: { length: 9 } }],
    ['gtt place', { ...OK, Success: { gtt_order_id: expect.any(String) } }],
    ['gtt modify', { ...OK, Success: { message: 'Order Modified Successfully' } }],
    ['gtt book', { ...OK, Success: [{ gtt_type: 'Single' }] }],
    ['gtt cancel', { ...OK, Success: { message: expect.stringContaining('cancellation') } }],
    ['cancelOrder', { ...OK, Success: { message: expect.stringContaining('Canceled') } }],
  ])('%s works by a way around the fault of the client', (name, expected) => {
    expect(results[name]).toMatchObject(expected);
  });

  it('made exactly the orders that were asked for', () => {
    const happened = simulator.log.since().map((event) => event.operation);
    expect(happened.filter((operation) => operation === 'place')).toHaveLength(8);
    expect(happened.filter((operation) => operation === 'modify')).toHaveLength(1);
    expect(happened.filter((operation) => operation === 'cancel')).toHaveLength(1);
    // The bare DELETE of the client came without a signature and was refused.
    expect(simulator.stats().requests).toMatchObject({ cancel: 2, gttcancel: 1 });
    expect(simulator.log.since()[0]?.tag).toBe('sdk1');
  });

  it('understood the order notifications', () => {
    const id = simulator.log.since()[0]?.brokerOrderId;
    expect(results['messages']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ orderReference: id, orderStatus: 'Ordered', orderFlow: 'Buy', stockCode: 'STABAN' },
          ...{ productType: 'Cash', limitMarketFlag: 'Limit', orderType: 'Day' },
        }),
        expect.objectContaining({ orderReference: id, orderStatus: 'Cancelled' }),
        expect.objectContaining({ productType: 'Options', limitRate: '40000', optionType: 'Call' }),
      ]),
    );
  });
});
