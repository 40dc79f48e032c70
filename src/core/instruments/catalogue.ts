import type { IsoDate } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { Exchange, Instrument, InstrumentId } from '../domain/instrument';
import type { InstrumentLookup } from '../ports/broker';

/** Whether the contract's last day is before `today`; it may still be traded on that day itself. */
export const isExpired = (instrument: Instrument, today: IsoDate): boolean =>
  instrument.expiry !== null && instrument.expiry < today;

/**
 * The instruments of this instance, in memory. Says what exists, not whether it may be ordered:
 * indices and expired contracts are found too (see `isTradable` and `isExpired`).
 */
export class Catalogue implements InstrumentLookup {
  readonly #byKey = new Map<string, Instrument>();

  /** @throws Error when two different instruments have one exchange and symbol. */
  constructor(instruments: Iterable<Instrument>) {
    for (const instrument of instruments) {
      const key = instrumentKey(instrument);
      if (this.#byKey.has(key)) throw new Error(`catalogue: ${key} is there twice`);
      this.#byKey.set(key, instrument);
    }
  }

  get size(): number {
    return this.#byKey.size;
  }

  find(id: InstrumentId): Instrument | null {
    return this.#byKey.get(instrumentKey(id)) ?? null;
  }

  /** Up to `limit` instruments whose symbol begins with `prefix` (any case), the shortest symbols first. */
  search(prefix: string, limit: number, exchange: Exchange | null = null): Instrument[] {
    const wanted = prefix.toUpperCase();
    const found: Instrument[] = [];
    for (const instrument of this.#byKey.values()) {
      if (exchange !== null && instrument.exchange !== exchange) continue;
      if (instrument.symbol.toUpperCase().startsWith(wanted)) found.push(instrument);
    }
    found.sort((a, b) => a.symbol.length - b.symbol.length || (a.symbol < b.symbol ? -1 : 1));
    return found.slice(0, limit);
  }

  [Symbol.iterator](): IterableIterator<Instrument> {
    return this.#byKey.values();
  }
}
