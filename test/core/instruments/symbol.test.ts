import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimal } from '../../../src/core/domain/decimal';
import { isoDate } from '../../../src/core/domain/ids';
import { calendarDate, parseNamedDate } from '../../../src/core/instruments/calendar-date';
import {
  contractFacts,
  contractSymbol,
  symbolReadings,
} from '../../../src/core/instruments/symbol';
import type { ContractFacts } from '../../../src/core/instruments/symbol';

const option = (
  base: string,
  expiry: string,
  strike: string,
  right: 'CE' | 'PE',
): ContractFacts => ({
  kind: 'option',
  base,
  expiry: isoDate(expiry),
  strike: decimal(strike),
  right,
});
const future = (base: string, expiry: string): ContractFacts => ({
  kind: 'future',
  base,
  expiry: isoDate(expiry),
  strike: null,
  right: null,
});

/** Bases that end in digits, look like dates or months, or hold punctuation come often. */
const bases = fc.oneof(
  fc.constantFrom('NIFTYNXT50', 'SENSEX50', 'M&M', 'BAJAJ-AUTO', '726GS2033', '360ONE', 'A01JAN26'),
  fc.stringMatching(/^[A-Z0-9][A-Z0-9&-]{0,12}$/),
);
const dates = fc
  .tuple(fc.integer({ min: 2000, max: 2099 }), fc.integer({ min: 0, max: 364 }))
  .map(([year, day]) => isoDate(new Date(Date.UTC(year, 0, 1 + day)).toISOString().slice(0, 10)));
const strikes = fc
  .tuple(fc.integer({ min: 1, max: 2_000_000_000 }), fc.constantFrom(1, 10, 100, 10_000))
  .map(([units, scale]) => decimal(units / scale));
const contracts: fc.Arbitrary<ContractFacts> = fc.oneof(
  fc.record({
    kind: fc.constant('future' as const),
    base: bases,
    expiry: dates,
    strike: fc.constant(null),
    right: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant('option' as const),
    base: bases,
    expiry: dates,
    strike: strikes,
    right: fc.constantFrom('CE' as const, 'PE' as const),
  }),
);

describe('a symbol', () => {
  it.each<[string, ContractFacts]>([
    ['NIFTY28MAR2420800CE', option('NIFTY', '2024-03-28', '20800', 'CE')],
    ['VEDL25APR24292.5CE', option('VEDL', '2024-04-25', '292.50', 'CE')],
    ['NIFTYNXT5028NOV2465000PE', option('NIFTYNXT50', '2024-11-28', '65000', 'PE')],
    ['SENSEX5029OCT2626850PE', option('SENSEX50', '2026-10-29', '26850', 'PE')],
    ['USDINR19APR2482CE', option('USDINR', '2024-04-19', '82', 'CE')],
    ['M&M30DEC253000CE', option('M&M', '2025-12-30', '3000', 'CE')],
    ['XYZ01JAN260.5PE', option('XYZ', '2026-01-01', '0.5', 'PE')],
    ['BAJAJ-AUTO24FEB26FUT', future('BAJAJ-AUTO', '2026-02-24')],
    ['726GS203325APR24FUT', future('726GS2033', '2024-04-25')],
    ['CRUDEOILM20MAY24FUT', future('CRUDEOILM', '2024-05-20')],
  ])('%s is written and read', (symbol, facts) => {
    expect(contractSymbol(facts)).toBe(symbol);
    expect(contractFacts(symbol)).toEqual(facts);
  });

  it('that is written from any contract reads as that contract', () => {
    fc.assert(
      fc.property(contracts, (facts) => {
        expect(contractFacts(contractSymbol(facts))).toEqual(facts);
      }),
      { numRuns: 2000 },
    );
  });

  it('has one reading as a contract however it is cut, digits at the end of the base or not', () => {
    fc.assert(
      fc.property(contracts, (facts) => {
        const symbol = contractSymbol(facts);
        const body = symbol.slice(0, symbol.length - (facts.kind === 'future' ? 3 : 2));
        let ways = 0;
        for (let at = 1; at + 7 <= body.length; at += 1) {
          const expiry = parseNamedDate(body.slice(at, at + 7));
          const rest = body.slice(at + 7);
          const fits = facts.kind === 'future' ? rest === '' : /^\d+(\.\d+)?$/.test(rest);
          if (expiry !== null && /^\d{2}[A-Z]{3}\d{2}$/.test(body.slice(at, at + 7)) && fits) {
            ways += 1;
          }
        }
        expect(ways).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    'NIFTY31FEB2620800CE',
    'NIFTY28MAX2420800CE',
    'NIFTY28MAR24CE',
    'NIFTY28MAR240CE',
    'NIFTY28MAR24020CE',
    'VEDL25APR24292.50CE',
    'VEDL25APR24292.CE',
    'nifty28MAR2420800CE',
    '28MAR2420800CE',
    'NIFTY 28MAR2420800CE',
    'NIFTYFUT',
    'RELIANCE',
  ])('%s spells no contract', (symbol) => {
    expect(contractFacts(symbol)).toBeNull();
  });

  it('gives all it may mean, the contract first, for the catalogue to settle', () => {
    expect(symbolReadings('RELIANCE')).toEqual([{ kind: 'plain', base: 'RELIANCE' }]);
    expect(symbolReadings('ABC28MAR24FUT')).toEqual([
      future('ABC', '2024-03-28'),
      { kind: 'plain', base: 'ABC28MAR24FUT' },
    ]);
    expect(symbolReadings('VEDL25APR24292.5CE')).toHaveLength(1);
    expect(symbolReadings('no symbol')).toEqual([]);
  });

  it('is not made from what it cannot spell', () => {
    expect(() => contractSymbol(future('NIFTY', '2126-03-28'))).toThrow('no symbol spells 2126');
    expect(() => contractSymbol(future('NIFTY 50', '2026-03-28'))).toThrow('not a base');
    expect(() => contractSymbol(option('X', '2026-03-28', '0', 'CE'))).toThrow('not a strike');
    expect(() => contractSymbol(option('X', '2026-03-28', '-5', 'CE'))).toThrow('not a strike');
  });
});

describe('a date with a month name', () => {
  it.each([
    ['25-Aug-2026', '2026-08-25'],
    ['24APR2025', '2025-04-24'],
    ['28NOV24', '2024-11-28'],
    ['29-Feb-2028', '2028-02-29'],
  ])('%s', (text, date) => {
    expect(parseNamedDate(text)).toBe(date);
  });

  it.each([
    '29-Feb-2026',
    '31-Jun-2026',
    '00-Jan-2026',
    'Aug-2026',
    '25-08-2026',
    '',
    '25-Aug-026',
  ])('"%s" is none', (text) => {
    expect(parseNamedDate(text)).toBeNull();
  });

  it('has no month 0 or 13', () => {
    expect(calendarDate(2026, 0, 10)).toBeNull();
    expect(calendarDate(2026, 13, 10)).toBeNull();
    expect(calendarDate(2026, 1, 10)).toBe('2026-01-10');
  });
});
