import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { istTimestamp } from '../../../src/core/domain/time';
import {
  loadCandleSeries,
  parseCandleSource,
  parseCandles,
  readCandleFile,
} from '../../../src/infra/candle-files';
import { readSeed } from '../../../src/infra/seed-catalogue';

const fixture = (name: string): string => join(__dirname, '../../fixtures/market', name);
const directory = mkdtempSync(join(tmpdir(), 'toran-candles-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const summary = (path: string): unknown[] =>
  readCandleFile(path).map(({ symbol, intervalMs, candles }) => [
    symbol,
    intervalMs / 60_000,
    candles.length,
    istTimestamp(candles[0]?.at ?? (0 as never)),
    candles.at(-1)?.close,
  ]);

describe('readCandleFile', () => {
  it('reads Kite candles; the symbol is in the name', () => {
    expect(summary(fixture('kite_minute.csv'))).toEqual([
      ['kite', 1, 4, '04-Aug-2025 09:15:00', '99'],
    ]);
  });

  it('reads a symbol column and drops the series, but keeps real hyphens', () => {
    expect(summary(fixture('angel.csv'))).toEqual([
      ['DEMO', 1, 2, '15-Apr-2025 09:15:00', '10'],
      ['TWO-WORDS', 1, 1, '15-Apr-2025 09:15:00', '20'],
    ]);
  });

  it('reads Yahoo files: UTC, other order of columns, prices cut to paise', () => {
    const [series] = readCandleFile(fixture('yahoo.csv'));
    expect(series?.candles[0]).toMatchObject({
      at: Date.parse('2025-09-04T09:15:00+05:30'),
      open: '24970.3',
      high: '24970.3',
      low: '24867.05',
      close: '24876.6',
    });
  });

  it('takes the time of headerless files as the end of the minute', () => {
    expect(summary(fixture('end-of-minute.txt'))).toEqual([
      ['NIFTY', 1, 3, '02-Jan-2023 09:07:00', '18135.65'],
    ]);
  });

  it('puts newest-first files in order of time', () => {
    expect(summary(fixture('newest-first.csv'))).toEqual([
      ['newest-first', 1, 2, '27-Jul-2026 09:00:00', '8214'],
    ]);
  });

  it('reads five-minute files with Indian dates and CRLF', () => {
    expect(summary(fixture('five-minute.csv'))).toEqual([
      ['five-minute', 5, 2, '17-Jul-2026 09:15:00', '3154.6'],
    ]);
  });

  it('reads the same from .csv.gz and from .zip', () => {
    const bytes = readFileSync(fixture('angel.csv'));
    const plain = readCandleFile(fixture('angel.csv'));
    writeFileSync(join(directory, 'angel.csv.gz'), gzipSync(bytes));
    writeFileSync(join(directory, 'angel.zip'), zipSync({ 'in/angel.csv': new Uint8Array(bytes) }));
    for (const name of ['angel.csv.gz', 'angel.zip']) {
      const read = readCandleFile(join(directory, name));
      expect(read.map(({ candles }) => candles)).toEqual(plain.map(({ candles }) => candles));
    }
  });
});

describe('parseCandles', () => {
  const head = 'timestamp,open,high,low,close,volume\n';
  it.each([
    ['2025-08-04T09:15:00+05:30,1,2,x,1,5', 'demo.csv:2: low: not a price: "x"'],
    ['2025-08-04T09:15:00+05:30,1,2,,1,5', 'demo.csv:2: low: not a price: ""'],
    ['2025-08-04T09:15:00+05:30,1,2,1,1,', 'demo.csv:2: volume: not a count: ""'],
    ['2025-08-04T09:15:00+05:30,1,2,1,1,-3', 'demo.csv:2: volume: not a count: "-3"'],
    ['2025-08-04T09:15:00+05:30,0,2,1,1,5', 'demo.csv:2: open: not a price: "0"'],
    ['2025-08-04T09:15:00+05:30,3,2,1,1,5', 'between low and high'],
    ['yesterday,1,2,1,1,5', 'demo.csv:2: time: not a time: "yesterday"'],
  ])('names the place of a bad value: %s', (line, message) => {
    expect(() => parseCandles(`${head}${line}\n`, 'demo.csv')).toThrow(message);
  });

  it('refuses two bars of one time, other columns and an empty file', () => {
    const bar = '2025-08-04T09:15:00+05:30,1,2,1,1,5\n';
    expect(() => parseCandles(`${head}${bar}${bar}`, 'demo.csv')).toThrow('two bars of one time');
    expect(() => parseCandles('a,b\n1,2\n', 'demo.csv')).toThrow('demo.csv:1: needs columns');
    expect(() => parseCandles('', 'demo.csv')).toThrow('empty');
  });
});

describe('candle sources', () => {
  it('are a path, or a name for it', () => {
    expect(parseCandleSource('a/b.csv')).toEqual({
      path: 'a/b.csv',
      exchange: null,
      symbol: null,
      lotSize: null,
    });
    expect(parseCandleSource('NFO:NIFTY19NOV2423500CE@25=x.csv')).toEqual({
      path: 'x.csv',
      exchange: 'NFO',
      symbol: 'NIFTY19NOV2423500CE',
      lotSize: 25,
    });
    expect(parseCandleSource('BAJAJ-AUTO=x.csv').symbol).toBe('BAJAJ-AUTO');
    expect(() => parseCandleSource('NSX:SBIN=x.csv')).toThrow('"NSX" is not an exchange');
  });

  const { underlyings } = readSeed(join(__dirname, '../../../seed'));
  const load = (text: string): ReturnType<typeof loadCandleSeries> =>
    loadCandleSeries([parseCandleSource(text)], underlyings, () => null);

  it('become instruments with the lot of the seed and the tick of the record', () => {
    const [option] = load(`NIFTY19NOV2423500CE=${fixture('newest-first.csv')}`);
    expect(option?.instrument).toMatchObject({
      exchange: 'NFO',
      kind: 'option',
      underlying: 'NIFTY',
      expiry: '2024-11-19',
      strike: '23500',
      right: 'CE',
      lotSize: 65,
      tickSize: '1',
    });
    const [future] = load(`MCX:CRUDEOIL19AUG26FUT=${fixture('newest-first.csv')}`);
    expect(future?.instrument).toMatchObject({ kind: 'future', lotSize: 100 });
    const [index] = load(fixture('end-of-minute.txt'));
    expect(index?.instrument).toMatchObject({ exchange: 'NSE_INDEX', kind: 'index' });
    const [share] = load(`SBIN=${fixture('kite_minute.csv')}`);
    expect(share?.instrument).toMatchObject({ exchange: 'NSE', kind: 'equity', tickSize: '0.5' });
  });

  it('say what is missing', () => {
    const file = fixture('newest-first.csv');
    expect(() => load(file)).toThrow('say which one it is: EXCHANGE:SYMBOL=path');
    for (const misspelt of ['NIFTY31FEB2423500CE', 'VEDL25APR24292.50CE', 'NIFTY31JUN26FUT']) {
      expect(() => load(`${misspelt}=${file}`)).toThrow(`"${misspelt}" is no symbol`);
    }
    expect(() => load(`NOSUCH19AUG26FUT=${file}`)).toThrow('lot of NOSUCH19AUG26FUT is not known');
    expect(() => load(`SBIN=${fixture('angel.csv')}`)).toThrow('has 2 symbols');
  });
});
