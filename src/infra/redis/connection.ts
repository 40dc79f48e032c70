import { Redis } from 'ioredis';
import type { Logger } from '../../core/ports/logger';

/**
 * Connections of one process. `fast` fails at once while Redis is away (so that nobody waits for a
 * queue that cannot take the job); `blocking` waits, as the workers want it.
 */
export interface RedisConnections {
  readonly fast: Redis;
  readonly blocking: Redis;
  close(): Promise<void>;
}

export const connectRedis = (url: string, logger: Logger): RedisConnections => {
  const watch = (redis: Redis, name: string): Redis => {
    let away = false;
    redis.on('error', (error: Error) => {
      if (!away) logger.error({ connection: name, reason: error.message }, 'Redis is away');
      away = true;
    });
    redis.on('ready', () => {
      if (away) logger.info({ connection: name }, 'Redis is back');
      away = false;
    });
    return redis;
  };
  const retryStrategy = (times: number): number => Math.min(50 * times, 500);
  const fast = watch(
    new Redis(url, {
      retryStrategy,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      // Commands of one turn of the event loop leave in one write: a write costs more than a command.
      enableAutoPipelining: true,
      commandTimeout: 5_000,
    }),
    'fast',
  );
  const blocking = watch(new Redis(url, { retryStrategy, maxRetriesPerRequest: null }), 'blocking');
  return {
    fast,
    blocking,
    close: (): Promise<void> => {
      fast.disconnect();
      blocking.disconnect();
      return Promise.resolve();
    },
  };
};

/** Resolves once Redis answers. @throws Error after `limitMs`. */
export const waitForRedis = async (redis: Redis, limitMs: number): Promise<void> => {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      reject(new Error(`no answer within ${String(limitMs / 1000)} s`));
    }, limitMs);
    const ready = (): void => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', ready);
  });
};
