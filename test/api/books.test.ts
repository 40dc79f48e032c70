import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import { decimal } from '../../src/core/domain/decimal';
import { brokerOrderId, epochMs } from '../../src/core/domain/ids';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const read = async (name: string, extra: Record<string, unknown> = {}) => {
  const answer = await request(api.app)
    .post(`/api/v1/${name}`)
    .send({ apikey: api.keys.read, ...extra });
  if (answer.status === 200) {
    // The documented schema has every key that is sent, and its type.
    const schema = ROUTES.find((route) => route.name === name)?.answer;
    expect(schema?.parse(answer.body)).toEqual(answer.body);
    expect(answer.body).toMatchObject({
      status: 'success',
      account: 'paper-main',
      simulated: true,
    });
  }
  return answer;
};

describe('reads', () => {
  it('shows an order with the keys and types of the contract and ours', async () => {
    api.orders.found = order({
      state: 'partially_filled',
      isExit: true,
      batch: { id: '260108000000040', leg: 2 },
      filledQuantity: 2,
      averagePrice: decimal('812.123456'),
    });
    const answer = await read('orderbook');
    expect(answer.body).toMatchObject({
      data: {
        orders: [
          {
            symbol: 'SBIN',
            exchange: 'NSE',
            action: 'BUY',
            quantity: 5,
            price: 812.5,
            trigger_price: 0,
            pricetype: 'LIMIT',
            product: 'MIS',
            orderid: '260108000000041',
            order_status: 'open',
            timestamp: '08-Jan-2026 10:15:02',
            timestamp_iso: '2026-01-08T10:15:02.118+05:30',
            average_price: 812.1235,
            filled_quantity: 2,
            pending_quantity: 3,
            state: 'partially_filled',
            partial: true,
            in_doubt: false,
            is_exit: true,
            batch: { id: '260108000000040', leg: 2 },
          },
        ],
        statistics: {
          total_buy_orders: 1,
          total_sell_orders: 0,
          total_completed_orders: 0,
          total_open_orders: 1,
          total_rejected_orders: 0,
        },
      },
    });
  });

  it('calls neither an untouched nor a whole fill partial, and shows doubt', async () => {
    const whole = { state: 'filled', filledQuantity: 5 } as const;
    for (const changes of [{}, whole, { inDoubtSince: epochMs(1) }]) {
      api.orders.found = order(changes);
      expect((await read('orderbook')).body).toMatchObject({
        data: { orders: [{ partial: false, in_doubt: 'inDoubtSince' in changes }] },
      });
    }
  });

  it('counts a waiting stop and a cancelled order in none of open, completed, rejected', async () => {
    for (const state of ['trigger_pending', 'canceled'] as const) {
      api.orders.found = order({ state });
      expect((await read('orderbook')).body).toMatchObject({
        data: {
          statistics: {
            total_open_orders: 0,
            total_completed_orders: 0,
            total_rejected_orders: 0,
            total_buy_orders: 1,
          },
        },
      });
    }
  });

  it('gives the price type under both names in orderstatus', async () => {
    const answer = await read('orderstatus', { strategy: 's', orderid: 'P17' });
    expect(answer.body).toMatchObject({ data: { pricetype: 'LIMIT', price_type: 'LIMIT' } });
  });

  it('answers 404 for an order that is not there', async () => {
    api.orders.found = null;
    const answer = await read('orderstatus', { strategy: 's', orderid: '9' });
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ status: 'error', message: 'Order 9 not found' });
  });

  it('shows fills with their value', async () => {
    const owner = order();
    api.books.fills.push({
      order: owner,
      fill: {
        accountId: owner.accountId,
        tradeId: 'T9',
        orderId: owner.orderId,
        brokerOrderId: brokerOrderId('P17'),
        quantity: 5,
        price: decimal('812.4'),
        filledAt: epochMs(owner.createdAt),
      },
    });
    expect((await read('tradebook')).body).toMatchObject({
      data: [{ average_price: 812.4, trade_value: 4062, tradeid: 'T9', quantity: 5 }],
    });
  });

  it('shows positions with text averages and a null price when there is none', async () => {
    api.books.positions.push({
      instrument: { exchange: 'NSE', symbol: 'SBIN' },
      product: 'INTRADAY',
      quantity: -5,
      averagePrice: decimal('812.4'),
      lastPrice: null,
      realizedPnl: decimal('1.25'),
      unrealizedPnl: decimal('-3.5'),
    });
    expect((await read('positionbook')).body).toMatchObject({
      data: [{ quantity: -5, average_price: '812.40', ltp: null, pnl: -2.25 }],
    });
  });

  it('totals holdings, and leaves totals unknown when a price is missing', async () => {
    const infy = {
      instrument: { exchange: 'NSE', symbol: 'INFY' },
      quantity: 10,
      averagePrice: decimal('1501.2'),
      lastPrice: decimal('1513.2'),
    } as const;
    api.books.holdings.push(infy);
    expect((await read('holdings')).body).toMatchObject({
      data: {
        holdings: [{ symbol: 'INFY', product: 'CNC', pnl: 120, pnlpercent: 0.8 }],
        statistics: { totalholdingvalue: 15132, totalinvvalue: 15012, totalpnlpercentage: 0.8 },
      },
    });
    api.books.holdings.push({ ...infy, lastPrice: null });
    expect((await read('holdings')).body).toMatchObject({
      data: { statistics: { totalholdingvalue: null, totalinvvalue: 30024 } },
    });
  });

  it('shows funds as text with two decimals', async () => {
    expect((await read('funds')).body).toMatchObject({
      data: {
        availablecash: '152340.75',
        collateral: '0.00',
        m2munrealized: '-120.00',
        m2mrealized: '340.50',
        utiliseddebits: '24500.00',
      },
    });
  });

  it('names the broker in ping and ignores unknown fields', async () => {
    const answer = await read('ping', { count: 5 });
    expect(answer.body).toMatchObject({ data: { message: 'pong', broker: 'paper' } });
  });

  it('names the missing key as an object field', async () => {
    const answer = await request(api.app).post('/api/v1/funds').send({});
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      status: 'error',
      message: { apikey: ['Missing data for required field.'] },
    });
  });
});
