import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountId, epochMs } from '../../src/core/domain/ids';
import type { RateRule } from '../../src/core/ports/broker';
import type { Priority, TakeResult } from '../../src/core/ports/bucket';
import type { RecordedCall } from '../../src/core/ports/ledger';
import { RedisLeakyBucket } from '../../src/infra/redis/redis-leaky-bucket';
import { SystemClock } from '../../src/infra/system-clock';
import { connect } from '../support/gateway-redis';
import { until } from '../support/until';

const redis = connect('bucket');
const second = connect('bucket');
const clock = new SystemClock();
const ACCOUNT = accountId('paper-main');

beforeEach(async () => {
  await redis.flushdb();
});
afterAll(() => {
  redis.disconnect();
  second.disconnect();
});

const rule = (changes: Partial<RateRule> = {}): RateRule => ({
  name: 'second',
  scope: 'account',
  classes: ['order'],
  limit: 5,
  entryLimit: 5,
  windowMs: 60_000,
  resets: 'rolling',
  source: 'test',
  ...changes,
});

/** A bucket whose ledger remembers `calls`. */
const bucketWith = (
  calls: readonly RecordedCall[] = [],
  connection = redis,
  guardMs = 0,
): RedisLeakyBucket =>
  new RedisLeakyBucket(
    connection,
    { callsSince: (_account, since) => Promise.resolve(calls.filter((call) => call.at >= since)) },
    clock,
    guardMs,
  );

let callNumber = 0;
const take = (
  bucket: RedisLeakyBucket,
  rules: readonly RateRule[],
  changes: { priority?: Priority; callClass?: 'order' | 'query'; callId?: string } = {},
): Promise<TakeResult> => {
  callNumber += 1;
  return bucket.take({
    account: ACCOUNT,
    rules,
    callClass: 'order',
    priority: 'entry',
    callId: `call-${String(callNumber)}`,
    ...changes,
  });
};

const takeMany = async (
  bucket: RedisLeakyBucket,
  rules: readonly RateRule[],
  count: number,
  changes: Parameters<typeof take>[2] = {},
): Promise<number> => {
  let granted = 0;
  for (let i = 0; i < count; i += 1) {
    if ((await take(bucket, rules, changes)).granted) granted += 1;
  }
  return granted;
};

describe('the leaky bucket', () => {
  it('lets the first calls of an idle account go at once and then says how long to wait', async () => {
    const bucket = bucketWith();
    expect(await takeMany(bucket, [rule()], 5)).toBe(5);
    const full = await take(bucket, [rule()]);
    expect(full.granted).toBe(false);
    const waitMs = full.granted ? 0 : full.waitMs;
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
  });

  it('adds the guard to every window', async () => {
    const bucket = bucketWith([], redis, 5_000);
    await takeMany(bucket, [rule()], 5);
    const full = await take(bucket, [rule()]);
    expect(full.granted ? 0 : full.waitMs).toBeGreaterThan(60_000);
  });

  it('never lets a rolling window hold more than its limit, whenever the calls come', async () => {
    const rules = [
      rule({ limit: 4, entryLimit: 3, windowMs: 40 }),
      rule({ name: 'long', limit: 9, entryLimit: 9, windowMs: 200 }),
    ];
    const tries = fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 0, max: 12 }),
        priority: fc.constantFrom<Priority>('entry', 'reserve'),
      }),
      { minLength: 20, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(tries, async (calls) => {
        await redis.flushdb();
        const buckets = [bucketWith(), bucketWith([], second)] as const;
        const sent: { readonly id: string; readonly entry: boolean }[] = [];
        // Scores are read before the script forgets them: each is a send time by Redis's clock.
        const times = new Map<string, number>();
        for (const [i, { pauseMs, priority }] of calls.entries()) {
          const until = performance.now() + pauseMs;
          while (performance.now() < until) await redis.ping();
          const id = `p-${String(i)}`;
          const slot = await take(buckets[i % 2 === 0 ? 0 : 1], rules, { priority, callId: id });
          if (!slot.granted) {
            expect(slot.waitMs).toBeGreaterThan(0);
            continue;
          }
          const score = await redis.zscore('toran:bucket:paper-main:rule:long', id);
          times.set(id, Number(score));
          sent.push({ id, entry: priority === 'entry' });
        }
        expect(sent.length).toBeGreaterThan(0);
        for (const { limit, windowMs } of rules) {
          for (const { id } of sent) {
            const at = times.get(id) ?? Number.NaN;
            const within = [...times.values()].filter((t) => t > at - windowMs && t <= at);
            expect(within.length).toBeLessThanOrEqual(limit);
          }
        }
      }),
      { numRuns: 6 },
    );
  });

  it('becomes free exactly one window after the call that filled it', async () => {
    const bucket = bucketWith();
    const short = [rule({ limit: 1, entryLimit: 1, windowMs: 120 })];
    await take(bucket, short);
    const startedAt = performance.now();
    while (!(await take(bucket, short)).granted)
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(performance.now() - startedAt).toBeGreaterThan(100);
  });

  it('keeps a reserve that entries cannot use', async () => {
    const bucket = bucketWith();
    const rules = [rule({ limit: 5, entryLimit: 3 })];
    expect(await takeMany(bucket, rules, 5)).toBe(3);
    expect(await takeMany(bucket, rules, 5, { priority: 'reserve' })).toBe(2);
  });

  it('counts only the calls of a rule’s classes', async () => {
    const bucket = bucketWith();
    const rules = [
      rule({ limit: 1, entryLimit: 1 }),
      rule({ name: 'q', classes: ['query'], limit: 2, entryLimit: 2 }),
    ];
    expect(await takeMany(bucket, rules, 3, { callClass: 'query' })).toBe(2);
    expect(await takeMany(bucket, rules, 3)).toBe(1);
  });

  it('charges no bucket of a class when one of them is full', async () => {
    const bucket = bucketWith();
    const rules = [
      rule({ name: 'wide', limit: 10, entryLimit: 10 }),
      rule({ name: 'tight', limit: 1, entryLimit: 1 }),
    ];
    await takeMany(bucket, rules, 5);
    expect(await redis.zcard('toran:bucket:paper-main:rule:wide')).toBe(1);
  });

  it('counts one call once, however often it is asked for', async () => {
    const bucket = bucketWith();
    await takeMany(bucket, [rule()], 3, { callId: 'same' });
    expect(await redis.zcard('toran:bucket:paper-main:rule:second')).toBe(1);
  });

  it('is shared by all processes', async () => {
    const here = bucketWith();
    const there = bucketWith([], second);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => take(i % 2 === 0 ? here : there, [rule()])),
    );
    expect(answers.filter((answer) => answer.granted)).toHaveLength(5);
  });

  it('keeps accounts apart', async () => {
    const bucket = bucketWith();
    await takeMany(bucket, [rule()], 5);
    const other = await bucket.take({
      account: accountId('paper-other'),
      rules: [rule()],
      callClass: 'order',
      priority: 'entry',
      callId: 'other-1',
    });
    expect(other.granted).toBe(true);
  });
});

describe('a penalty', () => {
  it('closes every bucket of the account, the reserve too', async () => {
    const bucket = bucketWith();
    await bucket.penalise(ACCOUNT, 30_000);
    for (const priority of ['entry', 'reserve'] as const) {
      const slot = await take(bucket, [rule()], { priority });
      expect(slot.granted ? 0 : slot.waitMs).toBeGreaterThan(25_000);
    }
  });

  it('ends after its time', async () => {
    const bucket = bucketWith();
    await bucket.penalise(ACCOUNT, 100);
    const startedAt = performance.now();
    while (!(await take(bucket, [rule()])).granted)
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(performance.now() - startedAt).toBeGreaterThan(80);
  });

  it('is not shortened by a later, shorter one', async () => {
    const bucket = bucketWith();
    await bucket.penalise(ACCOUNT, 30_000);
    await bucket.penalise(ACCOUNT, 1_000);
    const slot = await take(bucket, [rule()]);
    expect(slot.granted ? 0 : slot.waitMs).toBeGreaterThan(25_000);
  });
});

describe('a Redis that forgot everything', () => {
  it('has its buckets filled from the ledger before the next call', async () => {
    const calls: RecordedCall[] = Array.from({ length: 4 }, (_, i) => ({
      callId: `old-${String(i)}`,
      callClass: 'order',
      at: epochMs(clock.now() - 1_000),
    }));
    const bucket = bucketWith(calls);
    expect(await takeMany(bucket, [rule()], 5)).toBe(1);
    await redis.flushdb();
    // The one call that was granted here never reached the ledger of this test.
    expect(await takeMany(bucket, [rule()], 5)).toBe(1);
  });

  it('counts a call once that it and the ledger both know', async () => {
    const calls: RecordedCall[] = [];
    const bucket = bucketWith(calls);
    expect((await take(bucket, [rule()], { callId: 'known' })).granted).toBe(true);
    calls.push({ callId: 'known', callClass: 'order', at: clock.now() });
    const later = bucketWith(calls, second);
    expect(await takeMany(later, [rule()], 6)).toBe(4);
  });

  it('leaves out what has leaked away and what other classes did', async () => {
    const bucket = bucketWith([
      { callId: 'old', callClass: 'order', at: epochMs(clock.now() - 61_000) },
      { callId: 'query', callClass: 'query', at: clock.now() },
    ]);
    expect(await takeMany(bucket, [rule()], 6)).toBe(5);
  });
});

describe('a daily budget', () => {
  const daily = rule({ name: 'day', windowMs: 86_400_000, resets: 'ist-midnight' });
  const midnight = (): number => {
    const ist = clock.now() + 19_800_000;
    return ist - (ist % 86_400_000) - 19_800_000;
  };

  it('counts from midnight in India, and waits until the next one', async () => {
    const today = (i: number): RecordedCall => ({
      callId: `today-${String(i)}`,
      callClass: 'order',
      at: epochMs(midnight() + 1 + i),
    });
    const yesterday = (i: number): RecordedCall => ({
      callId: `before-${String(i)}`,
      callClass: 'order',
      at: epochMs(midnight() - 1_000 - i),
    });
    const bucket = bucketWith([today(0), today(1), yesterday(0), yesterday(1), yesterday(2)]);
    expect(await takeMany(bucket, [daily], 6)).toBe(3);
    const full = await take(bucket, [daily]);
    const left = midnight() + 86_400_000 - clock.now();
    const waitMs = full.granted ? 0 : full.waitMs;
    expect(Math.abs(waitMs - left)).toBeLessThan(5_000);
  });
});

describe('a call that takes its slot a second time', () => {
  const scores = async (): Promise<number[]> =>
    (await redis.zrange(`toran:bucket:${ACCOUNT}:rule:second`, '0', '-1', 'WITHSCORES'))
      .filter((_, i) => i % 2 === 1)
      .map(Number);

  it('moves its drop to now instead of adding one, also in a full bucket', async () => {
    const bucket = bucketWith();
    await take(bucket, [rule({ limit: 1, entryLimit: 1 })], { callId: 'mine' });
    const [before] = await scores();
    const again = await take(bucket, [rule({ limit: 1, entryLimit: 1 })], { callId: 'mine' });
    expect(again.granted).toBe(true);
    const after = await scores();
    expect(after).toHaveLength(1);
    expect(after[0]).toBeGreaterThan(before ?? Infinity);
  });

  it('leaves its drop where it was when there is no room for it', async () => {
    const bucket = bucketWith();
    const rules = [rule({ limit: 2, entryLimit: 1 })];
    await take(bucket, rules, { callId: 'mine' });
    await take(bucket, rules, { priority: 'reserve' });
    const before = await scores();
    expect((await take(bucket, rules, { callId: 'mine' })).granted).toBe(false);
    expect(await scores()).toEqual(before);
  });
});

describe('a call that begins a little after its slot was granted', () => {
  it('has its drop moved to now, so that it leaks out a window after the call and not before', async () => {
    const bucket = bucketWith();
    const rules = [rule({ limit: 1, entryLimit: 1, windowMs: 600 })];
    const request = { account: ACCOUNT, rules, callClass: 'order', priority: 'entry' } as const;
    await bucket.take({ ...request, callId: 'mine' });
    const before = await take(bucket, rules);
    await until(async () => {
      const now = await take(bucket, rules);
      return !now.granted && !before.granted && now.waitMs < before.waitMs - 100;
    });
    await bucket.move({ ...request, callId: 'mine' });
    const after = await take(bucket, rules);
    expect(after).toMatchObject({ granted: false });
    expect(after.granted ? 0 : after.waitMs).toBeGreaterThan(550);
  });
});

describe('a Redis that cannot answer', () => {
  it('lets nothing be sent', async () => {
    const gone = connect('bucket');
    gone.disconnect();
    await expect(take(bucketWith([], gone), [rule()])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
