import type { EpochMs, MonotonicMs } from '../domain/ids';

/** Time from outside. The core never reads the wall clock itself. */
export interface Clock {
  /** Wall time; may jump. */
  now(): EpochMs;
  /** Never jumps; comparable within one process only. */
  monotonic(): MonotonicMs;
  /** Resolves after `ms`; resolves early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` once after `ms`; the result cancels it. Keeps no process alive. */
  after(ms: number, task: () => void): () => void;
  /** Calls `task` every `ms` until cancelled. Keeps no process alive. */
  every(ms: number, task: () => void): () => void;
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
}
