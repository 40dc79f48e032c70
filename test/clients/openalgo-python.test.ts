import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { until } from '../support/until';
import { ClientDriver } from './client-driver';
import { PaperGateway } from './paper-gateway';

const DRIVER = path.join(__dirname, 'openalgo_python_driver.py');
const SBIN = { symbol: 'SBIN', exchange: 'NSE' };
const BUY = { ...SBIN, action: 'BUY', product: 'MIS' };

/** Why the client cannot run here; null when it can. */
const obstacle = (): string | null => {
  const tried = spawnSync('python3', ['-c', 'import openalgo'], { timeout: 20_000 });
  if (tried.error !== undefined) return 'skipped: this machine has no python3';
  return tried.status === 0
    ? null
    : 'skipped: `pip install openalgo` (Python 3.12) puts the client within reach of python3';
};
const reason = obstacle();
const reachable = reason === null ? describe : describe.skip;

reachable(`the published Python client${reason === null ? '' : ` (${reason})`}`, () => {
  let gateway: PaperGateway;
  let client: ClientDriver;
  beforeAll(async () => {
    gateway = await PaperGateway.start();
    client = new ClientDriver('python3', DRIVER, gateway.base, gateway.key);
  }, 60_000);
  afterAll(async () => {
    await client.close();
    await gateway.close();
  });

  const works = async (method: string, fields: object = {}) => {
    const { returned } = await client.call(method, { ...fields });
    expect([method, returned]).toEqual([method, expect.objectContaining({ status: 'success' })]);
    return returned ?? {};
  };
  /** The client wraps every answer that is not 200 in an error of its own. */
  const refused = async (method: string, fields: object, code: number, says: string) => {
    const { returned } = await client.call(method, { ...fields });
    expect(returned).toMatchObject({
      status: 'error',
      code,
      error_type: 'http_error',
      message: expect.stringContaining(says),
    });
  };

  it('places, watches, modifies and cancels', async () => {
    const { orderid } = await works('placeorder', { ...BUY, quantity: 2 });
    await until(async () => {
      const { data } = await works('orderstatus', { order_id: orderid });
      return (data as { order_status: string }).order_status === 'complete'; // the contract's shape
    });
    const price = Math.floor((await gateway.price()) * 0.95);
    const limit = { ...BUY, price_type: 'LIMIT', quantity: 1 };
    const open = (await works('placeorder', { ...limit, price }))['orderid'];
    await works('modifyorder', { ...limit, order_id: open, price: price - 1 });
    await works('cancelorder', { order_id: open });
    await works('cancelallorder');
  });

  it('brings to a size, sends baskets and splits, closes', async () => {
    await works('placesmartorder', { ...BUY, quantity: 0, position_size: 5 });
    const leg = { ...BUY, pricetype: 'MARKET', quantity: 1 };
    const orders = [leg, { ...leg, symbol: 'INFY' }];
    await works('basketorder', { orders, sells_after_buys: true });
    await works('splitorder', { ...BUY, quantity: 5, splitsize: 2 });
    await works('openposition', { ...SBIN, product: 'MIS' });
    await works('closeposition');
  });

  it('passes client_order_id on, so that a repeat is the same order', async () => {
    const order = { ...BUY, client_order_id: 'python-1' };
    const first = await works('placeorder', order);
    expect(await works('placeorder', order)).toMatchObject({
      orderid: first['orderid'],
      replayed: true,
    });
  });

  it.each([
    ...['funds', 'orderbook', 'tradebook', 'positionbook', 'holdings', 'intervals'].map(
      (name) => [name, {}] as const,
    ),
    ...(['quotes', 'depth', 'symbol'] as const).map((name) => [name, SBIN] as const),
    ['multiquotes', { symbols: [SBIN] }],
    ['search', { query: 'nifty' }],
    ['expiry', { symbol: 'NIFTY', exchange: 'NFO', instrumenttype: 'options' }],
    ['instruments', { exchange: 'NSE_INDEX' }],
    ['analyzerstatus', {}],
    ['analyzertoggle', { mode: false }],
    ['holidays', { year: 2026 }],
    ['timings', { date: '2026-01-08' }],
    ['margin', { positions: [{ ...BUY, pricetype: 'MARKET', quantity: 1 }] }],
  ] as const)('reads %s', async (method, fields) => {
    await works(method, fields);
  });

  it('hears in its own words what is refused and what is not served', async () => {
    await refused('placeorder', { ...BUY, target: 5 }, 400, 'target: Unknown field.');
    await refused('closeposition', { product: 'MIS' }, 400, 'product: Unknown field.');
    await refused('orderstatus', { order_id: '1' }, 404, 'Order 1 not found');
    const day = { start_date: '2026-01-08', end_date: '2026-01-08', interval: 'D' };
    await refused('history', { ...SBIN, ...day }, 404, 'Not found');
  });
});
