import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { placeSmartOrder } from '../../src/api/openalgo/place-smart-order';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const send = (changes: Record<string, unknown> = {}) =>
  request(api.app)
    .post('/api/v1/placesmartorder')
    .send({
      apikey: api.keys.trade,
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: 5,
      position_size: 100,
      ...changes,
    });

describe('placesmartorder', () => {
  it('passes the target and the own quantity on, and answers as placeorder does', async () => {
    const answer = await send({ client_order_id: 'a-1', pricetype: 'LIMIT', price: '812.5' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'success', orderid: '260108000000041' });
    expect(placeSmartOrder.answer?.parse(answer.body)).toEqual(answer.body);
    expect(api.orders.placed.map((call) => call.request)).toEqual([
      {
        account: null,
        terms: {
          instrument: { exchange: 'NSE', symbol: 'SBIN' },
          side: 'BUY',
          product: 'INTRADAY',
          timeInForce: 'DAY',
          orderType: 'LIMIT',
          limitPrice: '812.5',
          triggerPrice: null,
          quantity: 100,
          disclosedQuantity: 0,
        },
        strategy: 'ema-cross',
        clientOrderId: 'a-1',
        smart: { position: 100, flatQuantity: 5 },
      },
    ]);
  });

  it.each([
    [0, 0, 1],
    ['0', '-0', 1],
    [7, 0, 7],
    ['0', '-75.0', 75],
    [10, -5, 10],
  ])('takes quantity %p and position %p', async (quantity, position, placeholder) => {
    expect((await send({ quantity, position_size: position })).status).toBe(200);
    const placed = api.orders.placed[0]?.request;
    expect(placed?.smart).toStrictEqual({
      position: Number(position) + 0,
      flatQuantity: Number(quantity),
    });
    expect(placed?.terms.quantity).toBe(placeholder);
  });

  it.each([
    ['position_size', { position_size: undefined }],
    ['position_size', { position_size: null }],
    ['position_size', { position_size: '' }],
    ['position_size', { position_size: 1.5 }],
    ['position_size', { position_size: '1e10' }],
    ['position_size', { position_size: -1_000_000_001 }],
    ['position_size', { position_size: true }],
    ['quantity', { quantity: undefined }],
    ['quantity', { quantity: -1 }],
    ['quantity', { quantity: 0.5 }],
    ['quantity', { quantity: 1_000_000_001 }],
    ['price', { pricetype: 'LIMIT' }],
    ['underlying_ltp', { underlying_ltp: 800 }],
    ['positionSize', { positionSize: 1 }],
  ])('refuses a bad %s before any order: %j', async (field, change) => {
    const answer = await send(change);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect(api.orders.calls).toBe(0);
  });

  it.each([
    [{ position: 100, flatQuantity: 5 }, 'Positions Already Matched. No Action needed.'],
    [{ position: 100, flatQuantity: 0 }, 'Positions Already Matched. No Action needed.'],
    [{ position: 0, flatQuantity: 0 }, 'No OpenPosition Found. Not placing Exit order.'],
  ])('answers nothing to do at %j with 200, the words and no order id', async (smart, message) => {
    api.orders.answer = () => ({
      order: order({
        state: 'canceled',
        brokerOrderId: null,
        reasonCode: 'ALREADY_MATCHED',
        reason: 'the position is already as wanted',
        smart,
      }),
      command: null,
      replayed: false,
    });
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'success',
      message,
      account: 'paper-main',
      simulated: true,
    });
    expect(placeSmartOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it('answers an unknown position as a refusal, never as done', async () => {
    api.orders.answer = () => ({
      order: order({
        state: 'denied',
        brokerOrderId: null,
        reasonCode: 'POSITION_UNKNOWN',
        reason: "today's position is not known yet",
      }),
      command: null,
      replayed: false,
    });
    const answer = await send();
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', code: 'POSITION_UNKNOWN' });
  });

  it('needs the trade scope', async () => {
    expect((await send({ apikey: api.keys.read })).status).toBe(403);
    expect(api.orders.calls).toBe(0);
  });
});
