import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountRuntime } from '../../src/core/orders/account-runtime';
import type { AccountRuntimeDeps } from '../../src/core/orders/account-runtime';
import { firstInLine } from '../../src/core/orders/first-in-line';
import type { Order } from '../../src/core/domain/order';
import type { CommandPointer, CommandQueue, HandlerResult, Lane } from '../../src/core/ports/queue';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { SeededRandom } from '../fakes/seeded-random';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { quiet } from '../support/gateway-redis';
import { OPEN_GATE } from '../support/open-gate';
import { until } from '../support/until';

let bench: LedgerBench;
/** Pointers that went through the queue, and those that the dispatcher got at once. */
let queued: string[];
let handled: string[];
let answer: (pointer: CommandPointer) => Promise<HandlerResult>;
let runtime: AccountRuntime;
let lanes: Pick<CommandQueue, 'add'>;

const queue: CommandQueue = {
  add: (_lane, pointers) => {
    queued.push(...pointers.map((pointer) => pointer.orderId));
    return Promise.resolve();
  },
  work: () => Promise.resolve({ close: () => Promise.resolve() }),
  depth: () => Promise.resolve({ urgent: 0, normal: 0 }),
  close: () => Promise.resolve(),
};

beforeEach(async () => {
  bench = await LedgerBench.open();
  queued = [];
  handled = [];
  answer = () => Promise.resolve({ kind: 'done' });
  const listeners: ((message: { kind: 'reconciled'; accountId: typeof ACCOUNT }) => void)[] = [];
  const deps = {
    ledger: bench.ledger,
    clock: bench.clock,
    random: new SeededRandom(5),
    logger: quiet,
    metrics: new PromMetrics(),
    queue,
    bus: {
      publish: () => undefined,
      subscribe: (listener: (typeof listeners)[number]) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    // Another process leads: this one neither sweeps nor reads.
    sessions: OPEN_GATE,
    leases: { hold: () => Promise.resolve(false), release: () => Promise.resolve() },
    dispatcher: {
      handle: (pointer: CommandPointer) => {
        handled.push(pointer.orderId);
        return answer(pointer);
      },
    },
  } as unknown as AccountRuntimeDeps; // the parts that a runtime without a lease uses
  const open = { account: { accountId: ACCOUNT }, client: {}, module: {}, rateRules: [] };
  runtime = new AccountRuntime(deps, open as never); // only the id is read
  lanes = firstInLine({ queue, takerOf: () => runtime, logger: quiet });
  await runtime.start();
  for (const listener of listeners) listener({ kind: 'reconciled', accountId: ACCOUNT });
});
afterEach(async () => {
  await runtime.close();
  await bench.close();
});

const add = (order: Order, lane: Lane = 'normal'): Promise<void> =>
  lanes.add(lane, [{ accountId: ACCOUNT, orderId: order.orderId, n: 1, attempt: 1 }]);

describe('a new order of this process', () => {
  it('goes to the dispatcher at once when nothing waits before it', async () => {
    const order = await bench.queued();
    await add(order);
    await until(() => handled.length === 1);
    expect(handled).toEqual([order.orderId]);
    expect(queued).toEqual([]);
  });

  it('queues behind an earlier one of its lane that still waits', async () => {
    await bench.queued();
    const second = await bench.queued();
    await add(second);
    await until(() => queued.length === 1);
    expect(queued).toEqual([second.orderId]);
    expect(handled).toEqual([]);
  });

  it('does not queue behind the other lane: a cancel or exit passes waiting entries', async () => {
    await bench.queued();
    const exit = await bench.queued({ isExit: true }, { lane: 'urgent' });
    await add(exit, 'urgent');
    await until(() => handled.length === 1);
    expect(handled).toEqual([exit.orderId]);
  });

  it('queues when there is no slot for it now', async () => {
    answer = () => Promise.resolve({ kind: 'wait', waitMs: 300 });
    const order = await bench.queued();
    await add(order);
    await until(() => queued.length === 1);
    expect(queued).toEqual([order.orderId]);
  });

  it('queues when the dispatcher cannot take it, whatever the fault', async () => {
    answer = () => Promise.reject(new Error('Redis is away'));
    const order = await bench.queued();
    await add(order);
    await until(() => queued.length === 1);
    expect(queued).toEqual([order.orderId]);
  });

  it('queues when the account is served by another process, and when there are several', async () => {
    const [one, two] = [await bench.queued(), await bench.queued()];
    const elsewhere = firstInLine({ queue, takerOf: () => null, logger: quiet });
    await elsewhere.add('normal', [{ accountId: ACCOUNT, orderId: one.orderId, n: 1, attempt: 1 }]);
    await lanes.add(
      'normal',
      [one, two].map(({ orderId }) => ({ accountId: ACCOUNT, orderId, n: 1, attempt: 1 })),
    );
    expect(queued).toEqual([one.orderId, one.orderId, two.orderId]);
    expect(handled).toEqual([]);
  });

  it('is admitted to its end before the process closes', async () => {
    let release = (): void => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = (): void => {
          resolve({ kind: 'done' });
        };
      });
    await add(await bench.queued());
    await until(() => handled.length === 1);
    let closed = false;
    const closing = runtime.close().then(() => {
      closed = true;
    });
    await bench.clock.advance(10);
    expect(closed).toBe(false);
    release();
    await closing;
    expect(closed).toBe(true);
  });
});
