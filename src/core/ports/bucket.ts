import type { AccountId } from '../domain/ids';
import type { CallClass, RateRule } from './broker';

/** Entries leave a reserve in every bucket, so that cancels and exits never wait behind them. */
export type Priority = 'entry' | 'reserve';

export interface TakeRequest {
  readonly account: AccountId;
  readonly rules: readonly RateRule[];
  readonly callClass: CallClass;
  readonly priority: Priority;
  /** Names the drop; the ledger stores the same name, so that a refill cannot count it twice. */
  readonly callId: string;
}

export type TakeResult =
  | {
      readonly granted: true;
      /** How full each bucket is now, 0 to 1. */
      readonly fill: readonly { readonly rule: string; readonly fraction: number }[];
    }
  | { readonly granted: false; readonly waitMs: number };

/**
 * A drop per call; it leaks out one window (plus a guard for network jitter) after it went in. A
 * call goes when every bucket of its class has room, so no rolling window ever holds more than its
 * limit and an idle account's first calls leave at once. Shared by all processes.
 */
export interface LeakyBucket {
  /**
   * A call id that has a drop already moves it to now, for a call that did not begin in time.
   * @throws GatewayError STORE_UNAVAILABLE: then nothing may be sent.
   */
  take(request: TakeRequest): Promise<TakeResult>;
  /** Moves the drop of a call that begins only now to now, whether there is room or not: it was granted. */
  move(request: TakeRequest): Promise<void>;
  /** Closes every bucket of the account for `ms`: the broker said "too fast". */
  penalise(account: AccountId, ms: number): Promise<void>;
}
