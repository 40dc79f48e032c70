import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaperClient } from '../../../src/brokers/paper/adapter';
import { decimal } from '../../../src/core/domain/decimal';
import { FakeClock } from '../../fakes/fake-clock';
import {
  NIFTY,
  NIFTY_CALL,
  NIFTY_FUTURE,
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
const NRML = { product: 'CARRY_FORWARD' } as const;
const NIFTY_PUT = {
  ...NIFTY_CALL,
  symbol: 'NIFTY27JAN2626200PE',
  strike: decimal('26200'),
  right: 'PE',
} as const;

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;

beforeEach(() => {
  clock = new FakeClock(at('2026-01-27T10:00:00'));
  prices = new ScriptedMarket(clock);
  prices.book(NIFTY, '26050', '26050');
  prices.book(NIFTY_FUTURE, '26060', '26060');
  prices.book(NIFTY_CALL, '150', '150');
  prices.book(NIFTY_PUT, '200', '200');
  directory = tempDirectory();
  client = openClient(clock, prices, directory.path, '10000000');
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

const trade = async (...order: Parameters<typeof orderOf>): Promise<void> => {
  acceptedId(await client.execution.place(orderOf(...order), callContext()));
};
const book = () => client.reports.orders(callContext());

describe('an expiry', () => {
  it('settles futures at their last price and options at what they are worth exercised', async () => {
    await trade(NIFTY_FUTURE, 'BUY', 65, market(), NRML);
    await trade(NIFTY_CALL, 'BUY', 65, market(), NRML);
    await trade(NIFTY_PUT, 'SELL', 65, market(), NRML);
    clock.setWall(at('2026-01-27T15:29:00'));
    prices.book(NIFTY, '26100', '26100');
    prices.book(NIFTY_FUTURE, '26100.5', '26100.5');
    clock.setWall(at('2026-01-27T15:30:00'));
    const settled = (await book()).slice(3);
    expect(
      settled.map(({ terms, averagePrice }) => [terms.instrument.symbol, averagePrice]),
    ).toEqual([
      ['NIFTY27JAN2626000CE', '100'],
      ['NIFTY27JAN2626200PE', '100'],
      ['NIFTY27JAN26FUT', '26100.5'],
    ]);
    expect(
      settled.every(({ status, clientTag }) => status === 'filled' && clientTag === null),
    ).toBe(true);
    expect(settled[0]?.message).toBe(
      'expired on 2026-01-27: settled by the paper broker at 100 (its value with NIFTY at 26100)',
    );
    // 40.5 on the future, -50 on the call, +100 on the put, times 65; no margin is left blocked.
    expect(await client.reports.funds(callContext())).toMatchObject({
      availableCash: '10005882.5',
      utilisedMargin: '0',
    });
  });

  it('that was missed settles at the close of its day, not at later prices', async () => {
    await trade(NIFTY_CALL, 'BUY', 65, market(), NRML);
    await client.close();
    clock.setWall(at('2026-01-29T12:00:00'));
    prices.book(NIFTY, '27000', '27000');
    client = openClient(clock, prices, directory.path, '10000000');
    expect((await book()).map(({ averagePrice }) => averagePrice)).toEqual(['50']);
    expect((await book()).length).toBe(1);
  });

  it('is worth nothing for an option out of the money, and ends its pending orders', async () => {
    await trade(NIFTY_CALL, 'SELL', 65, market(), NRML);
    await trade(NIFTY_CALL, 'BUY', 65, limit('10'), NRML);
    clock.setWall(at('2026-01-27T15:29:00'));
    prices.book(NIFTY, '25900', '25900');
    clock.setWall(at('2026-01-27T15:30:00'));
    expect((await book()).map(({ status, averagePrice }) => [status, averagePrice])).toEqual([
      ['filled', '150'],
      ['expired', null],
      ['filled', '0'],
    ]);
    const late = orderOf(NIFTY_CALL, 'BUY', 65, limit('10'), NRML);
    expect(await client.execution.place(late, callContext())).toMatchObject({
      code: 'NOT_TRADABLE',
    });
  });
});
