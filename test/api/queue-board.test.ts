import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { accountId, orderId } from '../../src/core/domain/ids';
import { createQueueBoard } from '../../src/infra/queue-board';
import { BullmqQueue } from '../../src/infra/redis/bullmq-queue';
import { connectRedis } from '../../src/infra/redis/connection';
import { testPrefix, testRedisUrl } from '../support/redis';
import type { TestApi } from './fakes';
import { startApi } from './fakes';

const PATH = '/api/admin/queues';
const account = accountId(testPrefix());
const added = accountId(testPrefix());
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const logger = { ...quiet, error: () => undefined, child: () => logger };

let redis: ReturnType<typeof connectRedis>;
let queue: BullmqQueue;
let api: TestApi;
let accounts = [account];

beforeAll(() => {
  redis = connectRedis(testRedisUrl(), logger);
  queue = new BullmqQueue(redis, logger);
});
afterAll(async () => {
  await queue.close();
  await redis.close();
});
beforeEach(async () => {
  accounts = [account];
  const board = createQueueBoard(PATH, () =>
    Promise.resolve(accounts.flatMap((one) => queue.queuesOf(one))),
  );
  api = await startApi({ queueBoard: board });
});

const get = (path: string, headers: Record<string, string> = { 'X-API-KEY': api.keys.admin }) =>
  request(api.app).get(`${PATH}${path}`).set(headers);
const names = async (): Promise<readonly string[]> => {
  const answer = await get('/api/queues');
  const { queues } = answer.body as { queues: { name: string; readOnlyMode: boolean }[] };
  expect(queues.every((entry) => entry.readOnlyMode)).toBe(true);
  return queues.map((entry) => entry.name).sort();
};

describe('the queue board', () => {
  it('asks a browser for a password and takes the admin key as such', async () => {
    const asked = await get('', {});
    expect(asked.status).toBe(401);
    expect(asked.headers['www-authenticate']).toContain('Basic realm=');
    const page = await request(api.app).get(PATH).auth('anyone', api.keys.admin);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Toran queues');
    expect(page.text).not.toContain(api.keys.admin);
    expect(page.headers['x-powered-by']).toBeUndefined();
  });

  it('opens for no other key, no key in the URL and no key in the name', async () => {
    for (const key of [api.keys.read, api.keys.trade]) {
      expect((await get('', { 'X-API-KEY': key })).status).toBe(403);
      expect((await request(api.app).get(PATH).auth('admin', key)).status).toBe(403);
    }
    for (const path of [
      `?apikey=${api.keys.admin}`,
      `/${api.keys.admin}`,
      '/static/css/main.css',
    ]) {
      expect((await get(path, {})).status).toBe(401);
    }
    const named = await request(api.app).get(PATH).auth(api.keys.admin, '');
    expect([401, 429]).toContain(named.status);
  });

  it('allows its pages inline styles and nothing from another host', async () => {
    const page = await get('');
    const policy = page.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|unsafe-eval|upgrade-insecure/);
    const scripts = [...page.text.matchAll(/<script[^>]*src="([^"]+)"/g)].map((found) => found[1]);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      const file = await get(`/${script ?? ''}`);
      expect([script, file.status]).toEqual([script, 200]);
    }
    const elsewhere = await request(api.app).get('/health');
    expect(elsewhere.headers['content-security-policy']).not.toBe(policy);
  });

  it('shows the lanes of every account, also of one that was added later', async () => {
    expect(await names()).toEqual([`${account}-normal`, `${account}-urgent`].sort());
    accounts = [account, added];
    expect(await names()).toEqual(
      [account, added].flatMap((one) => [`${one}-normal`, `${one}-urgent`]).sort(),
    );
  });

  it('changes nothing: every method but GET and HEAD is refused', async () => {
    await queue.add('normal', [{ accountId: account, orderId: orderId('26'), n: 1, attempt: 1 }]);
    for (const action of ['pause', 'empty', 'clean/completed', 'obliterate']) {
      const answer = await request(api.app)
        .put(`${PATH}/api/queues/${account}-normal/${action}`)
        .set('X-API-KEY', api.keys.admin);
      expect(answer.status).toBe(405);
      expect(answer.body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    }
    expect(await queue.depth(account)).toEqual({ urgent: 0, normal: 1 });
    await Promise.all(queue.queuesOf(account).map((one) => one.obliterate()));
  });

  it('is not there when the gateway has none', async () => {
    api = await startApi();
    expect((await get('')).status).toBe(404);
  });
});
