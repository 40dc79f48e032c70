import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import { decimal } from '../../src/core/domain/decimal';
import type { OrderTerms } from '../../src/core/domain/order';
import type { MarketReads } from '../../src/core/market/market-reads';
import { startApi } from './fakes';
import type { TestApi } from './fakes';

let api: TestApi;
let asked: (readonly OrderTerms[])[];
beforeEach(async () => {
  asked = [];
  const unused = (): Promise<never> => Promise.reject(new Error('not asked'));
  const marketReads: MarketReads = {
    quotes: unused,
    depth: unused,
    margin: (_account, orders) => {
      asked.push(orders);
      return Promise.resolve({ total: decimal('253500'), span: decimal('219700'), exposure: null });
    },
  };
  api = await startApi({ marketReads });
});

const position = {
  symbol: 'SBIN',
  exchange: 'NSE',
  action: 'BUY',
  quantity: '10',
  product: 'MIS',
  pricetype: 'LIMIT',
  price: '812.5',
};
const post = (positions: unknown) =>
  request(api.app).post('/api/v1/margin').send({ apikey: api.keys.read, positions });

describe('margin', () => {
  it('takes text and numbers alike, and ignores unknown fields', async () => {
    const answer = await post([position, { ...position, quantity: 10, price: 812.5, extra: 1 }]);
    expect(answer.status).toBe(200);
    expect(ROUTES.find(({ name }) => name === 'margin')?.answer?.parse(answer.body)).toEqual(
      answer.body,
    );
    expect(answer.body).toMatchObject({
      data: { total_margin_required: 253500, span_margin: 219700, exposure_margin: 0 },
    });
    const [orders] = asked;
    expect(orders?.[0]).toEqual(orders?.[1]);
    expect(orders?.[0]).toMatchObject({ quantity: 10, limitPrice: '812.5', product: 'INTRADAY' });
  });

  it.each([
    [{ quantity: '0' }, 'quantity'],
    [{ quantity: 'ten' }, 'quantity'],
    [{ quantity: -5 }, 'quantity'],
    [{ symbol: '' }, 'symbol'],
    [{ price: '0' }, 'price'],
    [{ pricetype: 'market' }, 'pricetype'],
  ])('names the position at fault: %j', async (change, field) => {
    const answer = await post([position, { ...position, ...change }]);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      status: 'error',
      field: `positions[1].${field}`,
      message: expect.stringMatching(/^Position 2: /),
    });
    expect(asked).toEqual([]);
  });

  it.each([[[]], [Array.from({ length: 51 }, () => position)], ['x']])(
    'refuses a list that is none or too long',
    async (positions) => {
      const answer = await post(positions);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        message: 'positions: Positions must contain 1 to 50 items.',
      });
    },
  );
});
