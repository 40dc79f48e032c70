import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ROUTES } from '../../src/api/routes';
import { until } from '../support/until';
import { PaperGateway } from './paper-gateway';
import type { Reply } from './paper-gateway';
import { SHAPES } from './shapes';
import type { Shape } from './shapes';

const shapeNames = Object.keys(SHAPES) as [Shape, ...Shape[]]; // the keys of a literal
const tableSchema = z.strictObject({
  client: z.string(),
  headers: z.record(z.string(), z.string()),
  calls: z.array(
    z.strictObject({
      call: z.string(),
      path: z.string(),
      method: z.enum(['GET', 'POST']).default('POST'),
      body: z.record(z.string(), z.unknown()),
      status: z.int(),
      answer: z.enum(shapeNames),
      says: z.string().optional(),
    }),
  ),
});
type Table = z.output<typeof tableSchema>;
type Row = Table['calls'][number];

/** Requests as the clients put them on the wire, without the key; `{…}` stands for what a run decides. */
const tableOf = (name: string): Table =>
  tableSchema.parse(
    JSON.parse(readFileSync(path.join(__dirname, 'bodies', `${name}.json`), 'utf8')),
  );
const TABLES = ['node-1.0.4', 'python-2.0.1', 'not-served'].map(tableOf);

let gateway: PaperGateway;
let fixed: Readonly<Record<string, string>>;

const call = async (name: string, fields: Readonly<Record<string, unknown>>): Promise<Reply> => {
  const reply = await gateway.call(name, { strategy: 'test', ...fields });
  expect([name, reply.status]).toEqual([name, 200]);
  return reply;
};

/** An order that stays open, made for one row. */
const openOrder = async (low: number): Promise<string> => {
  const terms = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', product: 'MIS' };
  const limit = { pricetype: 'LIMIT', quantity: '1', price: String(low) };
  return String((await call('placeorder', { ...terms, ...limit })).json['orderid']);
};

/** What an option and its lot are called today, and where a strategy's alerts go. */
const prepare = async (): Promise<typeof fixed> => {
  const headers = { 'x-api-key': gateway.key };
  const settings = {
    kind: 'strategy',
    symbols: [{ symbol: 'SBIN', exchange: 'NSE', product: 'MIS', quantity: 1 }],
    trading_mode: 'LONG',
    max_quantity: 10,
  };
  const account = String((await call('ping', {})).json['account']);
  const made = await gateway.send(
    'POST',
    '/api/admin/webhooks',
    JSON.stringify({ label: 'strategy', account, settings }),
    headers,
  );
  const secret = made.json['secret'] as { path: string }; // our own API's answer
  const found = await call('search', { query: 'NIFTY CE', exchange: 'NFO' });
  const [option] = found.json['data'] as { symbol: string; lotsize: number }[]; // the contract's shape
  // Something to show in the books.
  const held = { symbol: 'INFY', exchange: 'NSE', action: 'BUY', product: 'CNC', quantity: 1 };
  await call('placeorder', held);
  await until(async () => {
    const { json } = await gateway.call('tradebook');
    return (json['data'] as unknown[]).length > 0; // the contract's shape
  });
  return {
    '{key}': gateway.key,
    '{hook}': path.basename(secret.path),
    '{option}': option?.symbol ?? '',
    '{lot}': String(option?.lotsize),
  };
};

beforeAll(async () => {
  gateway = await PaperGateway.start();
  fixed = await prepare();
}, 60_000);
afterAll(() => gateway.close());

/** `row` with everything in `{…}` filled in. */
const filled = async (row: Row): Promise<Row> => {
  const low = Math.floor((await gateway.price()) * 0.95);
  let text = JSON.stringify(row);
  for (const [name, value] of Object.entries(fixed)) text = text.replaceAll(name, value);
  text = text.replaceAll('{low}', String(low)).replaceAll('{higher low}', String(low + 1));
  if (text.includes('{open order')) {
    const id = await openOrder(low);
    text = text.replaceAll('"{open order as a number}"', id).replaceAll('{open order}', id);
  }
  expect(text).not.toMatch(/\{[a-z ]+\}/);
  return tableSchema.shape.calls.element.parse(JSON.parse(text));
};

const send = (table: Table, row: Row): Promise<Reply> => {
  const to = row.path.startsWith('/') ? row.path : `/api/v1/${row.path}`;
  if (row.method === 'GET') {
    const query = Object.entries<unknown>({ apikey: gateway.key, ...row.body }).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    return gateway.send('GET', `${to}?${new URLSearchParams(query).toString()}`);
  }
  const headers = Object.fromEntries(
    Object.entries(table.headers).map(([name, value]) => [
      name,
      value.replace('{key}', gateway.key),
    ]),
  );
  const key = row.path.startsWith('/') ? {} : { apikey: gateway.key };
  return gateway.send('POST', to, JSON.stringify({ ...key, ...row.body }), headers);
};

/** The order is what the body said, number for number. */
const expectPlaced = async (body: Row['body'], orderid: unknown): Promise<void> => {
  const { json } = await call('orderstatus', { orderid });
  expect(json['data']).toMatchObject({
    strategy: body['strategy'],
    symbol: body['symbol'],
    exchange: body['exchange'],
    action: body['action'],
    pricetype: body['pricetype'],
    product: body['product'],
    quantity: Number(body['quantity']),
    price: Number(body['price'] ?? 0),
    trigger_price: Number(body['trigger_price'] ?? 0),
  });
};

describe.each(TABLES.map((table) => [table.client, table] as const))('%s', (_client, table) => {
  it.each(table.calls.map((row) => [row.call, row.path, row] as const))(
    '%s: the body for %s is answered as the contract says',
    async (...[, , row]) => {
      const asked = await filled(row);
      const before = asked.status === 200 ? null : await gateway.orders();
      const reply = await send(table, asked);
      expect([reply.status, reply.text]).toEqual([asked.status, reply.text]);
      const shape = SHAPES[asked.answer].safeParse(reply.json);
      expect([shape.error?.issues ?? [], reply.text]).toEqual([[], reply.text]);
      if (asked.says !== undefined) {
        expect(String(reply.json['message'])).toContain(asked.says);
      }
      // Whatever is refused leaves no order behind.
      if (before !== null) expect(await gateway.orders()).toHaveLength(before.length);
      if (asked.path === 'placeorder' && asked.status === 200) {
        await expectPlaced(asked.body, reply.json['orderid']);
      }
    },
  );
});

describe('the tables of bodies', () => {
  it('hold a body for every call of the contract that is served', () => {
    const sent = new Set(
      TABLES.flatMap((table) => table.calls).map((row) => row.path.replace(/\/$/, '')),
    );
    const served = ROUTES.map((route) => route.path)
      .filter((route) => route.startsWith('/api/v1/'))
      .map((route) => route.slice('/api/v1/'.length));
    // Neither client knows these.
    const unknownToClients = ['accounts', 'ping', 'openapi.json'];
    expect(served.filter((name) => !sent.has(name)).sort()).toEqual(unknownToClients.sort());
  });
});
