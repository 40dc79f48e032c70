import type { BrokerId, IsoDate } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { ListedInstrument, MasterReading } from '../ports/master';

/** Why rows that were read well are left out at the end: no rule says which of the rows is meant. */
export const DOUBLED = [
  'symbol-not-unique',
  'broker-symbol-not-unique',
  'token-not-unique',
] as const;
export type Doubled = (typeof DOUBLED)[number];

const KEYS: readonly (readonly [Doubled, (one: ListedInstrument) => string])[] = [
  ['symbol-not-unique', (one) => instrumentKey(one.instrument)],
  ['broker-symbol-not-unique', (one) => `${one.brokerExchange}:${one.brokerSymbol}`],
  ['token-not-unique', (one) => `${one.brokerExchange}:${one.token}`],
];

/**
 * Collects a reading row by row. When two rows would share a symbol, a broker symbol or a token, none of
 * them is listed: an order must never reach the other company of the same name.
 */
export class ReadingBuilder<Reason extends string> {
  readonly #broker: BrokerId;
  readonly #asOf: IsoDate;
  readonly #listed: ListedInstrument[] = [];
  readonly #skipped = new Map<Reason | Doubled, number>();
  readonly #texts = new Map<string, string>();

  constructor(broker: BrokerId, asOf: IsoDate) {
    this.#broker = broker;
    this.#asOf = asOf;
  }

  /** Counts `rows` rows as left out. */
  skip(reason: Reason | Doubled, rows = 1): void {
    if (rows > 0) this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + rows);
  }

  list(one: ListedInstrument): void {
    this.#listed.push(one);
  }

  /** The same text, once in memory and cut loose from the file's text, which could not be freed otherwise. */
  keep(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const own = ` ${text}`.slice(1);
    this.#texts.set(own, own);
    return own;
  }

  /** The reading of all rows so far. */
  finish(): MasterReading {
    let listed: readonly ListedInstrument[] = this.#listed;
    for (const [reason, keyOf] of KEYS) {
      const seen = new Set<string>();
      const doubled = new Set<string>();
      for (const one of listed) {
        const key = keyOf(one);
        if (seen.has(key)) doubled.add(key);
        else seen.add(key);
      }
      if (doubled.size === 0) continue;
      const kept = listed.filter((one) => !doubled.has(keyOf(one)));
      this.skip(reason, listed.length - kept.length);
      listed = kept;
    }
    return { broker: this.#broker, asOf: this.#asOf, listed, skipped: this.#skipped };
  }
}
