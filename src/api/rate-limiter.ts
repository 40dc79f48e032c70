import type { Clock } from '../core/ports/clock';

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by name in this process: `rate` calls a second, as many at once. They pace callers, not brokers. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `capacity`: how many names are remembered; the longest unused one goes first. */
  constructor(clock: Clock, capacity = 10_000) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** Takes one call; milliseconds until the next is allowed, 0 when this one is. `burst`: as many at once. */
  take(name: string, rate: number, burst = Math.max(1, rate)): number {
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(name);
    const tokens =
      known === undefined
        ? burst
        : Math.min(burst, known.tokens + ((now - known.at) / 1000) * rate);
    const allowed = tokens >= 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: allowed ? tokens - 1 : tokens, at: now });
    this.#trim();
    return allowed ? 0 : Math.ceil(((1 - tokens) / rate) * 1000);
  }

  #trim(): void {
    if (this.#buckets.size <= this.#capacity) return;
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
