import { z } from 'zod';
import { toFixed } from '../../core/domain/decimal';
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

const charged = {
  description: 'brokerage, taxes and fees, already out of the cash; absent when not known',
};
const rupees = z.string().regex(/^-?\d+\.\d{2}$/);

/** `POST /api/v1/funds`. */
export const funds = defineRoute({
  name: 'funds',
  method: 'post',
  path: '/api/v1/funds',
  access: readAccess,
  family: 'object',
  summary: 'Money of the account, in rupees, as text with two decimals.',
  body: readBody,
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({
      availablecash: rupees,
      collateral: rupees,
      m2munrealized: rupees,
      m2mrealized: rupees,
      utiliseddebits: rupees,
      charges_today: rupees.optional().meta(charged),
      charges_total: rupees.optional().meta(charged),
    }),
  }),
  examples: {
    request: readExampleRequest,
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: {
        availablecash: '152340.75',
        collateral: '0.00',
        m2munrealized: '-120.00',
        m2mrealized: '340.50',
        utiliseddebits: '24500.00',
        charges_today: '61.42',
        charges_total: '1830.05',
      },
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await bookOf(body.account, call);
    const money = await call.deps.books.funds(account.accountId);
    return success({
      data: {
        availablecash: toFixed(money.availableCash, 2),
        collateral: toFixed(money.collateral, 2),
        m2munrealized: toFixed(money.unrealizedPnl, 2),
        m2mrealized: toFixed(money.realizedPnl, 2),
        utiliseddebits: toFixed(money.utilisedMargin, 2),
        ...(money.charges === undefined
          ? {}
          : {
              charges_today: toFixed(money.charges.today, 2),
              charges_total: toFixed(money.charges.total, 2),
            }),
      },
      ...marks,
    });
  },
});
