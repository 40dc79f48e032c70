import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseDecimal } from '../core/domain/decimal';
import type { Decimal, IsoDate } from '../core/domain/ids';
import { EXCHANGES, instrumentKey } from '../core/domain/instrument';
import type { Instrument } from '../core/domain/instrument';
import { Catalogue } from '../core/instruments/catalogue';
import type { FreezeLimits } from '../core/instruments/join';
import type { CatalogueRow } from '../core/ports/catalogue';
import type { CatalogueContent } from './catalogue/build';
import { EXPIRY_RULES, practiceInstruments } from '../core/instruments/practice-contracts';
import type { Underlying } from '../core/instruments/practice-contracts';
import { readRows, seedDate } from './seed-rows';

/** The facts of the seed folder, read and checked. */
export interface Seed {
  readonly underlyings: readonly Underlying[];
  /** Days without equity trading, `YYYY-MM-DD`; weekends are not in it. */
  readonly holidays: ReadonlySet<string>;
  /** Another one for other facts. */
  readonly fingerprint: string;
}

const positive = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value === null || Number(value) <= 0) {
    context.addIssue({ code: 'custom', message: `not a positive decimal: "${text}"` });
    return z.NEVER;
  }
  return value;
});
const units = z
  .string()
  .regex(/^[1-9]\d*$/, 'not a positive whole number')
  .transform(Number);
const emptyOr = <T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> =>
  z.union([z.literal('').transform(() => null), schema]);
const exchange = z.enum(EXCHANGES);

const underlyingRow = z.strictObject({
  spot_exchange: z.union([z.literal('').transform(() => null), exchange]),
  symbol: z.string().regex(/^[A-Z0-9&-]+$/, 'not a symbol'),
  name: z.string().min(1),
  kind: z.enum(['index', 'share', 'commodity', 'currency']),
  spot_tick: positive,
  derivative_exchange: exchange,
  lot_size: units,
  future_tick: positive,
  option_tick: emptyOr(positive),
  strike_step: emptyOr(positive),
  reference_price: positive,
  freeze_quantity: emptyOr(units),
  expiry_rule: z.enum(EXPIRY_RULES),
  as_of: seedDate,
});
const expiryRow = z.strictObject({ exchange, symbol: z.string().min(1), expiry: seedDate });
const holidayRow = z.strictObject({
  date: seedDate,
  market: z.literal('equity'),
  name: z.string().min(1),
});

/** The facts in `directory`. @throws Error that names `file:line` and the column of the first bad value. */
export const readSeed = (directory: string): Seed => {
  const expiries = new Map<string, IsoDate[]>();
  for (const { row } of readRows(directory, 'listed-expiries.csv', expiryRow)) {
    const key = `${row.exchange}:${row.symbol}`;
    expiries.set(key, [...(expiries.get(key) ?? []), row.expiry].sort());
  }
  const file = 'underlyings.csv';
  const underlyings = readRows(directory, file, underlyingRow).map(({ line, row }): Underlying => {
    if ((row.option_tick === null) !== (row.strike_step === null)) {
      throw new Error(`${file}:${line}: option_tick and strike_step go together`);
    }
    const listed = expiries.get(`${row.derivative_exchange}:${row.symbol}`) ?? [];
    if ((row.expiry_rule === 'listed') !== listed.length > 0) {
      throw new Error(`${file}:${line}: expiry_rule does not fit listed-expiries.csv`);
    }
    return {
      spotExchange: row.spot_exchange,
      symbol: row.symbol,
      name: row.name,
      kind: row.kind,
      spotTick: row.spot_tick,
      derivativeExchange: row.derivative_exchange,
      lotSize: row.lot_size,
      futureTick: row.future_tick,
      options:
        row.option_tick === null || row.strike_step === null
          ? null
          : { tick: row.option_tick, strikeStep: row.strike_step },
      referencePrice: row.reference_price,
      freezeQuantity: row.freeze_quantity,
      expiryRule: row.expiry_rule,
      listedExpiries: listed,
    };
  });
  const holidays = readRows(directory, 'holidays.csv', holidayRow).map(({ row }) => row.date);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([underlyings, holidays]))
    .digest('hex');
  return { underlyings, holidays: new Set(holidays), fingerprint };
};

/**
 * The practice catalogue as of `today`: the seed's underlyings with generated near contracts. `recorded`
 * instruments (those of replayed files) are added, and replace the seed's of the same name, so that tick
 * and lot fit the recorded prices.
 */
export const seedCatalogue = (
  seed: Seed,
  today: IsoDate,
  recorded: readonly Instrument[] = [],
): Catalogue => {
  const replaced = new Set(recorded.map(instrumentKey));
  const generated = seed.underlyings.flatMap((underlying) =>
    practiceInstruments(underlying, today, seed.holidays),
  );
  return new Catalogue(
    replaced.size === 0
      ? generated
      : [...generated.filter((one) => !replaced.has(instrumentKey(one))), ...recorded],
  );
};

/**
 * The practice instruments of `today` in the order in which a search shows them: shares and indices, then
 * contracts. Made one underlying at a time, so that they are never in memory together.
 */
function* practiceRows(seed: Seed, today: IsoDate): Generator<CatalogueRow> {
  const underlyings = seed.underlyings.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
  for (const spot of [true, false]) {
    for (const underlying of underlyings) {
      for (const instrument of practiceInstruments(underlying, today, seed.holidays)) {
        if ((instrument.expiry === null) === spot) yield { instrument, listings: [] };
      }
    }
  }
}

/** What a practice catalogue of `today` is made of. */
export const practiceContent = (seed: Seed, today: IsoDate): CatalogueContent => ({
  rows: practiceRows(seed, today),
  source: 'practice',
  asOf: today,
  brokers: [],
  fingerprint: `practice ${today} ${seed.fingerprint}`,
});

/** Reference prices in rupees by underlying symbol, for the simulated market. */
export const referencePrices = (seed: Seed): ReadonlyMap<string, Decimal> =>
  new Map(seed.underlyings.map(({ symbol, referencePrice }) => [symbol, referencePrice]));

/** Limits of one order in the contracts of an underlying, for joined masters; null when the seed has none. */
export const seedFreezeLimits = (seed: Seed): FreezeLimits => {
  const limits = new Map(
    seed.underlyings.map((one) => [
      instrumentKey({ exchange: one.derivativeExchange, symbol: one.symbol }),
      one.freezeQuantity,
    ]),
  );
  return (exchange, underlying) =>
    limits.get(instrumentKey({ exchange, symbol: underlying })) ?? null;
};
