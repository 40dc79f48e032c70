import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare, decimal } from '../../../src/core/domain/decimal';
import { epochMs } from '../../../src/core/domain/ids';
import type { EpochMs } from '../../../src/core/domain/ids';
import type { Candle, CandleSeries } from '../../../src/core/market/candles';
import { CandleReplay } from '../../../src/core/market/candle-replay';
import { SBIN } from '../../brokers/paper/harness';
import { FakeClock } from '../../fakes/fake-clock';

const START = Date.parse('2025-08-04T09:15:00+05:30');
const bar = (minute: number, prices: [number, number, number, number], volume: number): Candle => ({
  at: epochMs(START + minute * 60_000),
  open: decimal(prices[0]),
  high: decimal(prices[1]),
  low: decimal(prices[2]),
  close: decimal(prices[3]),
  volume,
});
const series: CandleSeries = {
  instrument: SBIN,
  intervalMs: 60_000,
  candles: [
    bar(0, [100, 102, 99, 101], 1000),
    bar(1, [101, 101.5, 98, 98.5], 600),
    bar(3, [97, 97, 97, 97], 0),
  ],
  file: 'demo.csv',
};
const replayOf = (clock: FakeClock, speed = 1): CandleReplay =>
  new CandleReplay({
    series: [series],
    speed,
    start: epochMs(START),
    anchor: clock.now(),
    clock,
  });
const at = (seconds: number): EpochMs => epochMs(START + seconds * 1000);

describe('CandleReplay', () => {
  it('runs on recorded time at its speed', async () => {
    const clock = new FakeClock();
    const replay = replayOf(clock, 60);
    expect(replay.now()).toBe(START);
    await clock.advance(1500);
    expect(replay.now()).toBe(START + 90_000);
    expect(replay.label).toBe('replay of demo.csv at 60x');
  });

  it('is open exactly while a bar lasts', async () => {
    const clock = new FakeClock();
    const replay = replayOf(clock);
    const open = [];
    for (let minute = 0; minute < 5; minute += 1) {
      open.push(replay.isOpen(SBIN));
      await clock.advance(60_000);
    }
    expect(open).toEqual([true, true, false, true, false]);
    expect(replay.isOpen({ ...SBIN, symbol: 'OTHER' })).toBe(false);
  });

  it('walks from the open over both extremes to the close', () => {
    const replay = replayOf(new FakeClock());
    const last = (seconds: number): string | undefined =>
      replay.quoteAt(SBIN, at(seconds), at(seconds))?.last;
    // Rising bar: low first. Falling bar: high first.
    expect([0, 15, 45, 60, 75, 105].map(last)).toEqual(['100', '99', '102', '101', '101.5', '98']);
  });

  it('spreads the volume over the bar and adds it up over bars', () => {
    const replay = replayOf(new FakeClock());
    const volume = (seconds: number): number | undefined =>
      replay.quoteAt(SBIN, at(seconds), at(seconds))?.cumulativeVolume;
    expect([0, 30, 60, 90, 120, 150, 200].map(volume)).toEqual([
      0, 500, 1000, 1300, 1600, 1600, 1600,
    ]);
  });

  it('shows the range since an instant, without what was shown at that instant', () => {
    const replay = replayOf(new FakeClock());
    expect(replay.quoteAt(SBIN, at(110), at(0))).toMatchObject({ high: '102', low: '98' });
    expect(replay.quoteAt(SBIN, at(110), at(75))).toMatchObject({ high: '98.15', low: '98' });
    expect(replay.quoteAt(SBIN, at(50), at(20))).toMatchObject({ high: '102' });
  });

  it('has no quote before the first bar or without a file', () => {
    const replay = replayOf(new FakeClock());
    expect(replay.quoteAt(SBIN, at(-1), at(-1))).toBeNull();
    expect(replay.quoteAt({ ...SBIN, symbol: 'OTHER' }, at(10), at(10))).toBeNull();
  });

  it('never shows a price outside the bar, nor volume that shrinks', () => {
    const replay = replayOf(new FakeClock());
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 119_999 }),
        fc.integer({ min: 0, max: 120_000 }),
        (a, b) => {
          const time = epochMs(START + a);
          const quote = replay.quoteAt(SBIN, time, epochMs(START + Math.min(a, b)));
          const candle = series.candles[a < 60_000 ? 0 : 1];
          if (quote === null || candle === undefined) throw new Error('no quote');
          for (const price of [quote.last, quote.bid, quote.ask]) {
            expect(compare(price, candle.low)).not.toBe(-1);
            expect(compare(price, candle.high)).not.toBe(1);
          }
          expect(compare(quote.bid, quote.last)).not.toBe(1);
          expect(compare(quote.last, quote.ask)).not.toBe(1);
          expect(compare(quote.low, quote.last)).not.toBe(1);
          expect(compare(quote.high, quote.last)).not.toBe(-1);
          const later = replay.quoteAt(SBIN, epochMs(time + 1), time);
          expect(later?.cumulativeVolume).toBeGreaterThanOrEqual(quote.cumulativeVolume);
        },
      ),
    );
  });

  it('refuses two series of one instrument, bars that overlap and a speed of 0', () => {
    const clock = new FakeClock();
    const options = { speed: 1, start: at(0), anchor: clock.now(), clock };
    expect(() => new CandleReplay({ ...options, series: [series, series] })).toThrow('NSE:SBIN');
    const bad = { ...series, candles: [...series.candles].reverse() };
    expect(() => new CandleReplay({ ...options, series: [bad] })).toThrow('out of order');
    expect(() => new CandleReplay({ ...options, series: [series], speed: 0 })).toThrow('speed');
  });
});
