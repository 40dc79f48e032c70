import { createHash } from 'node:crypto';
import { toNumber } from '../../core/domain/decimal';
import { dayOf } from './fields';
import { findInstrument, keyOf, longDate } from './instruments';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import { contractOf } from './rows';

/** How history was asked for; the clock of an instant is the wall clock of India, whatever its `Z` says. */
export interface HistoryCall {
  readonly interval: string;
  readonly from: string;
  readonly to: string;
  readonly stockCode: string;
  readonly exchange: string;
  readonly expiry: string;
  readonly right: string;
  readonly strike: string;
}

interface Candle {
  /** Start, ms of the wall clock of India read as UTC. */
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The broker's limit for one call. */
const MOST_ROWS = 1000;
const DAY = 86_400_000;
const SESSION_START = 33_300_000;
const SESSION_END = 55_800_000;
const STEPS: Readonly<Record<string, number>> = {
  '1second': 1_000,
  minute: 60_000,
  '1minute': 60_000,
  '5minute': 300_000,
  '30minute': 1_800_000,
  day: DAY,
  '1day': DAY,
};
const V1_INTERVALS = ['minute', '5minute', '30minute', 'day'];
const V2_INTERVALS = ['1second', '1minute', '5minute', '30minute', '1day'];

/** Made-up candles: the same for the same instrument and instant, at every read. */
export class IciciHistory {
  readonly #market: IciciMarket;
  readonly #instruments: readonly IciciInstrument[];

  constructor(market: IciciMarket, instruments: readonly IciciInstrument[]) {
    this.#market = market;
    this.#instruments = instruments;
  }

  /** Rows of v2: numbers, both ends of the range included, none for what is not known. */
  v2(call: HistoryCall): readonly object[] {
    const instrument = this.#find(call);
    const range = rangeOf(call);
    if (instrument === null || range === null || !V2_INTERVALS.includes(call.interval)) return [];
    const contract = contractOf(instrument);
    return this.#candles(instrument, call.interval, range.from, range.to).map((candle) => ({
      close: candle.close,
      datetime: clockOf(candle.at),
      exchange_code: instrument.exchange,
      ...(instrument.expiry === null
        ? {}
        : { expiry_date: longDate(instrument.expiry).toUpperCase(), open_interest: 1_912_300 }),
      high: candle.high,
      low: candle.low,
      open: candle.open,
      ...(instrument.expiry === null
        ? {}
        : { product_type: instrument.kind === 'option' ? 'Options' : 'Futures' }),
      ...(instrument.kind === 'option'
        ? { right: contract.right, strike_price: Number(instrument.strike) }
        : {}),
      stock_code: instrument.stockCode,
      volume: candle.volume,
    }));
  }

  /** Rows of v1: texts, and edges as loose as in the broker's own samples. */
  v1(call: HistoryCall): readonly object[] {
    const instrument = this.#find(call);
    const range = rangeOf(call);
    if (instrument === null || range === null || !V1_INTERVALS.includes(call.interval)) return [];
    const step = STEPS[call.interval] ?? DAY;
    const daily = step === DAY;
    const same = range.from === range.to;
    const from = daily || same ? range.from : range.from + 1;
    const candles = this.#candles(
      instrument,
      call.interval,
      from,
      same ? range.to + step : range.to,
    );
    const contract = instrument.expiry === null ? null : contractOf(instrument);
    return candles.map((candle) => ({
      datetime: clockOf(daily ? candle.at + SESSION_END - 3_000 : candle.at),
      stock_code: instrument.stockCode,
      exchange_code: instrument.exchange,
      product_type:
        instrument.expiry === null ? null : instrument.kind === 'option' ? 'Options' : 'Futures',
      expiry_date: shortDate(instrument),
      right: contract?.right ?? null,
      strike_price: instrument.strike,
      open: String(candle.open),
      high: String(candle.high),
      low: String(candle.low),
      close: String(candle.close),
      // Seen: v1 counts far less than v2 for the same minute.
      volume: String(Math.round(candle.volume / 25)),
      open_interest: instrument.expiry === null ? null : '1912300',
      count: 9,
    }));
  }

  #find(call: HistoryCall): IciciInstrument | null {
    const contract = ['NFO', 'BFO'].includes(call.exchange.toUpperCase());
    return findInstrument(this.#instruments, {
      exchange: call.exchange,
      stockCode: call.stockCode,
      expiry: contract ? dayOf(call.expiry) : null,
      strike: call.strike,
      right: contract ? call.right : '',
    });
  }

  /** The first thousand candles that start inside the range and are over by now. */
  #candles(
    instrument: IciciInstrument,
    interval: string,
    from: number,
    to: number,
  ): readonly Candle[] {
    const step = STEPS[interval] ?? DAY;
    const daily = step === DAY;
    const now = wallClock(this.#market.now());
    const found: Candle[] = [];
    const firstDay = from - (from % DAY);
    for (let day = firstDay; day <= to && found.length < MOST_ROWS; day += DAY) {
      if ([0, 6].includes(new Date(day).getUTCDay())) continue;
      const end = daily ? day + 1 : day + SESSION_END;
      for (let at = daily ? day : day + SESSION_START; at < end; at += step) {
        const over = daily ? day + SESSION_END : at + step;
        const inside = daily ? day >= firstDay : at >= from;
        if (!inside || at > to || over > now || found.length === MOST_ROWS) continue;
        found.push(this.#candle(instrument, at, step));
      }
    }
    return found;
  }

  #candle(instrument: IciciInstrument, at: number, step: number): Candle {
    const base = toNumber(this.#market.price(instrument));
    const bytes = createHash('sha256')
      .update(`${keyOf(instrument)}:${at}:${step}`)
      .digest();
    const part = (index: number): number => (bytes[index] ?? 0) / 255;
    const rounded = (value: number): number => Math.max(0.05, Math.round(value * 20) / 20);
    const open = rounded(base * (1 + (part(0) - 0.5) / 100));
    const close = rounded(base * (1 + (part(1) - 0.5) / 100));
    return {
      at,
      open,
      close,
      high: rounded(Math.max(open, close) * (1 + part(2) / 500)),
      low: rounded(Math.min(open, close) * (1 - part(3) / 500)),
      volume: 1_000 + Math.round(part(4) * 60_000),
    };
  }
}

/** Ms of India's wall clock, read as UTC. */
const wallClock = (at: number): number => at + 19_800_000;

const rangeOf = (call: HistoryCall): { readonly from: number; readonly to: number } | null => {
  const from = Date.parse(call.from);
  const to = Date.parse(call.to);
  return Number.isNaN(from) || Number.isNaN(to) ? null : { from, to };
};

/** `YYYY-MM-DD HH:MM:SS`. */
const clockOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** `24-NOV-26`. */
const shortDate = ({ expiry }: IciciInstrument): string | null => {
  if (expiry === null) return null;
  const long = longDate(expiry).toUpperCase();
  return `${long.slice(0, 7)}${long.slice(-2)}`;
};
