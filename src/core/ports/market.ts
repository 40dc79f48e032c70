import type { Decimal, EpochMs, IsoDate } from '../domain/ids';
import type { Exchange, Instrument, InstrumentId } from '../domain/instrument';

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

/** The day so far in one instrument, by the market's own time. Rupees and exchange units. */
export interface DayFigures {
  /** First trade of the day; null before it. */
  readonly open: Decimal | null;
  readonly high: Decimal | null;
  readonly low: Decimal | null;
  /** Last price of the trading day before; null when the source does not reach back to it. */
  readonly previousClose: Decimal | null;
  readonly volume: number;
  /** Open contracts; null when the source does not know. */
  readonly openInterest: number | null;
}

/** When trading goes on. */
export interface MarketHours {
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/** One day of one exchange by the calendar. `name` is the holiday's or the occasion's. */
export type TradingDay =
  | {
      readonly kind: 'open';
      readonly hours: MarketHours;
      readonly special: boolean;
      readonly name: string | null;
    }
  /** Null: an ordinary weekend. */
  | { readonly kind: 'closed'; readonly name: string | null }
  /** No reliable fact: never to be read as open or as closed. */
  | { readonly kind: 'unknown'; readonly why: string; readonly name: string | null };

/** Trading days and hours as facts of the seed. */
export interface TradingCalendar {
  day(exchange: Exchange, date: IsoDate): TradingDay;
  /** The ordinary hours valid on `date`, whether or not it is a trading day; null for an exchange without any. */
  hours(exchange: Exchange, date: IsoDate): MarketHours | null;
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
  /** The figures of the market's day so far; null when there is no price for the instrument. */
  day(instrument: Instrument): DayFigures | null;
  /** The last price at an instant that is not after now; null when there was none. */
  priceAt(instrument: Instrument, at: EpochMs): Decimal | null;
}
