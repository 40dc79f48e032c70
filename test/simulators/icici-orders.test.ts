import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decimal } from '../../src/core/domain/decimal';
import { keyOf, longDate } from '../../src/simulators/icici/instruments';
import type { IciciInstrument } from '../../src/simulators/icici/instruments';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator, IciciSimulatorOptions } from '../../src/simulators/icici/simulator';
import { cashOrder, IciciCaller } from '../support/icici-calls';
import { until } from '../support/until';

describe('orders of the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let caller: IciciCaller;
  const open = async (options: IciciSimulatorOptions = {}): Promise<void> => {
    await simulator.close();
    simulator = await startIciciSimulator({ limits: [], ...options });
    caller = await IciciCaller.open(simulator);
  };
  beforeEach(async () => {
    simulator = await startIciciSimulator({ limits: [] });
    caller = await IciciCaller.open(simulator);
  });
  afterEach(async () => {
    await simulator.close();
  });

  const error = async (changes: object): Promise<unknown> => {
    const answer = await caller.call('POST', 'order', cashOrder(changes));
    expect(answer).toMatchObject({ status: 200, json: { Success: null, Status: 500 } });
    expect(simulator.log.since()).toEqual([]);
    return 'json' in answer && (answer.json as { Error: unknown }).Error; // Matched above.
  };
  const contract = (kind: 'future' | 'option'): IciciInstrument => {
    const found = simulator.instruments.find(
      (one) => one.kind === kind && one.stockCode === 'NIFTY',
    );
    if (found === undefined) throw new Error('there is a NIFTY contract');
    return found;
  };
  const contractOrder = (one: IciciInstrument, changes: object = {}): Record<string, string> =>
    cashOrder({
      stock_code: one.stockCode,
      exchange_code: 'NFO',
      product: one.kind === 'future' ? 'futures' : 'options',
      quantity: String(one.lotSize),
      price: '10',
      expiry_date: `${one.expiry ?? ''}T06:00:00.000Z`,
      right: one.right === 'CE' ? 'call' : one.right === 'PE' ? 'put' : 'others',
      strike_price: one.strike ?? '0',
      ...changes,
    });

  it('rests a limit order away from the market, in the book, the log and the shapes of the broker', async () => {
    const answer = await caller.success('POST', 'order', cashOrder());
    const order = await caller.order(await lastId());
    expect(answer).toEqual({
      order_id: order['order_id'],
      message: `Equity CASH Order placed successfully through RI reference no ${String(order['order_id'])}`,
      user_remark: null,
    });
    expect(order).toMatchObject({
      order_id: expect.stringMatching(/^\d{8}N\d{9}$/),
      exchange_code: 'NSE',
      stock_code: 'STABAN',
      product_type: 'Cash',
      action: 'Buy',
      order_type: 'Limit',
      stoploss: '0.00',
      quantity: '10',
      price: '900.00',
      validity: 'Day',
      expiry_date: null,
      strike_price: 0,
      average_price: '0',
      cancelled_quantity: '0',
      pending_quantity: '10',
      status: 'Ordered',
      user_remark: 'tag-1',
      order_datetime: expect.stringMatching(/^\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}$/),
    });
    expect(simulator.log.since()).toMatchObject([
      { operation: 'place', tag: 'tag-1', symbol: 'STABAN', side: 'buy', price: '900' },
    ]);
  });
  const lastId = (): Promise<string> =>
    Promise.resolve(simulator.book.orders().at(-1)?.orderId ?? '');

  it('takes prices and quantities as JSON numbers too, and contracts by expiry, side and strike', async () => {
    const option = contract('option');
    const body = { ...contractOrder(option), quantity: option.lotSize, price: 10.5 };
    const placed = await caller.success('POST', 'order', body);
    expect(placed).toEqual({
      order_id: expect.stringMatching(/^\d{8}1400\d{6}$/),
      message: 'Successfully Placed the order',
      user_remark: '',
    });
    const row = await caller.order(await lastId(), 'NFO');
    expect(row).toMatchObject({
      product_type: 'Options',
      expiry_date: longDate(option.expiry ?? ''),
      right: option.right === 'CE' ? 'Call' : 'Put',
      strike_price: Number(option.strike),
      order_datetime: expect.stringMatching(/ \d{2}:\d{2}:\d{2}$/),
    });
    expect(simulator.log.since()[0]?.symbol).toBe(keyOf(option));
  });

  it('refuses what the broker does not take, and logs nothing', async () => {
    expect(await error({ order_type: 'market' })).toContain('Market orders');
    expect(await error({ product: 'margin' })).toContain('not allowed');
    expect(await error({ product: 'optionplus' })).toContain('not allowed');
    expect(await error({ stock_code: 'SBIN' })).toContain('T2:155');
    expect(await error({ order_type: 'stoploss' })).toBe('Invalid Market/Limit indicator:');
    expect(await error({ stoploss: '890' })).toBe('Invalid Market/Limit indicator:');
    expect(await error({ order_type: 'stoploss', stoploss: '910' })).toContain('indicator');
    expect(await error({ product: 'mtf', action: 'sell' })).toContain('SELL action');
    expect(await error({ product: 'futures' })).toContain('product');
    expect(await error({ quantity: '0' })).toContain('quantity');
    expect(await error({ quantity: '1.5' })).toContain('quantity');
    expect(await error({ price: '0' })).toContain('price');
    expect(await error({ price: '900.03' })).toContain('tick');
    expect(await error({ validity: 'gtc' })).toContain('validity');
    const future = contract('future');
    expect(await error(contractOrder(future, { quantity: '1' }))).toContain('lot');
    expect(await error(contractOrder(future, { strike_price: '0', right: 'call' }))).toContain(
      'T2:155',
    );
    const spot = { stock_code: 'NIFTY', price: '24000' };
    expect(await error(spot)).toContain('product');
  });

  it('refuses or rejects later what breaks a rule, as it is told', async () => {
    await open({ rules: { lot: 'reject-later', band: 'refuse', funds: 'refuse' } });
    expect(await error({ price: '800' })).toContain('price range');
    expect(await error({ price: '1000', quantity: '2000' })).toContain('Insufficient');
    const future = contract('future');
    await caller.success('POST', 'order', contractOrder(future, { quantity: '1', price: '24500' }));
    expect(await caller.order(await lastId(), 'NFO')).toMatchObject({ status: 'Rejected' });
  });

  it('turns a market order into a limit at the edge of the range only when told to', async () => {
    await open({ rules: { market: 'convert' } });
    const id = await caller.place({ order_type: 'market', price: '0' });
    expect(await caller.order(id)).toMatchObject({ status: 'Executed', order_type: 'Limit' });
  });

  it('fills a crossing order at the market, in parts when asked, and lists its trades', async () => {
    simulator.market.set({ fillParts: 2 });
    const id = await caller.place({ price: '1001' });
    expect(await caller.order(id)).toMatchObject({
      status: 'Executed',
      average_price: '1000.00',
      pending_quantity: '0',
    });
    const list = { exchange_code: 'NSE' };
    expect(await caller.rows('GET', 'trades', list)).toMatchObject([
      { book_type: 'Trade-Book', order_id: id, quantity: '10', average_cost: '1000.00' },
    ]);
    const fills = await caller.rows('GET', 'trades', { ...list, order_id: id });
    expect(fills).toMatchObject([
      { executed_quantity: '5', execution_price: '1000', action: 'B' },
      { executed_quantity: '5', execution_price: '1000', action: 'B' },
    ]);
    expect(new Set(fills.map((row) => row['trade_id'])).size).toBe(2);
    expect(simulator.log.since().map((event) => event.operation)).toEqual([
      'place',
      'fill',
      'fill',
    ]);
    const funds = await caller.success('GET', 'funds');
    expect(funds).toMatchObject({ allocated_equity: 1_000_000, block_by_trade_equity: 10_000 });
  });

  it('walks Requested, Ordered, Partially Executed, Executed with the delays it is given', async () => {
    simulator.market.set({ acceptDelayMs: 40, limitOrders: 'rest' });
    const id = await caller.place();
    expect(await caller.order(id)).toMatchObject({ status: 'Requested', exchange_order_id: null });
    await until(() => simulator.book.order(id)?.status === 'Ordered', 2_000);
    simulator.book.fill(id, 4, decimal('899'));
    expect(await caller.order(id)).toMatchObject({
      status: 'Partially Executed',
      pending_quantity: '6',
      average_price: '899.00',
    });
    simulator.book.fill(id, 6, decimal('900'));
    expect(await caller.order(id)).toMatchObject({ status: 'Executed', average_price: '899.60' });
    expect(() => simulator.book.fill(id, 1, decimal('1'))).toThrow(RangeError);
  });

  it('never fills beyond the limit when the price moves away during the delay', async () => {
    simulator.market.set({ fillDelayMs: 60 });
    const id = await caller.place({ price: '1001' });
    simulator.market.set({ prices: { STABAN: '1002' } });
    const other = await caller.place({ stock_code: 'ITC', price: '311' });
    await until(() => simulator.book.order(other)?.status === 'Executed', 2_000);
    expect(simulator.book.order(id)).toMatchObject({ status: 'Ordered', filled: 0 });
  });

  it('keeps an order Requested while its exchange is closed', async () => {
    simulator.market.set({ closed: ['NSE'] });
    const id = await caller.place({ price: '1001' });
    expect(await caller.order(id)).toMatchObject({ status: 'Requested' });
    simulator.market.set({ closed: [] });
    simulator.book.matchAll();
    expect(await caller.order(id)).toMatchObject({ status: 'Executed' });
  });

  it('holds a stop order until its trigger', async () => {
    const id = await caller.place({ order_type: 'stoploss', stoploss: '1010', price: '1012' });
    expect(await caller.order(id)).toMatchObject({ status: 'Ordered', stoploss: '1010.00' });
    simulator.market.set({ prices: { STABAN: '1011' } });
    simulator.book.matchAll();
    expect(await caller.order(id)).toMatchObject({ status: 'Executed', average_price: '1011.00' });
  });

  it('cancels at once what is immediate and cannot trade', async () => {
    const id = await caller.place({ validity: 'ioc' });
    expect(await caller.order(id)).toMatchObject({ status: 'Cancelled', validity: 'IoC' });
  });

  it('changes and cancels, and neither once the order is over', async () => {
    const id = await caller.place();
    const named = { exchange_code: 'NSE', order_id: id };
    expect(
      await caller.success('PUT', 'order', { ...named, price: '905', quantity: '12' }),
    ).toEqual({ message: 'Successfully Modified the order', order_id: id });
    expect(await caller.order(id)).toMatchObject({ price: '905.00', quantity: '12' });
    const market = { ...named, order_type: 'market' };
    expect(await caller.call('PUT', 'order', market)).toMatchObject({ json: { Status: 500 } });
    expect(await caller.success('DELETE', 'order', named)).toMatchObject({ order_id: id });
    expect(await caller.order(id)).toMatchObject({
      status: 'Cancelled',
      cancelled_quantity: '12',
      pending_quantity: '12',
    });
    for (const method of ['PUT', 'DELETE'] as const) {
      expect(await caller.call(method, 'order', { ...named, price: '1' })).toMatchObject({
        status: 200,
        json: { Success: null, Status: 500 },
      });
      const nobody = { exchange_code: 'NSE', order_id: '20260101N300000000' };
      expect(await caller.call(method, 'order', nobody)).toMatchObject({ json: { Status: 500 } });
    }
    expect(simulator.log.since().map((event) => event.operation)).toEqual([
      'place',
      'modify',
      'cancel',
    ]);
  });

  it('names what is left of a filled order when it is cancelled or expires', async () => {
    for (const how of ['cancel', 'expire'] as const) {
      const id = await caller.place();
      simulator.book.fill(id, 4, decimal('900'));
      if (how === 'expire') simulator.book.expire(null);
      else await caller.success('DELETE', 'order', { exchange_code: 'NSE', order_id: id });
      expect(await caller.order(id)).toMatchObject({
        status: `Partially Executed And ${how === 'expire' ? 'Expired' : 'Cancelled'}`,
        cancelled_quantity: '6',
      });
    }
  });

  it('lists by exchange and day, and says "No Data Found" with Status 500 when there is nothing', async () => {
    await caller.place();
    const today = new Date(Date.now() + 19_800_000).toISOString().slice(0, 10);
    const range = (day: string): object => ({
      from_date: `${day}T10:00:00.000Z`,
      to_date: `${day}T10:00:00.000Z`,
    });
    const list = (exchange: string, day: string): Promise<unknown> =>
      caller.call('GET', 'order', { exchange_code: exchange, ...range(day) });
    expect(await list('NSE', today)).toMatchObject({ json: { Success: [{}], Status: 200 } });
    for (const [exchange, day] of [
      ['BSE', today],
      ['NSE', '2020-01-01'],
    ] as const) {
      expect(await list(exchange, day)).toMatchObject({
        status: 200,
        json: { Success: null, Status: 500, Error: 'No Data Found' },
      });
    }
    expect(await caller.call('GET', 'trades', { exchange_code: 'NSE' })).toMatchObject({
      json: { Status: 500, Error: 'No Data Found' },
    });
    expect(simulator.stats().requests).toMatchObject({ place: 1, orders: 3, trades: 1 });
  });

  it('shows positions of contracts alone, with an error text beside status 200 when there are none', async () => {
    await caller.place({ price: '1001' });
    expect(await caller.call('GET', 'portfoliopositions')).toMatchObject({
      json: { Success: null, Status: 200, Error: 'No Positions available.' },
    });
    const option = contract('option');
    const sell = { action: 'sell', price: '1' };
    await caller.success('POST', 'order', contractOrder(option, sell));
    expect(await caller.rows('GET', 'portfoliopositions')).toMatchObject([
      { segment: 'fno', action: 'Sell', quantity: String(option.lotSize), pnl: null },
    ]);
    expect(await caller.rows('GET', 'portfolioholdings', { exchange_code: 'NFO' })).toMatchObject([
      { action: 'Sell', quantity: `-${String(option.lotSize)}` },
    ]);
  });

  it('shows settled stock in two places, and quotes cash twice', async () => {
    simulator.accounts.setHoldings([
      { exchange: 'NSE', stockCode: 'ITC', quantity: 7, averagePrice: '300' },
    ]);
    expect(await caller.rows('GET', 'dematholdings')).toMatchObject([
      { stock_code: 'ITC', stock_ISIN: 'INE154A01025', quantity: '7' },
    ]);
    expect(await caller.rows('GET', 'portfolioholdings', { exchange_code: 'NSE' })).toMatchObject([
      { stock_code: 'ITC', quantity: '7', average_price: '300.00', current_market_price: '310.00' },
    ]);
    const quote = { stock_code: 'ITC', exchange_code: 'BSE' };
    expect(await caller.rows('GET', 'quotes', quote)).toMatchObject([
      { exchange_code: 'NSE', ltp: 310, best_bid_quantity: '650' },
      { exchange_code: 'BSE', ltp: 310 },
    ]);
    simulator.market.set({ noPrices: ['BSE:ITC'] });
    expect(await caller.rows('GET', 'quotes', quote)).toMatchObject([
      { exchange_code: 'NSE' },
      { exchange_code: 'NA', ltp: 0, ltt: 'NA' },
    ]);
  });
});
