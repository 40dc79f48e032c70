import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../support/until';
import { PaperGateway } from './paper-gateway';

const EXAMPLES = path.resolve(__dirname, '..', '..', 'examples');
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

let gateway: PaperGateway;
beforeAll(async () => {
  gateway = await PaperGateway.start();
}, 60_000);
afterAll(() => gateway.close());

/** Runs an example as a person would; what it printed, and its exit code. */
const run = async (
  command: string,
  file: string,
  key = gateway.key,
): Promise<{ readonly code: unknown; readonly text: string }> => {
  const child = spawn(command, [path.join(EXAMPLES, file)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', TORAN_URL: gateway.base, TORAN_API_KEY: key },
    timeout: 25_000,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  const [code] = await once(child, 'close');
  return { code, text };
};

const open = async (): Promise<readonly unknown[]> => {
  const { json } = await gateway.call('positionbook');
  const rows = json['data'] as { quantity: number }[]; // the contract's shape
  return rows.filter(({ quantity }) => quantity !== 0);
};

const RUNS = [
  ['node/orders.mjs', process.execPath],
  ['node/openalgo.cjs', process.execPath],
  ['python/orders.py', 'python3'],
  ['curl/orders.sh', 'sh'],
] as const;
const needs = (file: string): string =>
  file.startsWith('python') ? 'python3' : file.startsWith('curl') ? 'curl' : 'node';

describe.each(RUNS)('examples/%s', (file, command) => {
  const tool = needs(file);
  const able = tool === 'node' || has(tool);
  const test = able ? it : it.skip;
  const why = able ? '' : ` (skipped: this machine has no ${tool})`;

  test(`places, brings to a size, and leaves nothing open${why}`, async () => {
    const before = (await gateway.orders()).length;
    const { code, text } = await run(command, file);
    expect([code, text]).toEqual([0, text]);
    expect(text.toLowerCase()).toMatch(/placeorder: [^]*placesmartorder: [^]*closeposition: /);
    expect(text).toContain('All Open Positions Squared Off');
    expect((await gateway.orders()).length - before).toBeGreaterThanOrEqual(3);
    await until(async () => (await open()).length === 0);
  });

  test(`says why when it is refused, and ends with an error${why}`, async () => {
    const { code, text } = await run(command, file, 'a-wrong-key');
    expect([code, text]).not.toEqual([0, text]);
    expect(text).toContain('Invalid openalgo apikey');
  });
});

describe('examples/tradingview', () => {
  /** The message as TradingView sends it: its own words filled in. */
  const message = (file: string, secret: string, fills: Readonly<Record<string, string>>): string =>
    Object.entries({ ...fills, 'PASTE-THE-TOKEN-HERE': secret, 'PASTE-THE-API-KEY-HERE': secret })
      .reduce(
        (text, [name, value]) => text.replaceAll(name, value),
        readFileSync(path.join(EXAMPLES, 'tradingview', file), 'utf8'),
      )
      .trim();
  const fills = (position: number, at: string): Readonly<Record<string, string>> => ({
    '{{strategy.order.action}}': 'buy',
    '{{strategy.order.contracts}}': '2',
    '{{strategy.position_size}}': String(position),
    '{{timenow}}': at,
  });
  const post = (to: string, body: string) =>
    gateway.send('POST', to, body, { 'content-type': 'text/plain; charset=utf-8' });

  it('placeorder.json places an order, and the same alert again does not', async () => {
    const body = message('placeorder.json', gateway.key, fills(2, '2026-01-08T04:00:00Z'));
    const first = await post('/api/v1/placeorder', body);
    expect(first.json).toMatchObject({ status: 'success', orderid: expect.any(String) });
    const again = await post('/api/v1/placeorder', body);
    expect(again.json).toMatchObject({ orderid: first.json['orderid'], replayed: true });
  });

  it('the messages of a webhook place an order and bring a position to its size', async () => {
    const account = String((await gateway.call('ping')).json['account']);
    const settings = {
      kind: 'alert',
      symbols: ['NSE:SBIN'],
      products: ['MIS'],
      actions: ['BUY', 'SELL'],
      pricetypes: ['MARKET'],
      max_quantity: 10,
      smart: true,
    };
    const made = await gateway.send(
      'POST',
      '/api/admin/webhooks',
      JSON.stringify({ label: 'alerts', account, settings }),
      { 'x-api-key': gateway.key },
    );
    const secret = made.json['secret'] as { path: string; token: string }; // our own API's answer
    const send = (file: string, position: number, at: string) =>
      post(secret.path, message(file, secret.token, fills(position, at)));
    const order = await send('webhook-order.json', 2, '2026-01-08T04:01:00Z');
    expect(order.json).toMatchObject({ status: 'success', orderid: expect.any(String) });
    const smart = await send('webhook-smart-order.json', 7, '2026-01-08T04:02:00Z');
    expect(smart.json).toMatchObject({ status: 'success', orderid: expect.any(String) });
    await until(async () => {
      const { json } = await gateway.call('openposition', {
        strategy: 'x',
        symbol: 'SBIN',
        exchange: 'NSE',
        product: 'MIS',
      });
      return json['quantity'] === 7;
    });
  });
});
