import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { cancelAllOrder } from '../../src/api/openalgo/cancel-all-order';
import { closePosition } from '../../src/api/openalgo/close-position';
import { openPosition } from '../../src/api/openalgo/open-position';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, epochMs, orderId } from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const send = (name: string, changes: Record<string, unknown> = {}) =>
  request(api.app)
    .post(`/api/v1/${name}`)
    .send({ apikey: api.keys.trade, strategy: 'ema-cross', ...changes });

describe('cancelallorder', () => {
  it('ignores the strategy unless its scope is asked for', async () => {
    await send('cancelallorder');
    await send('cancelallorder', { scope: 'strategy', account: 'Practice' });
    expect(api.orders.canceledAll).toEqual([
      { account: null, strategy: null },
      { account: 'Practice', strategy: 'ema-cross' },
    ]);
  });

  it('lists what is canceled, failed and not confirmed, and counts it', async () => {
    const one = (id: string): Order => order({ orderId: orderId(id) });
    api.orders.cancelAllAnswer = {
      account: accountId('paper-main'),
      practice: false,
      canceled: [one('1'), one('2')],
      failed: [{ order: one('3'), message: 'Order 3 is filled' }],
      pending: [{ order: one('4'), message: 'remembered' }],
      leftAlone: 2,
    };
    const answer = await send('cancelallorder');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'success',
      canceled_orders: ['1', '2'],
      failed_cancellations: [{ orderid: '3', message: 'Order 3 is filled' }],
      pending_cancellations: [{ orderid: '4', message: 'remembered' }],
      message: 'Canceled 2 orders. Failed to cancel 1 order. 1 cancellation not confirmed yet.',
      account: 'paper-main',
      left_alone: 2,
      simulated: true,
    });
    expect(cancelAllOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it.each([
    ['scope', { scope: 'account' }],
    ['scope', { scope: true }],
    ['strategy', { scope: 'strategy', strategy: '' }],
    ['strategy', { strategy: undefined }],
    ['account', { account: 7 }],
    ['orderid', { orderid: '1' }],
  ])('refuses a bad %s and cancels nothing: %j', async (field, change) => {
    const answer = await send('cancelallorder', change);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect(api.orders.calls).toBe(0);
  });

  it('needs the trade scope and a known account', async () => {
    expect((await send('cancelallorder', { apikey: api.keys.read })).status).toBe(403);
    expect((await send('cancelallorder', { account: 'nobody' })).status).toBe(400);
    expect(api.orders.calls).toBe(0);
  });
});

const exit = (changes: Partial<Order> = {}): Order => {
  const { instrument, product, timeInForce } = order().terms;
  return order({
    terms: {
      ...{ instrument, product, timeInForce, side: 'SELL', orderType: 'MARKET' },
      ...{ limitPrice: null, triggerPrice: null, quantity: 5, disclosedQuantity: 0 },
    },
    ...changes,
  });
};

describe('closeposition', () => {
  it('says in the contract’s words that nothing was open', async () => {
    const answer = await send('closeposition');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'success',
      message: 'No open positions to close',
      results: [],
      closed_positions: 0,
      failed_closures: 0,
      unconfirmed_closures: 0,
      account: 'paper-main',
      simulated: true,
    });
  });

  it('reports every leg, and calls a position closed only when all of it is', async () => {
    const { instrument } = order().terms;
    api.positions.answer = () => ({
      account: accountId('paper-main'),
      practice: false,
      positions: 3,
      orders: [
        { order: exit(), command: null, replayed: false },
        {
          order: exit({
            terms: { ...exit().terms, instrument: { exchange: 'NSE', symbol: 'TCS' } },
            inDoubtSince: epochMs(1),
            state: 'submitted',
            brokerOrderId: null,
          }),
          command: null,
          replayed: false,
        },
        {
          order: exit({
            terms: { ...exit().terms, instrument: { exchange: 'NSE', symbol: 'INFY' } },
            state: 'rejected',
            reasonCode: 'RMS-1',
            reason: 'No margin',
          }),
          command: null,
          replayed: false,
        },
      ],
      left: [
        {
          instrument,
          product: 'INTRADAY',
          side: 'SELL',
          quantity: 2,
          code: 'EXIT_UNDER_WAY',
          message: 'SELL orders are open for it: 7',
        },
      ],
      replayed: false,
    });
    const answer = await send('closeposition', { client_order_id: 'c-1' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      message: 'Closed 0 of 3 positions; see results',
      closed_positions: 0,
      failed_closures: 2,
      unconfirmed_closures: 1,
      client_order_id: 'c-1',
      results: [
        { symbol: 'SBIN', action: 'SELL', quantity: 5, product: 'MIS', status: 'success' },
        { symbol: 'TCS', status: 'success', in_doubt: true },
        { symbol: 'INFY', status: 'error', message: 'No margin', code: 'RMS-1' },
        {
          symbol: 'SBIN',
          exchange: 'NSE',
          action: 'SELL',
          quantity: 2,
          status: 'error',
          code: 'EXIT_UNDER_WAY',
          message: 'SELL orders are open for it: 7',
        },
      ],
    });
    expect(closePosition.answer?.parse(answer.body)).toEqual(answer.body);
    expect(api.positions.closed).toEqual([
      { account: null, strategy: 'ema-cross', clientOrderId: 'c-1' },
    ]);
  });

  it('uses the contract’s words when everything was closed', async () => {
    api.positions.answer = () => ({
      account: accountId('paper-main'),
      practice: true,
      positions: 1,
      orders: [{ order: exit({ practice: true }), command: null, replayed: true }],
      left: [],
      replayed: true,
    });
    expect((await send('closeposition')).body).toMatchObject({
      message: 'All Open Positions Squared Off',
      closed_positions: 1,
      mode: 'analyze',
      replayed: true,
    });
  });

  it.each([
    ['TIMEOUT', 503],
    ['POSITION_UNKNOWN', 400],
  ] as const)('answers %s with %p, never as nothing open', async (code, status) => {
    api.positions.answer = () => {
      throw new GatewayError(code, 'not known');
    };
    const answer = await send('closeposition');
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error', code });
  });

  it.each([
    ['product', { product: 'MIS' }],
    ['symbolgroup', { symbolgroup: 'x' }],
    ['strategy', { strategy: undefined }],
    ['client_order_id', { client_order_id: 'a b' }],
  ])('refuses %s rather than close more than was meant: %j', async (field, change) => {
    const answer = await send('closeposition', change);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field });
    expect(api.positions.closed).toEqual([]);
  });

  it('needs the trade scope', async () => {
    expect((await send('closeposition', { apikey: api.keys.read })).status).toBe(403);
    expect(api.positions.closed).toEqual([]);
  });
});

describe('openposition', () => {
  const one = { symbol: 'SBIN', exchange: 'NSE', product: 'MIS' };

  it('gives the signed quantity', async () => {
    api.positions.quantity = () => -25;
    const answer = await send('openposition', { ...one, apikey: api.keys.read });
    expect(answer.body).toEqual({
      status: 'success',
      quantity: -25,
      account: 'paper-main',
      simulated: true,
    });
    expect(openPosition.answer?.parse(answer.body)).toEqual(answer.body);
    expect(api.positions.asked).toEqual([[null, { exchange: 'NSE', symbol: 'SBIN' }, 'INTRADAY']]);
  });

  it('answers a failed read as an error, not as 0', async () => {
    api.positions.quantity = () => {
      throw new GatewayError('TIMEOUT', 'The broker did not answer in time.');
    };
    const answer = await send('openposition', one);
    expect(answer.status).toBe(503);
    expect(answer.body).not.toHaveProperty('quantity');
  });

  it.each([
    ['symbol', { symbol: '' }],
    ['exchange', { exchange: 'nse' }],
    ['product', { product: 'INTRADAY' }],
    ['product', { product: undefined }],
    ['strategy', { strategy: undefined }],
  ])('refuses a bad %s: %j', async (field, change) => {
    const answer = await send('openposition', { ...one, ...change });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field });
  });
});
