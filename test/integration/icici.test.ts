import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { SAMPLE_USER, startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciUser } from '../../src/simulators/icici/sessions';
import { runCli } from '../support/cli-process';
import type { CliRun } from '../support/cli-process';
import { GatewayBench } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { startProcess } from '../support/gateway-process';
import type { GatewayProcess } from '../support/gateway-process';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

const ACCOUNT = 'icici-ab123456';
const OTHER: IciciUser = {
  userId: 'ZZ999999',
  name: 'RAVI IYER',
  password: 'another-password',
  totpSecret: 'KRSXG5CTMVRXEZLU',
  apps: [
    {
      appKey: 'an0therSampleKey',
      secretKey: 'an0therSampleSecret',
      redirectUrl: 'http://127.0.0.1/callback',
    },
  ],
};

let redis: Redis;
let simulator: IciciSimulator;
let bench: GatewayBench;
let gateway: GatewayProcess | undefined;

beforeAll(async () => {
  redis = connect('icici');
  await redis.flushdb();
  simulator = await startIciciSimulator({ users: [SAMPLE_USER, OTHER] });
  bench = await GatewayBench.open(redisUrl('icici'));
  gateway = await startProcess(bench, redisUrl('icici'), {
    TORAN_ICICI_API_URL: simulator.apiUrl,
    TORAN_ICICI_HISTORY_URL: simulator.historyUrl,
    TORAN_ICICI_LOGIN_URL: simulator.loginUrl,
    TORAN_ICICI_FEEDS_URL: simulator.feedsUrl,
    TORAN_ICICI_MASTER_URL: simulator.masterUrl,
    TORAN_MASTER_TIME: '00:00',
  });
}, 60_000);
afterAll(async () => {
  await gateway?.kill();
  await bench.close();
  await simulator.close();
  redis.disconnect();
});

const running = (): GatewayProcess => {
  if (gateway === undefined) throw new Error('the gateway did not start');
  return gateway;
};
const base = (): string => {
  const { address } = running();
  if (address === null) throw new Error('this gateway has no API');
  return `http://${address.host}:${String(address.port)}`;
};
/** How often an alarm was raised. */
const alarms = async (kind: string): Promise<number> => {
  const text = await (await fetch(`${base()}/metrics`)).text();
  const line = text
    .split('\n')
    .find((one) => one.startsWith('toran_alarms_total') && one.includes(`"${kind}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
};
const get = async (path: string): Promise<Reply> => {
  const response = await fetch(base() + path, { headers: { 'x-api-key': await bench.key() } });
  // The API answers JSON objects only; anything else fails the test that reads it.
  return { status: response.status, body: (await response.json()) as Reply['body'] };
};
/** The line of the account in GET /api/v1/accounts. */
const account = async (): Promise<Readonly<Record<string, unknown>>> => {
  const { body } = await get('/api/v1/accounts');
  // The list's own shape is checked in the API tests.
  const rows = body['data'] as readonly Readonly<Record<string, unknown>>[];
  return rows.find((row) => row['account'] === ACCOUNT) ?? {};
};
const toran = (args: readonly string[], input = ''): Promise<CliRun> =>
  runCli(args, { TORAN_DATA: bench.directory, TORAN_PORT: new URL(base()).port }, input);
const enter = (user: IciciUser): Promise<CliRun> => {
  const [app] = user.apps;
  const input = `apiKey=${app?.appKey ?? ''}\napiSecret=${app?.secretKey ?? ''}\n`;
  return toran(['accounts', 'credentials', ACCOUNT], input);
};
/** The address at which a browser ends once `user` has logged in. */
const loggedIn = (user: IciciUser): string => {
  const { apiSession, app } = simulator.sessions.login(user.apps[0]?.appKey ?? '');
  return `${app.redirectUrl}?apisession=${apiSession}`;
};
const paste = (pasted: string): Promise<Reply> =>
  bench.admin(running(), `accounts/${ACCOUNT}/login`, { pasted });
const call = (name: string, fields: object = {}): Promise<Reply> =>
  bench.call(running(), name, { account: ACCOUNT, ...fields });
const place = (fields: object = {}): Promise<Reply> =>
  bench.place(running(), {
    ...{ account: ACCOUNT, product: 'CNC', pricetype: 'LIMIT', price: '1001' },
    ...fields,
  });
const change = (orderid: unknown, fields: object): Promise<Reply> =>
  call('modifyorder', {
    ...{ orderid, symbol: 'SBIN', exchange: 'NSE', action: 'BUY', product: 'CNC' },
    ...{ pricetype: 'LIMIT', disclosed_quantity: '0', trigger_price: '0', ...fields },
  });
const status = async ({ body }: Reply): Promise<unknown> => {
  const answer = await call('orderstatus', { orderid: body['orderid'] });
  // The shape of an order's status is checked in the API tests.
  return (answer.body['data'] as Readonly<Record<string, unknown>>)['order_status'];
};
/** The order as the broker truly has it. */
const truly = ({ body }: Reply) =>
  simulator.book.orders().find((order) => order.orderId === body['broker_order_id']);
const untilStatus = (order: Reply, wanted: string): Promise<void> =>
  until(async () => (await status(order)) === wanted, 20_000);

// One story: each part goes on where the one before it ended.
describe('a day with Breeze', () => {
  it('begins with the master of the day, and with an account that cannot trade and says why', async () => {
    const sbin = { symbol: 'SBIN', exchange: 'NSE' };
    await until(async () => {
      const search = await bench.call(running(), 'search', { query: 'STABAN' });
      return JSON.stringify(search.body).includes('"symbol":"SBIN"');
    }, 20_000);
    const added = await toran([
      ...['accounts', 'add', '--broker', 'icici', '--login', 'AB123456', '--label', 'Main'],
    ]);
    expect([added.code, added.out]).toEqual([0, expect.stringContaining(ACCOUNT)]);
    expect((await toran(['accounts', 'default', ACCOUNT])).code).toBe(0);
    await until(async () => (await account())['readiness'] === 'no_credentials');
    await bench.admin(running(), `accounts/${ACCOUNT}/live`, { live: true, confirm: 'Main' });
    expect(await place()).toMatchObject({
      status: 403,
      body: { code: 'NO_SESSION', message: expect.stringContaining('apiKey, apiSecret') },
    });
    expect((await get('/ready')).status).toBe(503);
    expect((await call('symbol', sbin)).body).toMatchObject({ data: { brsymbol: 'STABAN' } });
  }, 60_000);

  it('refuses the login of another user, and raises an alarm', async () => {
    expect((await enter(OTHER)).code).toBe(0);
    await until(async () => (await account())['readiness'] === 'no_session');
    expect(await paste(loggedIn(OTHER))).toMatchObject({ body: { code: 'LOGIN_FAILED' } });
    expect(await alarms('login-identity')).toBe(1);
    expect(await place()).toMatchObject({ status: 403, body: { code: 'NO_SESSION' } });
    expect(simulator.book.orders()).toEqual([]);
  }, 60_000);

  it('is opened by a login by paste', async () => {
    expect((await enter(SAMPLE_USER)).code).toBe(0);
    expect(await paste('99999999')).toMatchObject({ body: { code: 'LOGIN_FAILED' } });
    const url = await toran(['login', ACCOUNT, '--url']);
    const key = encodeURIComponent(SAMPLE_USER.apps[0]?.appKey ?? '');
    const page = `${simulator.loginUrl}${key}`;
    expect(url.out).toMatch(new RegExp(`${page.replace(/[?.*+^$()|[\]]/g, '\\$&')}\\s`));
    const pasted = await toran(['login', ACCOUNT, '--paste'], loggedIn(SAMPLE_USER));
    expect([pasted.code, pasted.out]).toEqual([0, expect.stringContaining('T00:00:00.000+05:30')]);
    await until(async () => (await account())['readiness'] === 'ready');
    await until(() => simulator.stats().streams.listening === 1);
    expect((await get('/ready')).status).toBe(200);
  }, 60_000);

  it('places, fills and shows an order in every book', async () => {
    simulator.accounts.setHoldings([
      { exchange: 'NSE', stockCode: 'RELIND', quantity: 10, averagePrice: '1200' },
    ]);
    const order = await place({ quantity: '3' });
    expect(order).toMatchObject({ status: 200, body: { account: ACCOUNT } });
    expect(order.body).not.toHaveProperty('mode');
    await untilStatus(order, 'complete');
    const { orderid } = order.body;
    expect((await call('orderbook')).body).toMatchObject({
      data: { orders: [{ orderid, filled_quantity: 3, product: 'CNC', price: 1001 }] },
    });
    expect((await call('tradebook')).body).toMatchObject({
      data: [{ orderid, symbol: 'SBIN', quantity: 3 }],
    });
    expect((await call('positionbook')).body).toMatchObject({
      data: [{ symbol: 'SBIN', product: 'CNC', quantity: 3 }],
    });
    expect((await call('holdings')).body).toMatchObject({
      data: { holdings: [{ symbol: 'RELIANCE', quantity: 10 }] },
    });
    const { body } = await call('funds');
    const spent = 3 * 1_000;
    expect(body).toMatchObject({ data: { availablecash: (2_000_000 - spent).toFixed(2) } });
    const quotes = await call('quotes', { symbol: 'SBIN', exchange: 'NSE' });
    expect(quotes.body).toMatchObject({ data: { ltp: 1000, bid: 999.9, ask: 1000.1 } });
  }, 60_000);

  it('sends MARKET as a limit beyond the last price, and refuses what ICICI does not offer', async () => {
    const order = await place({ pricetype: 'MARKET', price: '0' });
    expect(order.status).toBe(200);
    expect(truly(order)).toMatchObject({ orderType: 'limit', price: '1030' });
    const before = simulator.book.orders().length;
    expect(await place({ product: 'MIS' })).toMatchObject({
      body: {
        code: 'UNSUPPORTED_PRODUCT',
        field: 'product',
        message: expect.stringMatching(/Margin and Option Plus/),
      },
    });
    expect(simulator.book.orders()).toHaveLength(before);
  }, 60_000);

  it('changes and cancels an order, each shown by a later reading', async () => {
    const order = await place({ price: '500', quantity: '2' });
    expect((await change(order.body['orderid'], { quantity: '1', price: '510' })).status).toBe(200);
    expect(truly(order)).toMatchObject({ price: '510', quantity: 1 });
    expect((await call('cancelorder', { orderid: order.body['orderid'] })).status).toBe(200);
    await untilStatus(order, 'cancelled');
  }, 60_000);

  it('goes on after the session died at noon: 403 until a new paste, then without a restart', async () => {
    const streams = simulator.stats().streams.opened;
    simulator.sessions.end();
    expect(await call('funds')).toMatchObject({
      status: 403,
      body: {
        code: 'SESSION_EXPIRED',
        message: expect.stringMatching(/log the account in again$/),
      },
    });
    expect(await place()).toMatchObject({ status: 403, body: { code: 'NO_SESSION' } });
    expect(await alarms('session-died')).toBe(1);
    expect((await get('/ready')).status).toBe(503);
    const before = simulator.book.orders().length;
    expect((await paste(loggedIn(SAMPLE_USER))).status).toBe(200);
    expect((await place({ price: '500' })).status).toBe(200);
    expect(simulator.book.orders()).toHaveLength(before + 1);
    await until(() => simulator.stats().streams.opened > streams);
    await until(() => simulator.stats().streams.listening === 1);
    await until(async () => (await get('/ready')).status === 200);
  }, 60_000);
});
