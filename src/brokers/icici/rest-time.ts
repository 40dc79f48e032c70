import { epochMs } from '../../core/domain/ids';
import type { EpochMs } from '../../core/domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../../core/domain/time';
import type { Clock } from '../../core/ports/clock';
import type { LimitSpan } from './texts';

const SECOND_REST_MS = 1_000;
/** The least rest after "too many calls in a minute". */
const MINUTE_REST_MS = 60_000;
/** Refusals were seen to last for minutes after a breach; longer than this is not waited blindly. */
const MOST_REST_MS = 480_000;

/** How long no call may go because the broker said "too many": doubled when it says so again at once. */
export class RestTime {
  readonly #clock: Clock;
  readonly #haste: number;
  #until: EpochMs = epochMs(0);
  #lastMs = 0;

  /** `haste`: how many times shorter the minutes are, against a simulator in a hurry. */
  constructor(clock: Clock, haste = 1) {
    this.#clock = clock;
    this.#haste = haste;
  }

  /** Milliseconds that are left; 0: calls may go. */
  left(): number {
    return Math.max(0, this.#until - this.#clock.now());
  }

  /** The broker said "too many": begins a rest and gives its length, milliseconds. */
  begin(per: LimitSpan): number {
    const now = this.#clock.now();
    if (per === 'day') {
      this.#until = epochMs(startOfIstDay(istDate(now)) + DAY_MS);
      return this.left();
    }
    if (per === 'second') {
      this.#until = epochMs(Math.max(this.#until, now + SECOND_REST_MS));
      return this.left();
    }
    // Calls that were under way when the rest began say it once more: that is no second breach.
    if (this.left() > 0) return this.left();
    const again = this.#lastMs > 0 && now < this.#until + this.#lastMs;
    const [least, most] = [MINUTE_REST_MS / this.#haste, MOST_REST_MS / this.#haste];
    this.#lastMs = again ? Math.min(this.#lastMs * 2, most) : least;
    this.#until = epochMs(now + this.#lastMs);
    return this.#lastMs;
  }
}
