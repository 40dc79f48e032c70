import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { basketOrder } from '../../src/api/openalgo/basket-order';
import { GatewayError } from '../../src/core/domain/errors';
import { epochMs, orderId } from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const BATCH = '260108000000041';
const buy = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', quantity: '5' };
const sell = { symbol: 'INFY', exchange: 'NSE', action: 'SELL', quantity: 2, product: 'CNC' };

const send = (orders: unknown, changes: Record<string, unknown> = {}) =>
  request(api.app)
    .post('/api/v1/basketorder')
    .send({ apikey: api.keys.trade, strategy: 'pairs', orders, ...changes });

/** Lets the legs end as `legs`, which may come in any order. */
const answerWith = (...legs: Partial<Order>[]): void => {
  const waiting = [...legs];
  api.orders.answer = () => ({
    order: order(waiting.shift() ?? {}),
    command: null,
    replayed: false,
  });
};
const leg = (n: number, symbol: string, changes: Partial<Order> = {}): Partial<Order> => ({
  orderId: orderId(`26010800000004${String(n)}`),
  terms: { ...order().terms, instrument: { exchange: 'NSE', symbol } },
  batch: { id: BATCH, leg: n },
  ...changes,
});

describe('basketorder', () => {
  it('passes all legs on as one request', async () => {
    const answer = await send([buy, sell], { sells_after_buys: true, client_order_id: 'b-1' });
    expect(answer.status).toBe(200);
    expect(api.orders.placed).toEqual([]);
    expect(api.orders.baskets).toHaveLength(1);
    expect(api.orders.baskets[0]?.request).toMatchObject({
      account: null,
      clientOrderId: 'b-1',
      sellsAfterBuys: true,
      legs: [
        {
          strategy: 'pairs',
          smart: null,
          terms: {
            instrument: { exchange: 'NSE', symbol: 'SBIN' },
            side: 'BUY',
            product: 'INTRADAY',
            orderType: 'MARKET',
            quantity: 5,
          },
        },
        { terms: { side: 'SELL', product: 'DELIVERY', quantity: 2 } },
      ],
    });
  });

  it('lets nothing wait unless it is asked to', async () => {
    await send([buy, sell]);
    expect(api.orders.baskets[0]?.request).toMatchObject({
      sellsAfterBuys: false,
      clientOrderId: null,
    });
  });

  it('answers 200 with each leg in the order of the request, good, refused and in doubt', async () => {
    answerWith(
      leg(3, 'TCS', { state: 'submitted', brokerOrderId: null, inDoubtSince: epochMs(1) }),
      leg(1, 'SBIN'),
      leg(2, 'INFY', { state: 'rejected', reasonCode: 'RMS-1', reason: 'No margin' }),
    );
    const answer = await send([buy, sell, { ...buy, symbol: 'TCS' }]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'success',
      account: 'paper-main',
      batch_id: BATCH,
      simulated: true,
      results: [
        {
          symbol: 'SBIN',
          exchange: 'NSE',
          product: 'MIS',
          status: 'success',
          orderid: '260108000000041',
          state: 'accepted',
          order_status: 'open',
          broker_order_id: 'P17',
          leg: 1,
        },
        {
          symbol: 'INFY',
          exchange: 'NSE',
          product: 'MIS',
          status: 'error',
          message: 'No margin',
          code: 'RMS-1',
          orderid: '260108000000042',
          state: 'rejected',
          order_status: 'rejected',
          broker_order_id: 'P17',
          leg: 2,
        },
        {
          symbol: 'TCS',
          exchange: 'NSE',
          product: 'MIS',
          status: 'success',
          orderid: '260108000000043',
          state: 'submitted',
          order_status: 'open',
          in_doubt: true,
          message: 'sent, not confirmed; do not resend',
          leg: 3,
        },
      ],
    });
    expect(basketOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it.each([
    ['orders[1].quantity', [buy, { ...sell, quantity: 0 }]],
    ['orders[0].action', [{ ...buy, action: 'Buy' }, sell]],
    ['orders[1].symbol', [buy, { ...sell, symbol: undefined }]],
    ['orders[1].strategy', [buy, { ...sell, strategy: 'x' }]],
    ['orders[1].underlying_ltp', [buy, { ...sell, underlying_ltp: 1 }]],
    ['orders[1].position_size', [buy, { ...sell, position_size: 1 }]],
    ['orders[1].force_exit', [buy, { ...sell, force_exit: 'true' }]],
    ['orders[1].price', [buy, { ...sell, pricetype: 'LIMIT' }]],
    ['orders[1].trigger_price', [buy, { ...sell, trigger_price: 5 }]],
    ['orders[1].disclosed_quantity', [buy, { ...sell, disclosed_quantity: 3 }]],
    ['orders[1]', [buy, 'SBIN']],
    ['orders', []],
    ['orders', new Array(51).fill(buy)],
    ['orders', undefined],
    ['orders', { ...buy }],
  ])('refuses the whole basket for %s and passes nothing on', async (field, orders) => {
    const answer = await send(orders);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect((answer.body as { message: string }).message).toContain(`${field}: `);
    expect(api.orders.calls).toBe(0);
  });

  it('forces the leg that says so and no other', async () => {
    expect((await send([buy, { ...sell, force_exit: true }])).status).toBe(200);
    const legs = api.orders.baskets[0]?.request.legs;
    expect(legs?.map((one) => one.forceExit)).toEqual([false, true]);
  });

  it('knows no force_exit for the whole basket', async () => {
    const answer = await send([buy, sell], { force_exit: true });
    expect(answer.body).toMatchObject({ status: 'error', field: 'force_exit' });
    expect(api.orders.calls).toBe(0);
  });

  it('takes 50 legs', async () => {
    expect((await send(new Array(50).fill(buy))).status).toBe(200);
    expect(api.orders.baskets[0]?.request.legs).toHaveLength(50);
  });

  it.each(['True', 'true', true])('takes sells_after_buys %p as asked', async (value) => {
    await send([buy, sell], { sells_after_buys: value });
    expect(api.orders.baskets[0]?.request).toMatchObject({ sellsAfterBuys: true });
  });

  it.each(['False', false])('takes sells_after_buys %p as not asked', async (value) => {
    await send([buy, sell], { sells_after_buys: value });
    expect(api.orders.baskets[0]?.request).toMatchObject({ sellsAfterBuys: false });
  });

  it.each(['yes', '', 1, null])('refuses sells_after_buys %p rather than guess', async (value) => {
    const answer = await send([buy, sell], { sells_after_buys: value });
    expect(answer.body).toMatchObject({ status: 'error', field: 'sells_after_buys' });
    expect(api.orders.calls).toBe(0);
  });

  it('answers the refusal of the order service with its code and field', async () => {
    api.orders.answer = () => {
      throw new GatewayError('LOT_SIZE', 'orders[1].quantity: not a lot', {
        field: 'orders[1].quantity',
      });
    };
    const answer = await send([buy, sell]);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'LOT_SIZE', field: 'orders[1].quantity' });
  });

  it('marks a replay', async () => {
    api.orders.answer = () => ({ order: order(), command: null, replayed: true });
    const answer = await send([buy], { client_order_id: 'b-1' });
    expect(answer.body).toMatchObject({ replayed: true, client_order_id: 'b-1', batch_id: null });
    expect(basketOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });
});
