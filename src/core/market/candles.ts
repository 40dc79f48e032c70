import type { Decimal, EpochMs } from '../domain/ids';
import type { Instrument } from '../domain/instrument';

/** One bar. Prices in rupees, volume in exchange units. */
export interface Candle {
  /** The instant at which the bar begins. */
  readonly at: EpochMs;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: number;
}

/** The bars of one instrument, oldest first, none overlapping. */
export interface CandleSeries {
  readonly instrument: Instrument;
  /** How long one bar lasts, milliseconds. */
  readonly intervalMs: number;
  readonly candles: readonly Candle[];
  /** The file they came from, for the label and messages; without folders. */
  readonly file: string;
}
