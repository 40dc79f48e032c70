import type { Decimal, EpochMs } from '../domain/ids';
import type { Instrument, InstrumentId } from '../domain/instrument';

/** The market in one instrument at one instant. Rupees and exchange units. */
export interface Quote {
  readonly instrument: InstrumentId;
  readonly at: EpochMs;
  readonly last: Decimal;
  readonly bid: Decimal;
  readonly ask: Decimal;
  /**
   * Quantity traded in the market since the source began, growing only. The difference of two quotes
   * is what a resting order could have taken part in between them.
   */
  readonly cumulativeVolume: number;
  /** What an order that crosses the spread can take at once at bid or ask; 0 when nothing stands there. */
  readonly depth: number;
  /** Highest and lowest trade since `rangeSince`; a limit order between them was touched. */
  readonly high: Decimal;
  readonly low: Decimal;
  readonly rangeSince: EpochMs;
}

/** A price source: replayed candles or a simulated market. */
export interface MarketData {
  /** What a person is told the prices are, for example `simulated, seed 7`. */
  readonly label: string;
  /** The market's own time: replay runs on recorded time, at its own speed. */
  now(): EpochMs;
  /** Whether orders match now in this source's own calendar. */
  isOpen(instrument: Instrument): boolean;
  /** The quote of now, with its range since `since`; null when there is no price for the instrument. */
  quote(instrument: Instrument, since: EpochMs): Quote | null;
}
