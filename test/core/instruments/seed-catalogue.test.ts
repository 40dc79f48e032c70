import { afterAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isoDate } from '../../../src/core/domain/ids';
import { Catalogue, isExpired } from '../../../src/core/instruments/catalogue';
import { monthlyExpiries, weeklyExpiries } from '../../../src/core/instruments/expiries';
import { csvRows } from '../../../src/core/instruments/csv';
import {
  readSeed,
  referencePrices,
  seedCatalogue,
  seedFreezeLimits,
} from '../../../src/infra/seed-catalogue';
import { SBIN } from '../../brokers/paper/harness';

const folder = join(__dirname, '../../../seed');
const seed = readSeed(folder);
const today = isoDate('2026-11-21');
const catalogue = seedCatalogue(seed, today);
const scratch = mkdtempSync(join(tmpdir(), 'toran-seed-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

describe('the practice catalogue', () => {
  it('has shares and indices under their OpenAlgo names', () => {
    expect(catalogue.find({ exchange: 'NSE', symbol: 'SBIN' })).toMatchObject({
      kind: 'equity',
      lotSize: 1,
      tickSize: '0.1',
    });
    expect(catalogue.find({ exchange: 'NSE_INDEX', symbol: 'BANKNIFTY' })).toMatchObject({
      kind: 'index',
    });
    expect(catalogue.find({ exchange: 'BSE_INDEX', symbol: 'SENSEX' })).not.toBeNull();
    for (const symbol of ['M&M', 'BAJAJ-AUTO']) {
      expect(catalogue.find({ exchange: 'NSE', symbol })).not.toBeNull();
    }
    expect(catalogue.find({ exchange: 'NSE', symbol: 'sbin' })).toBeNull();
  });

  it('moves an expiry before a holiday: 24 November 2026 is one', () => {
    expect(catalogue.find({ exchange: 'NFO', symbol: 'NIFTY24NOV2624500CE' })).toBeNull();
    expect(catalogue.find({ exchange: 'NFO', symbol: 'NIFTY23NOV2624500CE' })).toMatchObject({
      kind: 'option',
      underlying: 'NIFTY',
      expiry: '2026-11-23',
      strike: '24500',
      right: 'CE',
      lotSize: 65,
      tickSize: '0.05',
      freezeQuantity: 1800,
    });
  });

  it('has three monthly futures, and weekly options where they exist', () => {
    const futures = (prefix: string): string[] =>
      catalogue
        .search(prefix, 100)
        .filter(({ kind }) => kind === 'future')
        .map(({ symbol }) => symbol)
        .sort();
    expect(futures('RELIANCE')).toEqual([
      'RELIANCE23NOV26FUT',
      'RELIANCE25JAN27FUT',
      'RELIANCE29DEC26FUT',
    ]);
    expect(catalogue.find({ exchange: 'NFO', symbol: 'NIFTY01DEC2624500PE' })).not.toBeNull();
    expect(catalogue.find({ exchange: 'NFO', symbol: 'NIFTY01DEC26FUT' })).toBeNull();
    expect(catalogue.find({ exchange: 'BFO', symbol: 'SENSEX26NOV2677200CE' })).not.toBeNull();
  });

  it('keeps decimals of a strike only where there are some', () => {
    const strikes = catalogue.search('ITC23NOV26', 100).map(({ symbol }) => symbol);
    expect(strikes).toContain('ITC23NOV26282.5CE');
    expect(strikes).toContain('ITC23NOV26280CE');
  });

  it('is found by prefix in any case, shortest first, up to a limit', () => {
    expect(catalogue.search('sbin', 2).map(({ symbol }) => symbol)).toEqual([
      'SBIN',
      'SBIN23NOV26FUT',
    ]);
    expect(catalogue.search('SBIN', 5, 'NSE')).toHaveLength(1);
  });

  it('takes recorded instruments in, in place of its own of the same name', () => {
    const mine = seedCatalogue(seed, today, [SBIN, { ...SBIN, symbol: 'AAATECH' }]);
    expect(mine.find(SBIN)?.tickSize).toBe('0.05');
    expect(mine.find({ exchange: 'NSE', symbol: 'AAATECH' })).not.toBeNull();
    expect(mine.size).toBe(catalogue.size + 1);
  });

  it('has a reference price for every underlying', () => {
    const prices = referencePrices(seed);
    for (const instrument of catalogue) expect(prices.has(instrument.underlying)).toBe(true);
    expect(prices.size).toBeGreaterThan(200);
  });
});

describe('a bad seed', () => {
  const broken = (file: string, from: string, to: string): string => {
    const copy = mkdtempSync(join(scratch, 'copy-'));
    cpSync(folder, copy, { recursive: true });
    const text = readFileSync(join(copy, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(copy, file), text.replace(from, to));
    return copy;
  };
  it.each([
    ['underlyings.csv', 'BFO,30,', 'BFO,zero,', 'underlyings.csv:2: lot_size'],
    ['underlyings.csv', 'BFO,30,0.05', 'BFO,30,', 'underlyings.csv:2: future_tick'],
    ['underlyings.csv', 'BSE_INDEX,BANKEX', 'MOON,BANKEX', 'underlyings.csv:2: spot_exchange'],
    ['underlyings.csv', '0.05,0.05,100', '0.05,0.05,', 'option_tick and strike_step'],
    ['holidays.csv', '2026-01-15', '2026-15-01', 'holidays.csv:2: date'],
    ['holidays.csv', ',equity,', ',equity,x,', 'holidays.csv:2: expected 3 columns'],
  ])('names file and line: %s %s -> %s', (file, from, to, message) => {
    expect(() => readSeed(broken(file, from, to))).toThrow(message);
  });
});

describe('catalogue', () => {
  it('refuses one instrument twice', () => {
    expect(() => new Catalogue([SBIN, SBIN])).toThrow('NSE:SBIN is there twice');
  });

  it('counts a contract as expired from the day after its last', () => {
    const contract = { ...SBIN, expiry: isoDate('2026-11-23') };
    expect(isExpired(contract, isoDate('2026-11-23'))).toBe(false);
    expect(isExpired(contract, isoDate('2026-11-24'))).toBe(true);
    expect(isExpired(SBIN, isoDate('2099-01-01'))).toBe(false);
  });
});

describe('expiries', () => {
  const none = new Set<string>();
  it('stay on their last day and leave with it', () => {
    expect(monthlyExpiries(isoDate('2026-12-29'), 2, 1, none)).toEqual(['2026-12-29']);
    expect(monthlyExpiries(isoDate('2026-12-30'), 2, 1, none)).toEqual(['2027-01-26']);
  });

  it('of a week fall on its day, earlier on a holiday', () => {
    expect(weeklyExpiries(isoDate('2026-11-21'), 2, 2, seed.holidays)).toEqual([
      '2026-11-23',
      '2026-12-01',
    ]);
  });
});

describe('csvRows', () => {
  it('reads quotes, CRLF and a byte order mark', () => {
    expect(csvRows('\uFEFFa,"b,""c"""\r\n\r\nd,e\n')).toEqual([
      { line: 1, cells: ['a', 'b,"c"'] },
      { line: 3, cells: ['d', 'e'] },
    ]);
  });
});

describe('the freeze quantities of the seed', () => {
  it('are of contracts, by exchange and underlying, and unknown where the source has none', () => {
    const limits = seedFreezeLimits(seed);
    expect(limits('NFO', 'NIFTY')).toBe(1800);
    expect(limits('NFO', 'BANKNIFTY')).toBe(600);
    expect(limits('BFO', 'NIFTY')).toBeNull();
    expect(limits('BFO', 'SENSEX')).toBeNull();
    expect(limits('MCX', 'CRUDEOIL')).toBeNull();
  });
});
