import {
  add,
  ceilTo,
  compare,
  decimal,
  floorTo,
  maximum,
  minimum,
  multiply,
  subtract,
} from '../domain/decimal';
import { epochMs } from '../domain/ids';
import type { Decimal, EpochMs } from '../domain/ids';
import { instrumentKey, isTradable } from '../domain/instrument';
import type { Instrument } from '../domain/instrument';
import type { Clock } from '../ports/clock';
import { istDate, startOfIstDay } from '../domain/time';
import type { DayFigures, MarketData, Quote } from '../ports/market';
import type { Candle, CandleSeries } from './candles';

/** Where a bar's path turns, as shares of its length: open, first extreme, second extreme, close. */
const TURNS = [0, 0.25, 0.75, 1] as const;
/** Share of a bar's volume that stands at the best price at any moment. */
const DEPTH_SHARE = 10;

interface Track {
  readonly series: CandleSeries;
  /** Volume of all bars before the one with the same index; one entry more than there are bars. */
  readonly volumeBefore: readonly number[];
}

export interface ReplayOptions {
  readonly series: readonly CandleSeries[];
  /** Recorded milliseconds per real millisecond; above 0. */
  readonly speed: number;
  /** The recorded instant that is shown at the wall time `anchor`. */
  readonly start: EpochMs;
  /** Processes that share a replay are given the same one. */
  readonly anchor: EpochMs;
  readonly clock: Clock;
}

/** The prices at the four turns. A rising bar dips first, a falling one peaks first: the usual order. */
const pathOf = (candle: Candle): readonly [Decimal, Decimal, Decimal, Decimal] =>
  compare(candle.close, candle.open) >= 0
    ? [candle.open, candle.low, candle.high, candle.close]
    : [candle.open, candle.high, candle.low, candle.close];

/** Index of the last bar that begins at or before `at`; -1 when there is none. */
const indexAt = (candles: readonly Candle[], at: number): number => {
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candle = candles[middle];
    if (candle !== undefined && candle.at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/**
 * Recorded candles as a market that runs on recorded time. Inside a bar the price follows a fixed path
 * through its four prices, so no price outside a bar's low and high is ever shown, and its volume
 * is spread evenly over its length. Open exactly while a bar lasts.
 */
export class CandleReplay implements MarketData {
  readonly label: string;
  readonly #tracks = new Map<string, Track>();
  readonly #options: ReplayOptions;

  /** @throws Error when an instrument has two series, bars out of order, or `speed` is not above 0. */
  constructor(options: ReplayOptions) {
    if (!(options.speed > 0) || !Number.isFinite(options.speed)) {
      throw new Error(`replay: speed must be a number above 0, not ${options.speed}`);
    }
    this.#options = options;
    for (const series of options.series) {
      const key = instrumentKey(series.instrument);
      const other = this.#tracks.get(key);
      if (other !== undefined) {
        throw new Error(`replay: ${key} is in ${other.series.file} and in ${series.file}`);
      }
      this.#tracks.set(key, { series, volumeBefore: sumVolumes(series) });
    }
    const files = [...new Set(options.series.map(({ file }) => file))].sort();
    this.label = `replay of ${files.join(', ')} at ${options.speed}x`;
  }

  now(): EpochMs {
    const { clock, anchor, start, speed } = this.#options;
    return epochMs(Math.floor(start + (clock.now() - anchor) * speed));
  }

  isOpen(instrument: Instrument): boolean {
    const track = this.#tracks.get(instrumentKey(instrument));
    if (track === undefined || !isTradable(instrument)) return false;
    const now = this.now();
    const candle = track.series.candles[indexAt(track.series.candles, now)];
    return candle !== undefined && now < candle.at + track.series.intervalMs;
  }

  quote(instrument: Instrument, since: EpochMs): Quote | null {
    return this.quoteAt(instrument, this.now(), since);
  }

  /** The quote of a recorded instant; null before the first bar and for instruments without a file. */
  quoteAt(instrument: Instrument, at: EpochMs, since: EpochMs): Quote | null {
    const track = this.#tracks.get(instrumentKey(instrument));
    if (track === undefined) return null;
    const { candles, intervalMs } = track.series;
    const index = indexAt(candles, at);
    const candle = candles[index];
    const before = track.volumeBefore[index];
    if (candle === undefined || before === undefined) return null;
    const part = Math.min(1, (at - candle.at) / intervalMs);
    const tick = instrument.tickSize;
    const last = priceInBar(candle, part, tick);
    const traded = Math.floor(candle.volume * part);
    const range = this.#range(track, index, part, Math.min(since, at), tick);
    return {
      instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
      at,
      last,
      // Bars have no spread: one tick, kept inside the bar so that no fill is better or worse than any trade.
      bid: maximum(candle.low, subtract(last, tick)),
      ask: minimum(candle.high, add(last, tick)),
      cumulativeVolume: before + traded,
      depth:
        part >= 1 ? 0 : Math.min(Math.ceil(candle.volume / DEPTH_SHARE), candle.volume - traded),
      ...range,
      rangeSince: epochMs(Math.min(since, at)),
    };
  }

  /** The bars that began on the recorded day in India; the close before is that of the bar before them. */
  day(instrument: Instrument): DayFigures | null {
    const track = this.#tracks.get(instrumentKey(instrument));
    const now = this.now();
    if (track === undefined) return null;
    const { candles, intervalMs } = track.series;
    const index = indexAt(candles, now);
    const current = candles[index];
    if (current === undefined) return null;
    const begins = startOfIstDay(istDate(now));
    const before = indexAt(candles, begins - 1);
    const previousClose = candles[before]?.close ?? null;
    const first = candles[before + 1];
    if (first === undefined || before === index) {
      return { open: null, high: null, low: null, previousClose, volume: 0, openInterest: null };
    }
    const part = Math.min(1, (now - current.at) / intervalMs);
    const range = this.#range(track, index, part, begins, instrument.tickSize);
    const whole = (track.volumeBefore[index] ?? 0) - (track.volumeBefore[before + 1] ?? 0);
    return {
      open: first.open,
      // The first bar's own open is part of the day.
      high: maximum(range.high, first.open),
      low: minimum(range.low, first.open),
      previousClose,
      volume: whole + Math.floor(current.volume * part),
      openInterest: null,
    };
  }

  priceAt(instrument: Instrument, at: EpochMs): Decimal | null {
    return this.quoteAt(instrument, at, at)?.last ?? null;
  }

  /** Highest and lowest price after `since` up to `part` of the bar `index`. */
  #range(
    track: Track,
    index: number,
    part: number,
    since: number,
    tick: Decimal,
  ): { readonly high: Decimal; readonly low: Decimal } {
    const { candles, intervalMs } = track.series;
    const current = candles[index];
    if (current === undefined) throw new RangeError('replay: no such bar');
    let high = priceInBar(current, part, tick);
    let low = high;
    const take = (price: Decimal): void => {
      high = maximum(high, price);
      low = minimum(low, price);
    };
    for (let i = index; i >= 0; i -= 1) {
      const candle = candles[i];
      if (candle === undefined || candle.at + intervalMs <= since) break;
      const from = Math.max(0, (since - candle.at) / intervalMs);
      const to = i === index ? part : 1;
      if (from === 0 && to === 1) {
        take(candle.high);
        take(candle.low);
        continue;
      }
      const path = pathOf(candle);
      TURNS.forEach((turn, step) => {
        const price = path[step];
        // What was shown at `since` itself was looked at then.
        if (price !== undefined && turn <= to && (turn > from || candle.at > since)) take(price);
      });
    }
    return { high, low };
  }
}

/** The leg of the path on which `part` lies. */
const legAt = (
  candle: Candle,
  part: number,
): {
  readonly from: Decimal;
  readonly to: Decimal;
  readonly begins: number;
  readonly ends: number;
} => {
  const [open, first, second, close] = pathOf(candle);
  if (part < TURNS[1]) return { from: open, to: first, begins: TURNS[0], ends: TURNS[1] };
  if (part < TURNS[2]) return { from: first, to: second, begins: TURNS[1], ends: TURNS[2] };
  return { from: second, to: close, begins: TURNS[2], ends: TURNS[3] };
};

/** The price at `part` (0 to 1) of a bar, on the tick and within the bar. */
const priceInBar = (candle: Candle, part: number, tick: Decimal): Decimal => {
  const { from, to, begins, ends } = legAt(candle, part);
  const share = (part - begins) / (ends - begins);
  if (share <= 0) return from;
  if (share >= 1) return to;
  const exact = add(from, multiply(subtract(to, from), decimal(share.toFixed(6))));
  // Towards the start of the leg, so that rounding cannot step over its end.
  const onTick = compare(to, from) >= 0 ? floorTo(exact, tick) : ceilTo(exact, tick);
  return minimum(candle.high, maximum(candle.low, onTick));
};

const sumVolumes = (series: CandleSeries): number[] => {
  const sums = [0];
  let total = 0;
  let previous: Candle | null = null;
  for (const candle of series.candles) {
    if (previous !== null && candle.at < previous.at + series.intervalMs) {
      throw new Error(
        `replay: ${series.file}: the bars of ${series.instrument.symbol} overlap or are out of order`,
      );
    }
    total += candle.volume;
    sums.push(total);
    previous = candle;
  }
  return sums;
};
