import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerId, isoDate } from '../../../src/core/domain/ids';
import type { CatalogueRow } from '../../../src/core/ports/catalogue';
import { cataloguePath, currentFile, whileLocked } from '../../../src/infra/catalogue/replace';
import { CatalogueBench } from '../../support/catalogue';
import { syntheticRows } from '../../support/synthetic-instruments';

let bench: CatalogueBench;
beforeEach(() => {
  bench = new CatalogueBench();
});
afterEach(() => {
  bench.close();
});

const share = (
  symbol: string,
  changes: Partial<CatalogueRow['instrument']> = {},
): CatalogueRow => ({
  instrument: {
    exchange: 'NSE',
    symbol,
    kind: 'equity',
    name: `${changes.name ?? symbol} LTD`,
    underlying: symbol,
    expiry: null,
    strike: null,
    right: null,
    lotSize: 1,
    tickSize: decimal('0.05'),
    freezeQuantity: null,
    ...changes,
  },
  listings: [],
});
const listed = (row: CatalogueRow, token: string): CatalogueRow => ({
  ...row,
  listings: [
    {
      broker: brokerId('zerodha'),
      brokerSymbol: row.instrument.symbol,
      brokerExchange: row.instrument.exchange,
      token,
    },
  ],
});
const future = (expiry: string, changes: Partial<CatalogueRow['instrument']> = {}): CatalogueRow =>
  share(`NIFTY-${expiry}`, {
    exchange: 'NFO',
    kind: 'future',
    name: 'NIFTY',
    underlying: 'NIFTY',
    expiry: isoDate(expiry),
    lotSize: 65,
    ...changes,
  });

describe('a new build', () => {
  it('is taken over by who has the old one open, also while it is listed', async () => {
    await bench.build([...syntheticRows(3_000)]);
    const catalogue = bench.open();
    const reading = catalogue.list(null, null);
    const first = reading.next();
    await bench.build([share('NEW')], '2026-11-22');
    expect(catalogue.refresh()).toBe(true);
    expect(catalogue.refresh()).toBe(false);
    expect(catalogue.find({ exchange: 'NSE', symbol: 'NEW' })).not.toBeNull();
    expect(catalogue.find({ exchange: 'NSE', symbol: 'SBIN' })).toBeNull();
    const rest = [...reading].flat();
    expect(rest.length + (first.done === true ? 0 : first.value.length)).toBeGreaterThan(2_500);
  });

  it('that fails leaves the old one and nothing beside it', async () => {
    await bench.build([share('OLD')]);
    await expect(bench.build([share('A'), share('A')])).rejects.toThrow('NSE:A is there twice');
    expect(bench.open().find({ exchange: 'NSE', symbol: 'OLD' })).not.toBeNull();
    expect(readdirSync(bench.directory)).toEqual(['catalogue.sqlite']);
  });

  it('takes the place of a damaged file', async () => {
    writeFileSync(
      cataloguePath(bench.directory),
      'not a database, but long enough to be taken for one',
    );
    expect(currentFile(bench.directory)).toBeNull();
    expect(() => bench.open()).toThrow('catalogue cannot be read');
    await bench.build([share('NEW')]);
    expect(bench.open().facts().count).toBe(1);
  });

  it('killed at any instant leaves the old one whole, and the next build cleans up', async () => {
    await bench.build([share('OLD')]);
    const script = path.join(__dirname, '..', '..', 'support', 'catalogue-builder.ts');
    const loader = path.join(__dirname, '..', '..', 'support', 'swc-register.cjs');
    const stamp = statSync(cataloguePath(bench.directory)).ino;
    for (const share of [0.02, 0.4, 0.9]) {
      const child = fork(script, [bench.directory, '20000'], {
        execArgv: ['--disable-warning=ExperimentalWarning', '--require', loader],
      });
      const exit = once(child, 'exit');
      const reached = new Promise<void>((resolve) => {
        child.on('message', (rows) => {
          if (Number(rows) >= 20_000 * share) resolve();
        });
      });
      await reached;
      child.kill('SIGKILL');
      await exit;
      expect(statSync(cataloguePath(bench.directory)).ino).toBe(stamp);
      expect(bench.open().find({ exchange: 'NSE', symbol: 'OLD' })).not.toBeNull();
      expect(readdirSync(bench.directory).some((name) => name.includes('.new-'))).toBe(true);
    }
    // The lock died with its holder.
    const done = await whileLocked(bench.directory, 0, () => bench.build([share('NEXT')]));
    expect(done?.count).toBe(1);
    expect(readdirSync(bench.directory).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  it('is made by one at a time', async () => {
    const inner = await whileLocked(bench.directory, 0, () =>
      whileLocked(bench.directory, 0, () => Promise.resolve('both')),
    );
    expect(inner).toBeNull();
    expect(await whileLocked(bench.directory, 0, () => Promise.resolve('free'))).toBe('free');
  });
});

describe('the daily diff', () => {
  it('tells what came, went and changed', async () => {
    await bench.build([
      share('LOT'),
      share('TICK'),
      share('FREEZE', { freezeQuantity: 100 }),
      share('GONE'),
      share('SAME'),
      listed(share('OLDNAME', { name: 'ACME' }), '7'),
      listed(future('2026-11-26'), '8'),
    ]);
    const { diff } = await bench.build(
      [
        share('LOT', { lotSize: 5 }),
        share('TICK', { tickSize: decimal('0.1') }),
        share('FREEZE'),
        share('FRESH'),
        share('SAME'),
        listed(share('NEWNAME', { name: 'ACME' }), '7'),
        listed(future('2026-11-24'), '8'),
      ],
      '2026-11-22',
    );
    expect(diff).toEqual({
      day: '2026-11-22',
      compared: true,
      counts: { added: 1, removed: 1, lot: 1, tick: 1, freeze: 1, expiry: 1, symbol: 1 },
    });
    const catalogue = bench.open();
    expect(catalogue.lastDiff()).toEqual(diff);
    const changes = catalogue.changes(100).map(({ symbol, kind, before, after }) => ({
      [`${kind} ${symbol}`]: [before, after],
    }));
    expect(Object.assign({}, ...changes)).toEqual({
      'added FRESH': [null, 'FRESH LTD'],
      'removed GONE': ['GONE LTD', null],
      'lot LOT': ['1', '5'],
      'tick TICK': ['0.05', '0.1'],
      'freeze FREEZE': ['100', null],
      'symbol NEWNAME': ['OLDNAME', 'NEWNAME'],
      'expiry NIFTY-2026-11-24': ['2026-11-26', '2026-11-24'],
    });
  });

  it('takes no reused token for a change of the expiry', async () => {
    await bench.build([listed(future('2026-11-20'), '8')]);
    const { diff } = await bench.build([listed(future('2026-12-29'), '8')], '2026-11-22');
    expect(diff.counts).toMatchObject({ added: 1, removed: 1, expiry: 0 });
  });

  it('is kept over builds for 90 days, and not made between practice and masters', async () => {
    await bench.build([share('A')], '2026-01-01');
    await bench.build([share('B')], '2026-01-02');
    await bench.build([share('B'), share('C')], '2026-04-01');
    expect(bench.open().changes(10)).toHaveLength(3);
    await bench.build([share('B'), share('C'), share('D')], '2026-04-20');
    expect(
      bench
        .open()
        .changes(10)
        .map(({ symbol }) => symbol),
    ).toEqual(['D', 'C']);
    const { diff } = await bench.build([share('X')], '2026-04-21', 'practice');
    expect(diff.compared).toBe(false);
    expect(bench.open().changes(10)).toHaveLength(2);
  });
});
