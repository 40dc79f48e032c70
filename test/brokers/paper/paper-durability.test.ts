import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;

beforeEach(() => {
  clock = new FakeClock();
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100.1');
  directory = tempDirectory();
});
afterEach(() => {
  directory.remove();
});

describe('a restart', () => {
  it('finds every order, fill, position and rupee as they were', async () => {
    const first = openClient(clock, prices, directory.path);
    acceptedId(await first.execution.place(orderOf(SBIN, 'BUY', 10, market()), callContext()));
    acceptedId(await first.execution.place(orderOf(SBIN, 'BUY', 5, limit('99')), callContext()));
    const before = {
      orders: await first.reports.orders(callContext()),
      fills: await first.reports.fills(callContext()),
      positions: await first.reports.positions(callContext()),
      funds: await first.reports.funds(callContext()),
    };
    expect(before.orders).toHaveLength(2);
    await first.close();
    const second = openClient(clock, prices, directory.path);
    expect(await second.reports.orders(callContext())).toEqual(before.orders);
    expect(await second.reports.fills(callContext())).toEqual(before.fills);
    expect(await second.reports.positions(callContext())).toEqual(before.positions);
    expect(await second.reports.funds(callContext())).toEqual(before.funds);
    await second.close();
  });

  it('matches what was left resting, by its own timer, and never uses an id twice', async () => {
    const first = openClient(clock, prices, directory.path);
    const resting = acceptedId(
      await first.execution.place(orderOf(SBIN, 'BUY', 5, limit('99')), callContext()),
    );
    await first.close();
    const second = openClient(clock, prices, directory.path);
    await clock.advance(1);
    prices.trade(SBIN, '98', 100);
    await clock.advance(250);
    const next = acceptedId(
      await second.execution.place(orderOf(SBIN, 'BUY', 1, market()), callContext()),
    );
    expect(next).not.toBe(resting);
    const [order] = await second.reports.orders(callContext());
    expect(order).toMatchObject({ brokerOrderId: resting, status: 'filled' });
    await second.close();
  });
});

describe('two clients on one file', () => {
  it('see one book and fill each order once', async () => {
    const one = openClient(clock, prices, directory.path);
    const two = openClient(clock, prices, directory.path);
    const id = acceptedId(
      await one.execution.place(orderOf(SBIN, 'BUY', 10, limit('99')), callContext()),
    );
    const { terms } = orderOf(SBIN, 'BUY', 10, limit('99'));
    await two.reports.orders(callContext());
    expect(clock.pending).toBe(2);
    await clock.advance(1);
    prices.trade(SBIN, '98', 100);
    await clock.advance(1000);
    const fills = await two.reports.fills(callContext());
    expect(fills.map(({ quantity }) => quantity)).toEqual([10]);
    expect(await one.reports.fills(callContext())).toEqual(fills);
    expect(await two.execution.cancel({ brokerOrderId: id, terms }, callContext())).toMatchObject({
      kind: 'rejected',
      code: 'ORDER_CLOSED',
    });
    await one.close();
    await two.close();
  });

  it('do not hand out one order number twice', async () => {
    const clients = [1, 2].map(() => openClient(clock, prices, directory.path));
    const ids = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      for (const client of clients) {
        const order = orderOf(SBIN, 'BUY', 1, market());
        ids.add(acceptedId(await client.execution.place(order, callContext())));
      }
    }
    expect(ids.size).toBe(40);
    const trades = await clients[0]?.reports.fills(callContext());
    expect(new Set(trades?.map(({ tradeId }) => tradeId)).size).toBe(40);
    for (const client of clients) await client.close();
  });

  it('answer not-sent while another process holds the file, and have written nothing', async () => {
    const client = openClient(clock, prices, directory.path);
    const other = new DatabaseSync(join(directory.path, 'paper-paper-main.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const order = orderOf(SBIN, 'BUY', 1, market());
    expect(await client.execution.place(order, callContext())).toEqual({
      kind: 'not-sent',
      why: 'no-connection',
    });
    await expect(client.reports.orders(callContext())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    other.exec('ROLLBACK');
    other.close();
    expect(await client.reports.orders(callContext())).toEqual([]);
    await client.close();
  });

  it('a closed client sends nothing', async () => {
    const client = openClient(clock, prices, directory.path);
    await client.close();
    await client.close();
    const order = orderOf(SBIN, 'BUY', 1, market());
    expect((await client.execution.place(order, callContext())).kind).toBe('not-sent');
    await expect(client.reports.funds(callContext())).rejects.toMatchObject({ code: 'CONNECT' });
  });
});
