import { closeSync, openSync, writeSync } from 'node:fs';

/** One thing that truly happened at the simulated broker, whatever the caller was told. */
export interface TrueEvent {
  readonly seq: number;
  /** Epoch ms of this machine, without the simulated skew. */
  readonly at: number;
  /** `foreign` is an order placed elsewhere. */
  readonly operation: 'place' | 'modify' | 'cancel' | 'foreign' | 'fill';
  readonly brokerOrderId: string;
  readonly tag: string | null;
  readonly exchange: string;
  readonly symbol: string;
  readonly side: string;
  readonly orderType: string;
  readonly product: string;
  readonly quantity: number;
  readonly price: string | null;
  readonly triggerPrice: string | null;
}

/**
 * The judge: every placement, change, cancel and fill truly made, append-only. With a file each line is
 * handed to the system before the caller is answered, so it survives the death of this process.
 */
export class EventLog {
  readonly #events: TrueEvent[] = [];
  readonly #file: number | null;

  /** `path` null keeps it in memory only. */
  constructor(path: string | null) {
    this.#file = path === null ? null : openSync(path, 'a');
  }

  append(event: Omit<TrueEvent, 'seq' | 'at'>): void {
    const full: TrueEvent = { seq: this.#events.length + 1, at: Date.now(), ...event };
    this.#events.push(full);
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify(full)}\n`);
  }

  /** Events after `seq`, oldest first. */
  since(seq = 0): readonly TrueEvent[] {
    return this.#events.slice(seq);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
  }
}
