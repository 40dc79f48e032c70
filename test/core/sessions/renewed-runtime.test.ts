import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/core/domain/errors';
import { AccountRuntime } from '../../../src/core/orders/account-runtime';
import type { AccountRuntimeDeps } from '../../../src/core/orders/account-runtime';
import { brokerModules } from '../../../src/brokers/registry';
import { PromMetrics } from '../../../src/infra/prom-metrics';
import type { OpenAccount } from '../../../src/core/sessions/accounts';
import { SeededRandom } from '../../fakes/seeded-random';
import { ACCOUNT, LedgerBench } from '../../support/gateway-ledger';
import { OPEN_GATE } from '../../support/open-gate';
import { quiet } from '../../support/gateway-redis';
import { until } from '../../support/until';

let bench: LedgerBench;
let runtime: AccountRuntime;
/** What each client was asked, in order. */
let asked: string[];
let current: () => Promise<OpenAccount>;

const openAs = (name: string): OpenAccount => {
  const empty = (): Promise<[]> => {
    asked.push(`${name} reads`);
    return Promise.resolve([]);
  };
  const client = {
    reports: {
      orders: empty,
      fills: () => Promise.resolve([]),
      positions: () => Promise.resolve([]),
    },
    orderUpdates: {
      open: () => {
        asked.push(`${name} streams`);
        return Promise.resolve({
          close: () => {
            asked.push(`${name} stream ends`);
            return Promise.resolve();
          },
        });
      },
    },
  };
  const module = brokerModules[0];
  const account = { accountId: ACCOUNT };
  return { account, client, module, rateRules: [] } as unknown as OpenAccount; // the parts that a runtime uses
};

beforeEach(async () => {
  bench = await LedgerBench.open();
  asked = [];
  const first = openAs('first');
  current = () => Promise.resolve(first);
  const deps = {
    ledger: bench.ledger,
    clock: bench.clock,
    random: new SeededRandom(5),
    logger: quiet,
    metrics: new PromMetrics(),
    queue: {
      add: () => Promise.resolve(),
      work: () => Promise.resolve({ close: () => Promise.resolve() }),
    },
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    leases: { hold: () => Promise.resolve(true), release: () => Promise.resolve() },
    dispatcher: {},
    sessions: OPEN_GATE,
  } as unknown as AccountRuntimeDeps; // no order is sent here
  runtime = new AccountRuntime(deps, first, () => current());
  await runtime.start();
});
afterEach(async () => {
  let closed = false;
  const closing = runtime.close().then(() => (closed = true));
  // A read that is due waits by the fake clock.
  await until(async () => {
    await bench.clock.advance(1_000);
    return closed;
  });
  await closing;
  await bench.close();
});

/** Lets a second of the fake clock pass at a time until something was asked. */
const untilAsked = (what: string): Promise<void> =>
  until(async () => {
    await bench.clock.advance(1_000);
    return asked.includes(what);
  });

describe('an account whose client was made anew', () => {
  it('streams and reads through the new one', async () => {
    await untilAsked('first reads');
    await untilAsked('first streams');
    const second = openAs('second');
    current = () => Promise.resolve(second);
    await untilAsked('second streams');
    expect(asked.filter((what) => what.includes('stream'))).toEqual([
      'first streams',
      'first stream ends',
      'second streams',
    ]);
    await untilAsked('second reads');
    const since = asked.lastIndexOf('second streams');
    expect(asked.slice(since)).not.toContain('first reads');
  });

  it('has no stream while its credentials are gone, and one again afterwards', async () => {
    await untilAsked('first streams');
    current = () => Promise.reject(new GatewayError('NO_SESSION', 'credentials are missing'));
    await untilAsked('first stream ends');
    const third = openAs('third');
    current = () => Promise.resolve(third);
    await untilAsked('third streams');
  });
});
