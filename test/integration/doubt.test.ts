import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Gateway } from '../../src/gateway';
import type { Fault } from '../../src/simulators/core/faults';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

let redis: Redis;
let bench: GatewayBench;
let gateway: Gateway;

beforeEach(async () => {
  redis = connect('doubt');
  await redis.flushdb();
  bench = await GatewayBench.open(redisUrl('doubt'), {
    TORAN_SEND_BY_MS: '500',
    TORAN_NEUTRAL_TIMEOUT_MS: '500',
    TORAN_ORDER_WAIT_MS: '2000',
  });
  gateway = await bench.start();
});
afterEach(async () => {
  await bench.close();
  redis.disconnect();
});

describe('a place whose answer is lost', () => {
  it.each<Fault>([
    { kind: 'answer-lost' },
    { kind: 'reset', when: 'after' },
    { kind: 'reset', when: 'body' },
    { kind: 'truncated' },
    { kind: 'html', status: 502, applied: true },
    { kind: 'refused-but-done' },
    { kind: 'error-in-200', applied: true },
    { kind: 'undocumented-429', applied: true },
  ])('is found by its tag and never doubled: %j', async (fault) => {
    bench.simulator.plan.next('place', fault);
    const { status, body } = await bench.place(gateway);
    expect(status).toBe(200);
    await bench.untilState(body['orderid'], 'filled');
    expect(bench.placements()).toHaveLength(1);
    expect(bench.simulator.stats().requests).toMatchObject({ place: 1 });
    expect(
      (await bench.ledger.findOrder(NEUTRAL, String(body['orderid'])))?.inDoubtSince,
    ).toBeNull();
  });

  it('is found when the broker acts on it late', async () => {
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: 1_500 });
    const { status, body } = await bench.place(gateway);
    expect(status).toBe(200);
    await bench.untilState(body['orderid'], 'filled', 20_000);
    expect(bench.placements()).toHaveLength(1);
  });
});

describe('a place that never arrived', () => {
  it('answers "do not resend", and is denied only after several reads that begin late enough', async () => {
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: null });
    const { status, body } = await bench.call(gateway, 'placeorder', {
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: '1',
      pricetype: 'MARKET',
      product: 'MIS',
    });
    const id = String(body['orderid']);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      in_doubt: true,
      message: expect.stringContaining('do not resend'),
    });
    await bench.untilState(id, 'denied', 20_000);
    const order = await bench.ledger.findOrder(NEUTRAL, id);
    expect(order).toMatchObject({ reasonCode: 'NOT_AT_BROKER', inDoubtSince: null });
    const events = await bench.ledger.events(order?.orderId ?? ('' as never));
    const submitted = events.find((event) => event.kind === 'submitted')?.at ?? 0;
    const denied = events.find((event) => event.kind === 'denied')?.at ?? 0;
    // 0.5 s to send, 0.5 s for the answer, 1 s of margin, then three reads at least a second apart.
    expect(denied - submitted).toBeGreaterThanOrEqual(4_000);
    expect(bench.placements()).toEqual([]);
    expect(bench.simulator.stats().requests).toMatchObject({ place: 1 });
  });

  it('stays in doubt while the book cannot be read', async () => {
    const first = await bench.place(gateway);
    await bench.untilState(first.body['orderid'], 'filled');
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: null });
    bench.simulator.plan.add([
      {
        match: { operation: 'orders' },
        fault: { kind: 'html', status: 502, applied: false },
        times: null,
      },
    ]);
    const asked = (): number => bench.simulator.stats().requests['orders'] ?? 0;
    const before = asked();
    const { body } = await bench.place(gateway);
    expect(body).toMatchObject({ in_doubt: true, orderid: expect.any(String) });
    // As many reads as would have been enough to conclude absence, had they succeeded.
    await until(() => asked() >= before + 3, 20_000);
    expect(
      (await bench.ledger.findOrder(NEUTRAL, String(body['orderid'])))?.inDoubtSince,
    ).not.toBeNull();
  });
});

describe('a cancel whose effect is not what the answer said', () => {
  it('goes again when the broker said yes and did nothing', async () => {
    const placed = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    bench.simulator.plan.next('cancel', { kind: 'ok-but-not-done' });
    await bench.call(gateway, 'cancelorder', { orderid: placed.body['orderid'] });
    await bench.untilState(placed.body['orderid'], 'canceled', 20_000);
    expect(bench.simulator.stats().requests).toMatchObject({ cancel: 2 });
  });

  it('is remembered while the place is in doubt, and goes once the order is found', async () => {
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: 1_500 });
    const placed = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    const asked = await bench.call(gateway, 'cancelorder', { orderid: placed.body['orderid'] });
    expect(asked.status).toBe(200);
    await bench.untilState(placed.body['orderid'], 'canceled', 20_000);
    expect(bench.placements()).toHaveLength(1);
  });
});
