import { describe, expect, it } from '@jest/globals';
import { ICICI_INTERVALS, iciciHistory } from '../../../src/brokers/icici/history';
import { epochMs } from '../../../src/core/domain/ids';
import type { EpochMs } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { Candle, HistorySource } from '../../../src/core/ports/market-data';
import { istIso } from '../../../src/core/domain/time';
import {
  Answers,
  CALL,
  contract,
  recorded,
  recordedCall,
  share,
  symbolsOf,
} from '../../support/icici-answers';

const RELIANCE = share('RELIANCE');
const FUTURE = contract('NIFTY', '2025-02-27');
const OPTION = contract('NIFTY', '2025-02-06', '23200', 'CE');
const symbols = symbolsOf(RELIANCE, FUTURE, OPTION);

const ist = (text: string): EpochMs => epochMs(Date.parse(`${text}+05:30`));
const historyOf = (answers: Answers, version?: 1 | 2): HistorySource =>
  iciciHistory({
    query: answers.query,
    historyQuery: answers.historyQuery,
    symbols,
    ...(version === undefined ? {} : { version }),
  });
const timesOf = (candles: readonly Candle[]): string[] =>
  candles.map(({ at }) => istIso(at).slice(0, 19));

/** A broker that has a candle each `stepMs` of market time and answers as the real one: both ends, 1000 rows. */
const steady = (stepMs: number, stamp = ''): Answers =>
  new Answers(({ body }) => {
    const read = (text: unknown): number => Date.parse(String(text).replace('.000Z', '+05:30'));
    const rows: object[] = [];
    const first = Math.ceil((read(body['from_date']) + 19_800_000) / stepMs) * stepMs - 19_800_000;
    for (let at = first; at <= read(body['to_date']); at += stepMs) {
      const [date, clock] = istIso(epochMs(at)).slice(0, 19).split('T');
      rows.push({
        datetime: `${String(date)} ${stamp === '' ? String(clock) : stamp}`,
        open: 1,
        high: 4,
        low: 0.5,
        close: 2,
        volume: rows.length,
      });
    }
    return rows.slice(0, 1000);
  });

describe('candles', () => {
  const CASES: readonly (readonly [string, 1 | 2, Instrument, string, string, unknown])[] = [
    [
      'get_historical_data_v2',
      2,
      FUTURE,
      '09:21:00',
      '09:21:00',
      [23348, 23352.15, 17543475, 88800],
    ],
    [
      'get_historical_data_v2-2',
      2,
      RELIANCE,
      '09:20:00',
      '09:22:00',
      [1248.2, 1250.9, null, 47317],
    ],
    [
      'get_historical_data_v2-3',
      2,
      OPTION,
      '09:20:00',
      '09:21:00',
      [206.75, 208.1, 2203575, 207825],
    ],
    ['get_historical_data', 1, FUTURE, '09:21:00', '09:21:00', [23346.6, 23350.9, 17543475, 81600]],
    ['get_historical_data-2', 1, RELIANCE, '09:20:00', '09:22:00', [1249.85, 1250.75, null, 1951]],
    ['get_historical_data-3', 1, OPTION, '09:20:00', '09:22:00', [201.15, 203.9, 2435175, 304575]],
  ];
  it.each(CASES)(
    'of the recorded %s are read, and asked for alike',
    async (file, version, instrument, from, to, first) => {
      const answers = new Answers(() => recorded(file));
      const range = { from: ist(`2025-02-03T${from}`), to: ist(`2025-02-03T${to}`) };
      const candles = await historyOf(answers, version).candles(instrument, '1m', range, CALL);
      const [candle] = candles;
      expect([
        Number(candle?.open),
        Number(candle?.high),
        candle?.openInterest,
        candle?.volume,
      ]).toEqual(first);
      // Version 1 gave 09:22 also when it was asked for 09:21 alone.
      expect(
        timesOf(candles).every((at) => at >= `2025-02-03T${from}` && at <= `2025-02-03T${to}`),
      ).toBe(true);
      const call = recordedCall(file);
      const { exchange_code: exchange, interval, ...same } = call;
      expect(answers.asked[0]?.body).toMatchObject(same);
      expect(answers.asked[0]?.body[version === 2 ? 'exch_code' : 'exchange_code']).toBe(exchange);
      expect(answers.asked[0]?.body['interval']).toBe(version === 2 ? interval : 'minute');
    },
  );

  it.each([
    ['1s', 1_000, 3_600_000 * 2],
    ['1m', 60_000, 86_400_000 * 3],
    ['5m', 300_000, 86_400_000 * 9],
    ['30m', 1_800_000, 86_400_000 * 45],
    ['D', 86_400_000, 86_400_000 * 2_100],
  ])(
    'of %s come whole, each once and ascending, whatever the row limit',
    async (word, stepMs, length) => {
      const from = ist('2020-03-02T00:00:00');
      const answers = steady(stepMs);
      const range = { from, to: epochMs(from + length) };
      const candles = await historyOf(answers).candles(RELIANCE, word, range, CALL);
      const wanted = Array.from({ length: length / stepMs + 1 }, (_, i) => from + i * stepMs);
      expect(candles.map(({ at }) => at)).toEqual(wanted);
      expect(answers.asked.length).toBe(Math.ceil(wanted.length / 1000));
    },
  );

  it('that begin between two seconds of a range are inside it only when they begin in it', async () => {
    const answers = steady(60_000);
    const range = { from: ist('2025-02-03T09:15:30.500'), to: ist('2025-02-03T09:18:00') };
    const candles = await historyOf(answers).candles(RELIANCE, '1m', range, CALL);
    expect(timesOf(candles)).toEqual([
      '2025-02-03T09:16:00',
      '2025-02-03T09:17:00',
      '2025-02-03T09:18:00',
    ]);
  });

  it.each([1, 2] as const)(
    'of days are those that the range touches, stamped at their beginning, in version %d',
    async (version) => {
      const answers = steady(86_400_000, version === 1 ? '15:29:57' : '');
      const range = { from: ist('2025-02-03T11:00:00'), to: ist('2025-02-05T09:00:00') };
      const candles = await historyOf(answers, version).candles(RELIANCE, 'D', range, CALL);
      expect(timesOf(candles)).toEqual([
        '2025-02-03T00:00:00',
        '2025-02-04T00:00:00',
        '2025-02-05T00:00:00',
      ]);
    },
  );

  it('come out in order and once when the broker repeats or turns them', async () => {
    const rows = recorded('get_historical_data_v2-2') as object[];
    const answers = new Answers(() => [...rows.toReversed(), ...rows]);
    const range = { from: ist('2025-02-03T09:20:00'), to: ist('2025-02-03T09:22:00') };
    const candles = await historyOf(answers).candles(RELIANCE, '1m', range, CALL);
    expect(timesOf(candles).map((at) => at.slice(11))).toEqual([
      '09:20:00',
      '09:21:00',
      '09:22:00',
    ]);
  });

  it('refuse an interval that the broker lacks and a range that runs backwards', async () => {
    const answers = new Answers(() => []);
    const range = { from: ist('2025-02-03T09:20:00'), to: ist('2025-02-03T09:22:00') };
    const ask = (word: string, version: 1 | 2): Promise<unknown> =>
      historyOf(answers, version).candles(RELIANCE, word, range, CALL);
    await expect(ask('15m', 2)).rejects.toMatchObject({ code: 'VALIDATION', field: 'interval' });
    await expect(ask('1s', 1)).rejects.toMatchObject({ code: 'VALIDATION', field: 'interval' });
    const turned = { from: range.to, to: range.from };
    await expect(historyOf(answers).candles(RELIANCE, '1m', turned, CALL)).rejects.toMatchObject({
      code: 'VALIDATION',
      field: 'end_date',
    });
    expect(answers.asked).toEqual([]);
    for (const word of [
      ...ICICI_INTERVALS.seconds,
      ...ICICI_INTERVALS.minutes,
      ...ICICI_INTERVALS.days,
    ])
      await ask(word, 2);
    expect(answers.asked).toHaveLength(5);
  });

  it('with a time or a price that is none are an error that names it', async () => {
    const [row] = recorded('get_historical_data_v2') as object[];
    const range = { from: ist('2025-02-03T09:21:00'), to: ist('2025-02-03T09:21:00') };
    const ask = (changes: object): Promise<unknown> =>
      historyOf(new Answers(() => [{ ...row, ...changes }])).candles(FUTURE, '1m', range, CALL);
    await expect(ask({ datetime: '2025-02-30 09:21:00' })).rejects.toThrow('is no time');
    await expect(ask({ datetime: '2025-02-03T09:21:00' })).rejects.toThrow('is no time');
    await expect(ask({ close: 'NaN' })).rejects.toThrow('"NaN\\" is no number');
    await expect(ask({ volume: -1 })).rejects.toThrow('is no whole number');
    await expect(ask({ open: null })).rejects.toMatchObject({ code: 'SCHEMA' });
  });
});
