import { describe, expect, it } from '@jest/globals';
import { cashSymbols, plainTicker, splitSeries } from '../../../src/core/instruments/cash-symbol';
import { indexSymbol } from '../../../src/core/instruments/index-names';

describe('the symbol of a share', () => {
  const symbolsOf = (...rows: readonly [ticker: string, series: string][]): readonly string[] =>
    cashSymbols(rows.map(([ticker, series]) => ({ ticker, series })));

  it('is its ticker in every series in which shares trade', () => {
    expect(symbolsOf(['SBIN', 'EQ'], ['ACME', 'BE'], ['TINY', 'SM'], ['TRUST', 'IV'])).toEqual([
      'SBIN',
      'ACME',
      'TINY',
      'TRUST',
    ]);
  });

  it('keeps the series of bonds, warrants and partly paid shares of the same issuer', () => {
    expect(symbolsOf(['SHAREINDIA', 'W1'], ['SHAREINDIA', 'EQ'], ['782GJ32', 'SG'])).toEqual([
      'SHAREINDIA-W1',
      'SHAREINDIA',
      '782GJ32-SG',
    ]);
  });

  it('goes to EQ before BE, and to nobody when two rows have one series', () => {
    expect(symbolsOf(['X', 'BE'], ['X', 'EQ'])).toEqual(['X-BE', 'X']);
    expect(symbolsOf(['Y', 'EQ'], ['Y', 'EQ'])).toEqual(['Y', 'Y']);
  });

  it('is in capitals without blanks, and not made of other characters', () => {
    expect(plainTicker('BUDGE BUDGE')).toBe('BUDGEBUDGE');
    expect(plainTicker('MohotaInd')).toBe('MOHOTAIND');
    expect(plainTicker('ACE*')).toBeNull();
    expect(plainTicker('')).toBeNull();
  });

  it('is cut from a name only where two characters of series follow', () => {
    expect(splitSeries('SBIN-EQ', null)).toEqual({ ticker: 'SBIN', series: 'EQ' });
    expect(splitSeries('PNB-RE-BE', 'EQ')).toEqual({ ticker: 'PNB-RE', series: 'BE' });
    expect(splitSeries('BAJAJ-AUTO', 'EQ')).toEqual({ ticker: 'BAJAJ-AUTO', series: 'EQ' });
    expect(splitSeries('KLBRENG-B', 'EQ')).toEqual({ ticker: 'KLBRENG-B', series: 'EQ' });
    expect(splitSeries('NIFTY', null)).toBeNull();
  });
});

describe('the symbol of an index', () => {
  it.each([
    ['NIFTY 50', 'NIFTY'],
    ['Nifty Bank', 'BANKNIFTY'],
    ['Nifty Fin Service', 'FINNIFTY'],
    ['NIFTY MID SELECT', 'MIDCPNIFTY'],
    ['Nifty Next 50', 'NIFTYNXT50'],
    ['INDIA VIX', 'INDIAVIX'],
    ['Nifty Pvt Bank', 'NIFTYPVTBANK'],
    ['HANGSENG BEES-NAV', 'HANGSENGBEES-NAV'],
    ['SENSEX', 'SENSEX'],
  ])('%s', (name, symbol) => {
    expect(indexSymbol(name)).toBe(symbol);
  });

  it('is not made of other characters', () => {
    expect(indexSymbol('NIFTY 50%')).toBeNull();
    expect(indexSymbol(' ')).toBeNull();
  });
});
