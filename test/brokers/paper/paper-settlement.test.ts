import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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

const at = (text: string): number => Date.parse(`${text}+05:30`);
const CNC = { product: 'DELIVERY' } as const;

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;

beforeEach(() => {
  // A Thursday; the Monday after it is a holiday (Republic Day).
  clock = new FakeClock(at('2026-01-22T10:00:00'));
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100');
  directory = tempDirectory();
  client = openClient(clock, prices, directory.path, '100000');
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

const trade = async (...order: Parameters<typeof orderOf>): Promise<void> => {
  acceptedId(await client.execution.place(orderOf(...order), callContext()));
};
const holdings = () => client.reports.holdings(callContext());
const positions = () => client.reports.positions(callContext());
const cash = async (): Promise<string> => (await client.reports.funds(callContext())).availableCash;

describe('settlement', () => {
  it('moves a delivery buy to the holdings on the next trading day, at its cost', async () => {
    await trade(SBIN, 'BUY', 10, market(), CNC);
    expect([await holdings(), await positions()]).toMatchObject([[], [{ quantity: 10 }]]);
    expect(await cash()).toBe('99000');
    clock.setWall(at('2026-01-23T09:00:00'));
    expect(await holdings()).toMatchObject([
      { instrument: { symbol: 'SBIN' }, quantity: 10, averagePrice: '100', lastPrice: '100' },
    ]);
    expect(await positions()).toEqual([]);
    expect(await cash()).toBe('99000');
  });

  it('skips the weekend and the holiday after it', async () => {
    clock.setWall(at('2026-01-23T10:00:00'));
    await trade(SBIN, 'BUY', 10, market(), CNC);
    for (const day of ['2026-01-24', '2026-01-25', '2026-01-26']) {
      clock.setWall(at(`${day}T12:00:00`));
      expect([day, await holdings(), (await positions()).length]).toEqual([day, [], 1]);
    }
    clock.setWall(at('2026-01-27T00:00:00'));
    expect(await holdings()).toMatchObject([{ quantity: 10 }]);
  });

  it('makes up for days on which the process was off, once, whoever looks first', async () => {
    await trade(SBIN, 'BUY', 10, market(), CNC);
    await client.close();
    clock.setWall(at('2026-02-10T11:00:00'));
    client = openClient(clock, prices, directory.path, '100000');
    const other = openClient(clock, prices, directory.path, '100000');
    for (const reader of [client, other, client]) {
      expect(await reader.reports.holdings(callContext())).toMatchObject([{ quantity: 10 }]);
      expect((await reader.reports.funds(callContext())).availableCash).toBe('99000');
    }
    await other.close();
  });

  it('adds up the lots of several days and averages their cost', async () => {
    await trade(SBIN, 'BUY', 10, market(), CNC);
    clock.setWall(at('2026-01-23T10:00:00'));
    prices.book(SBIN, '130', '130');
    await trade(SBIN, 'BUY', 20, market(), CNC);
    expect([await holdings(), await positions()]).toMatchObject([
      [{ quantity: 10, averagePrice: '100' }],
      [{ quantity: 20, averagePrice: '130' }],
    ]);
    clock.setWall(at('2026-01-27T10:00:00'));
    expect(await holdings()).toMatchObject([{ quantity: 30, averagePrice: '120' }]);
  });

  it('sells settled stock as a negative position of the day, which leaves with the day', async () => {
    await trade(SBIN, 'BUY', 10, market(), CNC);
    clock.setWall(at('2026-01-23T10:00:00'));
    prices.book(SBIN, '130', '130');
    await trade(SBIN, 'SELL', 4, market(), CNC);
    expect(await positions()).toMatchObject([
      { quantity: -4, averagePrice: '130', realizedPnl: '120', unrealizedPnl: '0' },
    ]);
    expect(await holdings()).toMatchObject([{ quantity: 6, averagePrice: '100' }]);
    expect(await cash()).toBe('99520');
    clock.setWall(at('2026-01-27T10:00:00'));
    expect([await positions(), await cash()]).toEqual([[], '99520']);
  });

  it('never moves intraday positions', async () => {
    await trade(SBIN, 'BUY', 10, market());
    clock.setWall(at('2026-01-27T10:00:00'));
    expect([await holdings(), await positions()]).toMatchObject([[], [{ quantity: 10 }]]);
  });

  it('lets no more be sold than holdings and the day’s purchases together', async () => {
    await trade(SBIN, 'BUY', 10, market(), CNC);
    clock.setWall(at('2026-01-23T10:00:00'));
    await trade(SBIN, 'BUY', 5, market(), CNC);
    await trade(SBIN, 'SELL', 12, limit('150'), CNC);
    const more = orderOf(SBIN, 'SELL', 4, limit('150'), CNC);
    expect(await client.execution.place(more, callContext())).toMatchObject({
      code: 'INSUFFICIENT_HOLDINGS',
    });
    await trade(SBIN, 'SELL', 3, limit('150'), CNC);
    prices.book(SBIN, '150', '150');
    await clock.advance(1);
    prices.trade(SBIN, '150', 100);
    expect([await holdings(), await positions()]).toMatchObject([[], [{ quantity: -10 }]]);
    expect(await cash()).toBe('100750');
  });

  it('of a replayed day does not disturb the position book of the wall day', async () => {
    // The wall day stands still while three recorded days pass.
    const recorded = new FakeClock(at('2026-01-22T10:00:00'));
    const replay = new ScriptedMarket(recorded);
    replay.book(SBIN, '100', '100');
    const own = tempDirectory();
    const replayed = openClient(clock, replay, own.path, '100000');
    acceptedId(
      await replayed.execution.place(orderOf(SBIN, 'BUY', 10, market(), CNC), callContext()),
    );
    recorded.setWall(at('2026-01-23T10:00:00'));
    expect(await replayed.reports.holdings(callContext())).toMatchObject([{ quantity: 10 }]);
    // The net of the wall day stays what its fills say.
    expect(await replayed.reports.positions(callContext())).toMatchObject([{ quantity: 10 }]);
    clock.setWall(at('2026-01-23T10:00:00'));
    expect(await replayed.reports.positions(callContext())).not.toMatchObject([{ quantity: 10 }]);
    await replayed.close();
    own.remove();
  });
});
