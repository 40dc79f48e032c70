import { Redis } from 'ioredis';
import { messageOf } from './errno';

/** Who answers on a loopback port. */
export type RedisProbe =
  | { readonly kind: 'ready'; readonly pid: number; readonly directory: string }
  | { readonly kind: 'loading' }
  /** Takes the connection and says nothing: hung, stopped, or no Redis. */
  | { readonly kind: 'silent' }
  /** Answers, but does not know our password or is no Redis. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'absent' };

interface Target {
  readonly port: number;
  readonly password: string;
}

const TIMEOUT_MS = 2_000;

/** What is on `port`; never throws. */
export const probeRedis = async (target: Target): Promise<RedisProbe> => {
  const attempt = await withClient(target, async (client): Promise<RedisProbe> => {
    await client.ping();
    const directory = await client.config('GET', 'dir');
    const pid = /^process_id:(\d+)/m.exec(await client.info('server'))?.[1];
    const folder: unknown = Array.isArray(directory) ? directory[1] : null;
    if (pid === undefined || typeof folder !== 'string') return { kind: 'foreign' };
    return { kind: 'ready', pid: Number(pid), directory: folder };
  });
  if (attempt.kind === 'done') return attempt.value;
  if (attempt.timedOut) return { kind: 'silent' };
  if (attempt.message.startsWith('LOADING')) return { kind: 'loading' };
  if (/WRONGPASS|NOAUTH|NOPERM|ERR |protocol error/i.test(attempt.message)) {
    return { kind: 'foreign' };
  }
  return { kind: 'absent' };
};

/** Asks the server to write its file and end. Whether it did, the caller probes. */
export const shutdownRedis = async (target: Target): Promise<void> => {
  await withClient(target, async (client) => {
    await client.shutdown('NOSAVE');
  });
};

type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly message: string; readonly timedOut: boolean };

const withClient = async <T>(
  { port, password }: Target,
  task: (client: Redis) => Promise<T>,
): Promise<Attempt<T>> => {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // Without a listener ioredis prints; the failure is read from the promise.
  client.on('error', () => undefined);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    client.disconnect();
  }, TIMEOUT_MS);
  try {
    await client.connect();
    return { kind: 'done', value: await task(client) };
  } catch (error) {
    return { kind: 'failed', message: messageOf(error), timedOut };
  } finally {
    clearTimeout(timer);
    // On a connection that has ended, disconnect would hold the process for its own time limit.
    if (client.status !== 'end' && client.status !== 'close') client.disconnect();
  }
};
