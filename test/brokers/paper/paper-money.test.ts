import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaperClient } from '../../../src/brokers/paper/adapter';
import { paperCredentials } from '../../../src/brokers/paper/credentials';
import { decimal } from '../../../src/core/domain/decimal';
import { FakeClock } from '../../fakes/fake-clock';
import {
  NIFTY,
  NIFTY_CALL,
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

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;

beforeEach(() => {
  clock = new FakeClock();
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100');
  prices.book(NIFTY_FUTURE, '26000', '26000');
  prices.book(NIFTY_CALL, '150', '150');
  directory = tempDirectory();
  client = openClient(clock, prices, directory.path, '300000');
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

const trade = async (...order: Parameters<typeof orderOf>): Promise<void> => {
  acceptedId(await client.execution.place(orderOf(...order), callContext()));
};
const free = async (): Promise<string> => (await client.reports.funds(callContext())).availableCash;

describe('margin', () => {
  it.each([
    ['a delivery buy in full', SBIN, 'BUY', 100, 'DELIVERY', '290000'],
    ['intraday shares by a fifth', SBIN, 'BUY', 100, 'INTRADAY', '298000'],
    ['a short sale of shares by a fifth', SBIN, 'SELL', 100, 'INTRADAY', '298000'],
    ['a future by a tenth', NIFTY_FUTURE, 'SELL', 65, 'CARRY_FORWARD', '131000'],
    ['a bought option by its premium', NIFTY_CALL, 'BUY', 65, 'CARRY_FORWARD', '290250'],
    ['a sold option by a share of its strike', NIFTY_CALL, 'SELL', 65, 'CARRY_FORWARD', '46500'],
  ] as const)('blocks %s', async (_name, instrument, side, quantity, product, left) => {
    await trade(instrument, side, quantity, market(), { product });
    expect(await free()).toBe(left);
  });

  it('is blocked by a resting order and freed by its end', async () => {
    const order = orderOf(SBIN, 'BUY', 100, limit('90'));
    const id = acceptedId(await client.execution.place(order, callContext()));
    expect(await free()).toBe('298200');
    await client.execution.cancel({ ...order, brokerOrderId: id }, callContext());
    expect(await free()).toBe('300000');
  });

  it('is reckoned anew when the order changes', async () => {
    const order = orderOf(SBIN, 'BUY', 100, limit('90'));
    const brokerOrderId = acceptedId(await client.execution.place(order, callContext()));
    const change = { ...limit('80'), quantity: 200, disclosedQuantity: 0 };
    await client.execution.modify({ ...order, brokerOrderId, change }, callContext());
    expect(await free()).toBe('296800');
    const tooMuch = { ...limit('80'), quantity: 20_000, disclosedQuantity: 0 };
    expect(
      await client.execution.modify({ ...order, brokerOrderId, change: tooMuch }, callContext()),
    ).toMatchObject({ kind: 'rejected', code: 'INSUFFICIENT_FUNDS' });
    expect(await free()).toBe('296800');
  });

  it('of a sold option falls as it goes out of the money, to a floor', async () => {
    prices.book(NIFTY, '25000', '25000');
    await trade(NIFTY_CALL, 'SELL', 65, market(), { product: 'CARRY_FORWARD' });
    // 25000 x 13 % less 1000 out of the money, and 2 %, times 65.
    expect(await free()).toBe('121250');
    prices.book(NIFTY, '20000', '20000');
    expect(await free()).toBe('189500');
  });

  it('of an order that closes a position is nothing, beyond it is what opens', async () => {
    await trade(SBIN, 'BUY', 100, market());
    await trade(SBIN, 'SELL', 150, limit('110'));
    // 100 held at 100, 50 opened at 110, a fifth of each.
    expect(await free()).toBe('296900');
  });

  it('lets an account under water close, but not open', async () => {
    await trade(NIFTY_FUTURE, 'BUY', 65, market(), { product: 'CARRY_FORWARD' });
    prices.book(NIFTY_FUTURE, '21000', '21000');
    await trade(NIFTY_FUTURE, 'SELL', 65, market(), { product: 'CARRY_FORWARD' });
    expect(await free()).toBe('-25000');
    const order = orderOf(SBIN, 'BUY', 1, market());
    expect(await client.execution.place(order, callContext())).toMatchObject({
      kind: 'rejected',
      code: 'INSUFFICIENT_FUNDS',
    });
  });
});

describe('positions', () => {
  it('average by weight and show both kinds of profit', async () => {
    await trade(SBIN, 'BUY', 10, market());
    prices.book(SBIN, '103', '103');
    await trade(SBIN, 'BUY', 20, market());
    prices.book(SBIN, '105', '105');
    await trade(SBIN, 'SELL', 15, market());
    expect(await client.reports.positions(callContext())).toMatchObject([
      {
        quantity: 15,
        averagePrice: '102',
        lastPrice: '105',
        realizedPnl: '45',
        unrealizedPnl: '45',
      },
    ]);
  });

  it('cross through zero into the other side at the price of the fill', async () => {
    await trade(SBIN, 'BUY', 10, market());
    prices.book(SBIN, '110', '110');
    await trade(SBIN, 'SELL', 25, market());
    expect(await client.reports.positions(callContext())).toMatchObject([
      { quantity: -15, averagePrice: '110', realizedPnl: '100', unrealizedPnl: '0' },
    ]);
  });

  it('of one share in two products stay apart', async () => {
    await trade(SBIN, 'BUY', 10, market(), { product: 'DELIVERY' });
    await trade(SBIN, 'SELL', 4, market(), { product: 'INTRADAY' });
    const rows = await client.reports.positions(callContext());
    expect(rows.map(({ product, quantity }) => [product, quantity])).toEqual([
      ['DELIVERY', 10],
      ['INTRADAY', -4],
    ]);
  });

  it('bought for delivery can be sold the same day, once', async () => {
    await trade(SBIN, 'BUY', 10, market(), { product: 'DELIVERY' });
    await trade(SBIN, 'SELL', 6, limit('120'), { product: 'DELIVERY' });
    const again = orderOf(SBIN, 'SELL', 6, limit('120'), { product: 'DELIVERY' });
    expect(await client.execution.place(again, callContext())).toMatchObject({
      code: 'INSUFFICIENT_HOLDINGS',
    });
    await trade(SBIN, 'SELL', 4, limit('120'), { product: 'DELIVERY' });
  });

  it('flat rows leave with the day and their profit stays in the cash', async () => {
    await trade(SBIN, 'BUY', 10, market());
    prices.book(SBIN, '110', '110');
    await trade(SBIN, 'SELL', 10, market());
    expect(await client.reports.positions(callContext())).toHaveLength(1);
    clock.setWall(clock.now() + 86_400_000);
    expect(await client.reports.positions(callContext())).toEqual([]);
    expect(await client.reports.funds(callContext())).toMatchObject({
      availableCash: '300100',
      realizedPnl: '0',
    });
  });
});

describe('reset', () => {
  it('cancels live orders, clears positions and restores the cash', async () => {
    await trade(SBIN, 'BUY', 10, market());
    await trade(SBIN, 'BUY', 10, limit('90'));
    await client.practice.reset(callContext());
    expect(await client.reports.positions(callContext())).toEqual([]);
    expect(await free()).toBe('300000');
    const statuses = (await client.reports.orders(callContext())).map(({ status }) => status);
    expect(statuses).toEqual(['filled', 'canceled']);
  });
});

describe('credentials', () => {
  it('refuse a starting cash that is no amount, and other fields', () => {
    expect(paperCredentials.parse({})).toEqual({
      startingCash: decimal('1000000'),
      charges: [],
      squareOff: null,
    });
    for (const bad of [{ startingCash: '-5' }, { startingCash: 'x' }, { cash: '5' }]) {
      expect(paperCredentials.safeParse(bad).success).toBe(false);
    }
  });
});
