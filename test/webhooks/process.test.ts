import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until';
import { GatewayProcesses } from './process';

const ALERT = {
  kind: 'alert',
  symbols: ['NSE:SBIN'],
  products: ['MIS'],
  actions: ['BUY', 'SELL'],
  pricetypes: ['MARKET'],
  max_quantity: 10,
  smart: false,
};
const mapped = (kind: string, symbols: readonly string[]): object => ({
  kind,
  symbols: symbols.map((symbol) => ({ symbol, exchange: 'NSE', product: 'MIS', quantity: 1 })),
  rate_per_minute: 6000,
});

let gateway: GatewayProcesses;
beforeEach(async () => {
  gateway = await GatewayProcesses.open();
});
afterEach(() => gateway.close());

const order = (token: string | null): object => ({
  token,
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'buy',
  quantity: '1.0',
  pricetype: 'MARKET',
  product: 'MIS',
});

describe('a gateway process that is killed', () => {
  it('between the commit and the answer places the alert once, also when it is sent again', async () => {
    await gateway.start();
    const hook = await gateway.hook('kill', ALERT);
    await gateway.kill();
    await gateway.start({ TORAN_CRASH_POINT: 'after-intent' });
    expect(await gateway.post(hook.path, order(hook.token))).toBeNull();
    await gateway.gateway.child.ended;
    await gateway.kill();
    await gateway.start();
    const again = await gateway.post(hook.path, order(hook.token));
    expect(again).toMatchObject({ status: 200, json: { status: 'success', replayed: true } });
    // Answered now: the same alert a moment later is meant.
    const next = await gateway.post(hook.path, order(hook.token));
    expect(next?.json['replayed']).toBeUndefined();
    const ids = [again?.json['orderid'], next?.json['orderid']];
    expect((await gateway.orders()).map(({ orderid }) => orderid).sort()).toEqual([...ids].sort());
    await until(() => gateway.placements() === 2);
  }, 60_000);

  it('has every alert that it acknowledged, at 50 a second', async () => {
    await gateway.start();
    const strategy = await gateway.hook('steady', {
      ...mapped('strategy', ['SBIN']),
      trading_mode: 'LONG',
      max_quantity: 10,
    });
    const scan = await gateway.hook('scan', mapped('chartink', ['SBIN', 'INFY']));
    const CALLS = 100;
    const begun = Date.now();
    const delays: number[] = [];
    const replies = await Promise.all(
      Array.from({ length: CALLS }, async (_, n) => {
        const due = begun + n * 20;
        await pause(Math.max(0, due - Date.now()));
        const isScan = n % 10 === 0;
        const body = isScan
          ? { stocks: 'SBIN,INFY', scan_name: 'BUY', alert_name: String(n) }
          : { symbol: 'SBIN', action: 'BUY', position_size: 1 };
        const reply = await gateway.post(isScan ? scan.path : strategy.path, body);
        delays.push(Date.now() - due);
        return reply;
      }),
    );
    await gateway.kill();
    expect(replies.map((reply) => reply?.status)).toEqual(replies.map(() => 200));
    const ids = replies.flatMap((reply) => reply?.json['orderids'] ?? reply?.json['orderid']);
    expect(ids).toHaveLength(CALLS + CALLS / 10);
    await gateway.start();
    const known = new Set((await gateway.orders()).map(({ orderid }) => orderid));
    expect(ids.filter((id) => !known.has(String(id)))).toEqual([]);
    expect(known.size).toBe(ids.length);
    // Generous: other tests run beside this one.
    expect(delays.toSorted((a, b) => a - b)[Math.floor(CALLS * 0.9)]).toBeLessThan(1_000);
  }, 60_000);
});
