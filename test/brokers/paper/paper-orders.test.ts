import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaperClient } from '../../../src/brokers/paper/adapter';
import { brokerOrderId, monotonicMs } from '../../../src/core/domain/ids';
import type { BrokerOrderId } from '../../../src/core/domain/ids';
import type { CommandOutcome, OrderHint, OrderReport } from '../../../src/core/ports/broker';
import { FakeClock } from '../../fakes/fake-clock';
import {
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
  stopLimit,
  stopMarket,
  tempDirectory,
} from './harness';

let clock: FakeClock;
let prices: ScriptedMarket;
let directory: ReturnType<typeof tempDirectory>;
let client: PaperClient;

beforeEach(() => {
  clock = new FakeClock();
  prices = new ScriptedMarket(clock);
  prices.book(SBIN, '100', '100.1');
  prices.book(NIFTY_FUTURE, '26000', '26001');
  prices.book(NIFTY_CALL, '150', '151');
  directory = tempDirectory();
  client = openClient(clock, prices, directory.path);
});
afterEach(async () => {
  await client.close();
  directory.remove();
});

const place = (...order: Parameters<typeof orderOf>): Promise<CommandOutcome> =>
  client.execution.place(orderOf(...order), callContext());
const book = async (id: BrokerOrderId): Promise<OrderReport> => {
  const found = (await client.reports.orders(callContext())).find(
    ({ brokerOrderId: one }) => one === id,
  );
  if (found === undefined) throw new Error(`${id} is not in the book`);
  return found;
};
const fillsOf = async (id: BrokerOrderId): Promise<[number, string][]> =>
  (await client.reports.fills(callContext()))
    .filter(({ brokerOrderId: one }) => one === id)
    .map(({ quantity, price }) => [quantity, price]);

describe('market orders', () => {
  it('fill at the ask before place returns', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, market()));
    expect(await book(id)).toMatchObject({ status: 'filled', averagePrice: '100.1' });
  });

  it('sell at the bid', async () => {
    const id = acceptedId(await place(SBIN, 'SELL', 10, market()));
    expect(await fillsOf(id)).toEqual([[10, '100']]);
  });

  it('take the depth at once and the rest from later volume', async () => {
    prices.book(SBIN, '100', '100.1', 4);
    const id = acceptedId(await place(SBIN, 'BUY', 10, market()));
    expect(await book(id)).toMatchObject({ status: 'open', filledQuantity: 4 });
    await clock.advance(250);
    expect(await fillsOf(id)).toEqual([[4, '100.1']]);
    // The four that were borrowed from the depth are paid back first.
    prices.trade(SBIN, '100', 7);
    await clock.advance(250);
    expect(await fillsOf(id)).toEqual([
      [4, '100.1'],
      [3, '100.1'],
    ]);
    prices.trade(SBIN, '100', 50);
    await clock.advance(250);
    expect(await book(id)).toMatchObject({ status: 'filled', filledQuantity: 10 });
  });

  it('wait for the open when the market is closed', async () => {
    prices.open = false;
    const id = acceptedId(await place(SBIN, 'BUY', 10, market()));
    expect(await book(id)).toMatchObject({ status: 'open', filledQuantity: 0 });
    prices.open = true;
    await clock.advance(250);
    expect(await book(id)).toMatchObject({ status: 'filled' });
  });

  it('fill in whole lots only', async () => {
    prices.book(NIFTY_FUTURE, '26000', '26001', 100);
    const id = acceptedId(
      await place(NIFTY_FUTURE, 'BUY', 130, market(), { product: 'CARRY_FORWARD' }),
    );
    expect(await fillsOf(id)).toEqual([[65, '26001']]);
  });
});

describe('limit orders', () => {
  it('that cross fill at the better touch', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('105')));
    expect(await fillsOf(id)).toEqual([[10, '100.1']]);
  });

  it('rest until the market comes to them and fill at their own price', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    await clock.advance(1000);
    expect(await book(id)).toMatchObject({ status: 'open', filledQuantity: 0 });
    await clock.advance(1);
    prices.trade(SBIN, '98.9', 100);
    prices.trade(SBIN, '100', 1);
    await clock.advance(250);
    expect(await fillsOf(id)).toEqual([[10, '99']]);
  });

  it('fill at the nearest traded price when the market jumped past them', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    await clock.advance(1000);
    prices.book(SBIN, '95', '95.1');
    prices.trade(SBIN, '95', 100);
    await clock.advance(250);
    expect(await fillsOf(id)).toEqual([[10, '95']]);
  });

  it('share the traded volume by price, then time', async () => {
    const late = acceptedId(await place(SBIN, 'BUY', 10, limit('98')));
    const better = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    const last = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    await clock.advance(250);
    prices.trade(SBIN, '97', 25);
    await clock.advance(250);
    expect((await book(better)).filledQuantity).toBe(10);
    expect((await book(last)).filledQuantity).toBe(10);
    expect((await book(late)).filledQuantity).toBe(5);
  });

  it('do not take volume that traded before they came', async () => {
    prices.trade(SBIN, '90', 1000);
    await clock.advance(10);
    prices.book(SBIN, '100', '100.1');
    await clock.advance(10);
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    await clock.advance(1000);
    expect((await book(id)).filledQuantity).toBe(0);
  });

  it('with IOC cancel what does not fill at once', async () => {
    prices.book(SBIN, '100', '100.1', 4);
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('100.1'), { timeInForce: 'IOC' }));
    expect(await book(id)).toMatchObject({ status: 'canceled', filledQuantity: 4 });
    expect((await book(id)).message).toMatch(/IOC/);
  });

  it('with DAY expire when the next day begins in India', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('90')));
    // 09:30 to midnight is 14.5 hours.
    clock.setWall(clock.now() + 14.5 * 3_600_000 - 1);
    await clock.advance(0);
    expect((await book(id)).status).toBe('open');
    await clock.advance(300);
    expect((await book(id)).status).toBe('expired');
  });
});

describe('stop orders', () => {
  it('wait for the trigger, then go to the market', async () => {
    const id = acceptedId(await place(SBIN, 'SELL', 10, stopMarket('98')));
    expect((await book(id)).status).toBe('trigger_pending');
    prices.book(SBIN, '97.9', '98');
    await clock.advance(250);
    expect(await book(id)).toMatchObject({ status: 'filled', averagePrice: '97.9' });
  });

  it('trigger on a price that was touched between two looks', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, stopLimit('103', '102')));
    await clock.advance(250);
    prices.trade(SBIN, '102', 1);
    prices.trade(SBIN, '104', 1);
    prices.book(SBIN, '104', '104.1');
    await clock.advance(250);
    expect(await book(id)).toMatchObject({ status: 'triggered', filledQuantity: 0 });
    await clock.advance(250);
    prices.trade(SBIN, '103', 50);
    await clock.advance(250);
    expect(await fillsOf(id)).toEqual([[10, '103']]);
  });
});

describe('modify and cancel', () => {
  it('a changed price is a new arrival in the market', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    const { instrument, terms } = orderOf(SBIN, 'BUY', 10, limit('99'));
    const change = { ...limit('101'), quantity: 12, disclosedQuantity: 0 };
    const outcome = await client.execution.modify(
      { brokerOrderId: id, instrument, terms, change },
      callContext(),
    );
    expect(outcome.kind).toBe('accepted');
    expect(await fillsOf(id)).toEqual([[12, '100.1']]);
  });

  it('a quantity not above what is filled is refused and changes nothing', async () => {
    prices.book(SBIN, '100', '100.1', 4);
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('100.1')));
    const { instrument, terms } = orderOf(SBIN, 'BUY', 10, limit('100.1'));
    const change = { ...limit('100.1'), quantity: 4, disclosedQuantity: 0 };
    const outcome = await client.execution.modify(
      { brokerOrderId: id, instrument, terms, change },
      callContext(),
    );
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'QUANTITY_FILLED' });
    expect((await book(id)).terms.quantity).toBe(10);
  });

  it('cancel ends a resting order once; a second one is refused', async () => {
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    const { instrument, terms } = orderOf(SBIN, 'BUY', 10, limit('99'));
    const cancel = { brokerOrderId: id, instrument, terms };
    expect((await client.execution.cancel(cancel, callContext())).kind).toBe('accepted');
    expect((await book(id)).status).toBe('canceled');
    expect(await client.execution.cancel(cancel, callContext())).toMatchObject({
      kind: 'rejected',
      code: 'ORDER_CLOSED',
    });
    const unknown = { ...cancel, brokerOrderId: brokerOrderId('PNONE') };
    expect(await client.execution.cancel(unknown, callContext())).toMatchObject({
      code: 'ORDER_NOT_FOUND',
    });
  });
});

describe('the book', () => {
  it('gives the tag back, and two orders for one tag used twice', async () => {
    const order = orderOf(SBIN, 'BUY', 10, market());
    const first = acceptedId(await client.execution.place(order, callContext()));
    const second = acceptedId(await client.execution.place(order, callContext()));
    expect(second).not.toBe(first);
    const tagged = (await client.reports.orders(callContext())).filter(
      ({ clientTag }) => clientTag === order.clientTag,
    );
    expect(tagged.map(({ brokerOrderId: id }) => id)).toEqual([first, second]);
  });

  it('hints at each change after the call that made it', async () => {
    const hints: OrderHint[] = [];
    await client.orderUpdates.open((hint) => hints.push(hint), callContext());
    const running = place(SBIN, 'BUY', 10, market());
    expect(hints).toEqual([]);
    const id = acceptedId(await running);
    await clock.advance(0);
    expect(hints).toMatchObject([{ brokerOrderId: id }]);
  });

  it('stops its timer when nothing is live', async () => {
    expect(clock.pending).toBe(0);
    const id = acceptedId(await place(SBIN, 'BUY', 10, limit('99')));
    expect(clock.pending).toBe(1);
    const { terms } = orderOf(SBIN, 'BUY', 10, limit('99'));
    await client.execution.cancel({ brokerOrderId: id, terms }, callContext());
    await clock.advance(250);
    expect(clock.pending).toBe(0);
  });
});

describe('refusals', () => {
  const rejection = async (...order: Parameters<typeof orderOf>): Promise<unknown> => {
    const outcome = await place(...order);
    expect(await client.reports.orders(callContext())).toEqual([]);
    return outcome.kind === 'rejected' ? outcome.code : outcome;
  };

  it('name the rule that was broken and book no order', async () => {
    expect(await rejection(NIFTY_FUTURE, 'BUY', 64, market())).toBe('LOT_SIZE');
    expect(await rejection(SBIN, 'BUY', 0, market())).toBe('LOT_SIZE');
    expect(await rejection(SBIN, 'BUY', 1.5, market())).toBe('LOT_SIZE');
    expect(await rejection(SBIN, 'BUY', 1, limit('100.01'))).toBe('TICK_SIZE');
    expect(await rejection(SBIN, 'BUY', 1, stopMarket('100.01'))).toBe('TICK_SIZE');
    expect(await rejection(NIFTY_FUTURE, 'BUY', 1820, market())).toBe('FREEZE_QUANTITY');
    expect(await rejection(SBIN, 'BUY', 1, market(), { product: 'CARRY_FORWARD' })).toBe(
      'UNSUPPORTED_PRODUCT',
    );
    expect(await rejection(NIFTY_CALL, 'BUY', 65, market(), { product: 'DELIVERY' })).toBe(
      'UNSUPPORTED_PRODUCT',
    );
    expect(await rejection({ ...SBIN, kind: 'index' }, 'BUY', 1, market())).toBe('NOT_TRADABLE');
    expect(await rejection({ ...SBIN, symbol: 'NOPRICE' }, 'BUY', 1, market())).toBe('NO_PRICE');
    expect(await rejection(SBIN, 'SELL', 1, market(), { product: 'DELIVERY' })).toBe(
      'INSUFFICIENT_HOLDINGS',
    );
    expect(await rejection(SBIN, 'BUY', 100_000, market(), { product: 'DELIVERY' })).toBe(
      'INSUFFICIENT_FUNDS',
    );
    const expired = { ...NIFTY_CALL, expiry: '2026-01-07' as typeof NIFTY_CALL.expiry };
    expect(await rejection(expired, 'BUY', 65, market())).toBe('NOT_TRADABLE');
  });

  it('an aborted or late command is not sent', async () => {
    const order = orderOf(SBIN, 'BUY', 1, market());
    await clock.advance(10);
    expect(await client.execution.place(order, callContext(monotonicMs(9)))).toEqual({
      kind: 'not-sent',
      why: 'aborted',
    });
    const stopped = { ...callContext(), signal: AbortSignal.abort() };
    expect(await client.execution.place(order, stopped)).toEqual({
      kind: 'not-sent',
      why: 'aborted',
    });
    expect(await client.reports.orders(callContext())).toEqual([]);
  });
});
