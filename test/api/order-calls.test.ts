import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { cancelOrder } from '../../src/api/openalgo/cancel-order';
import { placeOrder } from '../../src/api/openalgo/place-order';
import { GatewayError } from '../../src/core/domain/errors';
import { epochMs } from '../../src/core/domain/ids';
import type { TestApi } from './fakes';
import { command, order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const limitOrder = (): Record<string, unknown> => ({
  apikey: api.keys.trade,
  strategy: 'ema-cross',
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'BUY',
  quantity: '5',
  pricetype: 'LIMIT',
  price: '812.50',
  product: 'MIS',
});
const place = (changes: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  request(api.app)
    .post('/api/v1/placeorder')
    .set(headers)
    .send({ ...limitOrder(), ...changes });

describe('placeorder', () => {
  it('passes the exact terms on and answers with our order id', async () => {
    const answer = await place({ price: 812.05, disclosed_quantity: 2, underlying_ltp: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      status: 'success',
      orderid: '260108000000041',
      state: 'accepted',
      order_status: 'open',
      account: 'paper-main',
      broker_order_id: 'P17',
      simulated: true,
    });
    expect(placeOrder.answer?.parse(answer.body)).toEqual(answer.body);
    expect(api.orders.placed).toHaveLength(1);
    expect(api.orders.placed[0]?.request).toEqual({
      account: null,
      terms: {
        instrument: { exchange: 'NSE', symbol: 'SBIN' },
        side: 'BUY',
        product: 'INTRADAY',
        timeInForce: 'DAY',
        orderType: 'LIMIT',
        limitPrice: '812.05',
        triggerPrice: null,
        quantity: 5,
        disclosedQuantity: 2,
      },
      strategy: 'ema-cross',
      clientOrderId: null,
      forceExit: false,
    });
    expect(api.orders.placed[0]?.caller.waitMs).toBe(10_000);
  });

  it.each([
    [{ force_exit: true }, true],
    [{ force_exit: false }, false],
    [{}, false],
  ])('passes %j on as forced: %p', async (changes, forced) => {
    expect((await place(changes)).status).toBe(200);
    expect(api.orders.placed[0]?.request.forceExit).toBe(forced);
  });

  it.each(['true', 'yes', 1, 0, '', null, []])(
    'refuses force_exit %j rather than guess',
    async (value) => {
      const answer = await place({ force_exit: value });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ status: 'error', field: 'force_exit' });
      expect(api.orders.calls).toBe(0);
    },
  );

  it.each([
    ['10.0', 10],
    ['1e2', 100],
    [' 7 ', 7],
    [3, 3],
    [1e3, 1000],
  ])('reads quantity %p as %p', async (written, meant) => {
    expect((await place({ quantity: written })).status).toBe(200);
    expect(api.orders.placed[0]?.request.terms.quantity).toBe(meant);
  });

  it('takes the documented defaults of the contract and the lower-case action', async () => {
    const { apikey, strategy, exchange, symbol } = limitOrder();
    const body = { apikey, strategy, exchange, symbol, action: 'sell', quantity: 1 };
    expect((await request(api.app).post('/api/v1/placeorder').send(body)).status).toBe(200);
    expect(api.orders.placed[0]?.request.terms).toMatchObject({
      side: 'SELL',
      orderType: 'MARKET',
      product: 'INTRADAY',
      limitPrice: null,
      triggerPrice: null,
      timeInForce: 'DAY',
    });
  });

  it.each([
    ['quantity', { quantity: 0 }],
    ['quantity', { quantity: '1_000' }],
    ['quantity', { quantity: 1.5 }],
    ['quantity', { quantity: 1_000_000_001 }],
    ['quantity', { quantity: true }],
    ['quantity', { quantity: '' }],
    ['quantity', { quantity: null }],
    ['quantity', { quantity: 'nan' }],
    ['quantity', { quantity: 'Infinity' }],
    ['quantity', { quantity: [5] }],
    ['price', { price: 0 }],
    ['price', { price: -1 }],
    ['price', { price: '1234567890123456' }],
    ['price', { price: 0.1 + 0.2 }],
    ['price', { pricetype: 'MARKET' }],
    ['trigger_price', { trigger_price: 812 }],
    ['trigger_price', { pricetype: 'SL' }],
    ['price', { pricetype: 'SL-M', trigger_price: 812 }],
    ['pricetype', { pricetype: 'limit' }],
    ['pricetype', { pricetype: null }],
    ['product', { product: 'BO' }],
    ['exchange', { exchange: 'NYSE' }],
    ['action', { action: 'Buy' }],
    ['symbol', { symbol: '' }],
    ['symbol', { symbol: 5 }],
    ['symbol', { symbol: 'S\ud800' }],
    ['strategy', { strategy: undefined }],
    ['disclosed_quantity', { disclosed_quantity: 6 }],
    ['disclosed_quantity', { disclosed_quantity: 0.5 }],
    ['validity', { validity: 'GTC' }],
    ['stoploss', { stoploss: 800 }],
    ['triggerPrice', { triggerPrice: 800 }],
    ['__proto__', JSON.parse('{"__proto__": 1}') as Record<string, unknown>],
    ['client_order_id', { client_order_id: 'two words' }],
    ['account', { account: 7 }],
  ])('refuses a bad %s before any order: %j', async (field, change) => {
    const text = JSON.stringify({ ...limitOrder(), ...change }).replace(
      /^\{/,
      field === '__proto__' ? '{"__proto__":1,' : '{',
    );
    const answer = await request(api.app).post('/api/v1/placeorder').type('json').send(text);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect((answer.body as { message: unknown }).message).toContain(field);
    expect(api.orders.calls).toBe(0);
  });

  it('takes the client order id from the body or the header, and refuses two different ones', async () => {
    await place({ client_order_id: 'a-1' });
    await place({}, { 'Idempotency-Key': 'a-2' });
    await place({ client_order_id: 'a-3' }, { 'Idempotency-Key': 'a-3' });
    const both = await place({ client_order_id: 'a-4' }, { 'Idempotency-Key': 'a-5' });
    expect(api.orders.placed.map((call) => call.request.clientOrderId)).toEqual([
      'a-1',
      'a-2',
      'a-3',
    ]);
    expect(both.status).toBe(400);
  });

  it('answers an order in doubt with 200 and says not to resend, even when its state is final', async () => {
    for (const state of ['submitted', 'denied'] as const) {
      api.orders.answer = () => ({
        order: order({ state, brokerOrderId: null, inDoubtSince: epochMs(1) }),
        command: null,
        replayed: false,
      });
      const answer = await place();
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        status: 'success',
        orderid: '260108000000041',
        in_doubt: true,
        message: 'sent, not confirmed; do not resend',
      });
    }
  });

  it('answers a queued order with 200 and its state', async () => {
    api.orders.answer = () => ({
      order: order({ state: 'queued', brokerOrderId: null }),
      command: command({ kind: 'place', n: 1, state: 'queued' }),
      replayed: false,
    });
    const answer = await place();
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ state: 'queued', order_status: 'open' });
  });

  it.each(['rejected', 'denied', 'expired'] as const)(
    'answers a %s order with 400, the words and the id',
    async (state) => {
      api.orders.answer = () => ({
        order: order({ state, brokerOrderId: null, reasonCode: 'RMS-1', reason: 'No margin' }),
        command: null,
        replayed: false,
      });
      const answer = await place();
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        status: 'error',
        message: 'No margin',
        orderid: '260108000000041',
        state,
        code: 'RMS-1',
      });
    },
  );

  it('calls an order that worked and then expired at the broker a success', async () => {
    api.orders.answer = () => ({
      order: order({ state: 'expired' }),
      command: null,
      replayed: true,
    });
    const answer = await place();
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ state: 'expired', replayed: true });
  });

  it('refuses an unknown account before the order', async () => {
    const answer = await place({ account: 'nobody' });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'ACCOUNT_UNKNOWN', field: 'account' });
    expect(api.orders.calls).toBe(0);
  });

  it.each([
    ['NO_SESSION', 403],
    ['LOT_SIZE', 400],
    ['CLIENT_ORDER_ID_REUSED', 409],
    ['STORE_UNAVAILABLE', 503],
  ] as const)('answers a thrown %s with %i and its message', async (code, status) => {
    api.orders.answer = () => {
      throw new GatewayError(code, 'said so');
    };
    const answer = await place();
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error', code, message: 'said so' });
  });

  it('answers 429 with the wait in whole seconds', async () => {
    api.orders.answer = () => {
      throw new GatewayError('BUCKET_FULL', 'full', { retryAfterMs: 1200 });
    };
    const answer = await place();
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.body).toMatchObject({ status: 'error', retry_after: 2 });
  });

  it.each([
    new Error('SQLITE /secret/path'),
    new GatewayError('INTERNAL', 'SQLITE /secret/path'),
    Object.assign(new Error('SQLITE /secret/path'), { status: 500 }),
  ])('hides the inside of a fault and gives its correlation id (%#)', async (fault) => {
    api.orders.answer = () => {
      throw fault;
    };
    const answer = await place({}, { 'X-Request-Id': 'my-request-1' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('SQLITE');
    expect(answer.body).toMatchObject({ code: 'INTERNAL', correlation_id: 'my-request-1' });
    expect(api.log.some((line) => line.message === 'request failed')).toBe(true);
  });
});

describe('modifyorder and cancelorder', () => {
  const modify = (changes: Record<string, unknown> = {}) =>
    request(api.app)
      .post('/api/v1/modifyorder')
      .send({
        ...limitOrder(),
        orderid: 260108000000041,
        trigger_price: '0',
        disclosed_quantity: '0',
        ...changes,
      });
  const cancel = (changes: Record<string, unknown> = {}) =>
    request(api.app)
      .post('/api/v1/cancelorder')
      .send({ apikey: api.keys.trade, strategy: '', orderid: 'P17', ...changes });

  it('passes the change and what the caller believes the order is', async () => {
    expect((await modify({ price: '811' })).status).toBe(200);
    expect(api.orders.modified).toEqual([
      {
        account: null,
        orderId: '260108000000041',
        change: {
          orderType: 'LIMIT',
          limitPrice: '811',
          triggerPrice: null,
          quantity: 5,
          disclosedQuantity: 0,
        },
        expected: {
          instrument: { exchange: 'NSE', symbol: 'SBIN' },
          side: 'BUY',
          product: 'INTRADAY',
        },
      },
    ]);
  });

  it.each(['disclosed_quantity', 'trigger_price', 'orderid', 'pricetype', 'product'])(
    'refuses a modify without %s',
    async (field) => {
      const answer = await modify({ [field]: undefined });
      expect(answer.status).toBe(400);
      expect((answer.body as { message: string }).message).toBe(
        `${field}: Missing data for required field.`,
      );
      expect(api.orders.calls).toBe(0);
    },
  );

  it('refuses client_order_id on a modify rather than ignore it', async () => {
    const answer = await modify({ client_order_id: 'a' });
    expect((answer.body as { message: string }).message).toBe('client_order_id: Unknown field.');
  });

  it.each([
    ['accepted', 200],
    ['queued', 200],
    ['submitted', 200],
    ['held', 200],
    ['in_doubt', 200],
    ['rejected', 400],
    ['denied', 400],
    ['expired', 400],
  ] as const)('answers a cancel whose command is %s with %i', async (state, status) => {
    api.orders.answer = () => ({
      order: order(),
      command: command({ state, reason: status === 400 ? 'Too late' : null }),
      replayed: false,
    });
    const answer = await cancel();
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status: status === 200 ? 'success' : 'error',
      orderid: '260108000000041',
      command_state: state,
      ...(status === 400 ? { message: 'Too late' } : {}),
      ...(state === 'in_doubt' ? { in_doubt: true } : {}),
    });
    if (status === 200) expect(cancelOrder.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it('marks an order in doubt in every answer about it', async () => {
    const doubtful = order({ state: 'submitted', brokerOrderId: null, inDoubtSince: epochMs(1) });
    for (const held of [null, command({ state: 'held' })]) {
      api.orders.answer = () => ({ order: doubtful, command: held, replayed: false });
      expect((await cancel()).body).toMatchObject({ status: 'success', in_doubt: true });
    }
  });

  it('answers a queued order that was cancelled in place with its final state', async () => {
    api.orders.answer = () => ({
      order: order({ state: 'canceled', brokerOrderId: null }),
      command: null,
      replayed: false,
    });
    expect((await cancel()).body).toMatchObject({ state: 'canceled', order_status: 'cancelled' });
  });
});
