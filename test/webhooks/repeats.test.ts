import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until';
import { alertBody, alertSettings, chartinkSettings, WebhookBench } from './bench';
import type { OpenHook } from './bench';

let bench: WebhookBench;
let opened: OpenHook;
let body: string;

const start = async (options: Parameters<typeof WebhookBench.open>[0] = {}): Promise<void> => {
  bench = await WebhookBench.open(options);
  opened = await bench.hook(alertSettings());
  body = JSON.stringify(alertBody({ token: opened.secret.secret }));
};
const post = () => bench.post(opened.path, body);
const count = async (): Promise<number> => (await bench.orders()).length;

afterEach(() => bench.close());

describe('equal calls that were answered', () => {
  beforeEach(() => start());

  it('are two orders, also a second apart', async () => {
    const first = await post();
    await bench.clock.advance(1_000);
    const second = await post();
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body['orderid']).not.toBe(first.body['orderid']);
    expect(second.body['replayed']).toBeUndefined();
    expect(await count()).toBe(2);
  });

  it('are as many orders when they come in one moment', async () => {
    const replies = await Promise.all([post(), post(), post(), post()]);
    expect(new Set(replies.map((reply) => reply.body['orderid'])).size).toBe(4);
    expect(await count()).toBe(4);
  });

  it('are one order when they carry one client_order_id', async () => {
    body = JSON.stringify(alertBody({ token: opened.secret.secret, client_order_id: 'bar-1' }));
    const first = await post();
    const second = await post();
    expect(second.body).toMatchObject({ orderid: first.body['orderid'], replayed: true });
    const other = JSON.stringify({ ...(JSON.parse(body) as object), quantity: '6' });
    expect((await bench.post(opened.path, other)).status).toBe(409);
    expect(await count()).toBe(1);
  });
});

describe('a call whose answer did not go out', () => {
  /** Posts, waits until the order is on disk, and breaks the connection off before the answer. */
  const dropOne = async (): Promise<string> => {
    const before = await count();
    const call = bench.begin(opened.path, body);
    await until(async () => (await count()) === before + 1);
    call.drop();
    // The server must have seen the end of the connection before the sender comes again.
    await until(() => bench.api.log.some(({ fields }) => fields['cutShort'] === true));
    return String((await bench.orders()).at(-1)?.orderId);
  };
  /** Posts and lets the wait for an outcome, which nobody brings, run out. */
  const postAndWait = async () => {
    const call = bench.begin(opened.path, body);
    let over = false;
    const reply = call.reply.finally(() => (over = true));
    await until(async () => {
      if (!over) await bench.clock.advance(0);
      if (bench.clock.pending > 0) await bench.clock.advance(100);
      return over;
    });
    return reply;
  };
  beforeEach(() => start({ waitMs: 100 }));

  it('is answered with its order when it comes again', async () => {
    const id = await dropOne();
    const again = await postAndWait();
    expect(again).toMatchObject({ status: 200, body: { orderid: id, replayed: true } });
    expect(await count()).toBe(1);
  });

  it('is a new order once its repeat was answered', async () => {
    const id = await dropOne();
    await postAndWait();
    const third = await postAndWait();
    expect(third.body['orderid']).not.toBe(id);
    expect(await count()).toBe(2);
  });

  it('is recognised after 29 s, and is a new order after 31 s', async () => {
    const id = await dropOne();
    await bench.clock.advance(29_000);
    expect((await postAndWait()).body).toMatchObject({ orderid: id });
    const other = await bench.hook(alertSettings(), 'other');
    opened = other;
    body = JSON.stringify(alertBody({ token: other.secret.secret }));
    bench.api.log.length = 0;
    const late = await dropOne();
    await bench.clock.advance(31_000);
    expect((await postAndWait()).body['orderid']).not.toBe(late);
    expect(await count()).toBe(3);
  });

  it('stands for one call: two that broke off are two orders, each found again once', async () => {
    const calls = [bench.begin(opened.path, body), bench.begin(opened.path, body)];
    await until(async () => (await count()) === 2);
    for (const call of calls) call.drop();
    const cut = () => bench.api.log.filter(({ fields }) => fields['cutShort'] === true).length;
    await until(() => cut() === 2);
    const again = [await postAndWait(), await postAndWait()];
    const ids = (await bench.orders()).map((order) => order.orderId).sort();
    expect(again.map((reply) => reply.body['orderid']).sort()).toEqual(ids);
    expect(await count()).toBe(2);
  });

  it('is recognised again when the answer to its repeat did not go out either', async () => {
    const id = await dropOne();
    const timers = bench.clock.pending;
    const repeat = bench.begin(opened.path, body);
    await until(() => bench.clock.pending > timers);
    repeat.drop();
    await until(
      () => bench.api.log.filter(({ fields }) => fields['cutShort'] === true).length === 2,
    );
    expect((await postAndWait()).body).toMatchObject({ orderid: id, replayed: true });
    expect(await count()).toBe(1);
  });

  it('is not the repeat of another hook, nor of other bytes', async () => {
    const id = await dropOne();
    const other = await bench.hook(alertSettings(), 'other');
    const mine = { path: opened.path, body };
    body = JSON.stringify(alertBody({ token: other.secret.secret }));
    opened = other;
    expect((await postAndWait()).body['orderid']).not.toBe(id);
    body = `${mine.body} `;
    opened = { ...opened, path: mine.path };
    expect((await postAndWait()).body['orderid']).not.toBe(id);
  });
});

describe('a call that was answered 5xx after its order was on disk', () => {
  it('is answered with its order when it comes again', async () => {
    let faults = 1;
    await start({
      afterIntent: () => {
        if ((faults -= 1) >= 0) throw new Error('a fault behind the commit');
      },
    });
    const first = await post();
    expect(first.status).toBe(500);
    const id = (await bench.orders())[0]?.orderId;
    const second = await post();
    expect(second).toMatchObject({ status: 200, body: { orderid: id, replayed: true } });
    const third = await post();
    expect(third.body['orderid']).not.toBe(id);
    expect(await count()).toBe(2);
  });

  it('is a refusal, not a repeat, when it was answered 4xx', async () => {
    await start();
    body = JSON.stringify(alertBody({ token: opened.secret.secret, quantity: 'x' }));
    expect((await post()).status).toBe(400);
    expect((await post()).status).toBe(400);
    expect(await count()).toBe(0);
  });
});

describe('a process that died before it answered', () => {
  it('leaves a call that the next process recognises, with all orders of a ChartInk alert', async () => {
    await start({
      afterIntent: () => {
        throw new Error('died');
      },
    });
    const hook = await bench.hook(chartinkSettings(), 'scan');
    const alert = JSON.stringify({ stocks: 'SBIN,INFY', scan_name: 'BUY now' });
    expect((await bench.post(hook.path, alert)).status).toBe(500);
    const ids = (await bench.orders()).map((order) => order.orderId).sort();
    expect(ids).toHaveLength(2);
    await bench.close(true);
    // As long as an answer may take, it could be a process beside this one that is at work on it.
    const later = bench.clock.now() + 5_000;
    const second = await WebhookBench.open({ directory: bench.directory, start: later });
    bench = second;
    const again = await second.post(hook.path, alert);
    expect(again.body).toMatchObject({
      status: 'success',
      message: 'Orders queued for symbols: SBIN, INFY',
      replayed: true,
    });
    expect([...(again.body['orderids'] as string[])].sort()).toEqual(ids);
    expect(await count()).toBe(2);
  });
});

describe('an alert posted straight to placeorder', () => {
  /** The key of the API's own tests. */
  const order = (): string =>
    JSON.stringify({
      apikey: bench.api.keys.trade,
      strategy: 's',
      account: 'main',
      ...alertBody(),
    });
  beforeEach(async () => {
    let faults = 1;
    await start({
      afterIntent: () => {
        if ((faults -= 1) >= 0) throw new Error('a fault behind the commit');
      },
    });
  });

  it('is recognised as text/plain when it comes again after a 5xx', async () => {
    const plain = { 'content-type': 'text/plain; charset=utf-8' };
    expect((await bench.post('/api/v1/placeorder', order(), plain)).status).toBe(500);
    const again = await bench.post('/api/v1/placeorder', order(), plain);
    expect(again).toMatchObject({ status: 200, body: { replayed: true } });
    expect(await count()).toBe(1);
  });

  it('is a new order from a client of the API, as ever', async () => {
    expect((await bench.post('/api/v1/placeorder', order())).status).toBe(500);
    expect((await bench.post('/api/v1/placeorder', order())).body['replayed']).toBeUndefined();
    expect(await count()).toBe(2);
  });
});

describe('two processes over one ledger', () => {
  let other: WebhookBench;
  const second = () => other.post(opened.path, body);
  beforeEach(async () => {
    await start({ waitMs: 1_000 });
    other = await WebhookBench.open({ directory: bench.directory, waitMs: 0 });
  });
  afterEach(() => other.close(true));

  it('make two orders of two equal alerts, also while the first is being answered', async () => {
    const first = bench.begin(opened.path, body);
    await until(async () => (await count()) === 1);
    const beside = second();
    await until(() => other.clock.pending > 0);
    expect(await count()).toBe(1);
    await until(() => bench.clock.pending > 0);
    await bench.clock.advance(1_000);
    const id = (await first.reply).body['orderid'];
    let over = false;
    void beside.finally(() => (over = true));
    await until(async () => {
      if (!over) await other.clock.advance(50);
      return over;
    });
    const reply = await beside;
    expect(reply.status).toBe(200);
    expect(reply.body['orderid']).not.toBe(id);
    expect(reply.body['replayed']).toBeUndefined();
    expect(await count()).toBe(2);
  });

  it('make one order of an alert whose process died, once its answer is overdue', async () => {
    const first = bench.begin(opened.path, body);
    await until(async () => (await count()) === 1);
    const repeat = second();
    let over = false;
    void repeat.finally(() => (over = true));
    await until(async () => {
      if (!over) await other.clock.advance(50);
      return over;
    });
    const [only] = await bench.orders();
    expect((await repeat).body).toMatchObject({ orderid: only?.orderId, replayed: true });
    expect(await count()).toBe(1);
    first.drop();
  });
});
