import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { accountId, orderId } from '../../src/core/domain/ids';
import type { BusMessage } from '../../src/core/ports/bus';
import { RedisBus } from '../../src/infra/redis/redis-bus';
import { RedisLeases } from '../../src/infra/redis/redis-leases';
import { connect, quiet } from '../support/gateway-redis';
import { until } from '../support/until';

const open: Redis[] = [];
const redis = (): Redis => {
  const made = connect('busAndLeases');
  open.push(made);
  return made;
};
beforeEach(async () => {
  await redis().flushdb();
});
afterEach(() => {
  for (const one of open.splice(0)) one.disconnect();
});

// Pub/sub knows no databases: only this account's messages are this test's.
const ACCOUNT = accountId('bus-test');
const message = (i: number): BusMessage => ({
  kind: 'order',
  accountId: ACCOUNT,
  orderId: orderId(String(i)),
});

const bus = async (processId: string): Promise<{ bus: RedisBus; heard: BusMessage[] }> => {
  const made = new RedisBus(redis(), redis(), processId, quiet);
  await made.start();
  const heard: BusMessage[] = [];
  made.subscribe((one) => {
    if (one.accountId === ACCOUNT) heard.push(one);
  });
  return { bus: made, heard };
};

describe('the bus', () => {
  it('tells local listeners at once and other processes soon, each once and in order', async () => {
    const a = await bus('process-a');
    const b = await bus('process-b');
    for (let i = 0; i < 50; i += 1) a.bus.publish(message(i));
    const all = Array.from({ length: 50 }, (_, i) => message(i));
    expect(a.heard).toEqual(all);
    await until(() => b.heard.length >= 50);
    b.bus.publish(message(50));
    await until(() => a.heard.length >= 51);
    expect(b.heard).toEqual([...all, message(50)]);
    expect(a.heard).toEqual([...all, message(50)]);
  });

  it('stops telling who has unsubscribed, and survives a listener that throws', async () => {
    const a = await bus('process-a');
    const seen: BusMessage[] = [];
    const stop = a.bus.subscribe((one) => {
      seen.push(one);
      throw new Error('a fault in the listener');
    });
    a.bus.subscribe((one) => seen.push(one));
    a.bus.publish(message(1));
    stop();
    a.bus.publish(message(2));
    expect(seen).toEqual([message(1), message(1), message(2)]);
  });

  it('still tells local listeners while Redis is away', async () => {
    const publisher = redis();
    const made = new RedisBus(publisher, redis(), 'process-a', quiet);
    await made.start();
    const seen: BusMessage[] = [];
    made.subscribe((one) => seen.push(one));
    publisher.disconnect();
    made.publish(message(1));
    expect(seen).toEqual([message(1)]);
  });
});

describe('leases', () => {
  it('have one holder among all that ask at once', async () => {
    const askers = Array.from(
      { length: 8 },
      (_, i) => new RedisLeases(redis(), `process-${String(i)}`),
    );
    const answers = await Promise.all(askers.map((one) => one.hold('account:x', 60_000)));
    expect(answers.filter((held) => held)).toHaveLength(1);
  });

  it('are kept by renewing, and pass on when they are not', async () => {
    const a = new RedisLeases(redis(), 'a');
    const b = new RedisLeases(redis(), 'b');
    expect(await a.hold('account:x', 60_000)).toBe(true);
    expect(await b.hold('account:x', 60_000)).toBe(false);
    expect(await a.hold('account:x', 80)).toBe(true); // renewed for a short time
    await until(() => b.hold('account:x', 60_000));
    expect(await a.hold('account:x', 60_000)).toBe(false);
  });

  it('are given back only by their holder', async () => {
    const a = new RedisLeases(redis(), 'a');
    const b = new RedisLeases(redis(), 'b');
    await a.hold('account:x', 60_000);
    await b.release('account:x');
    expect(await b.hold('account:x', 60_000)).toBe(false);
    await a.release('account:x');
    expect(await b.hold('account:x', 60_000)).toBe(true);
  });

  it('are told apart by name', async () => {
    const a = new RedisLeases(redis(), 'a');
    const b = new RedisLeases(redis(), 'b');
    expect([await a.hold('account:x', 60_000), await b.hold('account:y', 60_000)]).toEqual([
      true,
      true,
    ]);
  });
});
