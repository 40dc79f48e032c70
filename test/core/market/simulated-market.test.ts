import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compare, decimal, isMultipleOf, isPositive } from '../../../src/core/domain/decimal';
import { epochMs, isoDate } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import { SimulatedMarket } from '../../../src/core/market/simulated-market';
import { NIFTY_CALL, NIFTY_FUTURE, SBIN } from '../../brokers/paper/harness';
import { FakeClock } from '../../fakes/fake-clock';

const references = new Map([
  ['SBIN', decimal('1044.9')],
  ['NIFTY', decimal('26000')],
]);
const NOON = Date.parse('2026-01-11T12:00:00+05:30');
const marketOf = (seed: number): SimulatedMarket =>
  new SimulatedMarket(seed, new FakeClock(NOON), references);
const quote = (
  seed: number,
  instrument: Instrument,
  at: number,
  since = at,
): ReturnType<SimulatedMarket['quote']> =>
  marketOf(seed).quoteAt(instrument, epochMs(at), epochMs(since));

describe('SimulatedMarket', () => {
  it('is open on a Sunday and says that it is simulated', () => {
    const market = marketOf(7);
    expect(market.isOpen(SBIN)).toBe(true);
    expect(market.label).toBe('simulated, seed 7');
  });

  it('shows the same prices in every process and others for another seed', () => {
    expect(quote(7, SBIN, NOON)).toEqual(quote(7, SBIN, NOON));
    const differs = [0, 1, 2].some(
      (hour) =>
        quote(7, SBIN, NOON + hour * 3_600_000)?.last !==
        quote(8, SBIN, NOON + hour * 3_600_000)?.last,
    );
    expect(differs).toBe(true);
  });

  it('keeps bid < last < ask on the tick, inside a few percent of the reference', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 14 * 86_400_000 }),
        fc.constantFrom(SBIN, NIFTY_FUTURE, NIFTY_CALL),
        (offset, instrument) => {
          const seen = quote(3, instrument, NOON + offset, NOON + offset - 60_000);
          if (seen === null) throw new Error('no quote');
          expect(compare(seen.bid, seen.last)).toBe(-1);
          expect(compare(seen.last, seen.ask)).toBe(-1);
          expect(compare(seen.low, seen.last)).not.toBe(1);
          expect(compare(seen.high, seen.last)).not.toBe(-1);
          for (const price of [seen.bid, seen.last, seen.ask, seen.high, seen.low]) {
            expect(isPositive(price)).toBe(true);
            expect(isMultipleOf(price, instrument.tickSize)).toBe(true);
          }
          if (instrument === SBIN) {
            expect(Math.abs(Number(seen.last) / 1044.9 - 1)).toBeLessThan(0.02);
          }
        },
      ),
    );
  });

  it('has a range that holds every price of its span', () => {
    const seen = quote(3, SBIN, NOON, NOON - 60_000);
    for (let ago = 0; ago < 60; ago += 1) {
      const then = quote(3, SBIN, NOON - ago * 1000);
      if (seen === null || then === null) throw new Error('no quote');
      expect(compare(then.last, seen.high)).not.toBe(1);
      expect(compare(then.last, seen.low)).not.toBe(-1);
    }
  });

  it('trades more as time goes on', () => {
    const volumes = [0, 1000, 2000].map((ms) => quote(3, SBIN, NOON + ms)?.cumulativeVolume ?? 0);
    expect(volumes[1]).toBeGreaterThan(volumes[0] ?? 0);
    expect(volumes[2]).toBeGreaterThan(volumes[1] ?? 0);
  });

  it('prices a call below a put when the strike is far above, and both at what exercise gives at expiry', () => {
    const at = (strike: string, right: 'CE' | 'PE', time: number): number =>
      Number(
        quote(
          3,
          { ...NIFTY_CALL, strike: decimal(strike), right, expiry: isoDate('2026-01-27') },
          time,
        )?.last,
      );
    expect(at('28000', 'CE', NOON)).toBeLessThan(at('28000', 'PE', NOON));
    expect(at('26000', 'CE', NOON)).toBeGreaterThan(50);
    const after = Date.parse('2026-01-27T15:30:00+05:30');
    const spot = Number(
      quote(
        3,
        { ...SBIN, exchange: 'NSE_INDEX', symbol: 'NIFTY', underlying: 'NIFTY', kind: 'index' },
        after,
      )?.last,
    );
    expect(at('24000', 'CE', after)).toBeCloseTo(spot - 24000, 0);
  });

  it('has no price for what the seed does not know', () => {
    expect(quote(3, { ...SBIN, underlying: 'NOSUCH' }, NOON)).toBeNull();
  });
});
