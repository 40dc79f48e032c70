import type { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { epochMs } from '../../core/domain/ids';
import type { EpochMs } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import { DAY_MS, istDate, istTime, startOfIstDay } from '../../core/domain/time';
import type { BrokerSymbols, CallContext, CandleIntervals } from '../../core/ports/broker';
import type { Candle, CandleRange, HistorySource } from '../../core/ports/market-data';
import { contractFields, dataName, iciciProduct } from './data-name';
import type { DataName } from './data-name';
import type { IciciHistoryQuery, IciciQuery } from './query';
import { iciciCandles } from './wire/market';

interface Interval {
  readonly lengthMs: number;
  readonly v2: string;
  /** Null: version 1 does not have it. */
  readonly v1: string | null;
}
const INTERVALS: ReadonlyMap<string, Interval> = new Map([
  ['1s', { lengthMs: 1_000, v2: '1second', v1: null }],
  ['1m', { lengthMs: 60_000, v2: '1minute', v1: 'minute' }],
  ['5m', { lengthMs: 300_000, v2: '5minute', v1: '5minute' }],
  ['30m', { lengthMs: 1_800_000, v2: '30minute', v1: '30minute' }],
  ['D', { lengthMs: DAY_MS, v2: '1day', v1: 'day' }],
]);
/** The candles of v2, as the API spells them. */
export const ICICI_INTERVALS: CandleIntervals = {
  seconds: ['1s'],
  minutes: ['1m', '5m', '30m'],
  hours: [],
  days: ['D'],
  weeks: [],
  months: [],
};

/** Most candles of one answer; what is beyond is cut off without a word. */
const ROW_LIMIT = 1_000;
/** Times are asked for by the second. */
const SECOND_MS = 1_000;

/** IST wall time in a text that ends in Z, as the candles' calls want it. */
const wallTime = (at: EpochMs): string => `${istDate(at)}T${istTime(at)}.000Z`;

/** Pieces that no answer can be too long for; both ends of each are included. */
function* slices(range: CandleRange, lengthMs: number): Generator<CandleRange> {
  const span = ROW_LIMIT * lengthMs;
  for (let from: number = range.from; from <= range.to; from += span) {
    yield { from: epochMs(from), to: epochMs(Math.min(range.to, from + span - SECOND_MS)) };
  }
}

export interface IciciHistoryOptions {
  readonly query: IciciQuery;
  readonly historyQuery: IciciHistoryQuery;
  readonly symbols: BrokerSymbols;
  /** 2 unless told; 1 has looser edges, other volumes and no seconds. Never mix the two. */
  readonly version?: 1 | 2;
}

/**
 * Candles of GET historicalcharts. Version 2 includes both ends of a range; version 1 may give one more,
 * so what is outside is cut off for both.
 */
export const iciciHistory = (options: IciciHistoryOptions): HistorySource => {
  const { query, historyQuery, symbols, version = 2 } = options;

  const page = (
    name: DataName,
    interval: Interval,
    piece: CandleRange,
    context: CallContext,
  ): Promise<z.output<typeof iciciCandles>> => {
    const fields = {
      interval: version === 2 ? interval.v2 : (interval.v1 ?? ''),
      from_date: wallTime(piece.from),
      to_date: wallTime(piece.to),
      stock_code: name.stockCode,
      product_type: iciciProduct(name.contract),
      ...(name.contract === null ? {} : contractFields(name.contract, '07:00:00.000Z')),
    };
    return version === 2
      ? historyQuery({ ...fields, exch_code: name.exchangeCode }, iciciCandles, context)
      : query(
          'GET',
          'historicalcharts',
          { ...fields, exchange_code: name.exchangeCode },
          iciciCandles,
          context,
        );
  };

  return {
    candles: async (instrument: Instrument, word, range, context) => {
      const interval = INTERVALS.get(word);
      if (interval === undefined || (version === 1 && interval.v1 === null)) {
        throw refuse('interval', `${word} is none of ICICI's`, context);
      }
      if (range.to < range.from) throw refuse('end_date', 'is before the start', context);
      const daily = word === 'D';
      const wanted = daily ? wholeDays(range) : range;
      const name = dataName(symbols, instrument, context.correlationId);
      const found = new Map<EpochMs, Candle>();
      for (const piece of slices(wanted, interval.lengthMs)) {
        for (const row of await page(name, interval, piece, context)) {
          // Days are stamped 00:00:00 in version 2 and near the close in version 1.
          const at = daily ? startOfIstDay(istDate(row.datetime)) : row.datetime;
          if (at < wanted.from || at > wanted.to) continue;
          const { open, high, low, close, volume, open_interest: openInterest } = row;
          found.set(at, { at, open, high, low, close, volume, openInterest });
        }
      }
      return [...found.values()].sort((a, b) => a.at - b.at);
    },
  };
};

const wholeDays = ({ from, to }: CandleRange): CandleRange => ({
  from: startOfIstDay(istDate(from)),
  to: epochMs(startOfIstDay(istDate(to)) + DAY_MS - SECOND_MS),
});

const refuse = (field: string, why: string, context: CallContext): GatewayError =>
  new GatewayError('VALIDATION', `${field}: ${why}`, {
    field,
    correlationId: context.correlationId,
  });
