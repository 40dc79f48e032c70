import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { splitOrder } from '../../src/api/openalgo/split-order';
import { orderId } from '../../src/core/domain/ids';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const send = (changes: Record<string, unknown> = {}) =>
  request(api.app)
    .post('/api/v1/splitorder')
    .send({
      apikey: api.keys.trade,
      strategy: 'ema-cross',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: 130,
      splitsize: 50,
      ...changes,
    });

/** The children as the service would answer them, the second one refused. */
const answerChildren = (): void => {
  let n = 0;
  api.orders.answer = () => {
    n += 1;
    const refused = n === 2;
    return {
      order: order({
        orderId: orderId(`26010800000004${String(n)}`),
        terms: { ...order().terms, quantity: n === 3 ? 30 : 50 },
        batch: { id: '260108000000041', leg: n },
        ...(refused ? { state: 'rejected', reasonCode: 'RMS-1', reason: 'No margin' } : {}),
      }),
      command: null,
      replayed: false,
    };
  };
};

describe('splitorder', () => {
  it('passes all children on as one request that is judged by its sum', async () => {
    expect((await send({ client_order_id: 's-1', product: 'CNC' })).status).toBe(200);
    const [call] = api.orders.baskets;
    expect(call?.request).toMatchObject({ split: true, clientOrderId: 's-1', account: null });
    expect(call?.request.legs.map((leg) => leg.terms.quantity)).toEqual([50, 50, 30]);
    expect(call?.request.legs[0]?.terms).toMatchObject({ product: 'DELIVERY', side: 'BUY' });
  });

  it('answers each child in its order, refused ones too', async () => {
    answerChildren();
    const answer = await send();
    expect(answer.body).toEqual({
      status: 'success',
      total_quantity: 130,
      split_size: 50,
      account: 'paper-main',
      batch_id: '260108000000041',
      simulated: true,
      results: [
        expect.objectContaining({ order_num: 1, quantity: 50, status: 'success' }),
        {
          order_num: 2,
          quantity: 50,
          status: 'error',
          orderid: '260108000000042',
          message: 'No margin',
          code: 'RMS-1',
          state: 'rejected',
          order_status: 'rejected',
          broker_order_id: 'P17',
        },
        expect.objectContaining({ order_num: 3, quantity: 30, orderid: '260108000000043' }),
      ],
    });
    expect(splitOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it.each([
    [100, 1, 100],
    [5, 50, 1],
    ['1e2', '50', 2],
    ['100', '50.0', 2],
  ])('makes of %p by %p %p children', async (quantity, splitsize, count) => {
    expect((await send({ quantity, splitsize })).status).toBe(200);
    expect(api.orders.baskets[0]?.request.legs).toHaveLength(count);
  });

  it.each([
    ['splitsize', { splitsize: undefined }],
    ['splitsize', { splitsize: 0 }],
    ['splitsize', { splitsize: -5 }],
    ['splitsize', { splitsize: 1.5 }],
    ['splitsize', { splitsize: '' }],
    ['splitsize', { splitsize: true }],
    ['splitsize', { quantity: 101, splitsize: 1 }],
    ['splitsize', { quantity: 1_000_000_000, splitsize: 1 }],
    ['quantity', { quantity: 0 }],
    ['quantity', { quantity: 10.5 }],
    ['price', { pricetype: 'LIMIT' }],
    ['position_size', { position_size: 1 }],
    ['force_exit', { force_exit: true }],
    ['split_size', { split_size: 5 }],
  ])('refuses a bad %s and passes nothing on: %j', async (field, change) => {
    const answer = await send(change);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect(api.orders.calls).toBe(0);
  });

  it('says in the contract’s words that there would be too many', async () => {
    const { message } = (await send({ quantity: 101, splitsize: 1 })).body as { message: string };
    expect(message).toContain('Total number of orders would exceed maximum limit of 100');
  });

  it('marks practice and replays', async () => {
    api.orders.answer = () => ({
      order: order({ practice: true }),
      command: null,
      replayed: true,
    });
    const answer = await send({ quantity: 5, client_order_id: 's-1' });
    expect(answer.body).toMatchObject({ mode: 'analyze', replayed: true, client_order_id: 's-1' });
    expect(splitOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it('needs the trade scope', async () => {
    expect((await send({ apikey: api.keys.read })).status).toBe(403);
    expect(api.orders.calls).toBe(0);
  });
});
