import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { TestApi } from './fakes';
import { startApi } from './fakes';

let api: TestApi;
let apikey: string;
beforeEach(async () => {
  api = await startApi();
  apikey = api.keys.trade;
});

const send = (name: string, body: object, headers: Record<string, string> = {}) =>
  request(api.app).post(`/api/v1/${name}`).set(headers).send(body);

// Bodies as the published clients build them (section 17 of the contract's description).
describe('the Node client 1.0.0', () => {
  it('places a market order with text quantity and default words', async () => {
    const body = {
      apikey,
      strategy: 'NodeJS',
      symbol: 'SBIN',
      action: 'BUY',
      exchange: 'NSE',
      pricetype: 'MARKET',
      product: 'MIS',
      quantity: '1',
    };
    expect((await send('placeorder', body)).status).toBe(200);
    expect((await send('placeorder', { ...body, pricetype: 'LIMIT', price: 812.5 })).status).toBe(
      200,
    );
    const camel = await send('placeorder', { ...body, triggerPrice: 800 });
    expect(camel.status).toBe(400);
    expect(camel.body).toMatchObject({ message: 'triggerPrice: Unknown field.' });
    expect(api.orders.placed).toHaveLength(2);
  });

  it('gets the contract’s refusal for a modify without the fields that it never sends', async () => {
    const answer = await send('modifyorder', {
      apikey,
      strategy: 'NodeJS',
      orderid: '260108000000041',
      symbol: 'SBIN',
      action: 'BUY',
      exchange: 'NSE',
      pricetype: 'LIMIT',
      product: 'MIS',
      quantity: '1',
      price: '812.5',
    });
    expect(answer.status).toBe(400);
    expect((answer.body as { message: string }).message).toBe(
      'trigger_price: Missing data for required field.; disclosed_quantity: Missing data for required field.',
    );
  });

  it('cancels', async () => {
    const body = { apikey, orderid: '260108000000041', strategy: 'NodeJS' };
    expect((await send('cancelorder', body)).status).toBe(200);
  });
});

describe('the Node client 1.0.4', () => {
  const bearer = { Authorization: 'Bearer whatever-it-sends' };

  it('places a stop order with all numbers as text', async () => {
    const answer = await send(
      'placeorder',
      {
        apikey,
        strategy: 'NodeJS',
        symbol: 'SBIN',
        action: 'SELL',
        exchange: 'NSE',
        pricetype: 'SL',
        product: 'MIS',
        quantity: '10',
        price: '810',
        trigger_price: '811.5',
        disclosed_quantity: '0',
      },
      bearer,
    );
    expect(answer.status).toBe(200);
    expect(api.orders.placed[0]?.request.terms).toMatchObject({
      orderType: 'STOP_LIMIT',
      limitPrice: '810',
      triggerPrice: '811.5',
      quantity: 10,
    });
  });

  it('places a smart order and a basket with all numbers as text', async () => {
    const terms = { symbol: 'SBIN', exchange: 'NSE', pricetype: 'MARKET', product: 'MIS' };
    const smart = await send(
      'placesmartorder',
      {
        apikey,
        strategy: 'NodeJS',
        ...terms,
        action: 'SELL',
        quantity: '0',
        position_size: '-5',
        price: '0',
        trigger_price: '0',
        disclosed_quantity: '0',
      },
      bearer,
    );
    expect(smart.status).toBe(200);
    expect(api.orders.placed[0]?.request.smart).toEqual({ position: -5, flatQuantity: 0 });
    const orders = [{ ...terms, action: 'BUY', quantity: '1' }];
    const basket = await send('basketorder', { apikey, strategy: 'NodeJS', orders }, bearer);
    expect(basket.status).toBe(200);
    expect(api.orders.baskets[0]?.request.legs).toHaveLength(1);
  });

  it('modifies with all twelve fields, defaults 0', async () => {
    const answer = await send('modifyorder', {
      apikey,
      orderid: '260108000000041',
      strategy: 'NodeJS',
      symbol: 'SBIN',
      action: 'BUY',
      exchange: 'NSE',
      pricetype: 'LIMIT',
      product: 'MIS',
      quantity: '5',
      price: '811',
      disclosed_quantity: '0',
      trigger_price: '0',
    });
    expect(answer.status).toBe(200);
    expect(api.orders.modified[0]?.change).toMatchObject({ limitPrice: '811', quantity: 5 });
  });

  it('reads status and books, also with a trailing slash', async () => {
    const status = { apikey, strategy: 'NodeJS', orderid: '260108000000041' };
    expect((await send('orderstatus', status)).status).toBe(200);
    for (const name of ['funds', 'orderbook', 'tradebook', 'positionbook', 'holdings/']) {
      expect((await send(name, { apikey })).status).toBe(200);
    }
  });
});

describe('the Python client', () => {
  it('places, modifies, cancels and reads with everything numeric as text', async () => {
    const terms = {
      apikey,
      strategy: 'Python',
      symbol: 'NHPC',
      action: 'BUY',
      exchange: 'NSE',
      pricetype: 'LIMIT',
      product: 'CNC',
      quantity: '1',
      price: '80.5',
    };
    expect((await send('placeorder', terms)).status).toBe(200);
    const change = { ...terms, orderid: '1', trigger_price: '0', disclosed_quantity: '0' };
    expect((await send('modifyorder', change)).status).toBe(200);
    const one = { apikey, strategy: 'Python', orderid: '1' };
    expect((await send('cancelorder', one)).status).toBe(200);
    expect((await send('orderstatus', one)).status).toBe(200);
    expect(api.orders.placed[0]?.request.terms).toMatchObject({
      product: 'DELIVERY',
      limitPrice: '80.5',
    });
  });

  it('has its stoploss and target keywords refused, as by the contract', async () => {
    const answer = await send('placeorder', {
      apikey,
      strategy: 'Python',
      symbol: 'NHPC',
      action: 'BUY',
      exchange: 'NSE',
      pricetype: 'MARKET',
      product: 'MIS',
      quantity: '1',
      target: '90',
      stoploss: '70',
    });
    expect(answer.status).toBe(400);
    expect(api.orders.calls).toBe(0);
  });
});
