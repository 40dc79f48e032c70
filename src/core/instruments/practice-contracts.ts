import { decimal } from '../domain/decimal';
import type { Decimal, IsoDate } from '../domain/ids';
import type { Exchange, Instrument } from '../domain/instrument';
import { THURSDAY, TUESDAY, monthlyExpiries, weeklyExpiries } from './expiries';
import { contractInstrument } from './symbol';

export const EXPIRY_RULES = [
  'last-tuesday',
  'last-thursday',
  'weekly-tuesday',
  'weekly-thursday',
  'listed',
] as const;
export type ExpiryRule = (typeof EXPIRY_RULES)[number];

/** What is known of an underlying and its contracts: the facts of one line of seed/underlyings.csv. */
export interface Underlying {
  /** Where the underlying itself trades or is quoted; null when only its contracts exist here. */
  readonly spotExchange: Exchange | null;
  readonly symbol: string;
  readonly name: string;
  readonly kind: 'index' | 'share' | 'commodity' | 'currency';
  readonly spotTick: Decimal;
  readonly derivativeExchange: Exchange;
  /** Exchange units. */
  readonly lotSize: number;
  readonly futureTick: Decimal;
  /** Null when no options are generated. */
  readonly options: { readonly tick: Decimal; readonly strikeStep: Decimal } | null;
  /** Rupees; the level around which strikes and simulated prices lie. */
  readonly referencePrice: Decimal;
  /** Null when the source has none. */
  readonly freezeQuantity: number | null;
  readonly expiryRule: ExpiryRule;
  /** Real expiry dates for the rule `listed`, otherwise empty. */
  readonly listedExpiries: readonly IsoDate[];
}

const MONTHS_AHEAD = 3;
const WEEKS_AHEAD = 4;
const STRIKES_EACH_SIDE = 15;

interface Expiries {
  readonly futures: readonly IsoDate[];
  readonly options: readonly IsoDate[];
}

const expiriesOf = (
  underlying: Underlying,
  today: IsoDate,
  holidays: ReadonlySet<string>,
): Expiries => {
  switch (underlying.expiryRule) {
    case 'last-tuesday':
    case 'last-thursday': {
      const day = underlying.expiryRule === 'last-tuesday' ? TUESDAY : THURSDAY;
      const dates = monthlyExpiries(today, day, MONTHS_AHEAD, holidays);
      return { futures: dates, options: dates };
    }
    case 'weekly-tuesday':
    case 'weekly-thursday': {
      const day = underlying.expiryRule === 'weekly-tuesday' ? TUESDAY : THURSDAY;
      const monthly = monthlyExpiries(today, day, MONTHS_AHEAD, holidays);
      const weekly = weeklyExpiries(today, day, WEEKS_AHEAD, holidays);
      return { futures: monthly, options: [...new Set([...weekly, ...monthly])].sort() };
    }
    case 'listed': {
      const dates = underlying.listedExpiries.filter((date) => date >= today);
      return { futures: dates.slice(0, MONTHS_AHEAD), options: [] };
    }
  }
};

const spotOf = (underlying: Underlying): Instrument[] => {
  if (underlying.spotExchange === null) return [];
  return [
    {
      exchange: underlying.spotExchange,
      symbol: underlying.symbol,
      kind: underlying.kind === 'index' ? 'index' : 'equity',
      name: underlying.name,
      underlying: underlying.symbol,
      expiry: null,
      strike: null,
      right: null,
      lotSize: 1,
      tickSize: underlying.spotTick,
      // The seed's limits are those of the contracts; shares have none in the source.
      freezeQuantity: null,
    },
  ];
};

/** Strikes around the reference price, multiples of the real step, lowest first; none at or below zero. */
const strikesOf = (referencePrice: Decimal, step: Decimal): Decimal[] => {
  const strikes: Decimal[] = [];
  const width = Number(step);
  const middle = Math.round(Number(referencePrice) / width);
  for (let n = middle - STRIKES_EACH_SIDE; n <= middle + STRIKES_EACH_SIDE; n += 1) {
    // Steps have at most two decimals, so counting in paise is exact.
    const paise = n * Math.round(width * 100);
    if (paise > 0) strikes.push(decimal(paise / 100));
  }
  return strikes;
};

/**
 * The instruments of one underlying as of `today`: itself, its near futures and options.
 *
 * These contracts are generated for practice from real facts (lot, ticks, strike step, expiry rule).
 * They are not a listing: which strikes and dates an exchange really offers is in a broker's master.
 */
export const practiceInstruments = (
  underlying: Underlying,
  today: IsoDate,
  holidays: ReadonlySet<string>,
): Instrument[] => {
  const instruments = spotOf(underlying);
  const expiries = expiriesOf(underlying, today, holidays);
  const terms = {
    exchange: underlying.derivativeExchange,
    name: underlying.name,
    lotSize: underlying.lotSize,
    freezeQuantity: underlying.freezeQuantity,
  };
  const base = underlying.symbol;
  for (const expiry of expiries.futures) {
    instruments.push(
      contractInstrument(
        { kind: 'future', base, expiry, strike: null, right: null },
        { ...terms, tickSize: underlying.futureTick },
      ),
    );
  }
  if (underlying.options === null) return instruments;
  const { tick: tickSize, strikeStep } = underlying.options;
  const strikes = strikesOf(underlying.referencePrice, strikeStep);
  for (const expiry of expiries.options) {
    for (const strike of strikes) {
      for (const right of ['CE', 'PE'] as const) {
        instruments.push(
          contractInstrument(
            { kind: 'option', base, expiry, strike, right },
            { ...terms, tickSize },
          ),
        );
      }
    }
  }
  return instruments;
};
