import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import type { PaperClient } from '../../../src/brokers/paper/adapter';
import { FakeClock } from '../../fakes/fake-clock';
import {
  SBIN,
  ScriptedMarket,
  acceptedId,
  callContext,
  limit,
  market,
  openClient,
  orderOf,
  tempDirectory,
} from './harness';

const ORDERS = 2_000;
/** What a read may cost: 5 ms on a quiet machine, and room for one that is not. */
const LIMIT_MS = 25;

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;
beforeEach(() => {
  clock = new FakeClock();
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100');
  directory = tempDirectory();
  client = openClient(clock, prices, directory.path, '1000000000');
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

/** The middle of many reads, each after the market moved on by a second. */
const readMs = async (): Promise<number> => {
  const times: number[] = [];
  for (let read = 0; read < 31; read += 1) {
    clock.setWall(clock.now() + 1_000);
    const begun = performance.now();
    const book = await client.reports.orders(callContext());
    times.push(performance.now() - begun);
    expect(book).toHaveLength(ORDERS);
  }
  return times.sort((a, b) => a - b)[15] ?? Infinity;
};

/** Copies the one order of the book under new numbers; placing each would wait for the disk 2,000 times. */
const multiply = (): void => {
  const file = new DatabaseSync(join(directory.path, 'paper-paper-main.sqlite'));
  file.exec(`
    WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(ORDERS)})
    INSERT INTO orders (seq, broker_order_id, live, placed_at, updated_at, body)
    SELECT i, 'P' || i, live, placed_at, updated_at,
      json_set(body, '$.seq', i, '$.brokerOrderId', 'P' || i) FROM n, orders WHERE seq = 1`);
  file.close();
};

it.each([
  ['finished', market()],
  ['resting', limit('50')],
] as const)('a read of 2,000 %s orders costs little', async (_kind, terms) => {
  acceptedId(await client.execution.place(orderOf(SBIN, 'BUY', 1, terms), callContext()));
  multiply();
  expect(await readMs()).toBeLessThan(LIMIT_MS);
});
