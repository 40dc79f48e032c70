import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedRedis, findRedisServer } from '../../src/infra/embedded-redis';
import { running } from './redis-running';

/** Starts the one Redis of a test run, unless REDIS_TEST_URL names one. */
export default async function startRedisForTests(): Promise<void> {
  if ((process.env['REDIS_TEST_URL'] ?? '') !== '') return;
  const server = findRedisServer(process.env['PATH'] ?? '');
  if (server === null) {
    throw new Error('No redis-server on the PATH: run `npm test`, or set REDIS_TEST_URL.');
  }
  const directory = await mkdtemp(path.join(os.tmpdir(), 'toran-test-redis-'));
  const redis = await EmbeddedRedis.start({ directory, server, onEvent: () => undefined });
  running.current = { redis, directory };
  process.env['REDIS_TEST_URL'] = redis.url;
}
