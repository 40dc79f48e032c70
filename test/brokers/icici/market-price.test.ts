import { describe, expect, it } from '@jest/globals';
import { marketLimit } from '../../../src/brokers/icici/market-price';
import { decimal, isMultipleOf } from '../../../src/core/domain/decimal';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { Side } from '../../../src/core/domain/order';
import type { MarketReference } from '../../../src/core/ports/broker';
import { NIFTY_CALL, NIFTY_FUTURE, share } from '../../support/icici-symbols';

const reference = (
  last: string,
  lower: string | null = null,
  upper: string | null = null,
): MarketReference => ({
  last: decimal(last),
  lowerBand: lower === null ? null : decimal(lower),
  upperBand: upper === null ? null : decimal(upper),
});
const limit = (instrument: Instrument, side: Side, found: MarketReference): string => {
  const made = marketLimit(instrument, side, found);
  return 'limit' in made ? made.limit : made.reason;
};

describe('the limit of a market order', () => {
  it.each([
    ['a share, 3 %', share('ITC'), 'BUY', reference('420'), '432.6'],
    ['a share, 3 %', share('ITC'), 'SELL', reference('420'), '407.4'],
    ['a future, 1.5 %', NIFTY_FUTURE, 'BUY', reference('23832.85'), '24190.3'],
    ['a future, 1.5 %', NIFTY_FUTURE, 'SELL', reference('23832.85'), '23475.4'],
    ['an option, 10 %', NIFTY_CALL, 'BUY', reference('101.25'), '111.35'],
    ['an option of a few rupees, at least 5', NIFTY_CALL, 'BUY', reference('2'), '7'],
    ['a share of a few paise, at least 0.05', share('ITC'), 'BUY', reference('0.5'), '0.55'],
  ] as const)('%s: %#', (_what, instrument, side, found, expected) => {
    expect(limit(instrument, side, found)).toBe(expected);
  });

  it('stays inside the band of the day, on a tick inside it', () => {
    expect(limit(NIFTY_CALL, 'BUY', reference('100', '0.05', '104.97'))).toBe('104.95');
    expect(limit(NIFTY_CALL, 'SELL', reference('100', '95.02', '200'))).toBe('95.05');
  });

  it('never falls to nothing', () => {
    expect(limit(NIFTY_CALL, 'SELL', reference('2'))).toBe('0.05');
    expect(limit(NIFTY_CALL, 'SELL', reference('2', '0.05', '20'))).toBe('0.05');
  });

  it.each([
    ['100', '0.01'],
    ['300', '0.05'],
    ['2000', '0.1'],
    ['7000', '0.5'],
    ['15000', '1'],
    ['25000', '5'],
  ])('of a share at %s is a multiple of %s where no tick is stated', (last, tick) => {
    for (const side of ['BUY', 'SELL'] as const) {
      const made = decimal(limit(share('ITC'), side, reference(last)));
      expect(isMultipleOf(made, decimal(tick))).toBe(true);
    }
  });

  it('is never further from the last price than its distance, and never outside the band', () => {
    for (let paise = 5; paise < 60_000; paise += 137) {
      const last = decimal(paise / 100);
      for (const side of ['BUY', 'SELL'] as const) {
        const upper = decimal((paise * 1.07) / 100);
        const lower = decimal((paise * 0.93) / 100);
        const made = marketLimit(share('ITC'), side, {
          last,
          upperBand: upper,
          lowerBand: lower,
        });
        if ('reason' in made) continue;
        const price = Number(made.limit);
        const most = Math.max(Number(last) * 0.03, 0.05) + 1e-9;
        expect(Math.abs(price - Number(last))).toBeLessThanOrEqual(most);
        expect(price).toBeLessThanOrEqual(Number(upper));
        expect(price).toBeGreaterThanOrEqual(Number(lower));
      }
    }
  });

  it.each([
    ['no tick fits into the band', NIFTY_CALL, reference('100', '100.01', '100.04')],
    [
      'the tick of a contract is not known',
      { ...NIFTY_CALL, tickSize: decimal('0') },
      reference('100'),
    ],
    ['it is an index', { ...share('NIFTY'), kind: 'index' as const }, reference('100')],
  ])('is none when %s', (_what, instrument, found) => {
    expect(marketLimit(instrument, 'BUY', found)).toHaveProperty('reason');
  });
});
