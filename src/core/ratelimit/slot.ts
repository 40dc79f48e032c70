import { monotonicMs } from '../domain/ids';
import type { MonotonicMs } from '../domain/ids';
import type { LeakyBucket, TakeRequest } from '../ports/bucket';
import type { Clock } from '../ports/clock';
import type { Ledger } from '../ports/ledger';

/**
 * How long after its drop a call may begin. Less than the guard of the buckets, which also covers the
 * network: a later call could meet those of the next window at the broker.
 */
export const SLOT_MS = 10;

export interface SlotDeps {
  readonly bucket: LeakyBucket;
  readonly ledger: Pick<Ledger, 'recordCall'>;
  readonly clock: Clock;
}

/** The right to one call, granted at an instant; while the call has not begun its drop can be moved along. */
export class Slot {
  readonly #deps: SlotDeps;
  readonly #request: TakeRequest;
  /** An old drop may have leaked out already, and another call be in its place. */
  readonly #movableMs: number;
  #dropAt: MonotonicMs;

  private constructor(deps: SlotDeps, request: TakeRequest, dropAt: MonotonicMs) {
    this.#deps = deps;
    this.#request = request;
    this.#dropAt = dropAt;
    this.#movableMs = Math.min(...request.rules.map((rule) => rule.windowMs)) / 2;
  }

  /** @throws GatewayError STORE_UNAVAILABLE: then nothing may be sent */
  static async take(
    deps: SlotDeps,
    request: TakeRequest,
  ): Promise<
    | {
        readonly granted: true;
        readonly slot: Slot;
        readonly fill: readonly { readonly rule: string; readonly fraction: number }[];
      }
    | { readonly granted: false; readonly waitMs: number }
  > {
    // Read before the drop goes in, so that it can only be younger than we think.
    const askedAt = deps.clock.monotonic();
    const taken = await deps.bucket.take(request);
    if (!taken.granted) return taken;
    return { granted: true, slot: new Slot(deps, request, askedAt), fill: taken.fill };
  }

  /**
   * For a call that begins now: the instant by which its first byte must have left. A drop that is a
   * little old (a slow disk, a busy process, a connection that had to be opened) moves to now; null
   * when it is so old that a new slot has to be taken.
   */
  begin(): MonotonicMs | null {
    const { bucket, ledger, clock } = this.#deps;
    const now = clock.monotonic();
    const age = now - this.#dropAt;
    if (age >= this.#movableMs) return null;
    if (age >= SLOT_MS) {
      const { account, callId, callClass } = this.#request;
      // Not waited for: the drop counts all the while, only its time changes, and that by then.
      void bucket.move(this.#request).catch(() => undefined);
      void ledger
        .recordCall(account, { callId, callClass, at: clock.now() })
        .catch(() => undefined);
      this.#dropAt = now;
    }
    return monotonicMs(this.#dropAt + SLOT_MS);
  }
}
