import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebhookBench } from './bench';

const ROOT = path.resolve(__dirname, '..', '..');
let bench: WebhookBench;
beforeEach(async () => {
  // The command line has the real clock: what it writes must not lie in this one's future.
  bench = await WebhookBench.open({ start: Date.now() });
});
afterEach(() => bench.close());

/** Runs the command line as a process of its own over the bench's ledger. */
const toran = (...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--require',
        path.join(ROOT, 'test', 'support', 'swc-register.cjs'),
        path.join(ROOT, 'src', 'cli', 'main.ts'),
        ...args,
      ],
      { env: { PATH: process.env['PATH'], TORAN_DATA: bench.directory } },
      (fault, out, err) => {
        resolve({ code: fault?.code ?? 0, out, err });
      },
    );
  });
const json = async (...args: string[]): Promise<never> => {
  const { code, out, err } = await toran('--json', ...args);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as never; // each test says what it expects
};
const ADD = ['webhooks', 'add', '--label', 'ema', '--account', 'main'];
const ALERT = [
  ...ADD,
  ...['--kind', 'alert', '--symbols', 'NSE:SBIN', '--products', 'MIS', '--actions', 'BUY,SELL'],
  ...['--pricetypes', 'MARKET', '--max-quantity', '50', '--smart'],
];

describe('toran webhooks', () => {
  it('makes, lists, rotates, pauses and removes a webhook whose token works at once', async () => {
    const [made] = (await json(...ALERT)) as { id: string; path: string; token: string }[];
    if (made === undefined) throw new Error('nothing made');
    const body = { token: made.token, exchange: 'NSE', symbol: 'SBIN', action: 'BUY' };
    const order = { ...body, quantity: '1', pricetype: 'MARKET', product: 'MIS' };
    const post = async (changes: object = {}) => {
      await bench.clock.advance(1_001);
      bench.clock.setWall(Date.now());
      return (await bench.post(made.path, { ...order, ...changes })).status;
    };
    expect([made.path, await post()]).toEqual([`/webhook/${made.id}`, 200]);
    const [fresh] = (await json('webhooks', 'rotate', 'ema', '--overlap', '0')) as {
      token: string;
    }[];
    expect([await post(), await post({ token: fresh?.token })]).toEqual([403, 200]);
    await json('webhooks', 'pause', made.id);
    expect(await post({ token: fresh?.token })).toBe(403);
    const [listed] = (await json('webhooks', 'list')) as Record<string, unknown>[];
    expect(listed).toMatchObject({ id: made.id, active: false, settings: { smart: true } });
    expect(JSON.stringify(listed)).not.toContain(fresh?.token);
    await json('webhooks', 'remove', 'ema');
    expect(await json('webhooks', 'list')).toEqual([]);
    expect((await toran('webhooks', 'remove', 'ema')).code).toBe(3);
  }, 60_000);

  it('refuses a wrong setting, naming it, and makes nothing', async () => {
    const wrong = await Promise.all([
      toran(...ALERT.map((word) => (word === '50' ? '0' : word))),
      toran(
        ...ADD,
        '--kind',
        'strategy',
        '--mode',
        'LONG',
        '--max-quantity',
        '5',
        '--map',
        'NSE:NOPE:MIS:1',
      ),
      toran(...ADD, '--kind', 'chartink', '--map', 'NSE:SBIN:MIS:1', '--smart'),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(wrong.map(({ err }) => err.split(':')[0])).toEqual(['max_quantity', 'symbols', 'smart']);
    expect(await bench.store.hooks()).toEqual([]);
  }, 60_000);
});

describe('toran alert', () => {
  it('prints a message that its webhook takes once the placeholders are filled in', async () => {
    const [made] = (await json(...ALERT)) as { id: string; token: string }[];
    const printed = (await json(
      ...['alert', '--hook', 'ema', '--symbol', 'SBIN', '--exchange', 'NSE'],
      ...['--product', 'MIS', '--smart'],
    )) as { path: string; body: object };
    const filled = (position: string): string =>
      JSON.stringify(printed.body)
        .replace('PASTE-THE-TOKEN-HERE', made?.token ?? '')
        .replaceAll('{{strategy.order.action}}', 'buy')
        .replaceAll('{{strategy.order.contracts}}', '10')
        .replaceAll('{{strategy.position_size}}', position)
        .replaceAll('{{timenow}}', '2026-01-08T04:00:00Z');
    expect(filled('10')).not.toContain('{{');
    const first = await bench.post(printed.path, filled('10'));
    expect(first.status).toBe(200);
    // Sent again: the same order. The next one of the same bar: another.
    expect((await bench.post(printed.path, filled('10'))).body).toMatchObject({ replayed: true });
    expect((await bench.post(printed.path, filled('20'))).body['replayed']).toBeUndefined();
    expect(await bench.orders()).toHaveLength(2);
    const wrong = await toran(
      'alert',
      '--hook',
      'ema',
      '--symbol',
      'TCS',
      '--exchange',
      'NSE',
      '--product',
      'MIS',
    );
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('may not trade NSE:TCS')]);
  }, 60_000);
});

describe('toran webhooks beside imported masters', () => {
  it('knows what the masters list, and nothing else', async () => {
    const master = path.join(bench.directory, 'kite.csv');
    writeFileSync(
      master,
      'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n' +
        '256265,1001,NEWLISTED,NEW LISTED LIMITED,0,,0,0.05,1,EQ,NSE,NSE\n',
    );
    await json('masters', 'import', 'zerodha', master, '--date', '2026-01-08');
    const add = (symbol: string) =>
      toran(...ADD, '--kind', 'chartink', '--map', `NSE:${symbol}:MIS:1`);
    const seeded = await add('SBIN');
    expect([seeded.code, seeded.err]).toEqual([2, 'symbols: NSE:SBIN cannot be traded.\n']);
    expect(await add('NEWLISTED')).toMatchObject({ code: 0, err: '' });
  }, 60_000);
});
