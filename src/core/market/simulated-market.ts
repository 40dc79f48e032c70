import { decimal } from '../domain/decimal';
import { epochMs } from '../domain/ids';
import type { Decimal, EpochMs } from '../domain/ids';
import { instrumentKey, isTradable } from '../domain/instrument';
import type { Instrument } from '../domain/instrument';
import { DAY_MS, istDate, startOfIstDay } from '../domain/time';
import type { Clock } from '../ports/clock';
import type { DayFigures, MarketData, Quote } from '../ports/market';
import { optionValue } from './option-value';
import { hash, smoothNoise } from './noise';

/** Prices change once a second. */
const STEP_MS = 1_000;
/** A range is read at no more than this many instants; older ranges are read more coarsely. */
const MAX_SAMPLES = 7_200;
/** Waves of the price path: share of the price, and how long one wave takes. */
const WAVES = [
  { share: 0.012, periodMs: 6 * 3_600_000 },
  { share: 0.004, periodMs: 1_800_000 },
  { share: 0.0015, periodMs: 300_000 },
  { share: 0.0006, periodMs: 45_000 },
  { share: 0.0003, periodMs: 7_000 },
] as const;
/** How finely the day's highest and lowest price are read, beside every price that was shown. */
const DAY_STEP_MS = 30_000;
/** Yearly rate that a future's price lies above its underlying. */
const CARRY_RATE = 0.065;
/** Rupees that change hands per second; spread over the price it gives the traded quantity. */
const TURNOVER_PER_SECOND = 1_500_000;
/** How many lots trade per second at least, however dear the instrument. */
const MIN_LOTS_PER_SECOND = 4;
/** What stands at the best price, in seconds of trading. */
const DEPTH_SECONDS = 20;
/** Half the spread as a share of the price; one tick at least. */
const HALF_SPREAD = 0.0001;
const YEAR_MS = 365 * DAY_MS;
/** Volume is counted from here, so that every process counts the same. */
const VOLUME_EPOCH = Date.parse('2020-01-01T00:00:00+05:30');

/** Highest and lowest price of one instrument's day in ticks, as far as it was read. */
interface DayRange {
  readonly begins: number;
  readUpTo: number;
  high: number;
  low: number;
}

/**
 * A made-up market that is always open: each price is a pure function of (seed, instrument, second),
 * so every process and every restart sees the same one. Floats are allowed inside because nothing
 * here is measured; what leaves is decimal text on the tick.
 */
export class SimulatedMarket implements MarketData {
  readonly label: string;
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #references: ReadonlyMap<string, Decimal>;
  readonly #roots = new Map<string, number>();
  readonly #days = new Map<string, DayRange>();

  /** `references`: rupees by underlying symbol. */
  constructor(seed: number, clock: Clock, references: ReadonlyMap<string, Decimal>) {
    this.label = `simulated, seed ${seed}`;
    this.#seed = seed;
    this.#clock = clock;
    this.#references = references;
  }

  now(): EpochMs {
    return this.#clock.now();
  }

  isOpen(instrument: Instrument): boolean {
    return isTradable(instrument);
  }

  quote(instrument: Instrument, since: EpochMs): Quote | null {
    return this.quoteAt(instrument, this.now(), since);
  }

  /** The quote of any instant; null when the seed has no reference price for the underlying. */
  quoteAt(instrument: Instrument, at: EpochMs, since: EpochMs): Quote | null {
    const reference = this.#references.get(instrument.underlying);
    if (reference === undefined) return null;
    const tick = Number(instrument.tickSize);
    const ticksAt = (second: number): number => this.#ticks(instrument, Number(reference), second);
    const last = Math.floor(at / STEP_MS);
    const first = Math.min(last, Math.floor(since / STEP_MS) + 1);
    const stride = Math.max(1, Math.ceil((last - first) / MAX_SAMPLES));
    const now = ticksAt(last);
    let high = now;
    let low = now;
    for (let second = first; second < last; second += stride) {
      const ticks = ticksAt(second);
      if (ticks > high) high = ticks;
      if (ticks < low) low = ticks;
    }
    const half = Math.max(1, Math.round(now * HALF_SPREAD));
    const perSecond = this.#volumePerSecond(instrument, Number(reference));
    const rupees = (ticks: number): Decimal => decimal((ticks * tick).toFixed(4));
    return {
      instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
      at,
      last: rupees(now),
      bid: rupees(Math.max(1, now - half)),
      ask: rupees(now + half),
      cumulativeVolume: Math.floor(((at - VOLUME_EPOCH) / 1000) * perSecond),
      depth: perSecond * DEPTH_SECONDS,
      high: rupees(high),
      low: rupees(low),
      rangeSince: epochMs(first * STEP_MS),
    };
  }

  /** The day is the calendar day in India, because this market never closes. */
  day(instrument: Instrument): DayFigures | null {
    const now = this.now();
    const quote = this.quoteAt(instrument, now, now);
    const reference = this.#references.get(instrument.underlying);
    if (quote === null || reference === undefined) return null;
    const begins = startOfIstDay(istDate(now));
    const range = this.#dayRange(instrument, Number(reference), begins, now);
    const rupees = (ticks: number): Decimal =>
      decimal((ticks * Number(instrument.tickSize)).toFixed(4));
    const at = (when: number): Decimal =>
      rupees(this.#ticks(instrument, Number(reference), Math.floor(when / STEP_MS)));
    const perSecond = this.#volumePerSecond(instrument, Number(reference));
    return {
      open: at(begins),
      high: rupees(range.high),
      low: rupees(range.low),
      previousClose: at(begins - STEP_MS),
      volume: isTradable(instrument) ? Math.floor(((now - begins) / 1000) * perSecond) : 0,
      openInterest: null,
    };
  }

  priceAt(instrument: Instrument, at: EpochMs): Decimal | null {
    return this.quoteAt(instrument, at, at)?.last ?? null;
  }

  #ticks(instrument: Instrument, reference: number, second: number): number {
    const price = this.#price(instrument, reference, second);
    // Two ticks at least, so that the bid one tick below is still a price.
    return Math.max(2, Math.round(price / Number(instrument.tickSize)));
  }

  /** Grows with the day, so that a quote costs what passed since the last one. */
  #dayRange(instrument: Instrument, reference: number, begins: number, now: number): DayRange {
    const key = instrumentKey(instrument);
    const known = this.#days.get(key);
    let range = known;
    if (range?.begins !== begins) {
      const first = this.#ticks(instrument, reference, Math.floor(begins / STEP_MS));
      range = { begins, readUpTo: begins, high: first, low: first };
      this.#days.set(key, range);
    }
    const take = (at: number): void => {
      const ticks = this.#ticks(instrument, reference, Math.floor(at / STEP_MS));
      range.high = Math.max(range.high, ticks);
      range.low = Math.min(range.low, ticks);
    };
    while (range.readUpTo + DAY_STEP_MS <= now) {
      range.readUpTo += DAY_STEP_MS;
      take(range.readUpTo);
    }
    take(now);
    return range;
  }

  #volumePerSecond(instrument: Instrument, reference: number): number {
    const lotValue = reference * instrument.lotSize;
    const lots = Math.max(MIN_LOTS_PER_SECOND, Math.round(TURNOVER_PER_SECOND / lotValue));
    return lots * instrument.lotSize;
  }

  #price(instrument: Instrument, reference: number, second: number): number {
    const at = second * STEP_MS;
    const spot = reference * this.#wave(instrument.underlying, at);
    if (instrument.expiry === null) return spot;
    // A contract is worth its closing value from 15:30 IST of its last day on.
    const closes = startOfIstDay(instrument.expiry) + 15.5 * 3_600_000;
    const years = Math.max(0, closes - at) / YEAR_MS;
    if (instrument.strike === null || instrument.right === null) {
      return spot * (1 + CARRY_RATE * years);
    }
    const volatility = this.#volatility(instrument.underlying);
    return optionValue(instrument.right, spot, Number(instrument.strike), years, volatility);
  }

  #wave(underlying: string, at: number): number {
    const root = this.#root(underlying);
    let factor = 1;
    WAVES.forEach((wave, index) => {
      factor += wave.share * smoothNoise(root + index, at / wave.periodMs);
    });
    return factor;
  }

  /** 12 % to 36 % a year. */
  #volatility(underlying: string): number {
    return 0.12 + 0.24 * ((this.#root(underlying) % 1000) / 1000);
  }

  #root(underlying: string): number {
    let root = this.#roots.get(underlying);
    if (root === undefined) {
      root = hash(`${this.#seed}:${underlying}`);
      this.#roots.set(underlying, root);
    }
    return root;
  }
}
