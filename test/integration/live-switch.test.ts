import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { accountId, brokerId, epochMs, orderId } from '../../src/core/domain/ids';
import type { Gateway } from '../../src/gateway';
import { GatewayBench } from '../support/gateway';
import type { Reply, Served } from '../support/gateway';
import { startProcess } from '../support/gateway-process';
import type { GatewayProcess } from '../support/gateway-process';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

const REAL = accountId('real');
const TWIN = 'paper-twin-real';

let redis: Redis;
let bench: GatewayBench;
let processes: GatewayProcess[];

beforeEach(async () => {
  redis = connect('live');
  await redis.flushdb();
  processes = [];
  bench = await GatewayBench.open(redisUrl('live'), { TORAN_ORDER_DEADLINE_MS: '60000' });
  await bench.ledger.addAccount(
    {
      accountId: REAL,
      broker: brokerId('neutral-live'),
      login: 'real',
      label: 'Main book',
      isDefault: true,
      stoppedReason: null,
      live: false,
      twinOf: null,
    },
    epochMs(Date.now()),
  );
});
afterEach(async () => {
  for (const one of processes) await one.kill();
  await bench.close();
  redis.disconnect();
});

const goLive = (gateway: Served, live = true): Promise<Reply> =>
  bench.admin(gateway, 'accounts/real/live', { live, confirm: 'Main book' });
const analyze = (gateway: Served, mode: unknown): Promise<Reply> =>
  bench.call(gateway, 'analyzer/toggle', { mode, strategy: undefined });
const resting = (gateway: Served, fields: Readonly<Record<string, unknown>> = {}): Promise<Reply> =>
  bench.place(gateway, { pricetype: 'LIMIT', price: '1', ...fields });
const homeOf = async (reply: Reply): Promise<string | undefined> =>
  (await bench.ledger.order(orderId(String(reply.body['orderid']))))?.accountId;
const stateOf = async (reply: Reply): Promise<string | undefined> =>
  (await bench.ledger.order(orderId(String(reply.body['orderid']))))?.state;
const bookIds = async (gateway: Served, fields = {}): Promise<readonly unknown[]> => {
  const { body } = await bench.call(gateway, 'orderbook', fields);
  // The book's own shape is checked in the API tests.
  const { orders } = body['data'] as { orders: { orderid: string }[] };
  return orders.map((row) => row.orderid);
};

describe('an account of real money', () => {
  it('practises until its owner sets it live, and says so in every answer', async () => {
    const gateway = await bench.start();
    const practised = await resting(gateway);
    expect(practised).toMatchObject({
      status: 200,
      body: { mode: 'analyze', simulated: true, account: TWIN },
    });
    expect(bench.placements()).toEqual([]);
    expect((await goLive(gateway)).body).toMatchObject({
      live: true,
      open_practice_orders: 1,
      open_live_orders: 0,
    });
    const live = await resting(gateway, { price: '90' });
    expect(live).toMatchObject({ status: 200, body: { account: REAL } });
    expect(live.body).not.toHaveProperty('mode');
    expect(bench.placements()).toHaveLength(1);
    expect((await goLive(gateway, false)).body).toMatchObject({ open_live_orders: 1 });
    expect(await homeOf(await resting(gateway))).toBe(TWIN);
    expect(bench.placements()).toHaveLength(1);
  });

  it('needs its label as a confirmation, and a simulated one has no switch', async () => {
    const gateway = await bench.start();
    const set = (id: string, body: object): Promise<Reply> =>
      bench.admin(gateway, `accounts/${id}/live`, body);
    for (const body of [{ live: true }, { live: true, confirm: 'main book' }]) {
      expect(await set('real', body)).toMatchObject({ status: 400, body: { field: 'confirm' } });
    }
    const wrong = await set('real', { live: 'yes', confirm: 'Main book' });
    expect(wrong).toMatchObject({ status: 400, body: { field: 'live' } });
    expect((await set('nobody', { live: false })).status).toBe(422);
    const simulated = await set('neutral-main', { live: true, confirm: 'neutral' });
    expect(simulated).toMatchObject({ status: 501, body: { code: 'UNSUPPORTED' } });
    expect((await bench.ledger.accounts()).filter((one) => one.live)).toEqual([]);
    expect(await homeOf(await resting(gateway))).toBe(TWIN);
    const twin = await bench.admin(gateway, `accounts/${TWIN}/default`, {});
    expect(twin).toMatchObject({ status: 501, body: { code: 'UNSUPPORTED' } });
    expect((await bench.ledger.accounts()).find((one) => one.isDefault)?.accountId).toBe(REAL);
    const file = new DatabaseSync(path.join(bench.directory, 'ledger.sqlite'), { readOnly: true });
    const lines = file.prepare("SELECT detail FROM audit WHERE action = 'account.live'").all();
    file.close();
    expect(lines).toEqual([]);
  });

  it('is followed by cancel, modify, status and explain to where each order lives', async () => {
    const gateway = await bench.start();
    const practised = await resting(gateway);
    await goLive(gateway);
    const live = await resting(gateway, { price: '90' });
    await analyze(gateway, true);
    for (const [reply, home, mode] of [
      [practised, TWIN, 'analyze'],
      [live, REAL, undefined],
    ] as const) {
      const id = { orderid: reply.body['orderid'] };
      const status = await bench.call(gateway, 'orderstatus', id);
      expect([status.body['account'], status.body['mode']]).toEqual([home, mode]);
      const change = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', product: 'MIS' };
      const terms = { quantity: '2', pricetype: 'LIMIT', price: home === TWIN ? '1' : '90' };
      const rest = { disclosed_quantity: '0', trigger_price: '0' };
      const modified = await bench.call(gateway, 'modifyorder', {
        ...id,
        ...change,
        ...terms,
        ...rest,
      });
      expect([modified.status, modified.body['mode']]).toEqual([200, mode]);
      await until(
        async () =>
          (await bench.ledger.order(orderId(String(id.orderid))))?.terms.quantity === 2 &&
          (await stateOf(reply)) === 'accepted',
      );
      expect((await bench.call(gateway, 'cancelorder', id)).status).toBe(200);
      await until(async () => (await stateOf(reply)) === 'canceled');
    }
    expect(bench.simulator.stats().requests).toMatchObject({ place: 1, modify: 1, cancel: 1 });
  });

  it('replays a client order id to the order of then, on whichever side it lives', async () => {
    const gateway = await bench.start();
    const first = await resting(gateway, { client_order_id: 'mine' });
    await goLive(gateway);
    const again = await resting(gateway, { client_order_id: 'mine' });
    expect(again.body).toMatchObject({
      orderid: first.body['orderid'],
      replayed: true,
      mode: 'analyze',
    });
    const live = await resting(gateway, { client_order_id: 'other', price: '90' });
    await analyze(gateway, true);
    const replayed = await resting(gateway, { client_order_id: 'other', price: '90' });
    expect(replayed.body).toMatchObject({ orderid: live.body['orderid'], account: REAL });
    expect(replayed.body).not.toHaveProperty('mode');
    expect(bench.placements()).toHaveLength(1);
  });

  it('shows the books of the side to which its new orders go; each side by its own name', async () => {
    const gateway = await bench.start();
    const practised = await resting(gateway);
    await goLive(gateway);
    const live = await resting(gateway, { price: '90' });
    const ids = [practised, live].map(({ body }) => body['orderid']);
    expect(await bookIds(gateway)).toEqual([ids[1]]);
    await analyze(gateway, true);
    expect(await bookIds(gateway)).toEqual([ids[0]]);
    expect(await bookIds(gateway, { account: TWIN })).toEqual([ids[0]]);
    for (const name of ['orderbook', 'tradebook', 'positionbook', 'holdings', 'funds']) {
      const { status, body } = await bench.call(gateway, name, {});
      expect([name, status, body['account'], body['mode']]).toEqual([name, 200, TWIN, 'analyze']);
    }
    const named = { symbol: 'SBIN', exchange: 'NSE', product: 'MIS' };
    const open = await bench.call(gateway, 'openposition', named);
    expect(open.body).toMatchObject({ account: TWIN, mode: 'analyze', quantity: 0 });
    await analyze(gateway, false);
    for (const name of ['orderbook', 'positionbook', 'funds']) {
      const { body } = await bench.call(gateway, name, {});
      expect([body['account'], body['mode']]).toEqual([REAL, undefined]);
    }
    expect(await bookIds(gateway, { account: TWIN })).toEqual([ids[0]]);
  });

  it('cancels and closes on the side to which its new orders go, and counts what it left alone', async () => {
    const gateway = await bench.start();
    await goLive(gateway);
    const bought = await bench.place(gateway, { quantity: '4' });
    await until(async () => (await stateOf(bought)) === 'filled');
    const live = await resting(gateway, { price: '90' });
    await analyze(gateway, true);
    await resting(gateway);
    const canceled = await bench.call(gateway, 'cancelallorder', {});
    expect(canceled.body).toMatchObject({ mode: 'analyze', account: TWIN, left_alone: 1 });
    expect(canceled.body['canceled_orders']).toHaveLength(1);
    const closed = await bench.call(gateway, 'closeposition', {});
    expect(closed.body).toMatchObject({
      mode: 'analyze',
      message: 'No open positions to close in practice; live positions were left alone',
    });
    expect(await stateOf(live)).toBe('accepted');
    expect(bench.placements()).toHaveLength(2);
    expect(bench.simulator.book.positions()).toMatchObject([{ quantity: 4 }]);
  });

  it('practises through smart orders, baskets and splits too', async () => {
    const gateway = await bench.start();
    const order = { exchange: 'NSE', symbol: 'SBIN', action: 'BUY', quantity: '3', product: 'MIS' };
    const smart = await bench.call(gateway, 'placesmartorder', { ...order, position_size: '3' });
    const basket = await bench.call(gateway, 'basketorder', { orders: [order, order] });
    const split = await bench.call(gateway, 'splitorder', { ...order, splitsize: '2' });
    for (const { status, body } of [smart, basket, split]) {
      expect([status, body['mode'], body['account']]).toEqual([200, 'analyze', TWIN]);
    }
    expect(bench.placements()).toEqual([]);
    expect((await bench.call(gateway, 'analyzer', {})).body).toMatchObject({
      data: { mode: 'live', analyze_mode: false, total_logs: 5 },
    });
  });

  it('has one twin, also when ten first orders come at once over two gateways', async () => {
    const gateways = [await bench.start(), await bench.start()];
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => resting(gateways[i % 2] ?? { address: null })),
    );
    expect(replies.map(({ status, body }) => [status, body['account']])).toEqual(
      Array(10).fill([200, TWIN]),
    );
    const twins = (await bench.ledger.accounts()).filter((one) => one.twinOf !== null);
    expect(twins).toMatchObject([{ accountId: TWIN, isDefault: false, live: false, twinOf: REAL }]);
  });
});

describe('the analyzer', () => {
  it('holds in every process, outlives a kill -9, and moves no order that is open', async () => {
    const first = await startProcess(bench, redisUrl('live'));
    processes.push(first);
    await goLive(first);
    const live = await resting(first, { price: '90' });
    expect(await homeOf(live)).toBe(REAL);
    const on = await analyze(first, 'On');
    expect(on.body['data']).toMatchObject({
      mode: 'analyze',
      analyze_mode: true,
      open_live_orders: 1,
      message: 'Analyzer mode switched to analyze; 1 open live order stays live',
    });
    await first.kill();
    const next = await bench.start();
    const practised = await resting(next, { price: '90' });
    expect(practised.body).toMatchObject({ mode: 'analyze', account: TWIN });
    expect(bench.placements()).toHaveLength(1);
    expect(await stateOf(live)).toBe('accepted');
    const other: Gateway = await bench.start();
    expect((await analyze(other, 0)).body['data']).toMatchObject({
      mode: 'live',
      open_practice_orders: 1,
    });
    expect(await homeOf(await resting(next, { price: '90' }))).toBe(REAL);
    const file = new DatabaseSync(path.join(bench.directory, 'ledger.sqlite'), { readOnly: true });
    const lines = file.prepare("SELECT detail FROM audit WHERE action = 'analyzer.toggle'").all();
    file.close();
    expect(lines).toEqual([{ detail: '{"analyze":true}' }, { detail: '{"analyze":false}' }]);
  });

  it('is decided once: while it is turned again and again, each order lives where its answer says', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '0' });
    await goLive(gateway);
    await resting(gateway, { account: REAL });
    const replies: Reply[] = [];
    for (let round = 0; round < 10; round += 1) {
      const [, ...made] = await Promise.all([
        analyze(gateway, round % 2 === 0),
        ...Array.from({ length: 4 }, () => resting(gateway, { price: '90' })),
      ]);
      replies.push(...made);
    }
    await analyze(gateway, false);
    const homes = await Promise.all(replies.map(homeOf));
    expect(replies.map(({ body }) => body['account'])).toEqual(homes);
    expect(replies.map(({ body }) => body['mode'] ?? 'live')).toEqual(
      homes.map((home) => (home === TWIN ? 'analyze' : 'live')),
    );
    expect(new Set(homes)).toEqual(new Set([REAL, TWIN]));
    const live = homes.filter((home) => home === REAL).length;
    await until(() => bench.placements().length === live + 1, 20_000);
  });

  it('marks the orders of a simulated account while it is on, and leaves them where they are', async () => {
    const gateway = await bench.start();
    const fields = { account: 'neutral-main', price: '90' };
    expect((await resting(gateway, fields)).body).not.toHaveProperty('mode');
    await analyze(gateway, true);
    const marked = await resting(gateway, fields);
    expect(marked.body).toMatchObject({ mode: 'analyze', account: 'neutral-main' });
    expect(bench.placements()).toHaveLength(2);
  });

  it.each(['maybe', 2, null, undefined, ''])('refuses mode %p', async (mode) => {
    const gateway = await bench.start();
    const reply = await analyze(gateway, mode);
    expect(reply).toMatchObject({ status: 400, body: { field: 'mode' } });
    expect(await bench.ledger.analyzing()).toBe(false);
  });
});
