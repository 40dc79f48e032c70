import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerId, isoDate } from '../../../src/core/domain/ids';
import type { IsoDate } from '../../../src/core/domain/ids';
import { DAY_MS } from '../../../src/core/domain/time';
import { joinMasters } from '../../../src/core/instruments/join';
import { importMaster } from '../../../src/infra/catalogue/import-master';
import type { ImportReport } from '../../../src/infra/catalogue/import-master';
import { CatalogueKeeper } from '../../../src/infra/catalogue/keeper';
import { MasterFiles } from '../../../src/infra/catalogue/master-files';
import type { MasterKinds } from '../../../src/infra/catalogue/master-files';
import { cataloguePath } from '../../../src/infra/catalogue/replace';
import { practiceContent, readSeed } from '../../../src/infra/seed-catalogue';
import { FakeClock } from '../../fakes/fake-clock';
import { CatalogueBench } from '../../support/catalogue';
import { quiet } from '../../support/gateway-redis';
import { syntheticRows } from '../../support/synthetic-instruments';

const full = readSeed(path.join(__dirname, '..', '..', '..', 'seed'));
const seed = {
  ...full,
  underlyings: full.underlyings.filter(({ symbol }) => ['NIFTY', 'SBIN'].includes(symbol)),
};
const SBIN = { exchange: 'NSE', symbol: 'SBIN' } as const;

const rows = [...syntheticRows(2_000)];
/** The tests' own master: a number of lifelike rows and a number of rows that are none. */
const reader =
  (broker: string) =>
  (bytes: Uint8Array, asOf: IsoDate): ReturnType<MasterKinds['readers'][string]> => {
    const [count, skipped] = Buffer.from(bytes).toString().split(' ').map(Number);
    if (count === undefined || Number.isNaN(count)) throw new Error('no count in line 1');
    const listed = rows.slice(0, count).flatMap(({ instrument, listings }) =>
      listings
        .filter((listing) => listing.broker === broker)
        .map(({ brokerSymbol, brokerExchange, token }) => ({
          instrument,
          brokerSymbol,
          brokerExchange,
          token,
        })),
    );
    return { broker: brokerId(broker), asOf, listed, skipped: new Map([['fund', skipped ?? 0]]) };
  };
const kinds: MasterKinds = {
  readers: { zerodha: reader('zerodha'), icici: reader('icici') },
  join: (readings) => ({ rows: joinMasters(readings).instruments, remarks: new Map() }),
};

let bench: CatalogueBench;
let clock: FakeClock;
let keeper: CatalogueKeeper | null;
beforeEach(() => {
  bench = new CatalogueBench();
  clock = new FakeClock();
  keeper = null;
});
afterEach(async () => {
  await keeper?.close();
  bench.close();
});

const open = async (): Promise<CatalogueKeeper> => {
  keeper = await CatalogueKeeper.open({
    dataDirectory: bench.directory,
    clock,
    logger: quiet,
    masters: kinds,
    practice: (day) => practiceContent(seed, day),
  });
  return keeper;
};
const bring = (broker: string, text: string, day: string, force = false): Promise<ImportReport> =>
  importMaster(
    {
      dataDirectory: bench.directory,
      broker,
      bytes: Buffer.from(text),
      asOf: isoDate(day),
      force,
      at: clock.now(),
    },
    kinds,
  );

describe('without masters', () => {
  it('serves the practice instruments of today, built once', async () => {
    const first = await open();
    expect(first.catalogue.facts()).toMatchObject({ source: 'practice', asOf: '2026-01-08' });
    expect(first.catalogue.find(SBIN)).toMatchObject({ kind: 'equity', tickSize: '0.1' });
    const { builtAt } = first.catalogue.facts();
    await first.close();
    await clock.advance(60_000);
    expect((await open()).catalogue.facts().builtAt).toBe(builtAt);
  });

  it('makes those of the next day when it comes, and serves the old ones until then', async () => {
    const kept = await open();
    clock.setWall(clock.now() + DAY_MS);
    expect(kept.catalogue.find(SBIN)).not.toBeNull();
    kept.watch();
    await kept.settled();
    expect(kept.catalogue.facts().asOf).toBe('2026-01-09');
    expect(kept.catalogue.lastDiff()).toMatchObject({ day: '2026-01-09', compared: true });
  });

  it('builds anew what another version wrote or what is damaged', async () => {
    writeFileSync(cataloguePath(bench.directory), 'x'.repeat(5_000));
    expect((await open()).catalogue.facts().source).toBe('practice');
  });
});

describe('a master', () => {
  it('takes the place of practice in a running gateway', async () => {
    const kept = await open();
    const report = await bring('zerodha', '1500 12', '2026-01-08');
    expect(report).toMatchObject({
      count: 1500,
      note: { listed: 1500, skipped: { fund: 12 } },
      diff: { compared: false },
    });
    await clock.advance(1_000);
    expect(kept.catalogue.facts()).toMatchObject({ source: 'masters', brokers: ['zerodha'] });
    expect(kept.catalogue.entry(SBIN, brokerId('zerodha'))?.listing?.brokerSymbol).toBe('SBIN');
    expect(kept.catalogue.find({ exchange: 'NFO', symbol: 'NIFTY27JAN26FUT' })).toBeNull();
    clock.setWall(clock.now() + 3 * DAY_MS);
    kept.watch();
    await kept.settled();
    expect(kept.catalogue.facts()).toMatchObject({ source: 'masters', asOf: '2026-01-08' });
  });

  it('is joined with those of its day and leaves earlier ones out', async () => {
    await bring('zerodha', '1500', '2026-01-08');
    const both = await bring('icici', '1600', '2026-01-08');
    expect([both.count, both.leftOut, both.diff.counts.added]).toEqual([1600, [], 100]);
    const catalogue = bench.open();
    expect(catalogue.facts().brokers).toEqual(['icici', 'zerodha']);
    const { fingerprint } = catalogue.meta;
    expect((await open()).catalogue.meta.fingerprint).toBe(fingerprint);
    expect(catalogue.entry(SBIN, brokerId('icici'))?.listing).not.toBeNull();
    const next = await bring('zerodha', '1500', '2026-01-09');
    expect([next.count, next.leftOut.map(({ broker }) => broker)]).toEqual([1500, ['icici']]);
    catalogue.refresh();
    expect(catalogue.entry(SBIN, brokerId('icici'))?.listing).toBeNull();
    await expect(bring('icici', '1600', '2026-01-08')).rejects.toThrow('days are not mixed');
  });

  it('that lists nothing, or less than half of before, is refused with the reason', async () => {
    await expect(bring('zerodha', '0', '2026-01-08')).rejects.toThrow('lists no instrument');
    await bring('zerodha', '1500', '2026-01-08');
    await expect(bring('zerodha', '700', '2026-01-09')).rejects.toThrow(
      'the file lists 700 instruments, that of 2026-01-08 1500',
    );
    await expect(bring('icici', '700', '2026-01-09')).rejects.toThrow('shrink from 1500 to 700');
    expect(bench.open().facts()).toMatchObject({ asOf: '2026-01-08', count: 1500 });
    expect(readdirSync(path.join(bench.directory, 'masters'))).toEqual(['zerodha']);
    expect((await bring('zerodha', '700', '2026-01-09', true)).count).toBe(700);
  });

  it('of an unknown broker, of an earlier day, or that cannot be read is refused', async () => {
    await expect(bring('moon', '5', '2026-01-08')).rejects.toThrow('known: zerodha, icici');
    await expect(bring('icici', 'x', '2026-01-08')).rejects.toThrow('no master of icici: no count');
    await bring('zerodha', '5', '2026-01-08');
    await expect(bring('zerodha', '5', '2026-01-07')).rejects.toThrow('2026-01-08 is imported');
  });

  it('is kept as it came, the newest two of each broker, and read again when the catalogue is lost', async () => {
    for (const day of ['2026-01-05', '2026-01-06', '2026-01-07']) {
      await bring('zerodha', '900 3', day);
    }
    const files = new MasterFiles(bench.directory);
    expect(files.notes().map(({ asOf }) => asOf)).toEqual(['2026-01-07', '2026-01-06']);
    expect(Buffer.from(files.bytes({ broker: 'zerodha', asOf: isoDate('2026-01-07') }))).toEqual(
      Buffer.from('900 3'),
    );
    writeFileSync(cataloguePath(bench.directory), '');
    expect((await open()).catalogue.facts()).toMatchObject({ source: 'masters', count: 900 });
  });
});
