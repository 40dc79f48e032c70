import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaperClient } from '../../../src/brokers/paper/adapter';
import { FakeClock } from '../../fakes/fake-clock';
import {
  NIFTY_FUTURE,
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
const rules = { times: { NSE: '15:15', NFO: '15:15' }, entryWindow: true };

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;
const open = (): PaperClient =>
  openClient(clock, prices, directory.path, '10000000', { squareOff: rules });

beforeEach(() => {
  clock = new FakeClock(at('2026-01-08T10:00:00'));
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100');
  prices.book(NIFTY_FUTURE, '26000', '26000');
  directory = tempDirectory();
  client = open();
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

const place = (...order: Parameters<typeof orderOf>) =>
  client.execution.place(orderOf(...order), callContext());
const orders = () => client.reports.orders(callContext());
const positions = () => client.reports.positions(callContext());

describe('square-off', () => {
  it('cancels what is pending, then closes with orders of its own that fill in the market', async () => {
    acceptedId(await place(SBIN, 'BUY', 10, market()));
    acceptedId(await place(SBIN, 'SELL', 10, limit('110')));
    acceptedId(await place(NIFTY_FUTURE, 'SELL', 65, market()));
    clock.setWall(at('2026-01-08T15:14:59'));
    expect(await orders()).toHaveLength(3);
    clock.setWall(at('2026-01-08T15:15:00'));
    prices.book(SBIN, '99', '99.5');
    const book = await orders();
    expect(book.map(({ status, clientTag }) => [status, clientTag === null])).toEqual([
      ['filled', false],
      ['canceled', false],
      ['filled', false],
      ['filled', true],
      ['filled', true],
    ]);
    expect(book[1]?.message).toBe('cancelled by the paper broker: intraday square-off');
    expect(book[4]?.message).toBe('intraday square-off of 2026-01-08 15:15 by the paper broker');
    expect(book[4]?.terms).toMatchObject({
      side: 'SELL',
      orderType: 'MARKET',
      product: 'INTRADAY',
    });
    expect(book[4]?.averagePrice).toBe('99');
    expect((await positions()).map(({ quantity }) => quantity)).toEqual([0, 0]);
    expect(await client.reports.fills(callContext())).toHaveLength(4);
  });

  it('happens by the broker’s own timer when nobody asks', async () => {
    acceptedId(await place(SBIN, 'BUY', 10, market()));
    clock.setWall(at('2026-01-08T15:15:01'));
    await clock.advance(250);
    expect(clock.pending).toBe(0);
    expect((await positions()).map(({ quantity }) => quantity)).toEqual([0]);
  });

  it('that was missed is made up for at the next start, once, and says so', async () => {
    acceptedId(await place(SBIN, 'BUY', 10, market()));
    acceptedId(await place(SBIN, 'BUY', 10, limit('90')));
    await client.close();
    clock.setWall(at('2026-01-09T11:00:00'));
    client = open();
    const other = open();
    // The pending order is gone before the market can fill it.
    await clock.advance(1);
    prices.trade(SBIN, '89', 1000);
    for (const reader of [client, other]) {
      const book = await reader.reports.orders(callContext());
      expect(book.map(({ status, message }) => [status, message])).toEqual([
        ['canceled', 'cancelled by the paper broker: intraday square-off'],
        ['filled', 'intraday square-off of 2026-01-08 15:15 by the paper broker, done late'],
      ]);
      const [row] = await reader.reports.positions(callContext());
      expect(row?.quantity).toBe(0);
    }
    await other.close();
  });

  it('leaves other products and positions of after the time alone', async () => {
    acceptedId(await place(NIFTY_FUTURE, 'BUY', 65, market(), { product: 'CARRY_FORWARD' }));
    acceptedId(await place(SBIN, 'BUY', 5, market(), { product: 'DELIVERY' }));
    clock.setWall(at('2026-01-08T16:00:00'));
    expect((await positions()).map(({ quantity }) => quantity)).toEqual([65, 5]);
  });

  it('closes in parts that the exchange takes at once', async () => {
    acceptedId(await place(NIFTY_FUTURE, 'BUY', 1755, market()));
    acceptedId(await place(NIFTY_FUTURE, 'BUY', 130, market()));
    clock.setWall(at('2026-01-08T15:15:00'));
    const book = await orders();
    expect(book.slice(2).map(({ terms }) => terms.quantity)).toEqual([1755, 130]);
  });

  it('waits with the rest for a market that is thin, without a second order', async () => {
    acceptedId(await place(SBIN, 'BUY', 10, market()));
    // Ten of the depth were taken by the entry.
    prices.book(SBIN, '100', '100', 14);
    clock.setWall(at('2026-01-08T15:15:00'));
    for (let look = 0; look < 3; look += 1) {
      const [, closing, ...more] = await orders();
      expect([closing?.filledQuantity, more]).toEqual([4, []]);
    }
    await clock.advance(1);
    prices.trade(SBIN, '98', 100);
    expect((await orders())[1]).toMatchObject({ status: 'filled', filledQuantity: 10 });
  });

  it('refuses intraday entries from then until nine, but takes what reduces', async () => {
    acceptedId(await place(SBIN, 'BUY', 10, market()));
    clock.setWall(at('2026-01-08T15:15:00'));
    prices.open = false;
    expect(await place(SBIN, 'BUY', 1, market())).toMatchObject({
      kind: 'rejected',
      code: 'INTRADAY_CLOSED',
    });
    expect(await place(SBIN, 'BUY', 1, market(), { product: 'DELIVERY' })).toMatchObject({
      kind: 'accepted',
    });
    clock.setWall(at('2026-01-09T08:59:59'));
    expect(await place(SBIN, 'SELL', 1, limit('120'))).toMatchObject({ code: 'INTRADAY_CLOSED' });
    clock.setWall(at('2026-01-09T09:00:00'));
    expect((await place(SBIN, 'BUY', 1, market())).kind).toBe('accepted');
  });

  it('takes an order that reduces after the time, beside none of the broker’s own', async () => {
    // Without a time for NFO nothing is closed there, and nothing is refused.
    acceptedId(await place(NIFTY_FUTURE, 'BUY', 65, market()));
    await client.close();
    client = openClient(clock, prices, directory.path, '10000000', {
      squareOff: { times: { NSE: '15:15' }, entryWindow: true },
    });
    clock.setWall(at('2026-01-08T15:20:00'));
    expect((await place(NIFTY_FUTURE, 'BUY', 65, market())).kind).toBe('accepted');
    expect((await positions()).map(({ quantity }) => quantity)).toEqual([130]);
  });

  it('comes 15 minutes before a close that is earlier than usual', async () => {
    await client.close();
    // MCX closed at 17:00 on 1 January 2026.
    clock.setWall(at('2026-01-01T10:00:00'));
    const crude = { ...NIFTY_FUTURE, exchange: 'MCX', symbol: 'CRUDE', expiry: null } as const;
    prices.book(crude, '5000', '5000');
    client = openClient(clock, prices, directory.path, '10000000', {
      squareOff: { times: { MCX: '23:30' }, entryWindow: true },
    });
    acceptedId(await place(crude, 'BUY', 65, market()));
    clock.setWall(at('2026-01-01T16:44:59'));
    expect(await orders()).toHaveLength(1);
    clock.setWall(at('2026-01-01T16:45:00'));
    expect(await orders()).toHaveLength(2);
  });
});
