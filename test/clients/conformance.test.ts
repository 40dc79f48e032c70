import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Route } from '../../src/api/route';
import { ROUTES } from '../../src/api/routes';
import { until } from '../support/until';
import { PaperGateway } from './paper-gateway';
import type { Reply } from './paper-gateway';

const WRONG_KEY = { status: 'error', message: 'Invalid openalgo apikey' };
const MISSING = 'Missing data for required field.';

const CONTRACT = ROUTES.filter(
  (route) => route.path.startsWith('/api/v1/') && route.access.kind === 'key',
);
const POSTS = CONTRACT.filter((route) => route.method === 'post');
/** Calls that refuse a field which they do not know: it may be a misspelt one that guards money. */
const STRICT = [
  ...['placeorder', 'placesmartorder', 'basketorder', 'splitorder', 'modifyorder'],
  ...['cancelorder', 'cancelallorder', 'closeposition', 'analyzer/toggle'],
].map((name) => `/api/v1/${name}`);
/** Calls whose `message` is text also where fields are wrong; of all others it is an object. */
const TEXT_FAMILY = [
  ...STRICT,
  ...['orderstatus', 'openposition', 'margin', 'analyzer'].map((name) => `/api/v1/${name}`),
];
const named = (routes: readonly Route[]): [string, Route][] =>
  routes.map((route) => [route.path, route]);

let gateway: PaperGateway;
/** A key of the gateway that no contract call takes: it proves that a request was read, and does nothing. */
let idle: string;
beforeAll(async () => {
  gateway = await PaperGateway.start();
  idle = await gateway.makeKey(['admin'], 1000);
}, 60_000);
afterAll(() => gateway.close());

const bodyOf = (route: Route, apikey: unknown): string =>
  JSON.stringify({ ...route.examples.request, apikey });
const post = (
  to: string,
  body: string | Uint8Array<ArrayBuffer> | null,
  type = 'application/json',
): Promise<Reply> => gateway.send('POST', to, body, body === null ? {} : { 'content-type': type });
const expectRead = (reply: Reply): void => {
  expect([reply.status, reply.json['code'], reply.text]).toEqual([403, 'SCOPE', reply.text]);
};
const expect400 = (reply: Reply): void => {
  expect([reply.status, reply.json['status'], reply.text]).toEqual([400, 'error', reply.text]);
};

describe.each(named(POSTS))('POST %s', (path, route) => {
  it.each(['', '/'])(
    'is served at its path followed by "%s" and with a doubled slash',
    async (end) => {
      expectRead(await post(`${path}${end}`, bodyOf(route, idle)));
      expectRead(await post(`${path.replace('/api/v1/', '/api/v1//')}${end}`, bodyOf(route, idle)));
    },
  );

  it('answers OPTIONS 200, HEAD 404 and GET 405', async () => {
    expect((await gateway.send('OPTIONS', path)).status).toBe(200);
    expect((await gateway.send('HEAD', path)).status).toBe(404);
    const got = await gateway.send('GET', path);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(got.json).toMatchObject({
      status: 'error',
      message: 'The method is not allowed for the requested URL.',
    });
  });

  it('reads JSON whatever the content type says', async () => {
    for (const type of ['text/plain', 'application/vnd.alert+json', 'Application/JSON', 'a/b']) {
      expectRead(await post(path, bodyOf(route, idle), type));
    }
  });

  it('skips a byte order mark, and of a repeated key takes the last', async () => {
    expectRead(await post(path, `\ufeff${bodyOf(route, idle)}`));
    expectRead(await post(path, bodyOf(route, idle).replace('{', '{"apikey":"x",')));
  });

  it('answers 400 to what is no JSON object, as JSON with a status', async () => {
    for (const body of [null, '', '[]', 'null', '1', '"x"', '{"apikey":', '{"a":NaN}', 'a=b']) {
      expect400(await post(path, body));
    }
  });

  it('names the missing key in the message shape of its family', async () => {
    const reply = await post(path, '{}');
    expect400(reply);
    const { message } = reply.json;
    if (TEXT_FAMILY.includes(path)) {
      expect(message).toEqual(expect.stringContaining(`apikey: ${MISSING}`));
    } else {
      expect(message).toMatchObject({ apikey: [MISSING] });
    }
  });

  it.each([1, null, true, ['k'], ''])('refuses %p as a key with 400', async (key) => {
    const reply = await post(path, bodyOf(route, key));
    expect400(reply);
    expect(JSON.stringify(reply.json['message'])).toContain('apikey');
  });

  it('reads the key nowhere but in the body', async () => {
    const keyless = JSON.stringify({ ...route.examples.request, apikey: undefined });
    const headers = { 'x-api-key': gateway.key, authorization: `Bearer ${gateway.key}` };
    const reply = await gateway.send('POST', `${path}?apikey=${gateway.key}`, keyless, headers);
    expect400(reply);
    expect(reply.text).not.toContain(gateway.key);
  });
});

describe('the key', () => {
  // Where the contract's first server did not check it, or answered something else.
  const checked = ['depth', 'market/holidays', 'market/timings', 'search', 'expiry', 'placeorder'];

  it.each(checked)('when wrong is refused by %s in the words of the contract', async (name) => {
    const route = POSTS.find(({ path }) => path === `/api/v1/${name}`);
    let reply: Reply | null = null;
    // At most five wrong keys a second are answered as such.
    await until(async () => {
      reply = await gateway.call(name, { ...route?.examples.request, apikey: 'f'.repeat(64) });
      return reply.status !== 429;
    });
    expect(reply).toMatchObject({ status: 403, json: WRONG_KEY });
  });

  it('that calls too often gets 429 with a message, a status and Retry-After', async () => {
    const slow = await gateway.makeKey(['read'], 1);
    const replies = [];
    for (let n = 0; n < 3; n += 1) replies.push(await gateway.call('funds', { apikey: slow }));
    const late = replies.find((reply) => reply.status === 429);
    expect(late?.headers.get('retry-after')).toBe('1');
    expect(late?.json).toMatchObject({
      status: 'error',
      message: expect.any(String),
      retry_after: 1,
    });
  });
});

describe('paths', () => {
  it.each(['/api/v1/nope', '/api/v1/nope/', '/api/v1/placeorder/x', '/api/v1', '/api/v2/ping'])(
    'answers %s 404 with the path',
    async (path) => {
      const reply = await post(path, '{}');
      expect(reply.status).toBe(404);
      expect(reply.json).toEqual({ status: 'error', message: 'Not found', path });
    },
  );
});

describe('GET /api/v1/instruments', () => {
  const get = (query: string): Promise<Reply> => gateway.send('GET', `/api/v1/instruments${query}`);

  it('takes the key from the query, at its path with and without a slash at the end', async () => {
    expectRead(await get(`?apikey=${idle}`));
    expectRead(await get(`/?apikey=${idle}`));
    const missing = await get('?exchange=NSE');
    expect400(missing);
    expect(missing.json['message']).toMatchObject({ apikey: [MISSING] });
  });

  it('sends a CSV file with the eleven columns, and its errors as text', async () => {
    const file = await get(`?apikey=${gateway.key}&exchange=NSE_INDEX&format=csv`);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(file.text.split('\n')[0]).toBe(
      'symbol,brsymbol,name,exchange,brexchange,token,expiry,strike,lotsize,instrumenttype,tick_size',
    );
    const wrong = await get(`?apikey=${gateway.key}&exchange=MOON&format=csv`);
    expect(wrong.status).toBe(400);
    expect(wrong.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(wrong.text).toContain('exchange');
  });
});

describe('a field that nobody knows', () => {
  const strict = POSTS.filter(({ path }) => STRICT.includes(path));
  const others = POSTS.filter(({ path }) => !STRICT.includes(path));

  it('is known of all order calls of the contract', () => {
    expect(strict).toHaveLength(STRICT.length);
  });

  it.each(named(strict))('is refused by %s', async (path, route) => {
    const before = (await gateway.orders()).length;
    const body = { ...route.examples.request, apikey: gateway.key, stoploss: '5' };
    const reply = await post(path, JSON.stringify(body));
    expect400(reply);
    expect(reply.json['message']).toContain('stoploss: Unknown field.');
    expect(await gateway.orders()).toHaveLength(before);
  });

  it.each(named(others))('is ignored by %s', async (path, route) => {
    const body = { ...route.examples.request, apikey: gateway.key };
    const plain = await post(path, JSON.stringify(body));
    const reply = await post(path, JSON.stringify({ ...body, count: 5, symbolgroup: 'x' }));
    expect([reply.status, reply.json['code']]).toEqual([plain.status, plain.json['code']]);
    expect(reply.text).not.toContain('Unknown field.');
  });
});

describe('what is wrong with a field', () => {
  it.each([
    ['multiquotes', {}, 'symbols', MISSING],
    ['multiquotes', { symbols: 'SBIN' }, 'symbols', 'Not a valid list.'],
    ['multiquotes', { symbols: ['SBIN'] }, 'symbols[0]', 'Invalid input type.'],
    ['market/timings', { date: '08-01-2026' }, 'date', 'Not a valid date.'],
    ['market/timings', { date: '2026-02-30' }, 'date', 'Not a valid date.'],
  ])(
    'is said once by %s for %j, in the words of the contract',
    async (name, fields, field, says) => {
      const reply = await gateway.call(name, fields);
      expect400(reply);
      expect(reply.json['message']).toEqual({ [field]: [says] });
    },
  );

  it('is said in one text by basketorder for a leg that is no object', async () => {
    const reply = await gateway.call('basketorder', { strategy: 's', orders: ['SBIN', null] });
    expect400(reply);
    expect(reply.json['message']).toBe(
      'orders[0]: Invalid input type.; orders[1]: Invalid input type.',
    );
  });
});
