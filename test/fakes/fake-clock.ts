import type { EpochMs, MonotonicMs } from '../../src/core/domain/ids';
import { epochMs, monotonicMs } from '../../src/core/domain/ids';
import type { Clock } from '../../src/core/ports/clock';

interface Timer {
  readonly sequence: number;
  due: number;
  readonly everyMs: number | null;
  readonly task: () => void;
}

/** Thursday 2026-01-08 09:30 IST: a trading day, in market hours. */
const DEFAULT_START = Date.UTC(2026, 0, 8, 4, 0, 0);

/** A clock that stands still until `advance`; timers run in the order in which they fall due. */
export class FakeClock implements Clock {
  private wall: number;
  private elapsed = 0;
  private sequence = 0;
  private readonly timers = new Set<Timer>();

  /** `start` is the first wall time, epoch ms. */
  constructor(start: number = DEFAULT_START) {
    this.wall = start;
  }

  now(): EpochMs {
    return epochMs(this.wall);
  }

  monotonic(): MonotonicMs {
    return monotonicMs(this.elapsed);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.after(ms, done);
      signal?.addEventListener('abort', done);
    });
  }

  after(ms: number, task: () => void): () => void {
    return this.add(ms, null, task);
  }

  every(ms: number, task: () => void): () => void {
    if (!(ms >= 1)) throw new RangeError(`an interval must be at least 1 ms, got ${ms}`);
    return this.add(ms, ms, task);
  }

  /** Moves both clocks on by `ms`; runs what falls due on the way and lets its promises settle. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    await settle();
    for (;;) {
      const next = this.nextDue(end);
      if (next === null) break;
      this.moveTo(Math.max(next.due, this.elapsed));
      if (next.everyMs === null) this.timers.delete(next);
      else next.due += next.everyMs;
      next.task();
      await settle();
    }
    this.moveTo(end);
    await settle();
  }

  /** Jumps the wall clock alone, as a time correction does; timers and `monotonic` do not notice. */
  setWall(at: number): void {
    this.wall = at;
  }

  /** Both clocks move on and no timer runs, as when the process is stopped for a while. */
  skip(ms: number): void {
    this.moveTo(this.elapsed + ms);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.timers.size;
  }

  private add(ms: number, everyMs: number | null, task: () => void): () => void {
    if (!Number.isFinite(ms)) throw new RangeError(`a delay must be a finite number, got ${ms}`);
    const due = this.elapsed + Math.max(0, ms);
    const timer: Timer = { sequence: (this.sequence += 1), due, everyMs, task };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  private nextDue(end: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.timers) {
      if (timer.due > end) continue;
      if (first === null || timer.due < first.due) first = timer;
      else if (timer.due === first.due && timer.sequence < first.sequence) first = timer;
    }
    return first;
  }

  private moveTo(elapsed: number): void {
    this.wall += elapsed - this.elapsed;
    this.elapsed = elapsed;
  }
}

/** Lets promise chains and callbacks that need no real time run to their end. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
};
