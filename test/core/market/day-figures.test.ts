import { describe, expect, it } from '@jest/globals';
import { compare, decimal } from '../../../src/core/domain/decimal';
import { epochMs } from '../../../src/core/domain/ids';
import { CandleReplay } from '../../../src/core/market/candle-replay';
import type { Candle } from '../../../src/core/market/candles';
import { SimulatedMarket } from '../../../src/core/market/simulated-market';
import { NIFTY_CALL, SBIN } from '../../brokers/paper/harness';
import { FakeClock } from '../../fakes/fake-clock';

const bar = (at: string, prices: [number, number, number, number], volume: number): Candle => ({
  at: epochMs(Date.parse(`${at}+05:30`)),
  open: decimal(prices[0]),
  high: decimal(prices[1]),
  low: decimal(prices[2]),
  close: decimal(prices[3]),
  volume,
});

describe('the day of a replay', () => {
  const candles = [
    bar('2025-08-04T15:29:00', [100, 105, 90, 101], 1000),
    bar('2025-08-05T09:15:00', [103, 104, 102, 104], 600),
    bar('2025-08-05T09:16:00', [104, 108, 103, 107], 400),
  ];
  const replayAt = (time: string): CandleReplay => {
    const start = epochMs(Date.parse(`${time}+05:30`));
    const series = [{ instrument: SBIN, intervalMs: 60_000, candles, file: 'demo.csv' }];
    return new CandleReplay({
      series,
      speed: 1,
      start,
      anchor: start,
      clock: new FakeClock(start),
    });
  };

  it('has the open, range and volume of this day only, and the close before it', () => {
    expect(replayAt('2025-08-05T09:17:00').day(SBIN)).toEqual({
      open: '103',
      high: '108',
      low: '102',
      previousClose: '101',
      volume: 1000,
      openInterest: null,
    });
  });

  it('counts a bar as far as it has gone', () => {
    expect(replayAt('2025-08-05T09:16:15').day(SBIN)).toMatchObject({
      high: '104',
      low: '102',
      volume: 700,
    });
  });

  it('says nothing of a day before its first trade, and of no close before the recording', () => {
    expect(replayAt('2025-08-05T09:00:00').day(SBIN)).toMatchObject({
      open: null,
      high: null,
      previousClose: '101',
      volume: 0,
    });
    expect(replayAt('2025-08-04T15:29:30').day(SBIN)).toMatchObject({ previousClose: null });
    expect(replayAt('2025-08-04T09:00:00').day(SBIN)).toBeNull();
  });

  it('gives the last price of an earlier instant', () => {
    const replay = replayAt('2025-08-05T09:17:00');
    expect(replay.priceAt(SBIN, epochMs(Date.parse('2025-08-04T15:30:00+05:30')))).toBe('101');
    expect(replay.priceAt(SBIN, epochMs(0))).toBeNull();
  });
});

describe('the day of the simulated market', () => {
  const clock = new FakeClock();
  const references = new Map([
    ['SBIN', decimal('1044.9')],
    ['NIFTY', decimal('26000')],
  ]);
  const market = new SimulatedMarket(7, clock, references);

  it('holds every price that it shows, and never takes one back', async () => {
    for (const instrument of [SBIN, NIFTY_CALL]) {
      let before = market.day(instrument);
      for (let step = 0; step < 50; step += 1) {
        await clock.advance(7_000);
        const quote = market.quote(instrument, clock.now());
        const day = market.day(instrument);
        if (quote === null || day?.high == null || day.low === null) throw new Error('no price');
        expect(compare(quote.last, day.high)).not.toBe(1);
        expect(compare(quote.last, day.low)).not.toBe(-1);
        expect(compare(day.high, before?.high ?? day.high)).not.toBe(-1);
        expect(day.open).toBe(before?.open);
        expect(day.volume).toBeGreaterThan(before?.volume ?? 0);
        before = day;
      }
    }
  });

  it('begins anew at midnight in India, with the close of the day before', () => {
    const evening = market.quoteAt(
      SBIN,
      epochMs(Date.parse('2026-01-08T23:59:59+05:30')),
      epochMs(0),
    );
    clock.setWall(Date.parse('2026-01-09T00:00:30+05:30'));
    const day = market.day(SBIN);
    expect(day?.previousClose).toBe(evening?.last);
    expect(day?.volume).toBeLessThan(1_000_000);
    expect(market.day({ ...SBIN, underlying: 'OTHER' })).toBeNull();
  });
});
