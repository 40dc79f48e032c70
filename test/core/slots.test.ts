import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerModules } from '../../src/brokers/registry';
import { brokerOrderId, epochMs } from '../../src/core/domain/ids';
import { Dispatcher } from '../../src/core/orders/dispatcher';
import type {
  BrokerClient,
  CallContext,
  CommandOutcome,
  RateRule,
} from '../../src/core/ports/broker';
import type { TakeRequest, TakeResult } from '../../src/core/ports/bucket';
import type { HttpResult } from '../../src/core/ports/http';
import { SLOT_MS } from '../../src/core/ratelimit/slot';
import { createQueryPacer } from '../../src/core/ratelimit/query-pacer';
import type { Accounts } from '../../src/core/sessions/accounts';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { SeededRandom } from '../fakes/seeded-random';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { quiet } from '../support/gateway-redis';
import { OPEN_GATE } from '../support/open-gate';
import { until } from '../support/until';

const SEND_BY_MS = 2_000;
const WINDOW_MS = 1_000;
const RULES: RateRule[] = [
  {
    name: 'second',
    scope: 'account',
    classes: ['order', 'query'],
    limit: 9,
    entryLimit: 7,
    windowMs: WINDOW_MS,
    resets: 'rolling',
    source: 'test',
  },
];
const GRANTED: TakeResult = { granted: true, fill: [] };
const TOO_LATE: HttpResult = { kind: 'failure', stage: 'connect', why: 'too-late', cause: null };
const ANSWER: HttpResult = { kind: 'response', status: 200, headers: {}, body: Buffer.from('{}') };

let bench: LedgerBench;
let taken: TakeRequest[];
/** Call ids whose drops were moved. */
let moved: string[];
/** What the bucket says next; granted when there is nothing. */
let answers: TakeResult[];

beforeEach(async () => {
  bench = await LedgerBench.open();
  taken = [];
  moved = [];
  answers = [];
});
afterEach(async () => {
  await bench.close();
});

const bucket = {
  take: (request: TakeRequest): Promise<TakeResult> => {
    taken.push(request);
    return Promise.resolve(answers.shift() ?? GRANTED);
  },
  move: (request: TakeRequest): Promise<void> => {
    moved.push(request.callId);
    return Promise.resolve();
  },
  penalise: () => Promise.resolve(),
};

const never = (): never => {
  throw new Error('not called in this test');
};
const idle: BrokerClient = {
  session: { probe: never },
  execution: { place: never, modify: never, cancel: never },
  reports: { orders: never, fills: never, positions: never, holdings: never, funds: never },
  close: () => Promise.resolve(),
};
const SBIN = { exchange: 'NSE', symbol: 'SBIN', lotSize: 1, freezeQuantity: null };

const dispatcherOver = (
  execution: Partial<BrokerClient['execution']>,
  instrument: object | null = SBIN,
  beforeSend: () => void = () => undefined,
): Dispatcher => {
  const [paper] = brokerModules.filter((module) => module.id === 'paper');
  if (paper === undefined) throw new Error('no paper broker');
  const client = { ...idle, execution: { ...idle.execution, ...execution } };
  return new Dispatcher({
    ledger: bench.ledger,
    clock: bench.clock,
    // The two calls that the dispatcher makes.
    accounts: {
      resolve: () => Promise.resolve({}),
      open: () => Promise.resolve({ module: paper, client, rateRules: RULES }),
    } as unknown as Accounts,
    sessions: OPEN_GATE,
    bucket,
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    instruments: { find: () => instrument as never }, // the facts that are read
    logger: quiet,
    metrics: new PromMetrics(),
    sendByMs: SEND_BY_MS,
    crashPoint: (name) => {
      if (name === 'before-send') beforeSend();
    },
  });
};

describe('a contract that has left the catalogue', () => {
  it('takes no new order, and lets a cancel through', async () => {
    const order = await bench.working('B1');
    await bench.change(order, null, 'queued');
    const cancelled: string[] = [];
    const dispatcher = dispatcherOver(
      {
        cancel: ({ brokerOrderId: id }) => {
          cancelled.push(id);
          return Promise.resolve({ kind: 'accepted', brokerOrderId: id });
        },
      },
      null,
    );
    const pointer = { accountId: ACCOUNT, orderId: order.orderId, n: 2, attempt: 1 };
    await dispatcher.handle(pointer, 'urgent');
    await dispatcher.drain();
    expect(cancelled).toEqual(['B1']);
    const fresh = await bench.queued();
    await dispatcher.handle({ ...pointer, orderId: fresh.orderId, n: 1 }, 'normal');
    expect(await bench.order(fresh.orderId)).toMatchObject({ reasonCode: 'UNKNOWN_SYMBOL' });
  });
});

describe('a command whose slot is over before its first byte', () => {
  /** Dispatches one order; `place` plays the adapter, whose `sendBy` it may let pass. */
  const dispatch = async (
    place: (context: CallContext) => Promise<CommandOutcome>,
    beforeSend?: () => void,
  ): Promise<string> => {
    const dispatcher = dispatcherOver(
      { place: (_order, context) => place(context) },
      SBIN,
      beforeSend,
    );
    const order = await bench.queued();
    await dispatcher.handle(
      { accountId: ACCOUNT, orderId: order.orderId, n: 1, attempt: 1 },
      'normal',
    );
    await dispatcher.drain();
    return order.orderId;
  };

  const accepted: CommandOutcome = { kind: 'accepted', brokerOrderId: brokerOrderId('B1') };

  it('is sent in the slot that it got, when nothing delays it', async () => {
    const contexts: CallContext[] = [];
    await dispatch((context) => {
      contexts.push(context);
      return Promise.resolve(accepted);
    });
    expect(taken).toHaveLength(1);
    expect(contexts.map((context) => context.sendBy)).toEqual([SLOT_MS]);
  });

  it('takes its slot again, under the same name, after the process stood still', async () => {
    let stood = false;
    const sendBys: (number | null)[] = [];
    const id = await dispatch(
      (context) => {
        sendBys.push(context.sendBy);
        return Promise.resolve(accepted);
      },
      () => {
        if (!stood) bench.clock.skip(500);
        stood = true;
      },
    );
    expect(taken.map((request) => request.callId)).toEqual([`${id}-1-1`, `${id}-1-1`]);
    expect(sendBys).toEqual([500 + SLOT_MS]);
    const calls = await bench.ledger.callsSince(ACCOUNT, epochMs(0));
    expect(calls).toEqual([{ callId: `${id}-1-1`, callClass: 'order', at: bench.now() }]);
  });

  it('is begun again when the connection took longer than the slot', async () => {
    let attempts = 0;
    const id = await dispatch(() => {
      attempts += 1;
      if (attempts > 1) return Promise.resolve(accepted);
      bench.clock.skip(80);
      return Promise.resolve({ kind: 'not-sent', why: 'aborted' });
    });
    expect(attempts).toBe(2);
    expect(taken).toHaveLength(1);
    expect(moved).toEqual([`${id}-1-1`]);
    expect(await bench.order(id as never)).toMatchObject({ state: 'accepted' });
  });

  it('goes back to the queue when no slot comes before the last instant to send', async () => {
    let calls = 0;
    const id = await dispatch(
      () => {
        calls += 1;
        return Promise.resolve(accepted);
      },
      () => {
        bench.clock.skip(500);
        answers = [{ granted: false, waitMs: SEND_BY_MS }];
      },
    );
    expect(calls).toBe(0);
    expect(await bench.order(id as never)).toMatchObject({ state: 'queued' });
  });

  it('is not begun again for any other reason', async () => {
    let attempts = 0;
    await dispatch(() => {
      attempts += 1;
      bench.clock.skip(80);
      return Promise.resolve({ kind: 'not-sent', why: 'no-connection' });
    });
    expect(attempts).toBe(1);
  });
});

describe('a query whose slot is over before its first byte', () => {
  const pacer = (): ReturnType<typeof createQueryPacer> =>
    createQueryPacer(
      { bucket, ledger: bench.ledger, clock: bench.clock, random: new SeededRandom(4) },
      ACCOUNT,
      () => RULES,
    );
  const context = (): CallContext => ({
    signal: new AbortController().signal,
    deadlineAt: epochMs(bench.now() + 1_000),
    sendBy: null,
    correlationId: 'test',
  });

  it('moves its drop and begins again when the connection took longer than the slot', async () => {
    const sendBys: (number | null)[] = [];
    const result = await pacer().query<HttpResult>(context(), (paced) => {
      sendBys.push(paced.sendBy);
      if (sendBys.length > 1) return Promise.resolve(ANSWER);
      bench.clock.skip(40);
      return Promise.resolve(TOO_LATE);
    });
    expect(result).toBe(ANSWER);
    expect(sendBys).toEqual([SLOT_MS, 40 + SLOT_MS]);
    expect(moved).toEqual(taken.map((request) => request.callId));
    await until(async () => {
      const calls = await bench.ledger.callsSince(ACCOUNT, epochMs(0));
      return calls.length === 1 && calls[0]?.at === bench.now();
    });
  });

  it('takes a new slot, under the same name, after the process stood still', async () => {
    let calls = 0;
    await pacer().query<HttpResult>(context(), () => {
      calls += 1;
      if (calls > 1) return Promise.resolve(ANSWER);
      bench.clock.skip(WINDOW_MS / 2);
      return Promise.resolve(TOO_LATE);
    });
    expect(taken).toHaveLength(2);
    expect(new Set(taken.map((request) => request.callId)).size).toBe(1);
    expect(moved).toEqual([]);
  });

  it('gives up at its deadline', async () => {
    const late = pacer().query(context(), () => {
      bench.clock.skip(600);
      return Promise.resolve(TOO_LATE);
    });
    expect(await late).toBe(TOO_LATE);
    expect(taken).toHaveLength(2);
  });

  it('is not repeated once a byte may have left', async () => {
    let attempts = 0;
    await pacer().query(context(), () => {
      attempts += 1;
      return Promise.resolve({ ...TOO_LATE, stage: 'sent', why: 'timeout' });
    });
    expect(attempts).toBe(1);
  });

  it('is refused when the wait for a slot is longer than its deadline', async () => {
    answers = [{ granted: false, waitMs: 5_000 }];
    await expect(pacer().query(context(), () => Promise.resolve(ANSWER))).rejects.toMatchObject({
      code: 'BUCKET_FULL',
    });
  });
});
