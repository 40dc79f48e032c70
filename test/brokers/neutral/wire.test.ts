import { describe, expect, it } from '@jest/globals';
import { neutralModule, neutralTaglessModule } from '../../../src/brokers/neutral';
import { hintOf, orderReport } from '../../../src/brokers/neutral/from-wire';
import { placeBody } from '../../../src/brokers/neutral/to-wire';
import { neutralOrder } from '../../../src/brokers/neutral/wire/orders';
import { decimal } from '../../../src/core/domain/decimal';
import { accountId, clientTag } from '../../../src/core/domain/ids';
import { makePorts, SHARES } from '../../contract/harnesses/ports';
import { restingTerms, termsOfType } from '../../contract/harnesses/neutral';

const row = {
  order_id: 'N1',
  exchange_order_id: 'X1',
  tag: 't',
  exchange: 'NSE',
  symbol: 'SBIN',
  side: 'sell',
  type: 'stop_limit',
  product: 'carry',
  validity: 'ioc',
  quantity: 10,
  disclosed_quantity: 0,
  price: '90.50',
  trigger_price: '91',
  status: 'trigger_pending',
  filled_quantity: 3,
  average_price: '90.5000',
  message: null,
  placed_at: '2026-01-08T09:30:00.000+05:30',
};

describe('a row of the book', () => {
  it('becomes a report with exact prices and an instant', () => {
    expect(orderReport(neutralOrder.parse(row))).toEqual({
      brokerOrderId: 'N1',
      exchangeOrderId: 'X1',
      clientTag: 't',
      terms: {
        orderType: 'STOP_LIMIT',
        limitPrice: '90.5',
        triggerPrice: '91',
        instrument: { exchange: 'NSE', symbol: 'SBIN' },
        side: 'SELL',
        product: 'CARRY_FORWARD',
        timeInForce: 'IOC',
        quantity: 10,
        disclosedQuantity: 0,
      },
      status: 'trigger_pending',
      filledQuantity: 3,
      averagePrice: '90.5',
      message: null,
      placedAt: Date.UTC(2026, 0, 8, 4, 0, 0),
    });
  });

  it('shows an empty tag as none', () => {
    expect(orderReport(neutralOrder.parse({ ...row, tag: '' })).clientTag).toBeNull();
  });

  it.each([
    ['limit', null, null],
    ['limit', '90', '91'],
    ['market', '90', null],
    ['stop_limit', '90', null],
    ['stop_market', '90', '91'],
  ])('type %s with price %s and trigger %s is an error', (type, price, trigger_price) => {
    const wire = neutralOrder.parse({ ...row, type, price, trigger_price });
    expect(() => orderReport(wire)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
  });

  it.each([
    ['side', 'short'],
    ['type', 'iceberg'],
    ['product', 'margin'],
    ['validity', 'gtc'],
    ['status', 'pending'],
    ['exchange', 'NYSE'],
    ['price', '1e2'],
    ['quantity', 1.5],
    ['quantity', '10'],
    ['placed_at', '2026-01-08T09:30:00Z'],
    ['placed_at', '2026-01-08 09:30:00'],
  ])('%s %j is refused, not guessed', (field, value) => {
    const parsed = neutralOrder.safeParse({ ...row, [field]: value });
    expect(parsed.error?.issues[0]?.path).toEqual([field]);
  });
});

describe('the body of a placement', () => {
  it('spells every type with exactly the prices that it has', () => {
    const types = (['MARKET', 'LIMIT', 'STOP_LIMIT', 'STOP_MARKET'] as const).map((type) => {
      const body = placeBody(termsOfType(type), clientTag('t'));
      return [body.type, body.price, body.trigger_price];
    });
    expect(types).toEqual([
      ['market', null, null],
      ['limit', '90.5', null],
      ['stop_limit', '120.5', '120'],
      ['stop_market', null, '120'],
    ]);
  });

  it('carries every other term', () => {
    const terms = restingTerms({ side: 'SELL', product: 'DELIVERY', timeInForce: 'IOC' });
    expect(placeBody({ ...terms, disclosedQuantity: 2 }, clientTag('tag'))).toEqual({
      tag: 'tag',
      exchange: 'NSE',
      symbol: 'SBIN',
      side: 'sell',
      type: 'limit',
      product: 'delivery',
      validity: 'ioc',
      quantity: 10,
      disclosed_quantity: 2,
      price: decimal('90.5'),
      trigger_price: null,
    });
  });
});

describe('a message of the stream', () => {
  it('gives the order and the tag and nothing else', () => {
    const text = JSON.stringify({ type: 'order', order_id: 'N1', tag: '', status: 'complete' });
    expect(hintOf(text)).toEqual({ brokerOrderId: 'N1', clientTag: null });
    expect(hintOf(Buffer.from(text))).toEqual({ brokerOrderId: 'N1', clientTag: null });
  });

  it.each(['', '{', '{"type":"order"}', '{"type":"news","order_id":"N1","tag":""}'])(
    '%j is none that we know',
    (text) => {
      expect(hintOf(text)).toBeNull();
    },
  );
});

describe('credentials of the neutral broker', () => {
  const accepts = (baseUrl: string): boolean =>
    neutralModule.credentials.safeParse({ baseUrl, token: null }).success;

  it.each([
    'http://127.0.0.1:9000',
    'http://127.0.0.1:9000/',
    'http://localhost:1',
    'http://[::1]:80',
  ])('takes %s', (url) => {
    expect(accepts(url)).toBe(true);
  });

  it.each([
    'http://example.com',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
    'http://user:word@127.0.0.1',
    'http://10.0.0.1:9000',
    'https://127.0.0.1:9000',
    'ws://127.0.0.1',
    'http://127.0.0.1/path',
    'http://0.0.0.0:9000',
    '127.0.0.1:9000',
    '',
  ])('refuses %j', (url) => {
    expect(accepts(url)).toBe(false);
  });

  it('lets an account name rules of its own, and otherwise keeps the module’s', async () => {
    const own = await makePorts({ token: null, instruments: SHARES });
    const [rule] = neutralModule.rateRules;
    if (rule === undefined) throw new Error('no rules');
    const rates = [{ ...rule, limit: 1_000, entryLimit: 1_000 }];
    const url = 'http://127.0.0.1:1';
    const make = (extra: object): readonly unknown[] | undefined => {
      const credentials = neutralModule.credentials.parse({ baseUrl: url, token: 't', ...extra });
      return neutralModule.create(accountId('a'), credentials, own.ports).rateRules;
    };
    expect(make({ rates })).toEqual(rates);
    expect(make({})).toBeUndefined();
    await own.close();
  });

  it('differ from those of the tagless variant only in what its tags promise', () => {
    expect(neutralModule.capabilities.clientTag?.echo).toBe('always');
    expect(neutralTaglessModule.capabilities.clientTag?.echo).toBe('sometimes');
  });
});
