import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { ROUTES } from '../../src/api/routes';
import { fuzz } from '../fuzz/run';
import { connect, redisUrl } from '../support/gateway-redis';

const RUNS = 1_000;
const SEED = 20_260_108;

let redis: Redis;
beforeAll(async () => {
  redis = connect('fuzz');
  await redis.flushdb();
});
afterAll(() => {
  redis.disconnect();
});

describe('any call to any route', () => {
  it('is answered, keeps every secret, and writes no order that was not asked for', async () => {
    const result = await fuzz({ runs: RUNS, seed: SEED, redisUrl: redisUrl('fuzz') });
    expect(result.failure).toBeNull();
    expect([...result.answers.keys()].sort()).toEqual(ROUTES.map(({ name }) => name).sort());
    // Calls that nobody lets in would prove nothing.
    const passed = [...result.answers.values()].filter((count) => count.passed > 0).length;
    expect(passed).toBeGreaterThan(ROUTES.length * 0.8);
    expect(result.orders).toBeGreaterThan(30);
  }, 120_000);
});
