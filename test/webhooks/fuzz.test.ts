import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  alertBody,
  alertSettings,
  chartinkSettings,
  strategySettings,
  WebhookBench,
} from './bench';
import type { OpenHook } from './bench';

const RUNS = 150;
let bench: WebhookBench;
let hooks: { alert: OpenHook; strategy: OpenHook; chartink: OpenHook };

beforeAll(async () => {
  bench = await WebhookBench.open();
  hooks = {
    alert: await bench.hook(alertSettings({ ratePerMinute: 6000 }), 'alert'),
    strategy: await bench.hook(strategySettings({ ratePerMinute: 6000 }), 'strategy'),
    chartink: await bench.hook(chartinkSettings({ ratePerMinute: 6000 }), 'chartink'),
  };
});
afterAll(() => bench.close());

const count = async (): Promise<number> => (await bench.orders()).length;
const NAMES = [...Object.keys(alertBody()), 'position_size', 'account', 'client_order_id', 'price'];
const odd = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '-1',
    '0',
    '1.5',
    '1e9',
    '1e99',
    '0x10',
    'BUY ',
    'Buy',
    '\u0000',
  ),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.jsonValue(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
);

/** Nothing of ours broke, and nothing secret came back. */
const expectSound = (reply: { readonly status: number; readonly text: string }): void => {
  expect(reply.status).toBeLessThan(500);
  for (const { secret } of Object.values(hooks)) expect(reply.text).not.toContain(secret.secret);
};

describe('any body', () => {
  it('of a proven alert is refused or makes exactly one order within the settings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), odd, async (name, value) => {
        const before = await count();
        const body = { ...alertBody(), token: hooks.alert.secret.secret, [name]: value };
        const reply = await bench.post(hooks.alert.path, body, { 'content-type': 'text/plain' });
        expectSound(reply);
        const made = (await count()) - before;
        expect(made).toBe(reply.status === 200 && reply.body['replayed'] === undefined ? 1 : 0);
        await bench.clock.advance(1_000);
      }),
      { numRuns: RUNS },
    );
    for (const { terms } of await bench.orders()) {
      expect(terms.quantity).toBeLessThanOrEqual(100);
      expect(['SBIN', 'INFY']).toContain(terms.instrument.symbol);
      expect(['INTRADAY', 'NSE']).toEqual([terms.product, terms.instrument.exchange]);
    }
  }, 60_000);

  it('and any JSON at all is refused at every path, without an order', async () => {
    const before = await count();
    const paths = (): string[] => Object.values(hooks).map((hook) => hook.path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.oneof(fc.json({ maxDepth: 3 }), fc.string(), fc.base64String()),
        async (index, body) => {
          const reply = await bench.post(paths()[index] ?? '', body);
          expectSound(reply);
          expect(reply.status).toBeGreaterThanOrEqual(400);
          await bench.clock.advance(1_000);
        },
      ),
      { numRuns: RUNS },
    );
    expect(await count()).toBe(before);
  }, 60_000);

  it.each(['strategy', 'chartink'] as const)(
    'of a %s alert is refused or trades mapped symbols',
    async (kind) => {
      const good =
        kind === 'strategy'
          ? { symbol: 'SBIN', action: 'BUY', position_size: 5 }
          : { stocks: 'SBIN,INFY', scan_name: 'BUY' };
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...Object.keys(good)), odd, async (name, value) => {
          const before = await count();
          const reply = await bench.post(hooks[kind].path, { ...good, [name]: value });
          expectSound(reply);
          if (reply.status !== 200) expect(await count()).toBe(before);
          await bench.clock.advance(1_000);
        }),
        { numRuns: RUNS },
      );
    },
    60_000,
  );
});
