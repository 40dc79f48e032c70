import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { brokerModules } from '../../src/brokers/registry';
import { AccountRuntime } from '../../src/core/orders/account-runtime';
import { Dispatcher } from '../../src/core/orders/dispatcher';
import type { BrokerClient } from '../../src/core/ports/broker';
import type { Bus, BusMessage } from '../../src/core/ports/bus';
import { Accounts } from '../../src/core/sessions/accounts';
import type { Gateway } from '../../src/gateway';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { SeededRandom } from '../fakes/seeded-random';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { connect, quiet, redisUrl } from '../support/gateway-redis';
import { OPEN_GATE } from '../support/open-gate';
import { until } from '../support/until';

const countIn = (metrics: string, alarm: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith('toran_alarms_total{') && line.includes(`name="${alarm}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

describe('over a clock of its own', () => {
  let bench: LedgerBench;
  let metrics: PromMetrics;
  let heard: BusMessage[];
  let reads: { orders: number; positions: number };
  let bookIsReadable: boolean;
  let parts: { readonly runtime: AccountRuntime; readonly dispatcher: Dispatcher };

  const raised = async (name: string): Promise<number> => countIn(await metrics.text(), name);
  const onBus = (name: string): number =>
    heard.filter((message) => message.kind === 'alarm' && message.name === name).length;

  const build = async (): Promise<typeof parts> => {
    const { ledger, clock } = bench;
    const listeners = new Set<(message: BusMessage) => void>();
    const bus: Bus = {
      publish: (message) => {
        heard.push(message);
        for (const listener of listeners) listener(message);
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const never = (): never => {
      throw new Error('this test calls no broker but for its books');
    };
    const accounts = new Accounts(ledger, clock, brokerModules, {
      credentials: never,
      ports: never,
    });
    const account = await accounts.resolve(ACCOUNT);
    const module = accounts.module(account);
    const empty = (book: 'orders' | 'positions'): Promise<[]> => {
      reads[book] += 1;
      return bookIsReadable ? Promise.resolve([]) : Promise.reject(new Error('502'));
    };
    const client: BrokerClient = {
      session: { probe: () => Promise.resolve('live') },
      execution: { place: never, modify: never, cancel: never },
      reports: {
        orders: () => empty('orders'),
        fills: () => Promise.resolve([]),
        positions: () => empty('positions'),
        holdings: never,
        funds: never,
      },
      close: () => Promise.resolve(),
    };
    const shared = { ledger, clock, bus, metrics, logger: quiet, sessions: OPEN_GATE };
    const dispatcher = new Dispatcher({
      ...shared,
      accounts,
      bucket: { take: never, move: never, penalise: never },
      instruments: { find: () => null },
      sendByMs: 2_000,
      crashPoint: () => undefined,
    });
    const runtime = new AccountRuntime(
      {
        ...shared,
        dispatcher,
        random: new SeededRandom(3),
        queue: {
          add: () => Promise.resolve(),
          work: () => Promise.resolve({ close: () => Promise.resolve() }),
          depth: () => Promise.resolve({ urgent: 0, normal: 0 }),
          close: () => Promise.resolve(),
        },
        leases: { hold: () => Promise.resolve(true), release: () => Promise.resolve() },
      },
      { account, module, client, rateRules: [] },
    );
    return { runtime, dispatcher };
  };

  beforeEach(async () => {
    bench = await LedgerBench.open();
    metrics = new PromMetrics();
    heard = [];
    reads = { orders: 0, positions: 0 };
    bookIsReadable = true;
    parts = await build();
  });
  afterEach(async () => {
    const closing = parts.runtime.close();
    await bench.clock.advance(60_000);
    await closing;
    await bench.close();
  });

  it('raises an alarm for each order that is in doubt for ten seconds, once', async () => {
    bookIsReadable = false;
    const first = await bench.submitted();
    await bench.settle(first.orderId, { kind: 'unknown', why: 'timeout' });
    await parts.runtime.start();
    await bench.clock.advance(8_000);
    expect(await raised('in-doubt')).toBe(0);
    await bench.clock.advance(4_000);
    expect(await raised('in-doubt')).toBe(1);
    await bench.clock.advance(20_000);
    expect(await raised('in-doubt')).toBe(1);
    const second = await bench.submitted();
    await bench.settle(second.orderId, { kind: 'unknown', why: 'timeout' });
    await bench.clock.advance(12_000);
    expect(await raised('in-doubt')).toBe(2);
    expect(onBus('in-doubt')).toBe(2);
    expect(heard).toContainEqual(
      expect.objectContaining({ name: 'in-doubt', text: expect.stringContaining(first.orderId) }),
    );
  });

  it.each<[string, 'urgent' | 'normal', number]>([
    ['an exit', 'urgent', 1],
    ['an entry', 'normal', 0],
  ])('says when the sweeper expires %s unsent: %s lane, %i alarms', async (_name, lane, count) => {
    const { orderId } = await bench.queued({ isExit: lane === 'urgent' }, { lane });
    await parts.runtime.start();
    await bench.clock.advance(28_000);
    expect(await raised('exit-expired')).toBe(0);
    await bench.clock.advance(10_000);
    expect((await bench.ledger.commandsOf(orderId)).map((c) => c.state)).toEqual(['expired']);
    expect(await raised('exit-expired')).toBe(count);
    expect(onBus('exit-expired')).toBe(count);
  });

  it('says so too when the queue is the first to find the exit overdue', async () => {
    const exit = await bench.queued({ isExit: true }, { lane: 'urgent' });
    bench.clock.setWall(bench.now() + 31_000);
    const { orderId } = exit;
    await parts.dispatcher.handle({ accountId: ACCOUNT, orderId, n: 1, attempt: 1 }, 'urgent');
    expect((await bench.ledger.commandsOf(orderId)).map((c) => c.state)).toEqual(['expired']);
    expect(await raised('exit-expired')).toBe(1);
  });

  it('reads the positions of an idle account when they are not known', async () => {
    await parts.runtime.start();
    await bench.clock.advance(5_000);
    expect(await bench.ledger.positionsKnown(ACCOUNT)).toBe(true);
    await bench.ledger.clearBaseline(ACCOUNT, bench.now());
    await bench.clock.advance(5_000);
    expect(await bench.ledger.positionsKnown(ACCOUNT)).toBe(true);
  });
});

describe('over a gateway', () => {
  let redis: Redis;
  let bench: GatewayBench;

  beforeEach(async () => {
    redis = connect('alarms');
    await redis.flushdb();
    const environment = {
      TORAN_SEND_BY_MS: '300',
      TORAN_NEUTRAL_TIMEOUT_MS: '300',
      TORAN_ORDER_WAIT_MS: '400',
    };
    bench = await GatewayBench.open(redisUrl('alarms'), environment);
  });
  afterEach(async () => {
    await bench.close();
    redis.disconnect();
  });

  const alarms = async (gateway: Gateway, name: string): Promise<number> => {
    const { host, port } = gateway.address ?? { host: '', port: 0 };
    return countIn(await (await fetch(`http://${host}:${String(port)}/metrics`)).text(), name);
  };
  const sell = (
    gateway: Gateway,
    quantity: number,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<Reply> =>
    bench.place(gateway, { action: 'SELL', quantity: String(quantity), ...fields });
  const stoppedReason = async (): Promise<string | null> =>
    (await bench.ledger.accounts())[0]?.stoppedReason ?? null;
  const net = (): Promise<number | null> =>
    bench.ledger.netPosition(NEUTRAL, 'NSE', 'SBIN', 'INTRADAY');
  const isExit = async ({ body }: Reply): Promise<boolean | undefined> =>
    (await bench.ledger.findOrder(NEUTRAL, String(body['orderid'])))?.isExit;
  /** The broker says again what it said last: the gateway looks at its books. */
  const hint = (): void => {
    for (const order of bench.simulator.book.orders()) bench.simulator.broker.changed(order);
  };
  const untilHinted = (condition: () => Promise<boolean>): Promise<void> =>
    until(async () => {
      hint();
      return condition();
    });
  /** Shares at the broker that no trade of the day brought. */
  const bring = (quantity: number): void => {
    const { book } = bench.simulator;
    const byTrades = book.positions.bind(book);
    book.positions = () => byTrades().map((row) => ({ ...row, quantity: row.quantity + quantity }));
  };
  /** A gateway with one share bought and a resting order. */
  const startWithOneShare = async (): Promise<{ gateway: Gateway; resting: string }> => {
    const gateway = await bench.start();
    const bought = await bench.place(gateway);
    await bench.untilState(bought.body['orderid'], 'filled');
    const resting = await bench.place(gateway, { pricetype: 'LIMIT', price: '90' });
    await untilHinted(async () => (await net()) === 1);
    return { gateway, resting: String(resting.body['orderid']) };
  };

  it('stops entries when the broker shows a net that the fills do not explain; exits and cancels go', async () => {
    const { gateway, resting } = await startWithOneShare();
    bring(4);
    await untilHinted(async () => (await stoppedReason()) !== null);
    const reason = 'position mismatch: NSE:SBIN INTRADAY is 5 at the broker, 1 by its fills';
    expect(await stoppedReason()).toBe(reason);
    await until(async () => (await alarms(gateway, 'position-mismatch')) === 1);

    const entry = await bench.place(gateway);
    expect(entry).toMatchObject({ status: 400, body: { code: 'ACCOUNT_STOPPED' } });
    expect(entry.body['message']).toContain(reason);
    expect((await bench.call(gateway, 'cancelorder', { orderid: resting })).status).toBe(200);
    await bench.untilState(resting, 'canceled');
    const exit = await sell(gateway, 1);
    expect(exit.status).toBe(200);
    expect(await isExit(exit)).toBe(true);
    await bench.untilState(exit.body['orderid'], 'filled');
    expect(await alarms(gateway, 'position-mismatch')).toBe(1);
  });

  it('takes the word of the broker for the net when a person starts the account again', async () => {
    const { gateway } = await startWithOneShare();
    bring(4);
    await untilHinted(async () => (await stoppedReason()) !== null);
    const { host, port } = gateway.address ?? { host: '', port: 0 };
    const { secret } = await gateway.keys.create('admin', ['admin'], 100);
    const started = await fetch(
      `http://${host}:${String(port)}/api/admin/accounts/${NEUTRAL}/start`,
      { method: 'POST', headers: { 'x-api-key': secret } },
    );
    expect(started.status).toBe(200);
    await untilHinted(async () => (await net()) === 5);
    const exit = await sell(gateway, 5);
    expect(await isExit(exit)).toBe(true);
    await bench.untilState(exit.body['orderid'], 'filled');
    await until(async () => (await net()) === 0);
    expect(bench.simulator.book.positions()).toMatchObject([{ quantity: 0 }]);
    expect((await bench.place(gateway)).status).toBe(200);
    expect(await stoppedReason()).toBeNull();
  });

  it('holds entries back until the books were compared once; cancels and exits go', async () => {
    const { gateway, resting } = await startWithOneShare();
    await bench.stop(gateway);
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    const next = await bench.start();
    const before = bench.placements().length;
    const entry = await bench.place(next);
    expect(entry).toMatchObject({ status: 200, body: { state: 'queued' } });
    expect(bench.placements()).toHaveLength(before);
    const exit = await sell(next, 1);
    expect(exit.status).toBe(200);
    await bench.call(next, 'cancelorder', { orderid: resting });
    await until(() => bench.simulator.log.since().some((event) => event.operation === 'cancel'));
    expect(bench.placements().slice(before)).toMatchObject([{ side: 'sell' }]);
    expect(await bench.state(entry.body['orderid'])).toBe('queued');
    bench.simulator.plan.clear();
    await bench.untilState(entry.body['orderid'], 'filled');
  });

  it('lets a person force the exit that an order in doubt hides, and writes it to the audit', async () => {
    const { gateway } = await startWithOneShare();
    bench.simulator.plan.next('place', { kind: 'hang', effectAfterMs: null });
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    const lost = await sell(gateway, 1);
    await until(async () => {
      const order = await bench.ledger.findOrder(NEUTRAL, String(lost.body['orderid']));
      return order !== null && order.inDoubtSince !== null;
    });
    await bench.ledger.setStopped(NEUTRAL, 'holiday');
    const hidden = await sell(gateway, 1);
    expect(hidden).toMatchObject({ status: 400, body: { code: 'ACCOUNT_STOPPED' } });
    expect(hidden.body['message']).toContain('force_exit');
    const larger = await sell(gateway, 2, { force_exit: true });
    expect(larger).toMatchObject({ status: 400, body: { field: 'force_exit' } });
    const forced = await sell(gateway, 1, { force_exit: true });
    expect(forced.status).toBe(200);
    expect(await isExit(forced)).toBe(true);
    expect(bench.placements().filter((event) => event.side === 'sell')).toHaveLength(1);
    const file = new DatabaseSync(path.join(bench.directory, 'ledger.sqlite'), { readOnly: true });
    const lines = file.prepare("SELECT detail FROM audit WHERE action = 'orders.force-exit'").all();
    file.close();
    expect(lines).toEqual([
      { detail: expect.stringContaining(`"orderId":"${String(forced.body['orderid'])}"`) },
    ]);
  });
});
