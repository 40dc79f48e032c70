import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { redisOf } from '../chaos/processes';
import { until } from './until';

/** A gateway process of which everything that it says is kept. */
export class MarkedGateway {
  readonly #child: ChildProcess;
  #said = '';
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#closed = once(child, 'close');
  }

  /** Starts it; resolves when it listens or has ended. */
  static async start(
    node: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<MarkedGateway> {
    const child = spawn(
      '/bin/sh',
      ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, ...node],
      {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const gateway = new MarkedGateway(child);
    await until(() => gateway.over || gateway.#said.includes('Your first paper order'), 60_000);
    return gateway;
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
  /** All its output so far. */
  get said(): string {
    return this.#said;
  }
  get base(): string {
    const base = /Toran listens on (http:\S+)/.exec(this.#said)?.[1];
    if (base === undefined) throw new Error(`it does not listen: ${this.#said}`);
    return base;
  }
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it did not start');
    return this.#child.pid;
  }

  /** Makes something throw where nobody catches. See with-credential-broker.cjs. */
  async throwUncaught(): Promise<void> {
    this.#child.kill('SIGUSR2');
    await this.#closed;
  }

  async end(): Promise<void> {
    if (!this.over) this.#child.kill('SIGTERM');
    await this.#closed;
  }
}

/** Every file below `folder` whose path does not begin with `without`, as one text. */
export const filesBelow = (folder: string, without: string): string => {
  const texts: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (name.startsWith(without) || !statSync(file).isFile()) continue;
    texts.push(`${name}\n${readFileSync(file, 'latin1')}`);
  }
  return texts.join('\n');
};

const valueOf = async (redis: Redis, key: string): Promise<unknown> => {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
};

/** Every key and value in the Redis that the gateway of `dataDirectory` runs. */
export const redisContent = async (dataDirectory: string): Promise<string> => {
  const { port, password } = redisOf(dataDirectory);
  const redis = new Redis({ host: '127.0.0.1', port, password, maxRetriesPerRequest: 1 });
  try {
    const keys = await redis.keys('*');
    const entries = await Promise.all(
      keys.map(async (key) => JSON.stringify([key, await valueOf(redis, key)])),
    );
    return entries.join('\n');
  } finally {
    redis.disconnect();
  }
};
