import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { accountId, brokerId, epochMs, orderId } from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import type { Gateway } from '../../src/gateway';
import { EmbeddedRedis, findRedisServer } from '../../src/infra/embedded-redis';
import { createLogger } from '../../src/infra/pino-logger';
import { FAULT_CODE, SessionBroker, WRONG_CODE } from '../fakes/session-broker';
import { GatewayBench } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { until } from '../support/until';

const ROOT = path.resolve(__dirname, '..', '..');
const REAL = accountId('main');

let directory: string;
let server: EmbeddedRedis;
let redis: Redis;
beforeAll(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'toran-session-redis-'));
  const found = findRedisServer(process.env['PATH'] ?? '');
  if (found === null) throw new Error('no redis-server on the PATH');
  server = await EmbeddedRedis.start({ directory, server: found, onEvent: () => undefined });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

let bench: GatewayBench;
let broker: SessionBroker;
let lines: string[];
/** Everything that any answer said. */
let answers: string[];
beforeEach(async () => {
  await redis.flushall();
  broker = new SessionBroker();
  lines = [];
  answers = [];
  bench = await GatewayBench.open(server.url, {
    TORAN_ORDER_WAIT_MS: '400',
    TORAN_ORDER_DEADLINE_MS: '20000',
  });
  await bench.ledger.addAccount(
    {
      accountId: REAL,
      broker: brokerId('session'),
      login: 'AB1234',
      label: 'Main book',
      isDefault: true,
      stoppedReason: null,
      live: false,
      twinOf: null,
    },
    epochMs(Date.now()),
  );
});
afterEach(() => bench.close());

const start = (environment: Readonly<Record<string, string>> = {}): Promise<Gateway> => {
  const sink = { write: (line: string) => lines.push(line) };
  return bench.start(environment, createLogger({ level: 'debug', pretty: false, sink }), {
    modules: [broker.module('session'), broker.module('session-live', true)],
  });
};
const noted = async (answer: Promise<Reply>): Promise<Reply> => {
  const reply = await answer;
  answers.push(JSON.stringify(reply));
  return reply;
};
const paste = (gateway: Gateway, code: string, account = 'main'): Promise<Reply> =>
  noted(bench.admin(gateway, `accounts/${account}/login`, { pasted: code }));
const place = (gateway: Gateway, fields: object = {}): Promise<Reply> =>
  noted(bench.place(gateway, { pricetype: 'LIMIT', price: '100', ...fields }));
const cancel = (gateway: Gateway, id: unknown): Promise<Reply> =>
  noted(bench.call(gateway, 'cancelorder', { orderid: id }));
const get = async (gateway: Gateway, target: string): Promise<Reply> => {
  const { host, port } = gateway.address ?? { host: '', port: 0 };
  const response = await fetch(`http://${host}:${String(port)}${target}`, {
    headers: { 'x-api-key': await bench.key() },
  });
  const text = await response.text();
  answers.push(text);
  const body = text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : { text };
  return { status: response.status, body };
};
const accountsOf = async (gateway: Gateway, id = 'main'): Promise<Record<string, unknown>> => {
  const { body } = await get(gateway, '/api/v1/accounts');
  // The API tests check the shape of the rows.
  const rows = body['data'] as Record<string, unknown>[];
  return rows.find((row) => row['account'] === id) ?? {};
};
const orderOf = async (reply: Reply): Promise<Order> => {
  const found = await bench.ledger.order(orderId(String(reply.body['orderid'])));
  if (found === null) throw new Error('no such order');
  return found;
};
const stored = async (): Promise<number> => (await bench.ledger.orders(REAL, epochMs(0))).length;
const NO_SESSION = {
  status: 403,
  body: { status: 'error', code: 'NO_SESSION', message: expect.stringContaining('no live broker') },
};
/** The broker ends the session, and this is the call that finds out. */
const endOn = (call: 'place' | 'positions'): void => {
  broker.endsOn = call;
};

describe('an account without a session', () => {
  it('has every kind of order refused at the door, with the reason and the fix', async () => {
    const gateway = await start();
    const order = { exchange: 'NSE', symbol: 'SBIN', pricetype: 'MARKET', product: 'MIS' };
    const leg = { ...order, action: 'BUY', quantity: '1' };
    const refused = [
      await place(gateway),
      await bench.call(gateway, 'basketorder', { orders: [leg, leg] }),
      await bench.call(gateway, 'splitorder', { ...leg, quantity: '4', splitsize: '2' }),
      await bench.call(gateway, 'placesmartorder', { ...leg, position_size: '5' }),
      await bench.call(gateway, 'closeposition', {}),
    ];
    for (const reply of refused) {
      expect(reply).toMatchObject(NO_SESSION);
      const message = String(reply.body['message']);
      expect(message).toContain('it was not logged in yet');
      expect(message).toContain('npm run toran -- login main --paste');
      expect(JSON.stringify(reply.body)).not.toMatch(/invalid openalgo apikey/i);
    }
    expect([await stored(), broker.calls]).toEqual([0, []]);
    expect(await get(gateway, '/ready')).toMatchObject({
      status: 503,
      body: {
        ready: false,
        accounts: expect.arrayContaining([
          { account: 'main', is_default: true, readiness: 'no_session' },
        ]),
      },
    });
  });

  it('takes orders from the moment of a login, without a restart, in every process', async () => {
    const gateway = await start();
    const other = await start();
    expect((await place(other)).status).toBe(403);
    const address = 'http://127.0.0.1:5000/session/callback?code=ab1234-111111';
    expect(await paste(gateway, address)).toMatchObject({
      status: 200,
      body: { account: 'main', session_expires_at: expect.stringMatching(/\+05:30$/) },
    });
    await until(async () => (await place(other)).status === 200);
    await until(() => broker.streams.join() === 'tok-111111');
    await until(async () => (await accountsOf(gateway))['readiness'] === 'ready');
    await until(async () => (await accountsOf(other))['readiness'] === 'ready');
    expect(await accountsOf(gateway)).toMatchObject({
      api_connected: true,
      session_needed: true,
      session_active: true,
      session_seconds_left: expect.any(Number),
      auto_login: { enabled: false },
      credentials: { complete: true, missing: [] },
      last_error: null,
      outgoing_address: null,
    });
    expect((await get(gateway, '/ready')).status).toBe(200);
    // A second login of the day: the stream moves to its token.
    await paste(other, 'AB1234-222222');
    await until(() => broker.streams.join() === 'tok-222222');
  });

  it('keeps its session over a loss of Redis and a restart of Toran', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    await bench.stop(gateway);
    await redis.flushall();
    const next = await start();
    expect((await place(next)).status).toBe(200);
    expect(broker.count('login')).toBe(1);
    await until(async () => (await redis.keys('toran:session:*')).length === 1);
  });

  it('still practises: its twin needs no session', async () => {
    await bench.ledger.addAccount(
      {
        accountId: accountId('careful'),
        broker: brokerId('session-live'),
        login: 'CD5678',
        label: 'Careful',
        isDefault: false,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      epochMs(Date.now()),
    );
    const gateway = await start();
    expect(
      await place(gateway, { account: 'careful', pricetype: 'MARKET', price: '0' }),
    ).toMatchObject({
      status: 200,
      body: { mode: 'analyze', account: 'paper-twin-careful' },
    });
    await bench.admin(gateway, 'accounts/careful/live', { live: true, confirm: 'Careful' });
    expect(await place(gateway, { account: 'careful' })).toMatchObject(NO_SESSION);
    // Those that need no login are ready all the time.
    await until(async () => (await accountsOf(gateway, 'neutral-main'))['readiness'] === 'ready');
    expect(await accountsOf(gateway, 'neutral-main')).toMatchObject({
      session_needed: false,
      session_active: true,
      session_expires_at: null,
    });
    // Twins are not listed: they need nothing.
    expect(await accountsOf(gateway, 'paper-twin-careful')).toEqual({});
  });
});

describe('a session that ends', () => {
  it('refuses cancels and modifies of what is at the broker, and lets them go after a login', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    const resting = await place(gateway);
    expect(resting).toMatchObject({ status: 200, body: { state: 'accepted' } });
    endOn('positions');
    await bench.call(gateway, 'positionbook', {});
    await until(async () => (await accountsOf(gateway))['session_active'] === false);
    const id = resting.body['orderid'];
    const modify = await bench.call(gateway, 'modifyorder', {
      ...{ orderid: id, exchange: 'NSE', symbol: 'SBIN', action: 'BUY', product: 'MIS' },
      ...{ pricetype: 'LIMIT', price: '101', quantity: '1', disclosed_quantity: '0' },
      trigger_price: '0',
    });
    for (const reply of [await cancel(gateway, id), modify]) {
      expect(reply).toMatchObject(NO_SESSION);
      expect(reply.body['message']).toContain('saying “Session is not valid”');
    }
    expect(await bench.ledger.commandsOf((await orderOf(resting)).orderId)).toHaveLength(1);
    expect((await accountsOf(gateway))['last_error']).toMatchObject({
      code: 'NO_SESSION',
      fix: 'Log it in: npm run toran -- login main --paste',
    });
    await paste(gateway, 'AB1234-222222');
    expect((await cancel(gateway, id)).status).toBe(200);
    await until(async () => (await orderOf(resting)).state === 'canceled');
  });

  it('leaves a queued order queued: it can be cancelled without a call, and goes after a login, once', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    await until(() => broker.streams.length === 1);
    endOn('place');
    const first = await place(gateway);
    expect([first.status, (await orderOf(first)).state]).toEqual([200, 'queued']);
    const tried = broker.count('place');
    expect(await cancel(gateway, first.body['orderid'])).toMatchObject({
      status: 200,
      body: { state: 'canceled' },
    });
    expect(broker.count('cancel')).toBe(0);
    expect(await place(gateway)).toMatchObject(NO_SESSION);
    expect(broker.count('place')).toBe(tried);
    await paste(gateway, 'AB1234-222222');
    const third = await place(gateway, { price: '98' });
    await until(async () => (await orderOf(third)).state === 'accepted');
    expect((await orderOf(first)).state).toBe('canceled');
  });

  it('is named by the order that waited for it in vain; nobody asked the broker meanwhile', async () => {
    const gateway = await start({ TORAN_ORDER_DEADLINE_MS: '2500' });
    await paste(gateway, 'AB1234-111111');
    await until(() => broker.streams.length === 1);
    endOn('place');
    const waiting = await place(gateway);
    expect(waiting.status).toBe(200);
    await until(async () => (await orderOf(waiting)).state === 'expired');
    const order = await orderOf(waiting);
    expect(order.reasonCode).toBe('DEADLINE');
    expect(order.reason).toContain('waited past its deadline and was not sent: Main book (main)');
    expect(order.reason).toContain('no live broker session: the broker ended it');
    // The call by which the end was found out; then no slot of the broker's limits was taken.
    expect(broker.count('place')).toBe(1);
    expect((await bench.ledger.commandsOf(order.orderId))[0]?.attempt).toBe(2);
    expect(broker.orders).toEqual([]);
  });

  it('lets a waiting order go after a login, once', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    await until(() => broker.streams.length === 1);
    endOn('place');
    const waiting = await place(gateway);
    expect((await orderOf(waiting)).state).toBe('queued');
    await paste(gateway, 'AB1234-222222');
    await until(async () => (await orderOf(waiting)).state === 'accepted');
    expect(broker.orders).toHaveLength(1);
  });

  it('does not hide an order that was accepted: its repeat still finds it', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    const first = await place(gateway, { client_order_id: 'mine-1' });
    endOn('positions');
    await bench.call(gateway, 'positionbook', {});
    await until(async () => (await accountsOf(gateway))['session_active'] === false);
    expect(await place(gateway, { client_order_id: 'mine-1' })).toMatchObject({
      status: 200,
      body: { orderid: first.body['orderid'], replayed: true },
    });
    expect(await place(gateway, { client_order_id: 'mine-2' })).toMatchObject(NO_SESSION);
  });
});

describe('a login', () => {
  it('of another user is refused and raises an alarm; the session from before stays', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-111111');
    const refused = await paste(gateway, 'XY9876-222222');
    expect(refused).toMatchObject({ status: 424, body: { code: 'LOGIN_FAILED' } });
    expect(refused.body['message']).toContain('belongs to XY…76, not to AB1234');
    const { body } = await get(gateway, '/metrics');
    expect(body['text']).toContain('toran_alarms_total{account="main",name="login-identity"} 1');
    expect((await place(gateway)).status).toBe(200);
    expect(broker.calls).toContain('place tok-111111');
    expect((await accountsOf(gateway))['last_error']).toMatchObject({ code: 'LOGIN_FAILED' });
  });

  it('leaves no trace of what was pasted or given, wherever one looks', async () => {
    const gateway = await start();
    await paste(gateway, 'AB1234-618205');
    await paste(gateway, `http://127.0.0.1:5000/cb?x=1&code=AB1234-${WRONG_CODE}`);
    await paste(gateway, `AB1234-${FAULT_CODE}`);
    await paste(gateway, 'neither-424817');
    await paste(gateway, 'XY9876-385160');
    await place(gateway);
    endOn('place');
    await place(gateway);
    await accountsOf(gateway);
    await get(gateway, '/metrics');
    await until(async () => (await accountsOf(gateway))['session_active'] === false);
    const file = path.join(bench.directory, 'ledger.sqlite');
    const db = new DatabaseSync(file, { readOnly: true });
    const audit = db.prepare('SELECT action, detail FROM audit ORDER BY seq').all();
    const rows = JSON.stringify(db.prepare('SELECT * FROM session_tokens').all());
    db.close();
    expect(audit.map((row) => row['action'])).toEqual([
      'account.login',
      ...Array.from({ length: 4 }, () => 'account.login-failed'),
    ]);
    const everywhere = [...lines, ...answers, JSON.stringify(audit), rows].join('\n');
    expect(everywhere).toContain('LOGIN_FAILED');
    for (const secret of ['618205', WRONG_CODE, FAULT_CODE, '424817', '385160', 'tok-']) {
      const at = everywhere.indexOf(secret);
      expect(at < 0 ? '' : everywhere.slice(Math.max(0, at - 80), at + 40)).toBe('');
    }
  });

  it('is one at a time over all processes; the same text twice is the same login', async () => {
    const [gateway, other] = [await start(), await start()];
    let letGo = (): void => undefined;
    broker.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const first = paste(gateway, 'AB1234-111111');
    await until(() => broker.count('login') === 1);
    const again = paste(gateway, 'AB1234-111111');
    const busy = { status: 409, body: { code: 'LOGIN_UNDER_WAY' } };
    expect(await paste(gateway, 'AB1234-222222')).toMatchObject(busy);
    expect(await paste(other, 'AB1234-222222')).toMatchObject(busy);
    letGo();
    expect([(await first).status, (await again).status]).toEqual([200, 200]);
    expect(broker.count('login')).toBe(1);
    expect((await paste(other, 'AB1234-222222')).status).toBe(200);
  });
});

describe('toran login', () => {
  const toran = (
    port: number,
    args: readonly string[],
    input: string,
  ): Promise<{ code: unknown; out: string; err: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          ...['--require', path.join(ROOT, 'test', 'support', 'swc-register.cjs')],
          ...[path.join(ROOT, 'src', 'cli', 'main.ts'), '--json', 'login', ...args],
        ],
        {
          env: {
            PATH: process.env['PATH'],
            TORAN_DATA: bench.directory,
            TORAN_PORT: String(port),
          },
        },
        (fault, out, err) => {
          resolve({ code: fault?.code ?? 0, out, err });
        },
      );
      child.stdin?.end(input);
    });

  it('prints the address, reads the paste from its input, and gives the running gateway the session', async () => {
    const gateway = await start();
    const port = gateway.address?.port ?? 0;
    const shown = await toran(port, ['main', '--url'], '');
    expect(JSON.parse(shown.out)).toEqual([
      { account: 'main', url: 'https://broker.example/login?app=app-main' },
    ]);
    const done = await toran(port, ['Main book', '--paste'], 'AB1234-111111\n');
    expect(done.code).toBe(0);
    expect(done.err).toContain('https://broker.example/login?app=app-main');
    expect(JSON.parse(done.out)).toMatchObject([{ account: 'main' }]);
    expect(`${done.out}${done.err}`).not.toContain('111111');
    expect((await place(gateway)).status).toBe(200);
    // The key of the command is gone again.
    const keys = await bench.ledger.apiKeys();
    expect(keys.filter((one) => one.label === 'toran login').map((one) => one.revokedAt)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
  }, 60_000);

  it('tells what is wrong and ends with a fault', async () => {
    const gateway = await start();
    const port = gateway.address?.port ?? 0;
    const [wrong, empty, both, none, practice] = await Promise.all([
      toran(port, ['main', '--paste'], 'XY9876-111111'),
      toran(port, ['main', '--paste'], ' \n'),
      toran(port, ['main', '--paste', '--url'], ''),
      toran(1, ['main', '--url'], ''),
      toran(port, ['neutral', '--url'], ''),
    ]);
    expect([wrong.code, empty.code, both.code, none.code, practice.code]).toEqual([1, 2, 2, 1, 2]);
    expect(wrong.err).toContain('belongs to XY…76, not to AB1234');
    expect(none.err).toContain('start it with `npm start`');
    expect(practice.err).toContain('needs no login');
    expect(await redis.keys('toran:session:*')).toEqual([]);
  }, 60_000);
});
