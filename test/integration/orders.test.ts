import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

let redis: Redis;
let bench: GatewayBench;

beforeEach(async () => {
  redis = connect('orders');
  await redis.flushdb();
  bench = await GatewayBench.open(redisUrl('orders'), {
    TORAN_SEND_BY_MS: '500',
    TORAN_ORDER_DEADLINE_MS: '60000',
  });
});
afterEach(async () => {
  await bench.close();
  redis.disconnect();
});

/** Keeps every order call of the account waiting for `ms`. */
const block = (ms: number): Promise<unknown> =>
  redis.set(`toran:bucket:${NEUTRAL}:penalty`, '1', 'PX', ms);
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('the way of an order', () => {
  it('goes from the API to the broker and back once, and is booked as filled', async () => {
    const gateway = await bench.start();
    const { status, body } = await bench.place(gateway, { quantity: '5' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'success', account: NEUTRAL, broker_order_id: 'N000001' });
    await bench.untilState(body['orderid'], 'filled');
    const order = await bench.ledger.findOrder(NEUTRAL, 'N000001');
    expect(order).toMatchObject({ filledQuantity: 5, averagePrice: '100', origin: 'toran' });
    expect(bench.placements()).toMatchObject([{ tag: order?.clientTag, quantity: 5 }]);
    const trades = await bench.call(gateway, 'tradebook', {});
    expect(trades.body['data']).toMatchObject([{ orderid: body['orderid'], symbol: 'SBIN' }]);
  });

  it('is the same order again for the same client order id, also when both come at once', async () => {
    const gateway = await bench.start();
    const replies = await Promise.all(
      numbers(5).map(() => bench.place(gateway, { client_order_id: 'mine-1' })),
    );
    expect(new Set(replies.map(({ body }) => body['orderid'])).size).toBe(1);
    expect(replies.filter(({ body }) => body['replayed'] === true)).toHaveLength(4);
    const other = await bench.place(gateway, { client_order_id: 'mine-1', quantity: '2' });
    expect(other).toMatchObject({ status: 409, body: { status: 'error' } });
    await bench.untilState(replies[0]?.body['orderid'], 'filled');
    expect(bench.placements()).toHaveLength(1);
  });

  it('passes the refusal of the broker on, and the order is not sent again', async () => {
    const gateway = await bench.start();
    bench.simulator.plan.next('place', {
      kind: 'refuse',
      code: 'RISK_REJECTED',
      message: 'no margin',
    });
    const { status, body } = await bench.place(gateway);
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 'error', state: 'rejected', message: 'no margin' });
    expect(await bench.state(body['orderid'])).toBe('rejected');
    expect(bench.simulator.stats().requests).toMatchObject({ place: 1 });
  });

  it('takes a modify and a cancel to the broker and shows what the book then says', async () => {
    const gateway = await bench.start();
    const placed = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    const id = placed.body['orderid'];
    const modified = await bench.call(gateway, 'modifyorder', {
      orderid: id,
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      product: 'MIS',
      pricetype: 'LIMIT',
      price: '91',
      quantity: '3',
      disclosed_quantity: '0',
      trigger_price: '0',
    });
    expect(modified.status).toBe(200);
    await until(
      async () => (await bench.ledger.findOrder(NEUTRAL, String(id)))?.terms.quantity === 3,
    );
    const canceled = await bench.call(gateway, 'cancelorder', { orderid: id });
    expect(canceled.status).toBe(200);
    await bench.untilState(id, 'canceled');
    expect(bench.simulator.log.since().map((event) => event.operation)).toEqual([
      'place',
      'modify',
      'cancel',
    ]);
  });
});

describe('an order that cannot go yet', () => {
  it('expires at its deadline and is never sent', async () => {
    const gateway = await bench.start({ TORAN_ORDER_DEADLINE_MS: '1500' });
    await bench.place(gateway);
    await block(2_500);
    const { status, body } = await bench.place(gateway);
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 'error', state: 'expired', code: 'DEADLINE' });
    const next = await bench.place(gateway);
    await bench.untilState(next.body['orderid'], 'filled');
    expect(bench.placements()).toHaveLength(2);
  });

  it('is cancelled without a call', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '200' });
    await bench.place(gateway);
    await block(1_500);
    const waiting = await bench.place(gateway);
    expect(waiting).toMatchObject({ status: 200, body: { state: 'queued' } });
    const { status, body } = await bench.call(gateway, 'cancelorder', {
      orderid: waiting.body['orderid'],
    });
    expect([status, body['state']]).toEqual([200, 'canceled']);
    const next = await bench.place(gateway);
    await bench.untilState(next.body['orderid'], 'filled');
    expect(bench.simulator.stats().requests).toMatchObject({ place: 2 });
    expect(bench.simulator.stats().requests).not.toHaveProperty('cancel');
  });

  it('is sent after a restart, once', async () => {
    const first = await bench.start({ TORAN_ORDER_WAIT_MS: '100' });
    await block(600_000);
    const waiting = await bench.place(first);
    await bench.stop(first);
    await redis.flushdb();
    await bench.start();
    await bench.untilState(waiting.body['orderid'], 'filled');
    expect(bench.placements()).toHaveLength(1);
  });

  it('is not lost when Redis loses everything, and no limit is exceeded', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '0' });
    const replies = await Promise.all(numbers(20).map(() => bench.place(gateway)));
    await redis.flushdb();
    for (const { body } of replies) await bench.untilState(body['orderid'], 'filled', 15_000);
    expect(new Set(bench.placements().map((event) => event.tag)).size).toBe(20);
    expect(bench.placements()).toHaveLength(20);
    expect(JSON.stringify(bench.simulator.stats().rates)).not.toMatch(/"refused":[1-9]/);
  });
});

describe('two gateways over one ledger and one Redis', () => {
  it('send each of fifty orders exactly once', async () => {
    const gateways = [
      await bench.start({ TORAN_ORDER_WAIT_MS: '0' }),
      await bench.start({ TORAN_ORDER_WAIT_MS: '0' }),
    ];
    const replies = await Promise.all(
      numbers(50).map(async (i) => {
        const gateway = gateways[i % 2];
        if (gateway === undefined) throw new Error('no gateway');
        return bench.place(gateway);
      }),
    );
    expect(replies.map(({ status }) => status)).toEqual(numbers(50).map(() => 200));
    for (const { body } of replies) await bench.untilState(body['orderid'], 'filled', 25_000);
    const tags = bench.placements().map((event) => event.tag);
    const wanted = replies.map(({ body }) => `TRN${String(body['orderid'])}`);
    expect([...tags].sort()).toEqual([...wanted].sort());
    expect(JSON.stringify(bench.simulator.stats().rates)).not.toMatch(/"refused":[1-9]/);
  });
});
