import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { brokerId, epochMs, isoDate } from '../src/core/domain/ids';
import { cataloguePath, replaceCatalogue } from '../src/infra/catalogue/replace';
import { SqliteCatalogue } from '../src/infra/catalogue/sqlite-catalogue';
import { MasterFiles, fingerprintOf } from '../src/infra/catalogue/master-files';
import { syntheticRows } from '../test/support/synthetic-instruments';
import { request } from './lib/calls';
import { residentMegabytes, startToran } from './lib/processes';
import { bench, isFull, quantile, round } from './lib/report';

const COUNT = 150_000;
const CALLS = isFull ? 500 : 100;
const GOAL_MS = 5;
const FIND_GOAL_US = 50;
const START_GOAL_MS = 3_000;
const GOAL_MB = 300;
const DAY = isoDate('2026-11-21');
const BROKER = brokerId('zerodha');

type Call = readonly [name: string, fields: Readonly<Record<string, unknown>>];
/** What people type and programs ask. */
const CALLS_BY_KIND: Readonly<Record<string, readonly Call[]>> = {
  symbol: [
    ['symbol', { symbol: 'NIFTY24NOV2620050CE', exchange: 'NFO' }],
    ['symbol', { symbol: 'SBIN', exchange: 'NSE' }],
    ['symbol', { symbol: 'M&M24NOV26FUT', exchange: 'NFO' }],
  ],
  prefix: ['SBIN', 'nifty', 'NIFTY24NOV2620', 'rel', 'bajaj-a'].map((query) => [
    'search',
    { query },
  ]),
  words: ['nifty 20050 ce', '24nov26 sbin', 'reliance fut', 'bank limited', 'banknifty dec pe'].map(
    (query) => ['search', { query }],
  ),
  miss: ['zzzzqq', 'nifty zzzz', '99999999'].map((query) => ['search', { query }]),
  expiry: ['NIFTY', 'SBIN'].map((symbol) => [
    'expiry',
    { symbol, exchange: 'NFO', instrumenttype: 'options' },
  ]),
};

interface Times {
  readonly p50: number;
  readonly p99: number;
}
const timesOf = (values: readonly number[]): Times => ({
  p50: round(quantile(values, 0.5), 3),
  p99: round(quantile(values, 0.99), 3),
});

/** Milliseconds of each call, after one of each that is not counted. */
const measure = async (calls: readonly Call[], run: (call: Call) => unknown): Promise<Times> => {
  for (const call of calls) await run(call);
  const times: number[] = [];
  for (let n = 0; n < CALLS; n += 1) {
    const call = calls[n % calls.length];
    if (call === undefined) break;
    const begun = performance.now();
    await run(call);
    times.push(performance.now() - begun);
  }
  return timesOf(times);
};

const direct = (catalogue: SqliteCatalogue, [name, fields]: Call): unknown => {
  const { symbol, query, exchange } = fields;
  if (name === 'search') return catalogue.search(String(query), null, 500, BROKER);
  if (name === 'expiry') return catalogue.expiries(String(symbol), 'NFO', 'options', DAY);
  return catalogue.entry(
    { symbol: String(symbol), exchange: exchange === 'NSE' ? 'NSE' : 'NFO' },
    BROKER,
  );
};

/** Microseconds of one look-up on the way of an order: of instruments asked for before, and of others. */
const findTimes = (catalogue: SqliteCatalogue): { readonly kept: Times; readonly other: Times } => {
  const wanted = [...syntheticRows(COUNT)].filter((_, n) => n % 37 === 0);
  const run = (): number[] =>
    wanted.slice(0, 1_500).map(({ instrument: { exchange, symbol } }) => {
      const begun = performance.now();
      catalogue.find({ exchange, symbol });
      return (performance.now() - begun) * 1_000;
    });
  return { other: timesOf(run()), kept: timesOf(run()) };
};

bench('catalogue', async () => {
  const data = mkdtempSync(path.join(os.tmpdir(), 'toran-bench-'));
  try {
    const note = { broker: 'zerodha', asOf: DAY, listed: COUNT, skipped: {}, sha256: 'bench' };
    const begun = performance.now();
    const { count } = await replaceCatalogue(
      data,
      {
        rows: syntheticRows(COUNT),
        source: 'masters',
        asOf: DAY,
        brokers: ['zerodha'],
        fingerprint: fingerprintOf([note]),
      },
      epochMs(Date.now()),
      () => null,
    );
    const buildMs = performance.now() - begun;
    // A gateway keeps a catalogue whose masters are the imported ones; it need not read this one.
    await new MasterFiles(data).add(note, new Uint8Array());
    const catalogue = new SqliteCatalogue(cataloguePath(data));
    const directly: Record<string, Times> = {};
    for (const [kind, calls] of Object.entries(CALLS_BY_KIND)) {
      directly[kind] = await measure(calls, (call) => direct(catalogue, call));
    }
    const find = findTimes(catalogue);
    catalogue.close();

    const gateway = await startToran({}, data);
    try {
      const http: Record<string, Times> = {};
      for (const [kind, calls] of Object.entries(CALLS_BY_KIND)) {
        http[kind] = await measure(calls, async ([name, fields]) => {
          const body = { apikey: gateway.apiKey, ...fields };
          const { status } = await request(gateway.url, 'POST', `/api/v1/${name}`, body, {});
          if (status !== 200) throw new Error(`${name} was answered ${status}`);
        });
      }
      const asked = performance.now();
      const list = await fetch(`${gateway.url}/api/v1/instruments?apikey=${gateway.apiKey}`);
      let firstMs = 0;
      let bytes = 0;
      for await (const piece of list.body ?? []) {
        if (bytes === 0) firstMs = performance.now() - asked;
        bytes += Buffer.from(piece).length;
      }
      const listMs = performance.now() - asked;
      const memory = residentMegabytes(gateway.pid);
      const worst = Math.max(...Object.values(http).map(({ p99 }) => p99));
      return {
        figure: `${count} instruments, over HTTP`,
        goal: `p99 <= ${GOAL_MS} ms; find <= ${FIND_GOAL_US} us; <= ${GOAL_MB} MB`,
        measured: `worst p99 ${worst} ms; find p50 ${find.other.p50} us; ${memory.own} MB`,
        ratio: round(
          Math.max(
            worst / GOAL_MS,
            find.other.p50 / FIND_GOAL_US,
            memory.own / GOAL_MB,
            gateway.startMs / START_GOAL_MS,
          ),
        ),
        http,
        direct: directly,
        findUs: find,
        buildMs: Math.round(buildMs),
        fileMb: round(statSync(cataloguePath(data)).size / 1e6, 1),
        startMs: Math.round(gateway.startMs),
        list: {
          firstMs: Math.round(firstMs),
          wholeMs: Math.round(listMs),
          megabytes: round(bytes / 1e6, 1),
        },
      };
    } finally {
      await gateway.stop();
    }
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
});
