import type { Redis } from 'ioredis';
import type { Leases } from '../../core/ports/queue';

const HOLD_SCRIPT = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 1 end
if holder then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;
const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** One holder per name over all processes. A lease saves work; no promise depends on it. */
export class RedisLeases implements Leases {
  readonly #redis: Redis;
  readonly #processId: string;

  constructor(redis: Redis, processId: string) {
    this.#redis = redis;
    this.#processId = processId;
  }

  async hold(name: string, ttlMs: number): Promise<boolean> {
    const held = await this.#redis.eval(HOLD_SCRIPT, 1, key(name), this.#processId, ttlMs);
    return held === 1;
  }

  async release(name: string): Promise<void> {
    await this.#redis.eval(RELEASE_SCRIPT, 1, key(name), this.#processId);
  }
}

const key = (name: string): string => `toran:lease:${name}`;
