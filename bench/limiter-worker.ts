import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { accountId } from '../src/core/domain/ids';
import type { CommandPointer, HandlerResult, Lane } from '../src/core/ports/queue';
import { BullmqQueue } from '../src/infra/redis/bullmq-queue';
import { connectRedis, waitForRedis } from '../src/infra/redis/connection';
import { RedisLeakyBucket } from '../src/infra/redis/redis-leaky-bucket';
import { SystemClock } from '../src/infra/system-clock';
import { hangUp, request } from './lib/calls';
import { benchRules, silent } from './lib/limiter-rules';

const argumentsSchema = z.tuple([
  z.string(), // Redis
  z.string(), // counter
  z.record(z.string(), z.number().int()), // account: what entries may use of the second
]);

/**
 * One of two workers: takes a pointer as the dispatcher does (queue, bucket, then the call beside the
 * queue), without ledger and broker, so that the limiter alone is measured.
 */
const work = async (): Promise<void> => {
  const [redisUrl, counter, accounts] = argumentsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const redis = connectRedis(redisUrl, silent);
  await waitForRedis(redis.fast, 10_000);
  const nothingYet = { callsSince: () => Promise.resolve([]) };
  const bucket = new RedisLeakyBucket(redis.fast, nothingYet, new SystemClock());
  const queue = new BullmqQueue(redis, silent);
  const sending = new Set<Promise<unknown>>();

  const handle = async (pointer: CommandPointer, lane: Lane): Promise<HandlerResult> => {
    const entryLimit = accounts[pointer.accountId];
    if (entryLimit === undefined) throw new Error(`no rules for ${pointer.accountId}`);
    const slot = await bucket.take({
      account: pointer.accountId,
      rules: benchRules(entryLimit),
      callClass: 'order',
      priority: lane === 'urgent' ? 'reserve' : 'entry',
      callId: `${pointer.orderId}-${pointer.n}`,
    });
    if (!slot.granted) return { kind: 'wait', waitMs: slot.waitMs };
    process.send?.({ account: pointer.accountId, id: pointer.orderId, at: Date.now() });
    const call = delay(Math.random() * 50).then(() =>
      request(counter, 'POST', `/${pointer.accountId}`, null, {}),
    );
    sending.add(call);
    void call.finally(() => sending.delete(call));
    return { kind: 'done' };
  };
  const workers = await Promise.all(
    Object.keys(accounts).map((account) => queue.work(accountId(account), handle)),
  );
  process.once('message', () => {
    void Promise.all(workers.map((worker) => worker.close()))
      .then(() => Promise.allSettled([...sending]))
      .then(() => queue.close())
      .then(() => redis.close())
      .then(() => hangUp())
      .then(() => process.exit(0));
  });
  process.send?.({ ready: true });
};

work().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
