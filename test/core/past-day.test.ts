import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerModules } from '../../src/brokers/registry';
import { Reconciler } from '../../src/core/orders/reconciler';
import type { Order } from '../../src/core/domain/order';
import type { BrokerClient } from '../../src/core/ports/broker';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { SeededRandom } from '../fakes/seeded-random';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { quiet } from '../support/gateway-redis';

const DAY_MS = 86_400_000;
const never = (): never => {
  throw new Error('only the books are read here');
};

let bench: LedgerBench;
let reconciler: Reconciler;

beforeEach(async () => {
  bench = await LedgerBench.open();
  const { ledger, clock } = bench;
  const account = (await ledger.accounts()).find((one) => one.accountId === ACCOUNT);
  const module = brokerModules.find((one) => one.id === account?.broker);
  if (account === undefined || module === undefined) throw new Error('the bench has no account');
  const none = (): Promise<[]> => Promise.resolve([]);
  const client: BrokerClient = {
    session: { probe: () => Promise.resolve('live') },
    execution: { place: never, modify: never, cancel: never },
    reports: { orders: none, fills: none, positions: none, holdings: never, funds: never },
    close: () => Promise.resolve(),
  };
  reconciler = new Reconciler(
    {
      ledger,
      clock,
      random: new SeededRandom(1),
      logger: quiet,
      metrics: new PromMetrics(),
      bus: { publish: () => undefined, subscribe: () => () => undefined },
    },
    { account, module, client, rateRules: [] },
  );
});
afterEach(() => bench.close());

/** Passes spaced far enough apart that absence would be concluded on the order's own day. */
const passes = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    await reconciler.pass();
    await bench.clock.advance(60_000);
  }
};
const checks = async (order: Order): Promise<number> =>
  (await bench.eventKinds(order.orderId)).filter((kind) => kind === 'past-day-check').length;

describe('doubt and the end of the day', () => {
  it('is settled by absence on its own day', async () => {
    const order = await bench.doubtful();
    await bench.clock.advance(60_000);
    await passes(4);
    expect((await bench.order(order.orderId)).state).toBe('denied');
    expect(await checks(order)).toBe(0);
  });

  it('is kept when its day is over, because the new book proves nothing', async () => {
    const order = await bench.doubtful();
    await bench.clock.advance(DAY_MS);
    await passes(5);
    const kept = await bench.order(order.orderId);
    expect(kept.state).toBe('submitted');
    expect(kept.inDoubtSince).not.toBeNull();
  });

  it('is compared with fills and positions once on each later day', async () => {
    const order = await bench.doubtful();
    await bench.clock.advance(DAY_MS);
    await passes(5);
    expect(await checks(order)).toBe(1);
    await bench.clock.advance(DAY_MS);
    await passes(2);
    expect(await checks(order)).toBe(2);
  });
});
