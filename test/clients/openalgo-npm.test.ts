import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import path from 'node:path';
import { until } from '../support/until';
import { ClientDriver } from './client-driver';
import { PaperGateway } from './paper-gateway';

const DRIVER = path.join(__dirname, 'openalgo-npm-driver.cjs');
const SBIN = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', product: 'MIS' };

let gateway: PaperGateway;
let client: ClientDriver;
beforeAll(async () => {
  gateway = await PaperGateway.start();
  client = new ClientDriver(process.execPath, DRIVER, gateway.base, gateway.key);
}, 60_000);
afterAll(async () => {
  await client.close();
  await gateway.close();
});

/** A buy order well below the market, which stays open; its id and its price. */
const openOrder = async (): Promise<{ readonly orderId: string; readonly price: number }> => {
  const price = Math.floor((await gateway.price()) * 0.95);
  const fields = { ...SBIN, priceType: 'LIMIT', quantity: 2, price };
  const { returned } = await client.call('placeOrder', fields);
  return { orderId: String(returned?.['orderid']), price };
};
/** The order's row once it is in this state: an answer comes when the broker took the call, the book follows. */
const rowWhen = async (orderid: unknown, state: string): Promise<unknown> => {
  let row: Readonly<Record<string, unknown>> = {};
  await until(async () => {
    const { json } = await gateway.call('orderstatus', { strategy: 'NodeJS', orderid });
    row = json['data'] as typeof row; // the contract's shape
    return row['order_status'] === state;
  });
  return row;
};
const position = async (): Promise<unknown> => {
  const fields = { strategy: 'NodeJS', symbol: 'SBIN', exchange: 'NSE', product: 'MIS' };
  return (await gateway.call('openposition', fields)).json['quantity'];
};
const untilPosition = (quantity: number): Promise<void> =>
  until(async () => (await position()) === quantity);

describe('the published npm client', () => {
  it('placeOrder: places a market order with what it sends when nothing else is said', async () => {
    const { returned } = await client.call('placeOrder', SBIN);
    expect(returned).toMatchObject({ status: 'success', orderid: expect.any(String) });
    expect(await rowWhen(returned?.['orderid'], 'complete')).toMatchObject({
      ...SBIN,
      pricetype: 'MARKET',
      quantity: 1,
      strategy: 'NodeJS',
    });
  });

  it('placeOrder: passes price, client_order_id and other fields on in the words of the wire', async () => {
    const price = Math.floor((await gateway.price()) * 0.95);
    const fields = { ...SBIN, priceType: 'LIMIT', price, client_order_id: 'npm-1' };
    const first = await client.call('placeOrder', fields);
    const again = await client.call('placeOrder', fields);
    expect(again.returned).toMatchObject({ orderid: first.returned?.['orderid'], replayed: true });
    await client.call('cancelAllOrder');
    await rowWhen(first.returned?.['orderid'], 'cancelled');
  });

  it('placeOrder: hears in a 400 that the camel case name of a trigger is no field', async () => {
    const before = (await gateway.orders()).length;
    const fields = { ...SBIN, priceType: 'SL-M', triggerPrice: 800 };
    expect(await client.call('placeOrder', fields)).toEqual({
      thrown: {
        status: 400,
        body: {
          status: 'error',
          message: 'triggerPrice: Unknown field.',
          code: 'VALIDATION',
          field: 'triggerPrice',
        },
      },
    });
    expect(await gateway.orders()).toHaveLength(before);
  });

  it('placeSmartOrder: brings the position to its target, and says so when it is there', async () => {
    await client.call('placeSmartOrder', { ...SBIN, positionSize: 5 });
    await untilPosition(5);
    const { returned } = await client.call('placeSmartOrder', { ...SBIN, positionSize: 5 });
    expect(returned).toMatchObject({
      status: 'success',
      message: 'Positions Already Matched. No Action needed.',
    });
    expect(returned).not.toHaveProperty('orderid');
  });

  it('placeSmartOrder: without a target sends the text "undefined", which is refused', async () => {
    const { thrown } = await client.call('placeSmartOrder', SBIN);
    expect(thrown).toMatchObject({ status: 400, body: { field: 'position_size' } });
    expect(await position()).toBe(5);
  });

  it('modifyOrder: gets a 400 that names the two fields which it never sends', async () => {
    const { orderId, price } = await openOrder();
    const fields = { ...SBIN, orderId, quantity: 2, price: price - 1 };
    const { thrown } = await client.call('modifyOrder', fields);
    expect(thrown).toMatchObject({
      status: 400,
      body: {
        status: 'error',
        message:
          'trigger_price: Missing data for required field.; disclosed_quantity: Missing data for required field.',
      },
    });
    expect(await rowWhen(orderId, 'open')).toMatchObject({ price, quantity: 2 });
  });

  it('modifyOrder: works when the two are given in the words of the wire', async () => {
    const { orderId, price } = await openOrder();
    const wire = { trigger_price: '0', disclosed_quantity: '0' };
    const fields = { ...SBIN, orderId, quantity: 3, price: price - 1, ...wire };
    const { returned } = await client.call('modifyOrder', fields);
    expect(returned).toMatchObject({ status: 'success', orderid: orderId });
    await until(async () => {
      const row = await rowWhen(orderId, 'open');
      return (row as { price: number }).price === price - 1;
    });
    expect(await rowWhen(orderId, 'open')).toMatchObject({ quantity: 3 });
  });

  it('cancelOrder: cancels one order', async () => {
    const { orderId } = await openOrder();
    const { returned } = await client.call('cancelOrder', { orderId });
    expect(returned).toMatchObject({ status: 'success', orderid: orderId });
    await rowWhen(orderId, 'cancelled');
  });

  it('cancelAllOrder: cancels every open order', async () => {
    const { orderId } = await openOrder();
    const { returned } = await client.call('cancelAllOrder');
    expect(returned).toMatchObject({ status: 'success', failed_cancellations: [] });
    expect(returned?.['canceled_orders']).toContain(orderId);
    await rowWhen(orderId, 'cancelled');
  });

  it('closePosition: squares off, in the words that clients compare', async () => {
    await client.call('placeSmartOrder', { ...SBIN, positionSize: 7 });
    await untilPosition(7);
    const { returned } = await client.call('closePosition');
    expect(returned).toMatchObject({
      status: 'success',
      message: 'All Open Positions Squared Off',
      closed_positions: 1,
    });
    await untilPosition(0);
  });

  it('with a wrong key throws a 403 with the body of the contract', async () => {
    const stranger = new ClientDriver(process.execPath, DRIVER, gateway.base, 'f'.repeat(64));
    try {
      expect(await stranger.call('cancelAllOrder')).toEqual({
        thrown: { status: 403, body: { status: 'error', message: 'Invalid openalgo apikey' } },
      });
    } finally {
      await stranger.close();
    }
  });
});
