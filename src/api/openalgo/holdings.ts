import { z } from 'zod';
import { add, divide, isZero, multiply, subtract, toNumber, ZERO } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { HoldingReport } from '../../core/ports/broker';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import {
  bookOf,
  readAccess,
  readBody,
  readEnvelope,
  readExampleRequest,
  readFailures,
} from './reads';

const unknownPrice = { description: 'null when there is no price' };
const holdingSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  quantity: z.int(),
  product: z.literal('CNC'),
  average_price: z.number(),
  pnl: z.number().nullable().meta(unknownPrice),
  pnlpercent: z.number().nullable().meta(unknownPrice),
  ltp: z.number().nullable().meta(unknownPrice),
});
const statisticsSchema = z.object({
  totalholdingvalue: z.number().nullable().meta({ description: 'null when a price is missing' }),
  totalinvvalue: z.number(),
  totalprofitandloss: z.number().nullable(),
  totalpnlpercentage: z.number().nullable(),
});

const rupees = (value: Decimal | null): number | null =>
  value === null ? null : toNumber(value, 2);
const percent = (part: Decimal | null, whole: Decimal): number | null =>
  part === null || isZero(whole) ? null : toNumber(divide(multiply(part, 100), whole, 4), 2);
const invested = (holding: HoldingReport): Decimal =>
  multiply(holding.averagePrice, holding.quantity);
const worth = (holding: HoldingReport): Decimal | null =>
  holding.lastPrice === null ? null : multiply(holding.lastPrice, holding.quantity);
const gain = (value: Decimal | null, cost: Decimal): Decimal | null =>
  value === null ? null : subtract(value, cost);

const row = (holding: HoldingReport): z.infer<typeof holdingSchema> => {
  const pnl = gain(worth(holding), invested(holding));
  return {
    symbol: holding.instrument.symbol,
    exchange: holding.instrument.exchange,
    quantity: holding.quantity,
    product: 'CNC',
    average_price: toNumber(holding.averagePrice, 4),
    pnl: rupees(pnl),
    pnlpercent: percent(pnl, invested(holding)),
    ltp: holding.lastPrice === null ? null : toNumber(holding.lastPrice),
  };
};

/** Totals; one missing price makes the totals that need it unknown rather than too small. */
const statistics = (holdings: readonly HoldingReport[]): z.infer<typeof statisticsSchema> => {
  const cost = holdings.map(invested).reduce(add, ZERO);
  const value = holdings
    .map(worth)
    .reduce<Decimal | null>(
      (sum, item) => (sum === null || item === null ? null : add(sum, item)),
      ZERO,
    );
  const pnl = gain(value, cost);
  return {
    totalholdingvalue: rupees(value),
    totalinvvalue: toNumber(cost, 2),
    totalprofitandloss: rupees(pnl),
    totalpnlpercentage: holdings.length === 0 ? 0 : percent(pnl, cost),
  };
};

/** `POST /api/v1/holdings`. */
export const holdings = defineRoute({
  name: 'holdings',
  method: 'post',
  path: '/api/v1/holdings',
  access: readAccess,
  family: 'object',
  summary: 'Settled stock as the broker reports it.',
  body: readBody,
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({ holdings: z.array(holdingSchema), statistics: statisticsSchema }),
  }),
  examples: {
    request: readExampleRequest,
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: {
        holdings: [
          {
            symbol: 'INFY',
            exchange: 'NSE',
            quantity: 10,
            product: 'CNC',
            average_price: 1501.2,
            pnl: 120,
            pnlpercent: 0.8,
            ltp: 1513.2,
          },
        ],
        statistics: {
          totalholdingvalue: 15132,
          totalinvvalue: 15012,
          totalprofitandloss: 120,
          totalpnlpercentage: 0.8,
        },
      },
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await bookOf(body.account, call);
    const held = await call.deps.books.holdings(account.accountId);
    return success({ data: { holdings: held.map(row), statistics: statistics(held) }, ...marks });
  },
});
