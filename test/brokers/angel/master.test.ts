import { describe, expect, it } from '@jest/globals';
import { strToU8 } from 'fflate';
import { readAngelMaster } from '../../../src/brokers/angel/master';
import { isoDate } from '../../../src/core/domain/ids';
import { keysOf, listedAs, skippedOf } from '../../support/master-readings';

const DAY = isoDate('2026-08-31');
const row = (changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  token: '3045',
  symbol: 'SBIN-EQ',
  name: 'SBIN',
  expiry: '',
  strike: '-1.000000',
  lotsize: '1',
  instrumenttype: '',
  exch_seg: 'NSE',
  tick_size: '5.000000',
  ...changes,
});
const option = (
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> =>
  row({
    token: '58662',
    symbol: 'NIFTY27JAN2626000CE',
    name: 'NIFTY',
    expiry: '27JAN2026',
    strike: '2600000.000000',
    lotsize: '65',
    instrumenttype: 'OPTIDX',
    exch_seg: 'NFO',
    ...changes,
  });
const read = (...rows: unknown[]) => readAngelMaster(strToU8(JSON.stringify(rows)), DAY);

describe('the scrip master', () => {
  it('gives shares, with the freeze quantity of the newer form', () => {
    const reading = read(
      row({ freeze_qty: '100000', is_cas_enabled: true }),
      row({ token: '10710', symbol: 'VEEKAYEM-SM', name: 'VEEKAYEM', lotsize: '500' }),
      row({ token: '10196', symbol: '782GJ32-SG', name: '782GJ32', tick_size: '1.000000' }),
      row({ token: '16669', symbol: 'BAJAJ-AUTO-EQ', name: 'BAJAJ-AUTO' }),
      row({ token: '500112', symbol: 'SBIN', exch_seg: 'BSE' }),
    );
    expect(keysOf(reading)).toEqual([
      'NSE:SBIN',
      'NSE:VEEKAYEM',
      'NSE:782GJ32-SG',
      'NSE:BAJAJ-AUTO',
      'BSE:SBIN',
    ]);
    expect(listedAs(reading, 'NSE:SBIN')).toEqual({
      instrument: {
        exchange: 'NSE',
        symbol: 'SBIN',
        kind: 'equity',
        name: 'SBIN',
        underlying: 'SBIN',
        expiry: null,
        strike: null,
        right: null,
        lotSize: 1,
        tickSize: '0.05',
        freezeQuantity: 100000,
      },
      brokerSymbol: 'SBIN-EQ',
      brokerExchange: 'NSE',
      token: '3045',
    });
    expect(listedAs(reading, 'NSE:VEEKAYEM').instrument.lotSize).toBe(500);
    expect(listedAs(reading, 'NSE:782GJ32-SG').instrument.tickSize).toBe('0.01');
  });

  it('gives contracts with strikes and ticks in paise', () => {
    const reading = read(
      option(),
      option({
        token: '2',
        symbol: 'ASHOKLEY27JAN26172.5PE',
        name: 'ASHOKLEY',
        strike: '17250.000000',
        instrumenttype: 'OPTSTK',
        tick_size: '1.000000',
      }),
      option({
        token: '3',
        symbol: 'NIFTY27JAN26FUT',
        strike: '-1.000000',
        instrumenttype: 'FUTIDX',
        tick_size: '10.000000',
      }),
    );
    expect(keysOf(reading)).toEqual([
      'NFO:NIFTY27JAN2626000CE',
      'NFO:ASHOKLEY27JAN26172.5PE',
      'NFO:NIFTY27JAN26FUT',
    ]);
    expect(reading.listed.map(({ instrument }) => instrument.tickSize)).toEqual([
      '0.05',
      '0.01',
      '0.1',
    ]);
  });

  it('scales the currency segment by ten million', () => {
    const reading = read(
      option({
        token: '9',
        symbol: 'USDINR26JAN83.25CE',
        name: 'USDINR',
        expiry: '28JAN2026',
        strike: '832500000.000000',
        lotsize: '1000',
        instrumenttype: 'OPTCUR',
        exch_seg: 'CDS',
        tick_size: '25000.000000',
      }),
    );
    expect(listedAs(reading, 'CDS:USDINR28JAN2683.25CE').instrument).toMatchObject({
      strike: '83.25',
      tickSize: '0.0025',
    });
  });

  it('does not believe a strike that its symbol does not show', () => {
    const reading = read(
      option({ strike: '26000.000000' }),
      option({ strike: '0.000000' }),
      option({ strike: 'x' }),
    );
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({ 'strike-not-in-symbol': 1, 'bad-strike': 2 });
  });

  it('gives indices once: the old rows that look like shares are counted', () => {
    const index = { instrumenttype: 'AMXIDX', strike: '0.000000', tick_size: '0.000000' };
    const reading = read(
      row({ ...index, token: '99926000', symbol: 'Nifty 50', name: 'NIFTY', freeze_qty: '0' }),
      row({ ...index, token: '99926009', symbol: 'Nifty Bank', name: 'BANKNIFTY' }),
      row({ ...index, token: '99919000', symbol: 'SENSEX', name: 'SENSEX', exch_seg: 'BSE' }),
      row({ token: '26000', symbol: 'NIFTY', name: 'NIFTY', tick_size: '0.000000' }),
      row({ token: '26074', symbol: 'MIDCPNIFTY', lotsize: '-1', tick_size: '0.000000' }),
      row({ token: '2', symbol: 'NIFTY50', instrumenttype: 'INDEX', exch_seg: 'CDS' }),
      row({ token: '1', symbol: 'USDINR', instrumenttype: 'UNDCUR', exch_seg: 'CDS' }),
    );
    expect(keysOf(reading)).toEqual(['NSE_INDEX:NIFTY', 'NSE_INDEX:BANKNIFTY', 'BSE_INDEX:SENSEX']);
    expect(skippedOf(reading)).toEqual({ 'old-index-row': 2, 'currency-index': 2 });
  });

  it('takes a freeze quantity of 0, 1 or below one lot for unknown', () => {
    const limits = ['0', '1', '64', '65', '1800', 'many'].map((freeze_qty, index) =>
      option({
        token: String(index + 1),
        symbol: `NIFTY27JAN26${String(index + 1)}CE`,
        strike: `${String(index + 1)}00.000000`,
        freeze_qty,
      }),
    );
    expect(read(...limits).listed.map(({ instrument }) => instrument.freezeQuantity)).toEqual([
      null,
      null,
      null,
      65,
      1800,
      null,
    ]);
  });

  it('counts every row that cannot be read under what is wrong with it', () => {
    const reading = read(
      null,
      'text',
      row({ tick_size: 5 }),
      row({ token: '' }),
      row({ exch_seg: 'XYZ' }),
      row({ lotsize: '0' }),
      row({ tick_size: 'five' }),
      row({ symbol: 'A*B-EQ' }),
      option({ instrumenttype: 'SWAP' }),
      option({ symbol: 'NIFTY27JAN2626000' }),
      option({ expiry: '' }),
      option({ exch_seg: 'XYZ' }),
      option({ name: 'NIFTY 50' }),
      option({ lotsize: '-1' }),
    );
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({
      'malformed-row': 3,
      'bad-token': 1,
      'exchange-unknown': 2,
      'bad-lot': 2,
      'bad-tick': 1,
      'symbol-characters': 2,
      'instrument-type-unknown': 2,
      'bad-expiry': 1,
    });
  });

  it('is refused when it is no list', () => {
    expect(() => readAngelMaster(strToU8('{"a":1}'), DAY)).toThrow('not a list');
    expect(() => readAngelMaster(strToU8('<html>'), DAY)).toThrow();
  });
});
