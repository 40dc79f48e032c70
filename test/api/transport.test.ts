import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import type { TestApi } from './fakes';
import { startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const ping = () => ({ apikey: api.keys.read });
const post = (path: string, body: string | Buffer, type = 'application/json') =>
  request(api.app)
    .post(path)
    .set('Content-Type', type)
    .serialize(String)
    .send(body as string);

describe('paths', () => {
  it.each(['/api/v1/ping', '/api/v1/ping/', '/api/v1//ping', '/api/v1//ping/'])(
    'serves %s without a redirect',
    async (path) => {
      expect((await request(api.app).post(path).send(ping())).status).toBe(200);
    },
  );

  it('answers an unknown path as the contract does', async () => {
    const answer = await request(api.app).post('/api/v1/nope').send({});
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ status: 'error', message: 'Not found', path: '/api/v1/nope' });
  });

  it('answers a wrong method with 405, HEAD with 404 and OPTIONS with 200', async () => {
    const wrong = await request(api.app).get('/api/v1/ping');
    expect(wrong.status).toBe(405);
    expect(wrong.headers['allow']).toBe('POST');
    expect(wrong.body).toMatchObject({
      status: 'error',
      message: 'The method is not allowed for the requested URL.',
    });
    expect((await request(api.app).head('/api/v1/ping')).status).toBe(404);
    const options = await request(api.app).options('/api/v1/ping');
    expect(options.status).toBe(200);
    expect(options.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('answers a broken percent escape with 400', async () => {
    const answer = await request(api.app)
      .get('/api/admin/orders/%E0%A4%A/explain')
      .set('X-API-KEY', api.keys.admin);
    expect(answer.status).toBe(400);
  });
});

describe('bodies', () => {
  it.each(['text/plain', 'application/vnd.alert+json', 'APPLICATION/JSON; charset=latin1', 'a/b'])(
    'reads JSON sent as %s',
    async (type) => {
      expect((await post('/api/v1/ping', JSON.stringify(ping()), type)).status).toBe(200);
    },
  );

  it('skips a byte order mark, and of a repeated key takes the last', async () => {
    const text = `\ufeff{"apikey":"wrong","apikey":"${api.keys.read}"}`;
    expect((await post('/api/v1/ping', text)).status).toBe(200);
  });

  it.each([
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '5'],
    ['text', '"x"'],
    ['nothing', ''],
    ['broken JSON', '{"apikey":'],
    ['21 levels', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`],
    ['30000 levels', '['.repeat(30_000) + ']'.repeat(30_000)],
  ])('refuses %s with 400', async (_name, text) => {
    for (const path of ['/api/v1/placeorder', '/api/v1/ping']) {
      const answer = await post(path, text);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ status: 'error' });
    }
    expect(api.orders.calls).toBe(0);
  });

  it('takes 20 levels in a field that a read ignores, not 21', async () => {
    const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const send = (levels: number) =>
      post('/api/v1/ping', `{"apikey":"${api.keys.read}","x":${nested(levels - 1)}}`);
    expect((await send(20)).status).toBe(200);
    const refused = await send(21);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'BODY_NOT_JSON' });
  });

  it('refuses invalid UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`{"apikey":"${api.keys.trade}","strategy":"`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    const answer = await request(api.app)
      .post('/api/v1/placeorder')
      .set('Content-Type', 'application/json')
      .serialize((value: unknown) => value as string)
      .send(bytes as unknown as string);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'BODY_NOT_JSON' });
  });

  it('refuses a megabyte with 413', async () => {
    const text = JSON.stringify({ ...ping(), strategy: 'x'.repeat(1_000_000) });
    const answer = await post('/api/v1/placeorder', text);
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ status: 'error', code: 'BODY_TOO_LARGE' });
  });

  it('refuses a compressed body rather than unpack it', async () => {
    const answer = await request(api.app)
      .post('/api/v1/ping')
      .set('Content-Encoding', 'gzip')
      .set('Content-Type', 'application/json')
      .send('{}');
    expect(answer.status).toBe(400);
  });
});

describe('who may call', () => {
  it('answers a wrong key with exactly the body of the contract', async () => {
    const answer = await request(api.app)
      .post('/api/v1/funds')
      .send({ apikey: 'f'.repeat(64) });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ status: 'error', message: 'Invalid openalgo apikey' });
  });

  it.each(ROUTES.map((route) => [route.name, route] as const))(
    'guards %s: no key and the wrong scope are refused',
    async (_name, route) => {
      const { access } = route;
      if (access.kind !== 'key') {
        expect(['loopback', 'public']).toContain(access.kind);
        expect(route.path).toMatch(
          /^\/(health|ready|metrics|api\/v1\/openapi\.json|(strategy\/|chartink\/)?webhook\/:id$)/,
        );
        return;
      }
      const path = route.path.replace(':id', 'x');
      const call = async (key: string | null) => {
        const example = route.examples.request ?? {};
        const pending = request(api.app)[route.method](path);
        if (access.carrier === 'header') {
          return (key === null ? pending : pending.set('X-API-KEY', key)).send(example);
        }
        if (access.carrier === 'query') {
          return pending.query(
            key === null ? { ...example, apikey: '' } : { ...example, apikey: key },
          );
        }
        return pending.send(
          key === null ? { ...example, apikey: undefined } : { ...example, apikey: key },
        );
      };
      const missing = await call(null);
      expect(missing.status).toBe(access.carrier === 'header' ? 401 : 400);
      const wrongScopes = {
        read: ['admin'],
        trade: ['read', 'admin'],
        admin: ['read', 'trade'],
      } as const;
      for (const scope of wrongScopes[access.scope]) {
        const answer = await call(api.keys[scope]);
        expect(answer.status).toBe(403);
        expect(answer.body).toMatchObject({ status: 'error', code: 'SCOPE' });
        expect(answer.text).not.toContain('Invalid openalgo apikey');
      }
      expect(api.orders.calls).toBe(0);
      expect(api.audited).toEqual([]);
    },
  );

  it('lets a trade key read', async () => {
    const answer = await request(api.app).post('/api/v1/ping').send({ apikey: api.keys.trade });
    expect(answer.status).toBe(200);
  });

  it.each(['evil.example', 'evil.example:5000', '127.0.0.1.evil.example', ''])(
    'refuses the host name %p',
    async (host) => {
      const answer = await request(api.app).post('/api/v1/ping').set('Host', host).send(ping());
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
    },
  );

  it('takes an allowed host name in any case and with a port', async () => {
    const answer = await request(api.app)
      .post('/api/v1/ping')
      .set('Host', 'LocalHost:5000')
      .send(ping());
    expect(answer.status).toBe(200);
  });

  it('shows metrics on loopback, not through a proxy', async () => {
    expect((await request(api.app).get('/metrics')).text).toContain('toran_orders_total');
    const proxied = await request(api.app).get('/metrics').set('X-Forwarded-For', '203.0.113.9');
    expect(proxied.status).toBe(404);
  });

  it('serves health and its document to anybody', async () => {
    expect((await request(api.app).get('/health')).body).toEqual({ status: 'success' });
    expect((await request(api.app).get('/api/v1/openapi.json')).body).toMatchObject({
      openapi: '3.1.0',
    });
    const sick = await startApi({
      health: () => Promise.resolve({ ready: false, checks: { redis: 'failing' } }),
    });
    expect((await request(sick.app).get('/health/status')).status).toBe(200);
    const check = await request(sick.app).get('/health/check');
    expect(check.status).toBe(503);
    expect(check.body).toEqual({ status: 'error', ready: false, checks: { redis: 'failing' } });
  });

  it('sends no product name and no permission for other origins', async () => {
    const answer = await request(api.app).get('/health').set('Origin', 'https://evil.example');
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('rate of a key', () => {
  it('refuses the call above the rate, per account, and takes it again later', async () => {
    const slow = await startApi({}, 2);
    const call = (account?: string) =>
      request(slow.app).post('/api/v1/ping').send({ apikey: slow.keys.read, account });
    expect((await call()).status).toBe(200);
    expect((await call('Practice')).status).toBe(200);
    const refused = await call('paper-main');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.body).toMatchObject({ status: 'error', code: 'KEY_RATE', retry_after: 1 });
    await slow.clock.advance(500);
    expect((await call()).status).toBe(200);
  });

  it('gives invented account names one allowance together', async () => {
    const slow = await startApi({}, 2);
    const statuses: number[] = [];
    for (const name of ['a', 'b', 'c']) {
      const body = { apikey: slow.keys.read, account: name };
      statuses.push((await request(slow.app).post('/api/v1/ping').send(body)).status);
    }
    expect(statuses).toEqual([400, 400, 429]);
  });

  it('slows an address that tries wrong keys, and never the right key from there', async () => {
    const statuses = new Set<number>();
    for (let call = 0; call < 7; call += 1) {
      const answer = await request(api.app)
        .post('/api/v1/ping')
        .send({ apikey: `wrong-${call}` });
      statuses.add(answer.status);
    }
    expect([...statuses]).toEqual([403, 429]);
    expect((await request(api.app).post('/api/v1/ping').send(ping())).status).toBe(200);
  });
});

describe('correlation and log', () => {
  it('passes a plain request id on and replaces any other', async () => {
    const send = (id: string) =>
      request(api.app).post('/api/v1/cancelorder').set('X-Request-Id', id).send({
        apikey: api.keys.trade,
        strategy: 's',
        orderid: '1',
      });
    expect((await send('strategy-0001')).headers['x-request-id']).toBe('strategy-0001');
    const replaced = (await send('a b<script>')).headers['x-request-id'];
    expect(replaced).toMatch(/^[0-9a-f]{24}$/);
  });

  it('logs every request without its key, query or body', async () => {
    await request(api.app).post(`/api/v1/ping?apikey=${api.keys.read}`).send(ping());
    await request(api.app).get(`/api/v1/${api.keys.read}`);
    const lines = api.log.filter((line) => line.message === 'request');
    expect(lines.map((line) => line.fields['status'])).toEqual([200, 404]);
    expect(lines[0]?.fields).toMatchObject({ method: 'POST', path: '/api/v1/ping' });
    expect(JSON.stringify(api.log)).not.toContain(api.keys.read);
  });
});
