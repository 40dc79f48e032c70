import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { accountId, orderId } from '../../src/core/domain/ids';
import type { AccountId } from '../../src/core/domain/ids';
import type { CommandPointer, HandlerResult, Lane } from '../../src/core/ports/queue';
import { BullmqQueue } from '../../src/infra/redis/bullmq-queue';
import { connectRedis } from '../../src/infra/redis/connection';
import type { RedisConnections } from '../../src/infra/redis/connection';
import { connect, quiet, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

let account: AccountId;
let runs = 0;
let admin: Redis;
let connections: RedisConnections;
let queue: BullmqQueue;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  runs += 1;
  account = accountId(`queue-${String(runs)}`);
  admin = connect('queue');
  await admin.flushdb();
  connections = connectRedis(redisUrl('queue'), quiet);
  await until(() => connections.fast.status === 'ready');
  queue = new BullmqQueue(connections, quiet);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await queue.close();
  await connections.close();
  admin.disconnect();
});

const pointer = (i: number, attempt = 1): CommandPointer => ({
  accountId: account,
  orderId: orderId(`260108${String(i).padStart(9, '0')}`),
  n: 1,
  attempt,
});
const pointers = (count: number): readonly CommandPointer[] =>
  Array.from({ length: count }, (_, i) => pointer(i));

const serve = async (
  handler: (pointer: CommandPointer, lane: Lane) => Promise<HandlerResult>,
): Promise<void> => {
  const worker = await queue.work(account, handler);
  closers.push(() => worker.close());
};

describe('the command queue', () => {
  it('hands pointers over in their order, with everything they carry', async () => {
    const seen: CommandPointer[] = [];
    await queue.add('normal', pointers(20));
    await serve((one) => {
      seen.push(one);
      return Promise.resolve({ kind: 'done' });
    });
    await until(() => seen.length === 20);
    expect(seen).toEqual(pointers(20));
  });

  it('puts a pointer back that has to wait, and runs it first after the wait', async () => {
    const seen: { readonly id: string; readonly at: number }[] = [];
    await queue.add('normal', pointers(4));
    await serve((one) => {
      seen.push({ id: one.orderId, at: performance.now() });
      return Promise.resolve(seen.length === 2 ? { kind: 'wait', waitMs: 150 } : { kind: 'done' });
    });
    await until(() => seen.length === 5);
    const ids = [0, 1, 1, 2, 3].map((i) => pointer(i).orderId);
    expect(seen.map((one) => one.id)).toEqual(ids);
    expect((seen[2]?.at ?? 0) - (seen[1]?.at ?? 0)).toBeGreaterThan(140);
  });

  it('takes the same pointer once while it waits, and again after it was done', async () => {
    await queue.add('normal', [pointer(1), pointer(1)]);
    await queue.add('normal', [pointer(1), pointer(1, 2)]);
    expect(await queue.depth(account)).toEqual({ urgent: 0, normal: 2 });
    let count = 0;
    await serve(() => {
      count += 1;
      return Promise.resolve({ kind: 'done' });
    });
    await until(async () => count === 2 && (await queue.depth(account)).normal === 0);
    await queue.add('normal', [pointer(1)]);
    await until(() => count === 3);
  });

  it('lets a cancel leave next while three hundred entries wait for a slot', async () => {
    const seen: Lane[] = [];
    await queue.add('normal', pointers(300));
    await serve((_one, lane) => {
      seen.push(lane);
      return Promise.resolve(
        lane === 'normal' ? { kind: 'wait', waitMs: 60_000 } : { kind: 'done' },
      );
    });
    await until(() => seen.length === 1);
    const startedAt = performance.now();
    await queue.add('urgent', [pointer(999)]);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['normal', 'urgent']);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect((await queue.depth(account)).normal).toBe(300);
  });

  it('goes on after a handler that throws, and forgets the pointer so that it can come again', async () => {
    let calls = 0;
    await queue.add('normal', [pointer(1), pointer(2)]);
    await serve((one) => {
      calls += 1;
      if (calls === 1) return Promise.reject(new Error('a fault in the handler'));
      return Promise.resolve({ kind: one.n === 1 ? 'done' : 'done' });
    });
    await until(async () => calls === 2 && (await queue.depth(account)).normal === 0);
    await queue.add('normal', [pointer(1)]);
    await until(() => calls === 3);
  });

  it('keeps two accounts apart', async () => {
    const other = { ...pointer(1), accountId: accountId(`${account}-other`) };
    await queue.add('normal', [pointer(1), other]);
    const seen: CommandPointer[] = [];
    await serve((one) => {
      seen.push(one);
      return Promise.resolve({ kind: 'done' });
    });
    await until(() => seen.length === 1);
    expect(seen[0]).toEqual(pointer(1));
    expect((await queue.depth(other.accountId)).normal).toBe(1);
  });

  it('takes work again after Redis lost everything', async () => {
    const seen: CommandPointer[] = [];
    await serve((one) => {
      seen.push(one);
      return Promise.resolve({ kind: 'done' });
    });
    await queue.add('normal', [pointer(1)]);
    await until(() => seen.length === 1);
    await admin.flushdb();
    await queue.add('normal', [pointer(2)]);
    await until(() => seen.length === 2, 15_000);
  });

  it('holds no text of an order, only the pointer', async () => {
    await queue.add('normal', [pointer(1)]);
    const key = `toran:queue:${account}-normal:o-${pointer(1).orderId}-1-1`;
    expect(JSON.parse((await admin.hget(key, 'data')) ?? 'null')).toEqual(pointer(1));
  });
});

describe('a queue without Redis', () => {
  it('says at once that it cannot take the order', async () => {
    connections.fast.disconnect();
    await expect(queue.add('normal', [pointer(1)])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
