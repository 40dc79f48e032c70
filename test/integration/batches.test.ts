import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Fault, FaultRule } from '../../src/simulators/core/faults';
import type { Gateway } from '../../src/gateway';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { startProcess } from '../support/gateway-process';
import type { GatewayProcess } from '../support/gateway-process';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

let redis: Redis;
let bench: GatewayBench;
let processes: GatewayProcess[];

beforeEach(async () => {
  redis = connect('batches');
  await redis.flushdb();
  processes = [];
  bench = await GatewayBench.open(redisUrl('batches'), {
    TORAN_SEND_BY_MS: '500',
    TORAN_NEUTRAL_TIMEOUT_MS: '1000',
    TORAN_ORDER_DEADLINE_MS: '60000',
  });
});
afterEach(async () => {
  for (const one of processes) await one.kill();
  await bench.close();
  redis.disconnect();
});

type Row = Readonly<Record<string, unknown>>;
const rows = (reply: Reply, name: string): readonly Row[] => reply.body[name] as readonly Row[];

/** Keeps every order call of the account waiting for `ms`. */
const block = (ms: number): Promise<unknown> =>
  redis.set(`toran:bucket:${NEUTRAL}:penalty`, '1', 'PX', ms);
const unblock = (): Promise<unknown> => redis.del(`toran:bucket:${NEUTRAL}:penalty`);

const net = (symbol = 'SBIN', product: 'INTRADAY' | 'DELIVERY' = 'INTRADAY') =>
  bench.ledger.netPosition(NEUTRAL, 'NSE', symbol, product);

/** A position in `symbol` that the ledger knows of. */
const hold = async (gateway: Gateway, quantity: number, symbol = 'SBIN'): Promise<void> => {
  const action = quantity > 0 ? 'BUY' : 'SELL';
  const fields = { symbol, action, quantity: String(Math.abs(quantity)) };
  const { body } = await bench.place(gateway, fields);
  await bench.untilState(body['orderid'], 'filled');
  await until(async () => (await net(symbol)) === quantity);
};

/** Quantities of the orders in `results`, by when the gateway set out to send them; each was placed once. */
const sentInOrder = async (reply: Reply): Promise<readonly number[]> => {
  const sent = await Promise.all(
    rows(reply, 'results').map(async (row, index) => {
      const order = await bench.ledger.findOrder(NEUTRAL, String(row['orderid']));
      const [place] = order === null ? [] : await bench.ledger.commandsOf(order.orderId);
      const placed = bench.placements().filter((event) => event.tag === order?.clientTag);
      expect(placed).toHaveLength(1);
      return { quantity: order?.terms.quantity ?? 0, at: place?.submittedAt ?? 0, index };
    }),
  );
  return sent.sort((a, b) => a.at - b.at || a.index - b.index).map(({ quantity }) => quantity);
};

const split = (gateway: Gateway | GatewayProcess, fields: Row = {}): Promise<Reply> =>
  bench.call(gateway, 'splitorder', {
    exchange: 'NSE',
    symbol: 'SBIN',
    action: 'BUY',
    quantity: '130',
    splitsize: '50',
    product: 'MIS',
    ...fields,
  });

describe('splitorder', () => {
  it('sends each child once, in order, and a resend under the same id finds them', async () => {
    const gateway = await bench.start();
    const first = await split(gateway, { client_order_id: 's-1' });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ total_quantity: 130, split_size: 50 });
    expect(rows(first, 'results')).toMatchObject([
      { order_num: 1, quantity: 50, status: 'success' },
      { order_num: 2, quantity: 50, status: 'success' },
      { order_num: 3, quantity: 30, status: 'success' },
    ]);
    const second = await split(gateway, { client_order_id: 's-1' });
    expect(second.body).toMatchObject({ replayed: true });
    const ids = (reply: Reply): unknown[] => rows(reply, 'results').map((row) => row['orderid']);
    expect(ids(second)).toEqual(ids(first));
    for (const id of ids(first)) await bench.untilState(id, 'filled');
    expect(await sentInOrder(first)).toEqual([50, 50, 30]);
    const other = await split(gateway, { client_order_id: 's-1', splitsize: '65' });
    expect(other).toMatchObject({ status: 409, body: { code: 'CLIENT_ORDER_ID_REUSED' } });
  });

  it('goes on with the children after a kill -9, and sends none twice', async () => {
    await block(600_000);
    const killed = await startProcess(bench, redisUrl('batches'), { TORAN_ORDER_WAIT_MS: '100' });
    processes.push(killed);
    const waiting = await split(killed, { client_order_id: 's-2' });
    expect(rows(waiting, 'results').map((row) => row['state'])).toEqual(Array(3).fill('queued'));
    await killed.kill();
    await redis.flushdb();
    const gateway = await bench.start();
    for (const row of rows(waiting, 'results')) await bench.untilState(row['orderid'], 'filled');
    expect(await sentInOrder(waiting)).toEqual([50, 50, 30]);
    expect((await split(gateway, { client_order_id: 's-2' })).body).toMatchObject({
      replayed: true,
    });
  });

  it('is an exit as a whole or not at all: a stop of entries refuses it whole or lets it whole through', async () => {
    const gateway = await bench.start();
    await hold(gateway, 130);
    await bench.ledger.setStopped(NEUTRAL, 'holiday');
    const larger = await split(gateway, { action: 'SELL', quantity: '131' });
    expect(larger).toMatchObject({ status: 400, body: { code: 'ACCOUNT_STOPPED' } });
    expect(await bench.ledger.openOrders(NEUTRAL)).toEqual([]);
    await bench.ledger.setStopped(NEUTRAL, null);
    const turning = await split(gateway, {
      ...{ action: 'SELL', quantity: '131', pricetype: 'LIMIT', price: '200' },
    });
    for (const row of rows(turning, 'results')) {
      const order = await bench.ledger.findOrder(NEUTRAL, String(row['orderid']));
      expect(order?.isExit).toBe(false);
    }
    await bench.call(gateway, 'cancelallorder', {});
    await until(async () => (await bench.ledger.openOrders(NEUTRAL)).length === 0);
    await bench.ledger.setStopped(NEUTRAL, 'holiday');
    const exits = await split(gateway, { action: 'SELL' });
    expect(exits.status).toBe(200);
    for (const row of rows(exits, 'results')) {
      const order = await bench.ledger.findOrder(NEUTRAL, String(row['orderid']));
      expect(order?.isExit).toBe(true);
    }
    await until(async () => (await net()) === 0);
  });

  it('tells a child that the broker refused, and sends the others', async () => {
    const gateway = await bench.start();
    bench.simulator.plan.add([
      {
        match: { operation: 'place', nth: 2 },
        fault: { kind: 'refuse', code: 'RISK_REJECTED', message: 'no margin' },
        times: 1,
      },
    ]);
    const reply = await split(gateway);
    expect(reply.status).toBe(200);
    expect(
      rows(reply, 'results')
        .map((row) => row['status'])
        .sort(),
    ).toEqual(['error', 'success', 'success']);
    expect(bench.placements()).toHaveLength(2);
  });

  it.each([
    ['splitsize', { splitsize: '60' }],
    ['quantity', { quantity: '100', splitsize: '65' }],
  ])('names %s when a child is no whole lot, and stores nothing', async (field, wanted) => {
    const gateway = await bench.start();
    const future = `NIFTY${await nearestNifty(gateway)}FUT`;
    const reply = await split(gateway, {
      ...wanted,
      exchange: 'NFO',
      symbol: future,
      product: 'NRML',
    });
    expect(reply).toMatchObject({ status: 400, body: { code: 'LOT_SIZE', field } });
    expect(String(reply.body['message'])).toMatch(new RegExp(`^${field}: `));
    expect(await bench.ledger.openOrders(NEUTRAL)).toEqual([]);
  });
});

/** `24NOV26`-like text of a NIFTY future that this instance lists. */
const nearestNifty = async (gateway: Gateway): Promise<string> => {
  const months = [
    'JAN',
    'FEB',
    'MAR',
    'APR',
    'MAY',
    'JUN',
    'JUL',
    'AUG',
    'SEP',
    'OCT',
    'NOV',
    'DEC',
  ];
  const now = Date.now();
  for (let days = 0; days < 80; days += 1) {
    const day = new Date(now + days * 86_400_000);
    const text = `${String(day.getUTCDate()).padStart(2, '0')}${months[day.getUTCMonth()] ?? ''}${String(day.getUTCFullYear()).slice(2)}`;
    const found = await bench.call(gateway, 'openposition', {
      symbol: `NIFTY${text}FUT`,
      exchange: 'NFO',
      product: 'NRML',
    });
    if (found.status === 200) return text;
  }
  throw new Error('no NIFTY future is listed');
};

describe('cancelallorder', () => {
  it('ends queued orders without a call, live ones and stops at the broker, and none of the finished', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '2000' });
    const filled = await bench.place(gateway);
    await bench.untilState(filled.body['orderid'], 'filled');
    const live = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    const stop = await bench.place(gateway, { pricetype: 'SL-M', trigger_price: '200' });
    await bench.untilState(stop.body['orderid'], 'trigger_pending');
    await block(2_500);
    const queued = await bench.place(gateway);
    expect(queued.body['state']).toBe('queued');
    await unblock();
    await block(300);
    const reply = await bench.call(gateway, 'cancelallorder', {});
    expect(reply.status).toBe(200);
    const ids = [queued, live, stop].map(({ body }) => body['orderid']);
    expect([...(reply.body['canceled_orders'] as string[])].sort()).toEqual([...ids].sort());
    expect(reply.body['message']).toBe('Canceled 3 orders. Failed to cancel 0 orders.');
    for (const id of ids) await bench.untilState(id, 'canceled');
    expect(bench.simulator.stats().requests).toMatchObject({ place: 3, cancel: 2 });
    const again = await bench.call(gateway, 'cancelallorder', {});
    expect(again.body).toMatchObject({
      canceled_orders: [],
      failed_cancellations: [],
      pending_cancellations: [],
      message: 'No open orders to cancel',
    });
  });

  it('with scope strategy leaves the orders of other strategies alone', async () => {
    const gateway = await bench.start();
    const resting = { pricetype: 'LIMIT', price: '90' };
    const mine = await bench.place(gateway, resting);
    const other = await bench.place(gateway, { ...resting, strategy: 'other' });
    const scoped = await bench.call(gateway, 'cancelallorder', { scope: 'strategy' });
    expect(scoped.body['canceled_orders']).toEqual([mine.body['orderid']]);
    expect(await bench.state(other.body['orderid'])).toBe('accepted');
    const all = await bench.call(gateway, 'cancelallorder', {});
    expect(all.body['canceled_orders']).toContain(other.body['orderid']);
  });

  it('tells a refused cancel as failed, and one whose answer got lost as pending', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '2500' });
    const resting = { pricetype: 'LIMIT', price: '90' };
    const first = await bench.place(gateway, resting);
    const second = await bench.place(gateway, resting);
    const cancels = (nth: number, fault: Fault): FaultRule => ({
      match: { operation: 'cancel', nth },
      fault,
      times: 1,
    });
    bench.simulator.plan.add([
      cancels(1, { kind: 'refuse', code: 'RISK_REJECTED', message: 'no' }),
      cancels(2, { kind: 'hang', effectAfterMs: null }),
    ]);
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    const reply = await bench.call(gateway, 'cancelallorder', {});
    const [failed] = rows(reply, 'failed_cancellations');
    const [pending] = rows(reply, 'pending_cancellations');
    expect([failed?.['orderid'], pending?.['orderid']].sort()).toEqual(
      [first, second].map(({ body }) => body['orderid']).sort(),
    );
    expect(failed?.['message']).toContain('no');
    expect(reply.body['canceled_orders']).toEqual([]);
    expect(reply.body['message']).toBe(
      'Canceled 0 orders. Failed to cancel 1 order. 1 cancellation not confirmed yet.',
    );
  });

  it('remembers the cancel of an order in doubt, and sends it once the order is found', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '2500' });
    await hold(gateway, 1, 'INFY');
    bench.simulator.plan.next('place', { kind: 'answer-lost' });
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    const lost = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    expect(lost.body).toMatchObject({ in_doubt: true });
    const reply = await bench.call(gateway, 'cancelallorder', {});
    expect(rows(reply, 'pending_cancellations')).toMatchObject([
      { orderid: lost.body['orderid'], message: expect.stringContaining('in doubt') },
    ]);
    expect(bench.simulator.stats().requests).not.toHaveProperty('cancel');
    bench.simulator.plan.clear();
    await bench.untilState(lost.body['orderid'], 'canceled');
  });
});

describe('closeposition', () => {
  it('closes long and short with one exit each, BUY first, and reports every leg', async () => {
    const gateway = await bench.start();
    await hold(gateway, 5);
    await hold(gateway, -3, 'INFY');
    const before = bench.placements().length;
    const reply = await bench.call(gateway, 'closeposition', {});
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      message: 'All Open Positions Squared Off',
      closed_positions: 2,
      failed_closures: 0,
      unconfirmed_closures: 0,
    });
    expect(rows(reply, 'results')).toMatchObject([
      { symbol: 'INFY', action: 'BUY', quantity: 3, product: 'MIS', status: 'success' },
      { symbol: 'SBIN', action: 'SELL', quantity: 5, product: 'MIS', status: 'success' },
    ]);
    await until(async () => (await net()) === 0 && (await net('INFY')) === 0);
    expect(bench.placements()).toHaveLength(before + 2);
    expect(await sentInOrder(reply)).toEqual([3, 5]);
    const flat = await bench.call(gateway, 'closeposition', {});
    expect(flat).toMatchObject({
      status: 200,
      body: { message: 'No open positions to close', results: [], closed_positions: 0 },
    });
  });

  it('exits once when it is called five times at once', async () => {
    const gateway = await bench.start();
    await hold(gateway, 5);
    bench.simulator.market.set({ fillDelayMs: 400 });
    const replies = await Promise.all(
      [1, 2, 3, 4, 5].map(() => bench.call(gateway, 'closeposition', {})),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(200));
    await until(async () => (await net()) === 0);
    const sold = bench.placements().filter((event) => event.side === 'sell');
    expect(sold.map((event) => event.quantity)).toEqual([5]);
    const told = replies.flatMap((reply) => rows(reply, 'results'));
    const busy = told.filter((row) => row['status'] === 'error');
    expect(busy).toHaveLength(4);
    expect(busy[0]).toMatchObject({ code: 'EXIT_UNDER_WAY', quantity: 5 });
  });

  it('closes what is free, and names the order that has the rest', async () => {
    const gateway = await bench.start();
    await hold(gateway, 5);
    const stop = await bench.place(gateway, {
      action: 'SELL',
      quantity: '2',
      pricetype: 'SL-M',
      trigger_price: '50',
    });
    const reply = await bench.call(gateway, 'closeposition', {});
    expect(reply.body).toMatchObject({
      message: 'Closed 0 of 1 positions; see results',
      failed_closures: 1,
    });
    expect(rows(reply, 'results')).toMatchObject([
      { status: 'success', quantity: 3 },
      { status: 'error', quantity: 2, code: 'EXIT_UNDER_WAY' },
    ]);
    expect(String(rows(reply, 'results')[1]?.['message'])).toContain(String(stop.body['orderid']));
    await bench.untilState(stop.body['orderid'], 'trigger_pending');
  });

  it('sends nothing when the positions cannot be read', async () => {
    const gateway = await bench.start();
    await hold(gateway, 5);
    const before = bench.placements().length;
    bench.simulator.plan.next('positions', { kind: 'html', status: 502, applied: false }, null);
    const reply = await bench.call(gateway, 'closeposition', {});
    expect(reply.status).toBeGreaterThanOrEqual(500);
    expect(reply.body).toMatchObject({ status: 'error' });
    const one = { symbol: 'SBIN', exchange: 'NSE', product: 'MIS' };
    expect((await bench.call(gateway, 'openposition', one)).status).toBeGreaterThanOrEqual(500);
    expect(bench.placements()).toHaveLength(before);
  });

  it('tells an exit whose answer got lost as unconfirmed, and does not send it again', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '2500' });
    await hold(gateway, 5);
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: null });
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    const reply = await bench.call(gateway, 'closeposition', { client_order_id: 'c-1' });
    expect(reply.body).toMatchObject({ unconfirmed_closures: 1, closed_positions: 0 });
    expect(rows(reply, 'results')).toMatchObject([{ status: 'success', in_doubt: true }]);
    const again = await bench.call(gateway, 'closeposition', { client_order_id: 'c-1' });
    expect(again.body).toMatchObject({ replayed: true });
    const fresh = await bench.call(gateway, 'closeposition', {});
    expect(rows(fresh, 'results')).toMatchObject([{ status: 'error', code: 'EXIT_UNDER_WAY' }]);
    expect(bench.simulator.stats().requests).toMatchObject({ place: 2 });
    bench.simulator.plan.clear();
    await bench.untilState(rows(reply, 'results')[0]?.['orderid'], 'denied', 15_000);
    expect((await bench.call(gateway, 'closeposition', {})).body).toMatchObject({
      closed_positions: 1,
    });
    await until(async () => (await net()) === 0);
    expect(bench.placements().filter((event) => event.side === 'sell')).toHaveLength(1);
  });

  it('splits a position above the freeze limit into whole lots within it', async () => {
    const gateway = await bench.start();
    const future = {
      exchange: 'NFO',
      symbol: `NIFTY${await nearestNifty(gateway)}FUT`,
      product: 'NRML',
    };
    const bought = await split(gateway, { ...future, quantity: '1950', splitsize: '1300' });
    for (const row of rows(bought, 'results')) await bench.untilState(row['orderid'], 'filled');
    const open = async (): Promise<unknown> =>
      (await bench.call(gateway, 'openposition', future)).body['quantity'];
    expect(await open()).toBe(1950);
    const reply = await bench.call(gateway, 'closeposition', {});
    expect(rows(reply, 'results').map((row) => row['quantity'])).toEqual([1755, 195]);
    expect(reply.body).toMatchObject({ closed_positions: 1, failed_closures: 0 });
    await until(async () => (await open()) === 0);
  });

  it('is continued after a kill -9 between writing and sending, once', async () => {
    const gateway = await bench.start();
    await hold(gateway, 5);
    await bench.stop(gateway);
    const killed = await startProcess(bench, redisUrl('batches'), { TORAN_ORDER_WAIT_MS: '100' });
    processes.push(killed);
    // The broker says "too fast" and does nothing: the order waits in the ledger.
    bench.simulator.plan.next('place', { kind: 'throttle', retryAfterMs: 600_000 });
    const reply = await bench.call(killed, 'closeposition', { client_order_id: 'c-2' });
    expect(rows(reply, 'results')).toMatchObject([{ quantity: 5, status: 'success' }]);
    await bench.untilState(rows(reply, 'results')[0]?.['orderid'], 'queued');
    await killed.kill();
    await redis.flushdb();
    const next = await bench.start();
    expect(
      (await bench.call(next, 'closeposition', { client_order_id: 'c-2' })).body,
    ).toMatchObject({ replayed: true });
    await until(async () => (await net()) === 0);
    expect(bench.placements().filter((event) => event.side === 'sell')).toHaveLength(1);
  });
});

describe('openposition', () => {
  it('is the signed net of the broker, 0 when there is none, and 400 for an unknown symbol', async () => {
    const gateway = await bench.start();
    await hold(gateway, -3);
    await bench.place(gateway, { pricetype: 'LIMIT', price: '90', quantity: '7' });
    const ask = (symbol: string, product = 'MIS'): Promise<Reply> =>
      bench.call(gateway, 'openposition', { symbol, exchange: 'NSE', product });
    expect((await ask('SBIN')).body).toMatchObject({ status: 'success', quantity: -3 });
    expect((await ask('SBIN', 'CNC')).body).toMatchObject({ quantity: 0 });
    expect((await ask('INFY')).body).toMatchObject({ quantity: 0 });
    expect(await ask('SBINX')).toMatchObject({
      status: 400,
      body: { code: 'UNKNOWN_SYMBOL', field: 'symbol' },
    });
  });
});
