import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { accountId, brokerId, epochMs, orderId } from '../../src/core/domain/ids';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

const REAL = accountId('real');

let redis: Redis;
let bench: GatewayBench;

beforeEach(async () => {
  redis = connect('switches');
  await redis.flushdb();
  bench = await GatewayBench.open(redisUrl('switches'), { TORAN_ORDER_DEADLINE_MS: '60000' });
  await bench.ledger.addAccount(
    {
      accountId: REAL,
      broker: brokerId('neutral-live'),
      login: 'real',
      label: 'Main book',
      isDefault: false,
      stoppedReason: null,
      live: false,
      twinOf: null,
    },
    epochMs(Date.now()),
  );
});
afterEach(async () => {
  await bench.close();
  redis.disconnect();
});

/** Keeps every order call of the account waiting. */
const block = (account: string): Promise<unknown> =>
  redis.set(`toran:bucket:${account}:penalty`, '1', 'PX', 600_000);
const unblock = (account: string): Promise<unknown> => redis.del(`toran:bucket:${account}:penalty`);

describe('what changes while an order waits', () => {
  it('the analyzer leaves a basket where it is: its SELL legs follow their BUY legs to the market', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '200' });
    await bench.admin(gateway, 'accounts/real/live', { live: true, confirm: 'Main book' });
    await block(REAL);
    const leg = { exchange: 'NSE', quantity: '2', product: 'MIS', pricetype: 'MARKET' };
    const basket = await bench.call(gateway, 'basketorder', {
      account: 'real',
      sells_after_buys: true,
      orders: [
        { ...leg, symbol: 'INFY', action: 'SELL' },
        { ...leg, symbol: 'SBIN', action: 'BUY' },
      ],
    });
    expect(basket.status).toBe(200);
    // The answer's shape is checked in the tests of the call.
    const results = basket.body['results'] as readonly { readonly orderid: string }[];
    const orders = await Promise.all(
      results.map(({ orderid }) => bench.ledger.order(orderId(orderid))),
    );
    expect(orders.map((order) => [order?.accountId, order?.state])).toEqual([
      [REAL, 'queued'],
      [REAL, 'queued'],
    ]);
    await bench.call(gateway, 'analyzer/toggle', { mode: true, strategy: undefined });
    await unblock(REAL);
    for (const { orderid } of results) {
      await until(async () => (await bench.ledger.order(orderId(orderid)))?.state === 'filled');
    }
    expect(bench.placements().map((event) => event.operation)).toEqual(['place', 'place']);
    const next = await bench.place(gateway, { account: 'real' });
    expect(next.body).toMatchObject({ mode: 'analyze', account: 'paper-twin-real' });
    expect(bench.placements()).toHaveLength(2);
  });

  it('a revoked key ends no order that it placed, and places no other', async () => {
    const gateway = await bench.start();
    const made = await bench.admin(gateway, 'keys', { label: 'short', scopes: ['trade'] });
    const { key, apikey } = made.body as { readonly key: { key_id: string }; apikey: string }; // our own shape
    await block(NEUTRAL);
    let answer: Reply | null = null;
    const placing = bench.place(gateway, { apikey }).then((reply) => (answer = reply));
    await until(async () => (await bench.ledger.openOrders(NEUTRAL)).length === 1);
    const { address } = gateway;
    await fetch(`http://127.0.0.1:${String(address?.port)}/api/admin/keys/${key.key_id}`, {
      method: 'DELETE',
      headers: { 'x-api-key': await bench.key() },
    });
    expect(await bench.place(gateway, { apikey })).toMatchObject({ status: 403 });
    expect(answer).toBeNull();
    await unblock(NEUTRAL);
    expect(await placing).toMatchObject({ status: 200, body: { status: 'success' } });
    expect(bench.placements()).toHaveLength(1);
  });
});

describe('close-all beside another exit', () => {
  it('never closes a position twice, however they race', async () => {
    const gateway = await bench.start();
    const net = () => bench.ledger.netPosition(NEUTRAL, 'NSE', 'SBIN', 'INTRADAY');
    for (let round = 0; round < 6; round += 1) {
      await bench.place(gateway, { quantity: '10' });
      await until(async () => (await net()) === 10);
      const exit = bench.call(gateway, 'placesmartorder', {
        exchange: 'NSE',
        symbol: 'SBIN',
        product: 'MIS',
        action: round % 2 === 0 ? 'SELL' : 'BUY',
        quantity: round < 3 ? '10' : '0',
        position_size: '0',
      });
      const [one, all] = await Promise.all([exit, bench.call(gateway, 'closeposition', {})]);
      expect([one.status, all.status]).toEqual([200, 200]);
      await until(async () => (await bench.ledger.openOrders(NEUTRAL)).length === 0);
      await until(async () => (await net()) === 0);
      const held = bench.simulator.book.positions().reduce((sum, row) => sum + row.quantity, 0);
      expect(held).toBe(0);
    }
  });
});

describe('another default account', () => {
  it('takes the very next order that names none', async () => {
    const gateway = await bench.start();
    const first = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    expect(first.body).toMatchObject({ account: NEUTRAL });
    await bench.admin(gateway, 'accounts', { broker: 'paper', login: 'next', label: 'Next' });
    for (const account of ['paper-next', NEUTRAL, 'paper-next', NEUTRAL]) {
      await bench.admin(gateway, `accounts/${account}/default`, {});
      const next = await bench.place(gateway, { pricetype: 'LIMIT', price: '700' });
      expect(next.body).toMatchObject({ account });
    }
  });
});

describe('an account whose entries are stopped', () => {
  it('lets an open entry become smaller or cheaper, and not larger', async () => {
    const gateway = await bench.start();
    const order = { exchange: 'NSE', symbol: 'SBIN', action: 'BUY', product: 'MIS' };
    const placed = await bench.place(gateway, { pricetype: 'LIMIT', price: '90', quantity: '4' });
    const { orderid } = placed.body;
    await bench.untilState(orderid, 'accepted');
    await bench.admin(gateway, 'accounts/neutral-main/stop', { reason: 'enough for today' });
    const modify = (quantity: string, price = '90'): Promise<Reply> =>
      bench.call(gateway, 'modifyorder', {
        ...order,
        ...{ orderid, pricetype: 'LIMIT', price, quantity },
        ...{ disclosed_quantity: '0', trigger_price: '0' },
      });
    expect(await modify('5')).toMatchObject({ body: { code: 'ACCOUNT_STOPPED' } });
    expect(await modify('3', '89')).toMatchObject({ status: 200 });
    await until(
      async () => (await bench.ledger.findOrder(NEUTRAL, String(orderid)))?.terms.quantity === 3,
    );
    await bench.admin(gateway, 'accounts/neutral-main/start', {});
    expect(await modify('5')).toMatchObject({ status: 200 });
  });

  it('lets an exit grow as far as the position, and no further', async () => {
    const gateway = await bench.start();
    await bench.place(gateway, { quantity: '10' });
    const net = () => bench.ledger.netPosition(NEUTRAL, 'NSE', 'SBIN', 'INTRADAY');
    await until(async () => (await net()) === 10);
    const resting = { action: 'SELL', pricetype: 'LIMIT', price: '2000' };
    const { body } = await bench.place(gateway, { ...resting, quantity: '4' });
    await bench.untilState(body['orderid'], 'accepted');
    await bench.admin(gateway, 'accounts/neutral-main/stop', { reason: 'enough for today' });
    const modify = (quantity: string): Promise<Reply> =>
      bench.call(gateway, 'modifyorder', {
        ...{ exchange: 'NSE', symbol: 'SBIN', product: 'MIS', orderid: body['orderid'] },
        ...resting,
        ...{ quantity, disclosed_quantity: '0', trigger_price: '0' },
      });
    expect(await modify('11')).toMatchObject({ body: { code: 'ACCOUNT_STOPPED' } });
    expect(await modify('10')).toMatchObject({ status: 200 });
  });
});
