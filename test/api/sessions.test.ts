import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, epochMs } from '../../src/core/domain/ids';
import type { AccountReadiness } from '../../src/core/sessions/readiness';
import { account, readyAccount, startApi } from './fakes';
import type { TestApi } from './fakes';

let rows: AccountReadiness[];
let api: TestApi;
const readiness = {
  of: () => Promise.reject(new Error('not asked here')),
  all: () => Promise.resolve(rows),
};
beforeEach(async () => {
  rows = [readyAccount(account())];
  api = await startApi({ readiness });
});

describe('GET /api/v1/accounts', () => {
  const schema = ROUTES.find((route) => route.name === 'accounts')?.answer;

  it('says what each account needs, by the query’s key and by the header’s', async () => {
    const expiresAt = epochMs(api.clock.now() + 90_500);
    rows = [
      readyAccount(account(), {
        sessionNeeded: true,
        sessionExpiresAt: expiresAt,
        lastError: { code: 'TIMEOUT', message: 'slow', fix: 'wait' },
        outgoingAddress: { address: '203.0.113.7', reason: null },
      }),
    ];
    const byHeader = await request(api.app).get('/api/v1/accounts').set('X-API-KEY', api.keys.read);
    const byQuery = await request(api.app).get('/api/v1/accounts').query({ apikey: api.keys.read });
    expect([byHeader.status, byQuery.body]).toEqual([200, byHeader.body]);
    expect(schema?.parse(byHeader.body)).toEqual(byHeader.body);
    expect(byHeader.body).toMatchObject({
      data: [
        {
          account: 'paper-main',
          readiness: 'ready',
          session_expires_at: '2026-01-08T09:31:30.500+05:30',
          session_seconds_left: 90,
          last_error: { code: 'TIMEOUT', message: 'slow', fix: 'wait' },
          outgoing_address: '203.0.113.7',
          simulated: true,
        },
      ],
    });
  });

  it('is closed without a key and with a wrong one', async () => {
    expect((await request(api.app).get('/api/v1/accounts')).status).toBe(400);
    const wrong = await request(api.app).get('/api/v1/accounts').set('X-API-KEY', 'f'.repeat(64));
    expect([wrong.status, wrong.body]).toEqual([
      403,
      { status: 'error', message: 'Invalid openalgo apikey' },
    ]);
  });
});

describe('GET /ready', () => {
  const ready = (forwarded?: string) => {
    const call = request(api.app).get('/ready');
    return forwarded === undefined ? call : call.set('X-Forwarded-For', forwarded);
  };

  it.each(['ready', 'stopped'] as const)('is 200 while the default account is %s', async (word) => {
    const other = account({ accountId: accountId('two'), label: 'Two', isDefault: false });
    rows = [readyAccount(account(), { word }), readyAccount(other, { word: 'no_session' })];
    const answer = await ready();
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        status: 'success',
        ready: true,
        checks: { ledger: 'ok', redis: 'ok' },
        accounts: [
          { account: 'paper-main', is_default: true, readiness: word },
          { account: 'two', is_default: false, readiness: 'no_session' },
        ],
      },
    ]);
  });

  it.each(['no_session', 'no_credentials', 'not_connected'] as const)(
    'is 503 while the default account is %s',
    async (word) => {
      rows = [readyAccount(account(), { word })];
      const answer = await ready();
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ status: 'error', ready: false });
    },
  );

  it('is 503 without a default account, without Redis and without a ledger', async () => {
    rows = [];
    expect((await ready()).status).toBe(503);
    rows = [readyAccount(account())];
    api = await startApi({
      readiness,
      health: () => Promise.resolve({ ready: false, checks: { redis: 'failing' } }),
    });
    expect((await ready()).status).toBe(503);
    api = await startApi({
      readiness: { ...readiness, all: () => Promise.reject(new Error('locked')) },
    });
    expect((await ready()).status).toBe(503);
  });

  it('names no account and no part to callers from elsewhere', async () => {
    expect((await ready('198.51.100.9')).body).toEqual({ status: 'success', ready: true });
  });
});

describe('the login routes', () => {
  const url = '/api/admin/accounts/paper-main/login';
  const login = (body: object) =>
    request(api.app).post(url).set('X-API-KEY', api.keys.admin).send(body);

  it('give the address, take what was pasted, and audit without it', async () => {
    const pasted: string[] = [];
    api = await startApi({
      logins: {
        url: () => Promise.resolve('https://broker.example/login'),
        paste: (_account, text) => {
          pasted.push(text);
          return Promise.resolve(epochMs(api.clock.now() + 60_000));
        },
      },
    });
    const address = await request(api.app).get(url).set('X-API-KEY', api.keys.admin);
    expect(address.body).toMatchObject({ url: 'https://broker.example/login' });
    const done = await login({ pasted: 'code-55512345' });
    expect(done.body).toEqual({
      status: 'success',
      account: 'paper-main',
      session_expires_at: '2026-01-08T09:31:00.000+05:30',
      seconds_left: 60,
    });
    expect(pasted).toEqual(['code-55512345']);
    expect(api.audited).toMatchObject([
      { action: 'account.login', detail: { account: 'paper-main' } },
    ]);
    expect(JSON.stringify([api.audited, api.log])).not.toContain('55512345');
  });

  it.each([
    [{}, 400],
    [{ pasted: '' }, 400],
    [{ pasted: 'x'.repeat(4097) }, 400],
    [{ pasted: 5 }, 400],
    [{ pasted: 'code', more: 1 }, 400],
  ])('refuse %j before the broker is asked', async (body, status) => {
    let asked = 0;
    api = await startApi({
      logins: {
        url: () => Promise.resolve(''),
        paste: () => {
          asked += 1;
          return Promise.resolve(epochMs(0));
        },
      },
    });
    expect((await login(body)).status).toBe(status);
    expect(asked).toBe(0);
  });

  it.each([
    ['LOGIN_FAILED', 424],
    ['LOGIN_UNDER_WAY', 409],
    ['UNSUPPORTED', 501],
  ] as const)('answer %s with %i and audit the failure', async (code, status) => {
    api = await startApi({
      logins: {
        url: () => Promise.resolve(''),
        paste: () => Promise.reject(new GatewayError(code, 'said why')),
      },
    });
    const answer = await login({ pasted: 'code' });
    expect([answer.status, answer.body]).toMatchObject([status, { code, message: 'said why' }]);
    expect(api.audited).toEqual([
      { action: 'account.login-failed', detail: { account: 'paper-main', code } },
    ]);
  });

  it('need an admin key and an account that is there', async () => {
    const trade = await request(api.app)
      .post(url)
      .set('X-API-KEY', api.keys.trade)
      .send({ pasted: 'x' });
    expect(trade.status).toBe(403);
    const nobody = await request(api.app)
      .post('/api/admin/accounts/nobody/login')
      .set('X-API-KEY', api.keys.admin)
      .send({ pasted: 'x' });
    expect(nobody.body).toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
  });
});
