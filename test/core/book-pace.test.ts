import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { capabilities as dear } from '../../src/brokers/icici/capabilities';
import { taglessCapabilities as cheap } from '../../src/brokers/neutral/capabilities';
import { AccountRuntime } from '../../src/core/orders/account-runtime';
import type { AccountRuntimeDeps } from '../../src/core/orders/account-runtime';
import type { Capabilities } from '../../src/core/ports/broker';
import type { BusMessage } from '../../src/core/ports/bus';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { SeededRandom } from '../fakes/seeded-random';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { quiet } from '../support/gateway-redis';
import { OPEN_GATE } from '../support/open-gate';

let bench: LedgerBench;
/** Monotonic times at which the order book was read. */
let reads: number[];
let runtime: AccountRuntime | null;
let hint: () => void;

beforeEach(async () => {
  bench = await LedgerBench.open();
  reads = [];
  runtime = null;
});
afterEach(async () => {
  const closing = runtime?.close();
  // A reading that waits for its turn ends with it.
  await bench.clock.advance(10_000);
  await closing;
  await bench.close();
});

const start = async (capabilities: Capabilities): Promise<void> => {
  const listeners: ((message: BusMessage) => void)[] = [];
  const tell = (message: BusMessage): void => {
    for (const listener of listeners) listener(message);
  };
  hint = () => {
    tell({ kind: 'hint', accountId: ACCOUNT });
  };
  const none = (): Promise<never[]> => Promise.resolve([]);
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
    bus: {
      publish: tell,
      subscribe: (listener: (message: BusMessage) => void) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    leases: { hold: () => Promise.resolve(true), release: () => Promise.resolve() },
    dispatcher: {},
    sessions: OPEN_GATE,
  } as unknown as AccountRuntimeDeps; // the parts that a runtime without orders to send uses
  const reports = {
    orders: () => {
      reads.push(bench.clock.monotonic());
      return none();
    },
    fills: none,
    positions: none,
  };
  const open = { account: { accountId: ACCOUNT }, client: { reports }, module: { capabilities } };
  runtime = new AccountRuntime(deps, open as never); // the parts that a reading uses
  await runtime.start();
};

/** Lets `ms` pass in steps, as a real clock would. */
const pass = async (ms: number, stepMs = 100): Promise<void> => {
  for (let left = ms; left > 0; left -= stepMs) {
    await bench.clock.advance(stepMs);
    // The ledger answers from a thread of its own.
    await bench.ledger.accounts();
    await bench.clock.advance(0);
  }
};

const shortestGap = (): number =>
  Math.min(...reads.slice(1).map((at, index) => at - (reads[index] ?? 0)));

describe('hints that come all the time', () => {
  const hints = async (): Promise<void> => {
    for (let round = 0; round < 100; round += 1) {
      hint();
      await pass(100);
    }
  };

  it('are read for a few times a second where a reading is cheap', async () => {
    await start(cheap);
    await hints();
    expect(reads.length).toBeGreaterThan(15);
  });

  it('share a reading where a reading is dear', async () => {
    await start(dear);
    await hints();
    expect(reads.length).toBeGreaterThan(2);
    expect(shortestGap()).toBeGreaterThanOrEqual(dear.bookPace?.soonMs ?? Infinity);
  });
});

describe('doubt', () => {
  const readsIn = async (ms: number): Promise<number> => {
    const before = reads.length;
    await pass(ms, 1_000);
    return reads.length - before;
  };

  it('is looked after at once while it is new, and at leisure once it has stood for a minute', async () => {
    await start(dear);
    await pass(1_000);
    await bench.submitted();
    await pass(4_000, 1_000);
    expect(await readsIn(30_000)).toBeGreaterThanOrEqual(9);
    await pass(60_000, 1_000);
    expect(await readsIn(100_000)).toBeLessThanOrEqual(6);
    expect(reads.length).toBeGreaterThan(12);
  });

  it('is looked after all the time where a reading is cheap', async () => {
    await start(cheap);
    await pass(1_000);
    await bench.submitted();
    await pass(100_000, 1_000);
    expect(await readsIn(20_000)).toBeGreaterThanOrEqual(15);
  });
});
