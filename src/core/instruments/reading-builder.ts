import type { BrokerId, IsoDate } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { ListedInstrument, MasterPart, MasterReading } from '../ports/master';

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

/** Rows of one file while they are collected. */
interface Part {
  readonly name: string;
  listed: readonly ListedInstrument[];
  readonly skipped: Map<string, number>;
}

const countIn = (counts: Map<string, number>, reason: string, rows: number): void => {
  if (rows > 0) counts.set(reason, (counts.get(reason) ?? 0) + rows);
};

/**
 * Collects a reading row by row. When two rows would share a symbol, a broker symbol or a token, none of
 * them is listed: an order must never reach the other company of the same name.
 */
export class ReadingBuilder<Reason extends string> {
  readonly #broker: BrokerId;
  readonly #asOf: IsoDate;
  readonly #parts: Part[] = [];
  #listed: ListedInstrument[] = [];
  #skipped = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  constructor(broker: BrokerId, asOf: IsoDate) {
    this.#broker = broker;
    this.#asOf = asOf;
  }

  /** What comes from now on is of the file `name`. Called for each file, or for none. */
  part(name: string): void {
    this.#listed = [];
    this.#skipped = new Map();
    this.#parts.push({ name, listed: this.#listed, skipped: this.#skipped });
  }

  /** Counts `rows` rows as left out. */
  skip(reason: Reason | Doubled, rows = 1): void {
    countIn(this.#skipped, reason, rows);
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
    const named = this.#parts.length > 0;
    const parts = named
      ? this.#parts
      : [{ name: '', listed: this.#listed, skipped: this.#skipped } satisfies Part];
    for (const [reason, keyOf] of KEYS) dropDoubled(parts, reason, keyOf);
    const skipped = new Map<string, number>();
    for (const part of parts) {
      for (const [reason, rows] of part.skipped) countIn(skipped, reason, rows);
    }
    const files = parts.map((part): MasterPart => ({
      name: part.name,
      listed: part.listed.length,
      skipped: part.skipped,
    }));
    return {
      broker: this.#broker,
      asOf: this.#asOf,
      listed: parts.flatMap((part) => part.listed),
      skipped,
      ...(named ? { files } : {}),
    };
  }
}

/** Takes all rows out that share a key with another one, in whatever file. */
const dropDoubled = (
  parts: readonly Part[],
  reason: Doubled,
  keyOf: (one: ListedInstrument) => string,
): void => {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const part of parts) {
    for (const one of part.listed) {
      const key = keyOf(one);
      if (seen.has(key)) doubled.add(key);
      else seen.add(key);
    }
  }
  if (doubled.size === 0) return;
  for (const part of parts) {
    const kept = part.listed.filter((one) => !doubled.has(keyOf(one)));
    countIn(part.skipped, reason, part.listed.length - kept.length);
    part.listed = kept;
  }
};
