import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { iciciMasterSource } from '../../../src/brokers/icici/master-source';
import { epochMs } from '../../../src/core/domain/ids';
import type { Logger } from '../../../src/core/ports/logger';
import { importMaster } from '../../../src/infra/catalogue/import-master';
import { MasterDownloads } from '../../../src/infra/catalogue/master-downloads';
import type { MasterDownloadsOptions } from '../../../src/infra/catalogue/master-downloads';
import { DownloadNotes } from '../../../src/infra/catalogue/download-notes';
import { MasterFiles } from '../../../src/infra/catalogue/master-files';
import { RedisLeases } from '../../../src/infra/redis/redis-leases';
import { readCalendar } from '../../../src/infra/seed-calendar';
import { readSeed, seedFreezeLimits } from '../../../src/infra/seed-catalogue';
import { SystemClock } from '../../../src/infra/system-clock';
import { UndiciHttp } from '../../../src/infra/undici-http';
import { masterKinds } from '../../../src/master-kinds';
import { FakeClock } from '../../fakes/fake-clock';
import { SeededRandom } from '../../fakes/seeded-random';
import { CatalogueBench } from '../../support/catalogue';
import { connect, quiet } from '../../support/gateway-redis';
import { iciciZip } from '../../support/icici-zip';
import { until } from '../../support/until';

const SEED = path.join(__dirname, '..', '..', '..', 'seed');
const kinds = masterKinds(seedFreezeLimits(readSeed(SEED)));
const calendar = readCalendar(SEED);
const DAY = '2026-01-08';
const YESTERDAY = '2026-01-07';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const whole =
  (bytes: Uint8Array, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-length': String(bytes.byteLength) });
    response.end(bytes);
  };

let server: Server;
let answer: Answer;
let requests: number;
let bench: CatalogueBench;
let clock: FakeClock;
let http: UndiciHttp;
let redis: Redis;
let alarms: string[];
let logged: { readonly fields: Readonly<Record<string, unknown>>; readonly text: string }[];
let running: MasterDownloads[];
beforeEach(async () => {
  requests = 0;
  answer = whole(iciciZip({ day: DAY, shares: 100 }));
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  bench = new CatalogueBench();
  clock = new FakeClock(Date.parse(`${DAY}T08:30:00+05:30`));
  http = new UndiciHttp({ clock: new SystemClock() });
  redis = connect('masters');
  await redis.flushdb();
  alarms = [];
  logged = [];
  running = [];
});
afterEach(async () => {
  for (const downloads of running) await downloads.close();
  await http.close();
  redis.disconnect();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  bench.close();
});

const log = (fields: Readonly<Record<string, unknown>>, text: string): void => {
  logged.push({ fields, text });
};
const logger: Logger = { ...quiet, info: log, error: log };
const start = (processId = 'a', changes: Partial<MasterDownloadsOptions> = {}): MasterDownloads => {
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/SecurityMaster.zip`;
  const downloads = new MasterDownloads({
    dataDirectory: bench.directory,
    sources: [{ ...iciciMasterSource, url, leastBytes: 500 }],
    wanted: () => Promise.resolve(true),
    time: '08:05',
    calendar,
    http,
    clock,
    random: new SeededRandom(1),
    logger,
    leases: new RedisLeases(redis, processId),
    importMaster: (request) => importMaster(request, kinds),
    alarm: (_broker, text) => {
      alarms.push(text);
      return Promise.resolve();
    },
    ...changes,
  });
  running.push(downloads);
  downloads.start();
  return downloads;
};
const held = (): string[] => new MasterFiles(bench.directory).notes().map(({ asOf }) => asOf);
const why = (): string | null => new DownloadNotes(bench.directory).read('icici')?.why ?? null;
const failures = (): number => logged.filter(({ text }) => text === 'master not downloaded').length;
const imported = (): Promise<void> =>
  until(() => logged.some(({ text }) => text === 'master downloaded'));
/** Lets the wait after a failed attempt pass. */
const passTime = (done: () => boolean): Promise<void> =>
  until(async () => {
    await clock.advance(15_000);
    return done();
  });
/** A gateway that has yesterday's master, and a day that goes on with `next`. */
const withYesterday = async (): Promise<void> => {
  answer = whole(iciciZip({ day: YESTERDAY, shares: 100 }));
  const before = start('before', {
    clock: new FakeClock(Date.parse(`${YESTERDAY}T08:30:00+05:30`)),
  });
  await imported();
  await before.close();
  requests = 0;
  logged = [];
};

describe('a master download', () => {
  it('at the start brings the day’s master into the catalogue and logs the counts of each file', async () => {
    start();
    await imported();
    const catalogue = bench.open();
    expect(catalogue.facts()).toMatchObject({ source: 'masters', asOf: DAY, brokers: ['icici'] });
    expect(catalogue.find({ exchange: 'NSE', symbol: 'SYM7' })).not.toBeNull();
    expect(catalogue.find({ exchange: 'NFO', symbol: 'NIFTY29DEC2625000CE' })).not.toBeNull();
    expect(logged.at(-1)?.fields).toMatchObject({
      broker: 'icici',
      asOf: DAY,
      listed: 103,
      skipped: 'no-exchange-token 1, mutual-fund 1',
      files: [
        { name: 'NSEScripMaster.txt', listed: 100, skipped: '' },
        { name: 'BSEScripMaster.txt', listed: 1, skipped: 'no-exchange-token 1' },
        { name: 'FONSEScripMaster.txt', listed: 2, skipped: '' },
        { name: 'MFScripMaster.txt', listed: 0, skipped: 'mutual-fund 1' },
      ],
      instruments: 103,
    });
    await clock.advance(3_600_000);
    expect([requests, why(), alarms]).toEqual([1, null, []]);
  });

  it('waits for the set time of the next trading day, and fetches then', async () => {
    start();
    await imported();
    logged = [];
    answer = whole(iciciZip({ day: '2026-01-09', shares: 100 }));
    // The night passes; it is 08:04 on Friday.
    await clock.advance(23 * 3_600_000 + 34 * 60_000);
    expect(requests).toBe(1);
    await clock.advance(60_000);
    await imported();
    expect([requests, held()]).toEqual([2, ['2026-01-09', DAY]]);
    // Nothing new at the weekend.
    await clock.advance(48 * 3_600_000);
    expect(requests).toBe(2);
  });

  it('is not begun without an account of the broker', async () => {
    start('a', { wanted: () => Promise.resolve(false) });
    await clock.advance(3_600_000);
    expect(requests).toBe(0);
    expect([held(), why(), existsSync(path.join(bench.directory, 'masters'))]).toEqual([
      [],
      null,
      false,
    ]);
  });

  const zip = iciciZip({ day: DAY, shares: 100 });
  const cut: Answer = (_request, response) => {
    response.writeHead(200, { 'content-length': String(zip.byteLength) });
    response.write(zip.subarray(0, 900), () => response.socket?.destroy());
  };
  const chunkedCut: Answer = (_request, response) => {
    response.writeHead(200);
    response.write(zip.subarray(0, 900), () => response.socket?.destroy());
  };
  const FAULTS: readonly (readonly [string, Answer, string])[] = [
    ['404', whole(Buffer.from('no such file'), 404), 'the host answered HTTP 404'],
    ['a redirect', whole(Buffer.alloc(0), 302), 'the host answered HTTP 302'],
    [
      'a page instead of the file',
      whole(Buffer.from(`<html>${' '.repeat(600)}</html>`)),
      'the file is no master: it is no zip: it begins with "html"',
    ],
    ['an empty answer', whole(Buffer.alloc(0)), '0 bytes are too few for a master'],
    [
      'a truncated zip',
      whole(zip.subarray(0, zip.byteLength - 30)),
      'the file is no master: the zip is cut short',
    ],
    ['a connection cut half way', cut, 'the download broke off (reset)'],
    ['a chunked answer cut half way', chunkedCut, 'the download broke off (reset)'],
    [
      "yesterday's file",
      whole(iciciZip({ day: YESTERDAY, shares: 100 })),
      `the file is still of ${YESTERDAY}`,
    ],
    [
      'a file of tomorrow',
      whole(iciciZip({ day: '2026-01-09', shares: 100 })),
      'the file is of 2026-01-09, a day that has not come',
    ],
    [
      'a zip without a file that it must have',
      whole(iciciZip({ day: DAY, shares: 100, without: ['FONSEScripMaster.txt'] })),
      'the file is no master: FONSEScripMaster.txt is not in the zip, or has no date',
    ],
    [
      'a fifth fewer rows',
      whole(iciciZip({ day: DAY, shares: 79 })),
      `the file lists 82 instruments, that of ${YESTERDAY} 103 (--force takes it)`,
    ],
  ];
  it.each(FAULTS)(
    'answered with %s keeps the catalogue, says so, and goes on until it works',
    async (_what, fault, reason) => {
      await withYesterday();
      const before = bench.open().facts();
      answer = fault;
      start();
      await until(() => why() !== null);
      expect(why()).toBe(reason);
      expect(held()).toEqual([YESTERDAY]);
      expect(bench.open().facts()).toEqual(before);
      expect(alarms).toEqual([
        `no master of icici of ${DAY}: ${reason}; the one of ${YESTERDAY} stays in use`,
      ]);
      await clock.advance(59_000);
      expect(requests).toBe(1);
      await passTime(() => failures() === 2);
      expect(alarms).toHaveLength(1);
      answer = whole(zip);
      await passTime(() => held().includes(DAY));
      await imported();
      await until(() => why() === null);
      expect(bench.open().facts()).toMatchObject({ asOf: DAY, count: 103 });
    },
  );

  it('takes four fifths of the rows of yesterday', async () => {
    await withYesterday();
    answer = whole(iciciZip({ day: DAY, shares: 80 }));
    start();
    await imported();
    expect(held()).toEqual([DAY, YESTERDAY]);
  });

  it('takes an older file rather than none at all, and still says that it is late', async () => {
    answer = whole(iciciZip({ day: YESTERDAY, shares: 100 }));
    start();
    await until(() => why() !== null);
    expect(why()).toBe(`the file is still of ${YESTERDAY}`);
    expect(bench.open().facts()).toMatchObject({ source: 'masters', asOf: YESTERDAY });
  });

  it('without a server says so where the command line looks', async () => {
    start('a', { sources: [{ ...iciciMasterSource, url: 'http://127.0.0.1:1/x.zip' }] });
    await until(() => why() !== null);
    expect(new DownloadNotes(bench.directory).read('icici')).toMatchObject({
      wanted: DAY,
      attempts: 1,
      why: 'the host does not answer (refused)',
      failedAt: epochMs(Date.parse(`${DAY}T08:30:00+05:30`)),
    });
    expect(alarms).toEqual([expect.stringContaining('none was imported before')]);
  });
});

describe('two processes', () => {
  it('fetch it once', async () => {
    start('a');
    start('b');
    await imported();
    await clock.advance(600_000);
    expect([requests, held()]).toEqual([1, [DAY]]);
  });

  it('take turns only when one of them is gone', async () => {
    answer = whole(Buffer.alloc(0), 503);
    const first = start('a');
    await until(() => failures() === 1);
    start('b');
    await clock.advance(30_000);
    expect(requests).toBe(1);
    answer = whole(iciciZip({ day: DAY, shares: 100 }));
    await first.close();
    await passTime(() => held().includes(DAY));
    expect(requests).toBe(2);
    // The failure that the first one left behind is over.
    await passTime(() => why() === null);
  });
});

describe('the day of ICICI’s zip', () => {
  it('is that of the oldest file that it needs', () => {
    expect(iciciMasterSource.dayOf(iciciZip({ day: DAY, shares: 3 }))).toBe(DAY);
    const mixed = Buffer.from(iciciZip({ day: DAY, shares: 3 }));
    // One of the needed files was left over from the day before: 2026-01-07 in the zip's own form.
    const at = mixed.lastIndexOf('BSEScripMaster.txt') - 46 + 14;
    mixed.writeUInt16LE(((2026 - 1980) << 9) | (1 << 5) | 7, at);
    expect(iciciMasterSource.dayOf(mixed)).toBe(YESTERDAY);
  });

  it('names what is in the file instead', () => {
    expect(() => iciciMasterSource.dayOf(Buffer.from('<!DOCTYPE html><html>Sorry'))).toThrow(
      'it is no zip: it begins with "DOCTYPE html"',
    );
    expect(() => iciciMasterSource.dayOf(new Uint8Array(3))).toThrow('it is no zip');
  });
});
