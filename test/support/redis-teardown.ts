import { rm } from 'node:fs/promises';
import { running } from './redis-running';

/** Ends the Redis that the set-up started and removes its folder. */
export default async function stopRedisForTests(): Promise<void> {
  if (running.current === null) return;
  await running.current.redis.stop();
  await rm(running.current.directory, {
    recursive: true,
    force: true,
    maxRetries: 20,
    retryDelay: 50,
  });
  running.current = null;
}
