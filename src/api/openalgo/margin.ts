import { z } from 'zod';
import { toNumber } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import type { OrderTerms } from '../../core/domain/order';
import { NOTHING } from '../fields';
import { defineRoute, InvalidFields, parseWith, success } from '../route';
import type { JsonObject } from '../route';
import { CONTRACT_DEFAULTS, productOf, sideOf } from '../words';
import { bodyFailures, EXAMPLE_KEY, keyFailures, unknownAccount, wrongField } from './examples';
import { unknownSymbol } from './market-fields';
import { readAccess, readBody, readEnvelope, readOf } from './reads';
import { priceTerms, quantityTerms, termFields } from './terms';

const MAX_POSITIONS = 50;
const HOW_MANY = `Positions must contain 1 to ${MAX_POSITIONS} items.`;

/** Numbers or numeric text, as clients send both; a price left out is 0. */
const positionSchema = z.object({
  symbol: termFields.symbol,
  exchange: termFields.exchange,
  action: termFields.action,
  quantity: termFields.quantity,
  product: termFields.product,
  pricetype: termFields.pricetype,
  price: termFields.price.default(() => parsedZero()),
  trigger_price: termFields.trigger_price.default(() => parsedZero()),
});
const parsedZero = (): z.output<typeof termFields.price> =>
  parseWith(termFields.price, CONTRACT_DEFAULTS.price);

/** The terms of one position. @throws GatewayError VALIDATION and the codes of the prices: `Position N: …` */
const termsOf = (raw: unknown, index: number): OrderTerms => {
  const place = `Position ${index + 1}: `;
  try {
    const read = parseWith(positionSchema, raw);
    return {
      ...priceTerms(read.pricetype, read.price, read.trigger_price),
      ...quantityTerms(read.quantity, 0),
      instrument: { exchange: read.exchange, symbol: read.symbol },
      side: sideOf(read.action),
      product: productOf(read.product),
      timeInForce: CONTRACT_DEFAULTS.validity,
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const code = error instanceof InvalidFields ? 'VALIDATION' : error.code;
    const field = `positions[${index}]${error.field === null ? '' : `.${error.field}`}`;
    throw new GatewayError(code, `${place}${error.message}`, { field });
  }
};

const examplePosition: JsonObject = {
  symbol: 'NIFTY23NOV2626000CE',
  exchange: 'NFO',
  action: 'SELL',
  quantity: '65',
  product: 'NRML',
  pricetype: 'MARKET',
  price: '0',
};

/** `POST /api/v1/margin`. */
export const margin = defineRoute({
  name: 'margin',
  method: 'post',
  path: '/api/v1/margin',
  access: readAccess,
  family: 'text',
  summary: 'What a list of orders would block, in rupees, by the broker’s own calculator.',
  description:
    'Each position is an object of symbol, exchange, action, quantity, product, pricetype, price and trigger_price.',
  body: readBody.extend({
    positions: z
      .array(z.unknown(), { error: HOW_MANY })
      .min(1, { error: HOW_MANY })
      .max(MAX_POSITIONS, { error: HOW_MANY }),
  }),
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({
      total_margin_required: z.number(),
      span_margin: z.number().meta({ description: '0 when the broker knows only the total' }),
      exposure_margin: z.number().meta({ description: '0 when the broker knows only the total' }),
    }),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, positions: [examplePosition] },
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: {
        total_margin_required: 253500,
        span_margin: 219700,
        exposure_margin: 33800,
      },
    },
    failures: [
      wrongField('positions', HOW_MANY),
      {
        name: 'Wrong position',
        status: 400,
        body: {
          status: 'error',
          message: 'Position 1: quantity: Quantity must be a positive number.',
          code: 'VALIDATION',
          field: 'positions[0].quantity',
        },
      },
      unknownSymbol,
      {
        name: 'Broker without a margin calculator',
        status: 501,
        body: {
          status: 'error',
          message: 'Example broker (example) gives no margin calculator.',
          code: 'UNSUPPORTED',
          correlation_id: '7f0c1b9a5d2e4f60',
        },
      },
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const orders = body.positions.map(termsOf);
    const found = await call.deps.marketReads.margin(account.accountId, orders);
    return success({
      data: {
        total_margin_required: toNumber(found.total, 2),
        span_margin: found.span === null ? 0 : toNumber(found.span, 2),
        exposure_margin: found.exposure === null ? 0 : toNumber(found.exposure, 2),
      },
      ...marks,
    });
  },
});
