import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { accountId, orderId } from '../src/core/domain/ids';
import { EmbeddedRedis, findRedisServer } from '../src/infra/embedded-redis';
import { BullmqQueue } from '../src/infra/redis/bullmq-queue';
import { connectRedis, waitForRedis } from '../src/infra/redis/connection';
import { DEFAULT_GUARD_MS } from '../src/infra/redis/redis-leaky-bucket';
import { startCounter } from './lib/counter';
import { silent } from './lib/limiter-rules';
import { bench, isFull, round } from './lib/report';

const WORKERS = 2;
const WINDOW_MS = isFull ? 61_000 : 15_000;
const GOAL_USE = 0.98;
/** The 10 calls of an idle account leave within this, or one of them waited for a slot. */
const BURST_LIMIT_MS = 200;
const QUEUED_BEFORE_CANCEL = 300;
const USE = 'bench-use';
const CANCEL = 'bench-cancel';
/** What entries may use of the 10 a second; on the second account two are kept for cancels. */
const ENTRY_LIMITS = { [USE]: 10, [CANCEL]: 8 };

interface Grant {
  readonly account: string;
  readonly id: string;
  readonly at: number;
}
const grantSchema = z.object({ account: z.string(), id: z.string(), at: z.number() });

/** The instants, from 0, at which a perfect limiter with the guard lets `count` calls go. */
const perfect = (count: number): number[] => {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const second = n < 10 ? 0 : (times[n - 10] ?? 0) + 1_000 + DEFAULT_GUARD_MS;
    const minute = n < 400 ? 0 : (times[n - 400] ?? 0) + 60_000 + DEFAULT_GUARD_MS;
    times.push(Math.max(second, minute));
  }
  return times;
};

const until = async (limitMs: number, met: () => boolean): Promise<void> => {
  const end = Date.now() + limitMs;
  while (!met()) {
    if (Date.now() > end) throw new Error(`not done within ${limitMs / 1000} s`);
    await delay(5);
  }
};

const startWorkers = async (
  redisUrl: string,
  counterUrl: string,
  grants: Grant[],
): Promise<() => Promise<void>> => {
  const children = Array.from({ length: WORKERS }, () =>
    fork(
      path.join(__dirname, 'limiter-worker.ts'),
      [JSON.stringify([redisUrl, counterUrl, ENTRY_LIMITS])],
      { execArgv: process.execArgv },
    ),
  );
  let ready = 0;
  for (const child of children) {
    child.on('message', (message) => {
      const grant = grantSchema.safeParse(message);
      if (grant.success) grants.push(grant.data);
      else ready += 1;
    });
  }
  await until(20_000, () => ready === WORKERS);
  return async () => {
    await Promise.all(
      children.map(async (child) => {
        const exit = new Promise((resolve) => child.once('exit', resolve));
        const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        child.send({ stop: true });
        await exit;
        clearTimeout(timer);
      }),
    );
  };
};

/** Two processes, one queue and one bucket, a broker that counts: how much of the rules is used. */
const run = async (redisUrl: string) => {
  const counter = await startCounter();
  const redis = connectRedis(redisUrl, silent);
  await waitForRedis(redis.fast, 10_000);
  const queue = new BullmqQueue(redis, silent);
  const grants: Grant[] = [];
  const stop = await startWorkers(redisUrl, counter.url, grants);
  try {
    const pointers = (account: string, count: number, first = 0) =>
      Array.from({ length: count }, (_, n) => ({
        accountId: accountId(account),
        orderId: orderId(`${account}-${first + n}`),
        n: 1,
        attempt: 1,
      }));
    const of = (account: string): Grant[] => grants.filter((grant) => grant.account === account);

    // Enough for every call that the rules allow in the window, and a reserve that stays behind.
    const ideal = perfect(1_000);
    const count = ideal.findIndex((time) => time >= WINDOW_MS);
    const posted = Date.now();
    await queue.add('normal', pointers(USE, count + 50));
    await until(WINDOW_MS + 30_000, () => of(USE).length >= count);
    const times = of(USE).map((grant) => grant.at);
    const burstMs = (times[9] ?? Infinity) - posted;
    const first = times[0] ?? Infinity;
    const tookMs = (times[count - 1] ?? Infinity) - first;
    const sentInWindow = times.filter((at) => at - first < WINDOW_MS).length;
    const use = (ideal[count - 1] ?? 0) / tookMs;

    await queue.add('normal', pointers(CANCEL, QUEUED_BEFORE_CANCEL));
    await until(5_000, () => of(CANCEL).length >= 8);
    await delay(100);
    const before = of(CANCEL).length;
    const asked = Date.now();
    await queue.add('urgent', pointers(CANCEL, 1, QUEUED_BEFORE_CANCEL));
    const cancelId = `${CANCEL}-${QUEUED_BEFORE_CANCEL}`;
    await until(5_000, () => of(CANCEL).some((grant) => grant.id === cancelId));
    const overtook = of(CANCEL).findIndex((grant) => grant.id === cancelId) - before;
    const cancelMs = (of(CANCEL).find((grant) => grant.id === cancelId)?.at ?? Infinity) - asked;
    await delay(200);
    return { counter, use, count, sentInWindow, allowed: count, burstMs, overtook, cancelMs };
  } finally {
    await stop();
    await queue.close();
    await redis.close();
    await counter.close();
  }
};

bench('limiter', async () => {
  const server = findRedisServer(process.env['PATH'] ?? '');
  if (server === null) throw new Error('Redis is not installed');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'toran-bench-redis-'));
  const redis = await EmbeddedRedis.start({ directory, server, onEvent: () => undefined });
  try {
    const { counter, ...result } = await run(redis.url);
    const held = counter.refused === 0 && result.burstMs <= BURST_LIMIT_MS && result.overtook === 0;
    return {
      figure: `limiter: ${WORKERS} workers, 10/s and 400/min, ${WINDOW_MS / 1000} s of backlog`,
      goal: '>= 98 % used, 0 refused; first 10 at once; a cancel leaves next',
      measured:
        `${round(result.use * 100, 1)} % used, ${counter.refused} refused; first 10 in ${result.burstMs} ms; ` +
        `cancel after ${result.overtook} others, ${result.cancelMs} ms`,
      ratio: held ? round(GOAL_USE / result.use, 3) : 2,
      rules: '10 per 1 s and 400 per 60 s, guard 60 ms; cancel: entries use 8 of 10',
      calls: result.count,
      sentInWindow: result.sentInWindow,
      allowedInWindow: result.allowed,
      admitted: counter.admitted,
    };
  } finally {
    await redis.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
});
