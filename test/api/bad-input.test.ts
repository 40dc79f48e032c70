import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { request } from 'undici';
import type { TestApi } from './fakes';
import { startApi } from './fakes';

const ORDER_PATHS = [
  '/api/v1/placeorder',
  '/api/v1/placesmartorder',
  '/api/v1/basketorder',
  '/api/v1/modifyorder',
  '/api/v1/cancelorder',
] as const;
const READ_PATHS = ['/api/v1/orderstatus', '/api/v1/orderbook', '/api/v1/funds'] as const;
const NAMES = [
  'strategy',
  'exchange',
  'symbol',
  'orderid',
  'action',
  'product',
  'pricetype',
  'price',
  'quantity',
  'disclosed_quantity',
  'trigger_price',
] as const;

let api: TestApi;
let server: Server;
let origin: string;

beforeAll(async () => {
  api = await startApi();
  server = createServer(api.app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // The address of a TCP server is never a pipe name.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

const post = async (
  path: string,
  body: string | Uint8Array,
  type = 'application/json',
): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await request(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
};

/** A 4xx in the contract's shape, without the key, and no order. */
const expectRefused = (answer: { readonly status: number; readonly text: string }): void => {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  const body = JSON.parse(answer.text) as { status: unknown; message: unknown };
  expect(body.status).toBe('error');
  expect(['string', 'object']).toContain(typeof body.message);
  for (const key of Object.values(api.keys)) expect(answer.text).not.toContain(key);
  expect(api.orders.calls).toBe(0);
};

const goodOrder = (): Record<string, unknown> => ({
  apikey: api.keys.trade,
  strategy: 's',
  exchange: 'NSE',
  symbol: 'SBIN',
  orderid: '1',
  action: 'BUY',
  product: 'MIS',
  pricetype: 'LIMIT',
  price: '812.5',
  quantity: '5',
  disclosed_quantity: '0',
  trigger_price: '0',
});

/** Never right for any field of a modify: containers, booleans, null, and text that is no word or number. */
const neverRight = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.array(fc.jsonValue({ maxDepth: 2 })),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
  fc.constantFrom('\u0000', 'S\ud800', 'x'.repeat(300)),
);

const runs = { numRuns: 60 };

describe('bad input', () => {
  it('is refused whatever one field holds, and the message names the field', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), neverRight, async (name, value) => {
        const body = JSON.stringify({ ...goodOrder(), [name]: value });
        const answer = await post('/api/v1/modifyorder', body);
        expectRefused(answer);
        expect(answer.status).toBe(400);
        expect((JSON.parse(answer.text) as { message: string }).message).toContain(name);
      }),
      runs,
    );
  });

  it('is refused when a quantity is any number that is not whole and positive', async () => {
    const fraction = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => n <= 0 || n % 1 !== 0);
    await fc.assert(
      fc.asyncProperty(fraction, fc.boolean(), async (number, asText) => {
        const quantity = asText ? String(number) : number;
        expectRefused(
          await post('/api/v1/modifyorder', JSON.stringify({ ...goodOrder(), quantity })),
        );
      }),
      runs,
    );
  });

  it('is refused when a quantity is text that is no plain number', async () => {
    const text = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '1_000',
        '1,000',
        'nan',
        'inf',
        'Infinity',
        '0x10',
        '1e400',
        '٣',
        '--1',
        '1e',
        '5 5',
      ),
      fc.string().filter((value) => !/\d/.test(value)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (quantity) => {
        expectRefused(
          await post('/api/v1/modifyorder', JSON.stringify({ ...goodOrder(), quantity })),
        );
      }),
      runs,
    );
  });

  it('is refused when an order call has any field that it does not know', async () => {
    const known = new Set<string>([...NAMES, 'apikey', 'account']);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 40 }).filter((name) => !known.has(name)),
        fc.jsonValue({ maxDepth: 2 }),
        async (name, value) => {
          const text = JSON.stringify(goodOrder()).replace(
            /^\{/,
            () => `{${JSON.stringify(name)}:${JSON.stringify(value)},`,
          );
          const answer = await post('/api/v1/modifyorder', text);
          expectRefused(answer);
          expect((JSON.parse(answer.text) as { message: string }).message).toContain(
            'Unknown field.',
          );
        },
      ),
      runs,
    );
  });

  it('is refused for any JSON value, any text and any bytes as the body, on every kind of call', async () => {
    const json = fc.jsonValue({ maxDepth: 30 }).map((value) => JSON.stringify(value));
    const bytes = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ORDER_PATHS, ...READ_PATHS),
        fc.oneof(json, fc.string(), bytes),
        fc.constantFrom(
          'application/json',
          'text/plain',
          'application/octet-stream',
          'multipart/form-data',
        ),
        async (path, body, type) => {
          expectRefused(await post(path, body, type));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is refused when a good order is damaged at any byte into something else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(0xff, 0xc3, 0x00, 0x5b), async (at, byte) => {
        const bytes = Buffer.from(JSON.stringify({ ...goodOrder(), extra: 1 }));
        bytes[at % bytes.length] = byte;
        expectRefused(await post('/api/v1/modifyorder', bytes));
      }),
      runs,
    );
  });

  it('is refused above the size limit, and within it at any depth', async () => {
    const million = JSON.stringify({ ...goodOrder(), strategy: 'x'.repeat(1_000_000) });
    expect((await post('/api/v1/placeorder', million)).status).toBe(413);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 8000 }), async (depth) => {
        const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
        const text = JSON.stringify(goodOrder()).replace(/^\{/, () => `{"symbols":${deep},`);
        expectRefused(await post('/api/v1/modifyorder', text));
      }),
      { numRuns: 20 },
    );
  });

  it('would not be noticed by these tests without a good order that passes', async () => {
    expect((await post('/api/v1/modifyorder', JSON.stringify(goodOrder()))).status).toBe(200);
    expect(api.orders.modified).toHaveLength(1);
  });
});
