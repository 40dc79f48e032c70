import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PaperGateway } from './paper-gateway';
import type { Reply } from './paper-gateway';

/** Kept as text: JavaScript would write `1e2` and `5.0` in another way than a client does. */
const ORDER =
  '"strategy":"t","exchange":"NSE","symbol":"SBIN","action":"BUY","pricetype":"LIMIT","product":"MIS"';

let gateway: PaperGateway;
let low: number;
beforeAll(async () => {
  gateway = await PaperGateway.start();
  low = Math.floor((await gateway.price()) * 0.95);
}, 60_000);
afterAll(() => gateway.close());

/** Places a limit order with these fields written as they stand; a repeated one replaces the usual. */
const place = (fields: string): Promise<Reply> =>
  gateway.send(
    'POST',
    '/api/v1/placeorder',
    `{"apikey":"${gateway.key}",${ORDER},"quantity":"1","price":"${low}",${fields}}`,
  );
const placed = async (fields: string): Promise<unknown> => {
  const reply = await place(fields);
  expect([reply.status, reply.text]).toEqual([200, reply.text]);
  const { json } = await gateway.call('orderstatus', {
    strategy: 't',
    orderid: reply.json['orderid'],
  });
  return json['data'];
};
const expectRefused = async (field: string, fields: string): Promise<void> => {
  const before = (await gateway.orders()).length;
  const reply = await place(fields);
  expect([reply.status, reply.text]).toEqual([400, reply.text]);
  expect(reply.json).toMatchObject({ status: 'error', message: expect.any(String) });
  expect(reply.json['message']).toContain(field);
  expect(await gateway.orders()).toHaveLength(before);
};

const NEVER_A_NUMBER = [
  ...['""', '" "', 'null', 'true', '[]', '[5]', '{}', '"x"', '"5 5"', '"1_000"', '"1,000"'],
  ...['"nan"', '"NaN"', '"inf"', '"Infinity"', '"-Infinity"', '"0x10"', '"٥"', '"5e"', '"--5"'],
  ...['"1e999"', '1e999', '"₹5"'],
];

describe('a quantity', () => {
  it.each([
    ['5', 5],
    ['5.0', 5],
    ['"5"', 5],
    ['"5.0"', 5],
    ['" 5 "', 5],
    ['"+5"', 5],
    ['"05"', 5],
    ['1e2', 100],
    ['"1e2"', 100],
    ['"1E+2"', 100],
  ])('written %s is %p', async (written, quantity) => {
    expect(await placed(`"quantity":${written}`)).toMatchObject({ quantity });
  });

  it.each([
    ...NEVER_A_NUMBER,
    '0',
    '"0"',
    '-5',
    '"-5"',
    '5.5',
    '"5.5"',
    '1e10',
    '"0.999999999999"',
  ])('written %s is refused with 400 and its name, and no order is made', (written) =>
    expectRefused('quantity', `"quantity":${written}`),
  );

  it.each(['NaN', 'Infinity', '1_000', '05', '+5', '5.'])(
    'written as the bare word %s is no JSON',
    async (written) => {
      const reply = await place(`"quantity":${written}`);
      expect([reply.status, reply.json['code']]).toEqual([400, 'BODY_NOT_JSON']);
    },
  );
});

describe('a price', () => {
  it('may be a number or text, with zeros and blanks around', async () => {
    for (const written of [`${low}`, `${low}.50`, `" ${low}.5 "`, `"${low}.500"`, `"${low}e0"`]) {
      const price = Number(JSON.parse(written));
      expect(await placed(`"price":${written}`)).toMatchObject({ price });
    }
  });

  it.each([...NEVER_A_NUMBER, '-1', '"-0.05"', '0', '"0"', '"0.0"'])(
    'written %s is refused with 400 and its name, and no order is made',
    (written) => expectRefused('price', `"price":${written}`),
  );
});

describe('disclosed_quantity', () => {
  it.each(['0', '"0"', '1', '1.0'])('may be %s', async (written) => {
    expect(await placed(`"disclosed_quantity":${written}`)).toMatchObject({ quantity: 1 });
  });
  it.each(['0.5', '"0.5"', '-1', 'null', '"x"'])('written %s is refused', (written) =>
    expectRefused('disclosed_quantity', `"disclosed_quantity":${written}`),
  );
});

describe('words', () => {
  it.each(['BUY', 'buy'])('%s is an action', async (action) => {
    expect(await placed(`"action":"${action}"`)).toMatchObject({ action: 'BUY' });
  });

  it.each([
    ['action', ['Buy', 'bUY', 'BUY ', 'B', 'LONG', '']],
    ['exchange', ['nse', 'Nse', ' NSE', 'XNSE', '']],
    ['product', ['mis', 'Mis', 'INTRADAY', 'BO', '']],
    ['pricetype', ['limit', 'Limit', 'SLM', 'SL-L', 'sl', '']],
    ['symbol', ['', 'sbin', 'SBIN ', 'NSE:SBIN', 'SBIN-EQ', 'x'.repeat(51)]],
  ])('%s is taken exactly as spelled: each of %j is refused', async (field, wrong) => {
    for (const word of wrong) await expectRefused(field, `"${field}":"${word}"`);
    for (const value of ['null', '5', 'true', '[]']) {
      await expectRefused(field, `"${field}":${value}`);
    }
  });

  it.each(['quotes', 'depth', 'symbol', 'openposition'])(
    'an empty symbol is refused by %s',
    async (name) => {
      const fields = { strategy: 't', symbol: '', exchange: 'NSE', product: 'MIS' };
      const reply = await gateway.call(name, fields);
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('symbol');
    },
  );

  it('an empty strategy is a strategy, an absent one is not', async () => {
    expect(await placed('"strategy":""')).toMatchObject({ strategy: '' });
    const body = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', quantity: 1 };
    const reply = await gateway.call('placeorder', body);
    expect([reply.status, reply.json['field']]).toEqual([400, 'strategy']);
  });
});

describe('other numbers', () => {
  it.each([5, '5', '5.0'])('margin takes the quantity %p', async (quantity) => {
    const position = { symbol: 'SBIN', exchange: 'NSE', action: 'BUY', product: 'MIS' };
    const reply = await gateway.call('margin', {
      positions: [{ ...position, pricetype: 'LIMIT', quantity, price: low, trigger_price: 0 }],
    });
    expect([reply.status, reply.text]).toEqual([200, reply.text]);
  });

  it('an order id may be an integer; an answer always has text', async () => {
    const { json } = await place('"validity":"DAY"');
    expect(json['orderid']).toEqual(expect.stringMatching(/^\d+$/));
    const fields = { strategy: 't', orderid: Number(json['orderid']) };
    const found = await gateway.call('orderstatus', fields);
    expect(found.json['data']).toMatchObject({ orderid: json['orderid'] });
    const cancelled = await gateway.call('cancelorder', fields);
    expect(cancelled.json).toMatchObject({ status: 'success', orderid: json['orderid'] });
  });

  it.each([true, 1, '1', 'true', 'on', false, 0, '0', 'off'])(
    'analyzer/toggle takes the mode %p',
    async (mode) => {
      const reply = await gateway.call('analyzer/toggle', { mode });
      const on = [true, 1, '1', 'true', 'on'].includes(mode);
      expect(reply.json['data']).toMatchObject({ analyze_mode: on });
    },
  );
});

describe('client_order_id', () => {
  it('or the header Idempotency-Key makes the same call again answer with the same order', async () => {
    const first = await place('"client_order_id":"twice"');
    const before = (await gateway.orders()).length;
    const again = await gateway.send(
      'POST',
      '/api/v1/placeorder',
      `{"apikey":"${gateway.key}",${ORDER},"quantity":1.0,"price":${low}}`,
      { 'idempotency-key': 'twice' },
    );
    expect(again.json).toMatchObject({ orderid: first.json['orderid'], replayed: true });
    const other = await place('"client_order_id":"twice","quantity":2');
    expect([other.status, other.json['field']]).toEqual([409, 'client_order_id']);
    expect(await gateway.orders()).toHaveLength(before);
  });
});
