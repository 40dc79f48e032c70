import { afterEach, describe, expect, it } from '@jest/globals';
import type { HookSettings } from '../../src/core/webhooks/settings';
import { chartinkSettings, strategySettings, WebhookBench } from './bench';
import type { OpenHook } from './bench';

const INTRADAY = { start: '09:20', end: '15:00', squareOff: '15:15' };
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
/** Thursday 2026-01-08, `HH:MM` IST. */
const at = (time: string): number => Date.parse(`2026-01-08T${time}:00+05:30`);

let bench: WebhookBench;
let opened: OpenHook;

const open = async (settings: HookSettings, start = at('10:00')): Promise<void> => {
  bench = await WebhookBench.open({ start });
  opened = await bench.hook(settings, 'orb');
};
afterEach(() => bench.close());

const facts = async () =>
  (await bench.orders()).map(({ terms, smart }) => ({
    symbol: terms.instrument.symbol,
    order: smart === null ? `${terms.side} ${terms.quantity}` : `target ${smart.position}`,
    flat: smart?.flatQuantity ?? null,
  }));

describe('a strategy webhook', () => {
  const post = (body: unknown) => bench.post(opened.path, body as object);

  it.each([
    ['LONG', { action: 'BUY' }, 'BUY 10', null],
    ['LONG', { action: 'buy', position_size: '-7' }, 'BUY 7', null],
    ['LONG', { action: 'BUY', position_size: 0 }, 'BUY 10', null],
    ['LONG', { action: 'SELL', position_size: 5 }, 'target 0', 0],
    ['SHORT', { action: 'Sell' }, 'SELL 10', null],
    ['SHORT', { action: 'SELL', position_size: -3 }, 'SELL 3', null],
    ['SHORT', { action: 'BUY' }, 'target 0', 0],
    ['BOTH', { action: 'BUY', position_size: 20 }, 'target 20', 10],
    ['BOTH', { action: 'SELL', position_size: -20 }, 'target -20', 10],
    ['BOTH', { action: 'SELL', position_size: 0 }, 'target 0', 0],
    ['BOTH', { action: 'BUY', position_size: '0' }, 'target 0', 0],
  ] as const)('in mode %s takes %j as %s', async (mode, alert, order, flat) => {
    await open(strategySettings({ mode }));
    const reply = await post({ symbol: 'SBIN', ...alert });
    expect([reply.status, reply.body['message']]).toEqual([
      200,
      'Order queued successfully for SBIN',
    ]);
    expect(await facts()).toEqual([{ symbol: 'SBIN', order, flat }]);
    expect(await bench.orders()).toMatchObject([
      { strategy: 'orb', terms: { orderType: 'MARKET', product: 'INTRADAY' } },
    ]);
  });

  it.each([
    ['BOTH', { symbol: 'SBIN', action: 'BUY' }, 'position_size'],
    ['BOTH', { symbol: 'SBIN', action: 'BUY', position_size: -1 }, 'position_size'],
    ['BOTH', { symbol: 'SBIN', action: 'SELL', position_size: 1 }, 'position_size'],
    ['LONG', { symbol: 'SBIN', action: 'BUY', position_size: 1.5 }, 'position_size'],
    ['LONG', { symbol: 'SBIN', action: 'BUY', position_size: 51 }, 'position_size'],
    ['LONG', { symbol: 'SBIN', action: 'BUY', position_size: null }, 'position_size'],
    ['LONG', { symbol: 'TCS', action: 'BUY' }, 'symbol'],
    ['LONG', { action: 'BUY' }, 'symbol'],
    ['LONG', { symbol: 'SBIN', action: 'HOLD' }, 'action'],
    ['LONG', { symbol: 'SBIN' }, 'action'],
    ['LONG', { symbol: 'SBIN', action: 'BUY', stoploss: 1 }, 'stoploss'],
  ] as const)(
    'in mode %s answers %j 400, naming %s, and places nothing',
    async (mode, alert, field) => {
      await open(strategySettings({ mode }));
      const reply = await post(alert);
      expect(reply.status).toBe(400);
      expect(reply.body['error']).toEqual(expect.stringContaining(field));
      expect(reply.body['status']).toBeUndefined();
      expect(await facts()).toEqual([]);
    },
  );

  it('answers an unknown id, a pause, an empty body and no JSON as the contract does', async () => {
    await open(strategySettings());
    const unknown = await bench.post(`/strategy/webhook/${UNKNOWN}`, {
      symbol: 'SBIN',
      action: 'BUY',
    });
    expect([unknown.status, unknown.text]).toEqual([404, '{"error":"Invalid webhook ID"}']);
    // The public id of the hook is not the secret in its URL.
    const byId = await bench.post(`/strategy/webhook/${opened.hook.hookId}`, {});
    expect([byId.status, byId.text]).toEqual([404, unknown.text]);
    for (const body of ['', 'BUY SBIN', '[]', '{}']) {
      const reply = await bench.post(opened.path, body, { 'content-type': 'text/plain' });
      expect([reply.status, typeof reply.body['error']]).toEqual([400, 'string']);
    }
    await bench.hooks.setActive(opened.hook.hookId, false);
    expect(await post({ symbol: 'SBIN', action: 'BUY' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('paused') },
    });
    expect(await facts()).toEqual([]);
  });

  it.each([
    ['09:19', 400, 400],
    ['09:20', 200, 200],
    ['14:59', 200, 200],
    ['15:00', 400, 200],
    ['15:14', 400, 200],
    ['15:15', 400, 400],
  ])('at %s answers an entry %i and an exit %i', async (time, entry, exit) => {
    await open(strategySettings({ intraday: INTRADAY }), at(time));
    expect((await post({ symbol: 'SBIN', action: 'BUY' })).status).toBe(entry);
    expect((await post({ symbol: 'SBIN', action: 'SELL' })).status).toBe(exit);
  });

  it('is one order for one client_order_id', async () => {
    await open(strategySettings());
    const alert = { symbol: 'SBIN', action: 'BUY', client_order_id: 'bar-1' };
    const first = await post(alert);
    expect((await post(alert)).body).toMatchObject({
      orderid: first.body['orderid'],
      replayed: true,
    });
    expect(await facts()).toHaveLength(1);
  });
});

describe('a ChartInk webhook', () => {
  const post = (changes: object = {}) =>
    bench.post(opened.path, {
      stocks: 'SBIN,INFY',
      trigger_prices: '812.4,1503.2',
      triggered_at: '10:15 am',
      scan_name: 'Opening range BUY',
      scan_url: 'opening-range-buy',
      alert_name: 'ORB',
      webhook_url: 'https://example.invalid/hook',
      ...changes,
    });

  it.each([
    ['Opening range BUY', 'BUY 10', null],
    ['evening sell-off', 'target 0', 0],
    ['Short at noon', 'SELL 10', null],
    ['cover all', 'target 0', 0],
    ['buy, then sell', 'BUY 10', null],
  ])('takes the scan %s as %s, in one batch', async (scan, order, flat) => {
    await open(chartinkSettings());
    const reply = await post({ scan_name: scan });
    expect([reply.status, reply.body['status'], reply.body['message']]).toEqual([
      200,
      'success',
      'Orders queued for symbols: SBIN, INFY',
    ]);
    expect(await facts()).toEqual(
      expect.arrayContaining([
        { symbol: 'SBIN', order, flat },
        { symbol: 'INFY', order, flat },
      ]),
    );
    const batches = (await bench.orders()).map((one) => one.batch?.id);
    expect(new Set(batches).size).toBe(1);
    expect(batches[0]).toEqual(expect.any(String));
  });

  it('trades mapped symbols only, each once', async () => {
    await open(chartinkSettings());
    const reply = await post({ stocks: 'TCS, SBIN ,SBIN,' });
    expect(reply.body['message']).toBe('Orders queued for symbols: SBIN');
    expect(await facts()).toHaveLength(1);
    const none = await post({ stocks: 'TCS' });
    expect([none.status, none.text]).toEqual([
      200,
      '{"status":"warning","message":"No orders were queued"}',
    ]);
    expect(await facts()).toHaveLength(1);
  });

  it('answers an unknown id, a pause, a scan without a word and missing stocks as the contract does', async () => {
    await open(chartinkSettings());
    const unknown = await bench.post(`/chartink/webhook/${UNKNOWN}`, { stocks: 'SBIN' });
    expect([unknown.status, unknown.text]).toEqual([
      404,
      '{"status":"error","error":"Invalid webhook ID"}',
    ]);
    for (const [field, changes] of [
      ['scan_name', { scan_name: 'breakout' }],
      ['stocks', { stocks: ' , ' }],
      ['stocks', { stocks: ['SBIN'] }],
    ] as const) {
      expect(await post(changes)).toMatchObject({
        status: 400,
        body: { status: 'error', error: expect.stringContaining(field) },
      });
    }
    await bench.hooks.setActive(opened.hook.hookId, false);
    const paused = await post();
    expect([paused.status, paused.text]).toEqual([
      200,
      '{"status":"success","message":"Strategy is inactive"}',
    ]);
    expect(await facts()).toEqual([]);
  });

  it('keeps entries and exits to their times', async () => {
    await open(chartinkSettings({ intraday: INTRADAY }), at('15:05'));
    expect((await post()).status).toBe(400);
    expect((await post({ scan_name: 'SELL' })).status).toBe(200);
  });
});
