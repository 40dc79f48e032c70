import { performance } from 'node:perf_hooks';
import type { EpochMs, MonotonicMs } from '../core/domain/ids';
import { epochMs, monotonicMs } from '../core/domain/ids';
import type { Clock } from '../core/ports/clock';

/** The longest delay that setTimeout keeps; a longer one would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's own time. `after` and `every` keep no process alive; a `sleep` that is awaited does. */
export class SystemClock implements Clock {
  now(): EpochMs {
    return epochMs(Date.now());
  }

  monotonic(): MonotonicMs {
    return monotonicMs(performance.now());
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = schedule(checked(ms), done, true);
      signal?.addEventListener('abort', done);
    });
  }

  after(ms: number, task: () => void): () => void {
    return schedule(checked(ms), task, false);
  }

  every(ms: number, task: () => void): () => void {
    if (checked(ms) > MAX_DELAY_MS || ms < 1) {
      throw new RangeError(`an interval must be 1 to ${MAX_DELAY_MS} ms, got ${ms}`);
    }
    const timer = setInterval(task, ms);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  }
}

/** NaN and Infinity would make setTimeout fire at once. */
const checked = (ms: number): number => {
  if (!Number.isFinite(ms)) throw new RangeError(`a delay must be a finite number, got ${ms}`);
  return Math.max(0, ms);
};

const schedule = (ms: number, task: () => void, keepAlive: boolean): (() => void) => {
  let left = ms;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const step = Math.min(left, MAX_DELAY_MS);
    left -= step;
    timer = setTimeout(left > 0 ? arm : task, step);
    if (!keepAlive) timer.unref();
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
};
