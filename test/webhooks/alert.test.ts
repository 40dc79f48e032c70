import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../src/core/webhooks/signature';
import type { HookSettings } from '../../src/core/webhooks/settings';
import { alertBody, alertSettings, PAPER, strategySettings, WebhookBench } from './bench';
import type { OpenHook } from './bench';

let bench: WebhookBench;
let opened: OpenHook;

beforeEach(async () => {
  bench = await WebhookBench.open();
  opened = await bench.hook(alertSettings());
});
afterEach(() => bench.close());

const post = (changes: object = {}, headers = {}) =>
  bench.post(opened.path, alertBody({ token: opened.secret.secret, ...changes }), headers);
const use = async (settings: HookSettings): Promise<void> => {
  await bench.hooks.setSettings(opened.hook.hookId, settings);
};
const count = async (): Promise<number> => (await bench.orders()).length;

describe('an order through a webhook', () => {
  it('goes to the account of the webhook, under its label, whatever the content type', async () => {
    const reply = await post({}, { 'content-type': 'text/plain' });
    expect(reply.status).toBe(200);
    expect(await bench.orders()).toMatchObject([
      {
        orderId: reply.body['orderid'],
        accountId: PAPER,
        strategy: 'ema-cross',
        apiKeyId: `hook:${opened.hook.hookId}`,
        terms: { side: 'BUY', quantity: 5, orderType: 'MARKET', product: 'INTRADAY' },
      },
    ]);
    expect(bench.counted).toEqual(['alert accepted']);
  });

  it('is smart when it names a position_size, with numbers as text', async () => {
    await post({ position_size: '-20.0', quantity: '1e1' });
    expect(await bench.orders()).toMatchObject([{ smart: { position: -20, flatQuantity: 10 } }]);
  });

  it('leaves nothing to a default: product and price type are named', async () => {
    for (const field of ['product', 'pricetype', 'quantity', 'action']) {
      const reply = await post({ [field]: undefined });
      expect(reply).toMatchObject({ status: 400, body: { field } });
    }
    expect(await count()).toBe(0);
  });

  it('has no unknown field, and none of a person', async () => {
    for (const field of ['apikey', 'stoploss', 'force_exit', 'constructor']) {
      expect(await post({ [field]: 'x' })).toMatchObject({ status: 400, body: { field } });
    }
    expect(await count()).toBe(0);
  });
});

describe('the settings of a webhook', () => {
  it.each([
    ['symbol', { symbol: 'TCS' }],
    ['symbol', { exchange: 'BSE' }],
    ['product', { product: 'CNC' }],
    ['pricetype', { pricetype: 'SL-M', trigger_price: '100' }],
    ['quantity', { quantity: '101' }],
    ['quantity', { quantity: '101', position_size: '5' }],
    ['position_size', { position_size: '-101' }],
    ['account', { account: 'other' }],
  ])('refuse what is outside, naming %s', async (field, changes) => {
    const reply = await post(changes);
    expect(reply).toMatchObject({ status: 403, body: { code: 'WEBHOOK_SCOPE', field } });
    expect(await count()).toBe(0);
  });

  it('may forbid a side, and with it smart orders', async () => {
    await use(alertSettings({ sides: ['BUY'] }));
    expect(await post({ action: 'SELL' })).toMatchObject({
      status: 403,
      body: { field: 'action' },
    });
    expect(await post({ position_size: '5' })).toMatchObject({
      status: 403,
      body: { field: 'position_size' },
    });
    expect((await post()).status).toBe(200);
    await use(alertSettings({ smart: false }));
    expect(await post({ position_size: '5' })).toMatchObject({ status: 403 });
    expect(await count()).toBe(1);
  });

  it('may allow any symbol, and its own account by name', async () => {
    await use(alertSettings({ symbols: null }));
    expect((await post({ symbol: 'TCS', account: 'main' })).status).toBe(200);
  });

  it('may set times of day in IST, over midnight too', async () => {
    // The clock stands at 09:30 IST.
    await use(alertSettings({ window: { from: '09:30', until: '15:00' } }));
    expect((await post()).status).toBe(200);
    await use(alertSettings({ window: { from: '09:31', until: '15:00' } }));
    expect(await post()).toMatchObject({ status: 403, body: { code: 'WEBHOOK_WINDOW' } });
    await use(alertSettings({ window: { from: '22:00', until: '09:31' } }));
    expect((await post()).status).toBe(200);
    await use(alertSettings({ window: { from: '22:00', until: '09:30' } }));
    expect((await post()).status).toBe(403);
  });

  it('limit the calls of a minute, with Retry-After', async () => {
    await use(alertSettings({ ratePerMinute: 3 }));
    const replies = [await post(), await post(), await post(), await post()];
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 429]);
    expect(replies[3]?.headers['retry-after']).toBe('20');
    expect(bench.counted.at(-1)).toBe('alert limited');
    await bench.clock.advance(20_000);
    expect((await post()).status).toBe(200);
  });

  it('may pause it', async () => {
    await bench.hooks.setActive(opened.hook.hookId, false);
    expect(await post()).toMatchObject({ status: 403, body: { code: 'WEBHOOK_PAUSED' } });
    await bench.hooks.setActive(opened.hook.hookId, true);
    expect((await post()).status).toBe(200);
  });
});

describe('who may not come in', () => {
  const other = '00000000-0000-4000-8000-000000000000';

  it('hears the same for an unknown id and a wrong token, and five times a second only', async () => {
    const body = alertBody({ token: 'f'.repeat(64), quantity: 'nonsense' });
    const wrong = await bench.post(opened.path, body);
    const unknown = await bench.post(`/webhook/${other}`, body);
    const right = { ...alertBody(), token: opened.secret.secret };
    const elsewhere = await bench.post(`/webhook/${other}`, right);
    expect(wrong.status).toBe(403);
    expect(wrong.body['code']).toBe('WEBHOOK_UNKNOWN');
    for (const reply of [unknown, elsewhere]) {
      expect([reply.status, reply.text]).toEqual([wrong.status, wrong.text]);
    }
    await bench.post(opened.path, body);
    await bench.post(opened.path, body);
    const sixth = await bench.post(`/webhook/${other}`, body);
    expect([sixth.status, sixth.headers['retry-after']]).toEqual([429, '1']);
    // A right token from the same address still passes.
    expect((await post()).status).toBe(200);
    expect(bench.counted.slice(0, 6)).toEqual([
      ...Array.from({ length: 5 }, () => 'alert unknown'),
      'alert limited',
    ]);
  });

  it('has a token of another hook, or the secret of another kind', async () => {
    const second = await bench.hook(alertSettings(), 'second');
    const strategy = await bench.hook(strategySettings(), 'strategy');
    for (const secret of [second.secret.secret, strategy.secret.secret]) {
      expect((await post({ token: secret })).status).toBe(403);
    }
    expect(await count()).toBe(0);
  });

  it('has an old token after its overlap, a revoked one, or one of a removed hook', async () => {
    const { hookId } = opened.hook;
    const fresh = await bench.hooks.rotate(hookId, 10);
    expect((await post()).status).toBe(200);
    await bench.clock.advance(10 * 60_000);
    expect((await post()).status).toBe(403);
    expect((await post({ token: fresh.secret })).status).toBe(200);
    await bench.hooks.endToken(hookId, fresh.tokenId);
    expect((await post({ token: fresh.secret })).status).toBe(403);
    const third = await bench.hooks.rotate(hookId, 0);
    expect((await post({ token: third.secret })).status).toBe(200);
    await bench.hooks.remove(hookId);
    expect((await post({ token: third.secret })).status).toBe(403);
  });

  it('sees a change that another process made within a second', async () => {
    await post();
    await bench.store.updateHook(opened.hook.hookId, { active: false });
    await bench.clock.advance(1_001);
    expect((await post()).status).toBe(403);
  });

  it('sends more than 16 KB', async () => {
    expect(await post({ strategy: 'x'.repeat(17_000) })).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
  });
});

describe('a signed webhook', () => {
  const body = (): string => JSON.stringify(alertBody({ token: opened.secret.secret }));
  const signed = (timestamp: number, over = body(), key = opened.secret.signingKey) =>
    bench.post(opened.path, body(), {
      'x-toran-timestamp': String(timestamp),
      'x-toran-signature': signatureOf(key, String(timestamp), Buffer.from(over)),
    });
  const now = (): number => Math.floor(bench.clock.now() / 1000);
  beforeEach(() => use(alertSettings({ signed: true })));

  it('takes a call signed over its raw bytes and its time, for five minutes', async () => {
    expect((await signed(now())).status).toBe(200);
    expect((await signed(now() - 300)).status).toBe(200);
    expect((await signed(now() - 301)).body).toMatchObject({ code: 'WEBHOOK_SIGNATURE' });
    expect((await signed(now() + 302)).status).toBe(403);
  });

  it('refuses an unsigned call, another body, another key and a moved time', async () => {
    const good = String(now());
    const signature = signatureOf(opened.secret.signingKey, good, Buffer.from(body()));
    const replies = [
      await bench.post(opened.path, body()),
      await signed(now(), `${body()} `),
      await signed(now(), body(), '0'.repeat(64)),
      await bench.post(opened.path, body(), {
        'x-toran-timestamp': String(now() + 1),
        'x-toran-signature': signature,
      }),
    ];
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 403, body: { code: 'WEBHOOK_SIGNATURE' } });
      expect(reply.text).not.toContain(signature.slice(7));
    }
    expect(await count()).toBe(0);
  });
});

describe('the addresses of a webhook', () => {
  it('are those of the peer, unless a trusted proxy speaks', async () => {
    await use(alertSettings({ addresses: ['tradingview', '10.0.0.0/8'] }));
    expect(await post()).toMatchObject({ status: 403, body: { code: 'WEBHOOK_ADDRESS' } });
    const forwarded = { 'x-forwarded-for': '52.89.214.238' };
    expect((await post({}, forwarded)).status).toBe(403);
    await bench.close();
    bench = await WebhookBench.open({ trustedProxies: ['127.0.0.1'] });
    opened = await bench.hook(alertSettings({ addresses: ['tradingview', '10.0.0.0/8'] }));
    expect((await post({}, forwarded)).status).toBe(200);
    expect((await post({}, { 'x-forwarded-for': '9.9.9.9, 10.1.2.3' })).status).toBe(200);
    // What the sender wrote itself stands further left, and is not believed.
    expect((await post({}, { 'x-forwarded-for': '52.89.214.238, 9.9.9.9' })).status).toBe(403);
    expect((await post({}, { 'x-forwarded-for': 'nonsense' })).status).toBe(403);
  });
});

describe('the secret', () => {
  it('is in no answer, no log line and no ledger', async () => {
    const strategy = await bench.hook(strategySettings(), 'strategy');
    const secrets = [opened.secret.secret, strategy.secret.secret];
    const replies = [
      await post(),
      await post({ quantity: 'x' }),
      await post({ symbol: 'TCS' }),
      await bench.post(opened.path, `{"token":"${opened.secret.secret}"`),
      await bench.post(strategy.path, { symbol: 'SBIN', action: 'BUY' }),
      await bench.post(`/${strategy.path}`, { symbol: 'TCS', action: 'BUY' }),
      await bench.post(`${strategy.path}/more`, {}),
      await bench.post(`/webhook/${strategy.secret.secret}`, { token: 'x' }),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([200, 400, 403, 400, 200, 400, 404, 403]);
    const said = JSON.stringify([
      replies.map((reply) => reply.text),
      bench.api.log,
      await bench.store.hooks(),
    ]);
    for (const secret of secrets) expect(said).not.toContain(secret);
    expect(bench.api.log.length).toBeGreaterThan(7);
  });
});
