import type { IsoDate, MonotonicMs } from '../../core/domain/ids';
import type { Clock } from '../../core/ports/clock';
import { istDate } from '../../core/domain/time';
import { ICICI_EXCHANGES } from './symbols';
import type { IciciExchange } from './symbols';

/** An exchange on which nothing of ours lives is read again after this long … */
export const QUIET_REREAD_MS = 60_000;
/** … unless a command went there this recently: what it did may still show. */
const AFTER_COMMAND_MS = 120_000;

interface Part {
  readonly rows: readonly unknown[];
  readonly day: IsoDate;
  readonly at: MonotonicMs;
  /** Whether an order in it may still change by itself. */
  readonly live: boolean;
}

/**
 * The parts of the order book as they were read last, one for each exchange. One on which no order lives and
 * to which no command went cannot change but from outside, and a call is dear: it serves again for a while.
 */
export class BookParts {
  readonly #clock: Clock;
  readonly #parts = new Map<IciciExchange, Part>();
  readonly #commandAt: Map<IciciExchange, MonotonicMs>;

  constructor(clock: Clock) {
    this.#clock = clock;
    // Commands of an earlier process may still show.
    this.#commandAt = new Map(ICICI_EXCHANGES.map((exchange) => [exchange, clock.monotonic()]));
  }

  /** A command is about to go there. */
  touch(exchange: IciciExchange): void {
    this.#commandAt.set(exchange, this.#clock.monotonic());
  }

  keep(exchange: IciciExchange, rows: readonly unknown[], at: MonotonicMs, live: boolean): void {
    this.#parts.set(exchange, { rows, day: istDate(this.#clock.now()), at, live });
  }

  /** The rows of an exchange that cannot have changed by us since they were read, at most `maxAgeMs` ago; or null. */
  quiet(exchange: IciciExchange, maxAgeMs: number): readonly unknown[] | null {
    const part = this.#parts.get(exchange);
    if (part === undefined || part.live || part.day !== istDate(this.#clock.now())) return null;
    const now = this.#clock.monotonic();
    const commandAt = this.#commandAt.get(exchange) ?? now;
    return now - part.at < maxAgeMs && now - commandAt >= AFTER_COMMAND_MS ? part.rows : null;
  }

  /** Nothing serves again. */
  forget(): void {
    this.#parts.clear();
  }
}
