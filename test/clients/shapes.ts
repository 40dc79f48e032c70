import { z } from 'zod';

// What clients may rely on in an answer, by the contract. Written apart from the schemas of the API itself,
// so that a mistake there shows here. More keys are allowed: extensions are a superset.

const success = z.literal('success');
const number = z.number();
const whole = z.int();
const text = z.string();
const words = z.array(text);
const id = text.min(1);
const twoDecimals = text.regex(/^-?\d+\.\d{2}$/);

const orderRow = z.object({
  symbol: id,
  exchange: id,
  action: z.enum(['BUY', 'SELL']),
  quantity: whole,
  price: number,
  trigger_price: number,
  pricetype: z.enum(['MARKET', 'LIMIT', 'SL', 'SL-M']),
  product: z.enum(['CNC', 'NRML', 'MIS']),
  orderid: id,
  order_status: z.enum(['open', 'trigger pending', 'complete', 'rejected', 'cancelled']),
  timestamp: text.regex(/^\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}$/),
});
const nothingToDo = z.strictObject({
  status: success,
  message: z.enum([
    'Positions Already Matched. No Action needed.',
    'No OpenPosition Found. Not placing Exit order.',
  ]),
  account: text,
  simulated: z.literal(true).optional(),
});
const order = z.object({ status: success, orderid: id });
const figures = {
  open: number,
  high: number,
  low: number,
  ltp: number,
  prev_close: number,
  volume: number,
  oi: number,
};
const quote = z.object({ ...figures, ask: number, bid: number });
const side = z.array(z.object({ price: number, quantity: number })).length(5);
const instrument = {
  symbol: id,
  brsymbol: text,
  name: text,
  exchange: id,
  brexchange: text,
  token: text,
  expiry: text.regex(/^(\d{2}-[A-Z]{3}-\d{2})?$/),
  strike: number,
  lotsize: whole.positive(),
  instrumenttype: id,
  tick_size: number,
};
const listed = z.object({ ...instrument, freeze_qty: whole });
const session = { exchange: id, start_time: whole, end_time: whole };
const analyzer = z.object({
  mode: z.enum(['analyze', 'live']),
  analyze_mode: z.boolean(),
  total_logs: whole,
});
const data = (schema: z.ZodType): z.ZodType => z.object({ status: success, data: schema });

/** Schema of an answer by its name in the tables of bodies. */
export const SHAPES = {
  order,
  'nothing to do': nothingToDo,
  'order or nothing to do': z.union([order, nothingToDo]),
  basket: z.object({
    status: success,
    results: z.array(
      z.union([
        z.object({ symbol: id, exchange: id, product: id, status: success, orderid: id }),
        z.object({ symbol: id, status: z.literal('error'), message: id }),
      ]),
    ),
  }),
  split: z.object({
    status: success,
    total_quantity: whole,
    split_size: whole,
    results: z.array(z.object({ order_num: whole, quantity: whole, status: success, orderid: id })),
  }),
  'cancel all': z.object({
    status: success,
    canceled_orders: words,
    failed_cancellations: z.array(z.unknown()),
    message: id,
  }),
  'close all': z.object({ status: success, message: id }),
  'order status': data(orderRow.extend({ average_price: number, price_type: id })),
  'open position': z.object({ status: success, quantity: whole }),
  'order book': data(
    z.object({
      orders: z.array(orderRow),
      statistics: z.object({
        total_buy_orders: whole,
        total_sell_orders: whole,
        total_completed_orders: whole,
        total_open_orders: whole,
        total_rejected_orders: whole,
      }),
    }),
  ),
  'trade book': data(
    z
      .array(
        z.object({
          symbol: id,
          exchange: id,
          product: id,
          action: z.enum(['BUY', 'SELL']),
          quantity: whole,
          average_price: number,
          trade_value: number,
          orderid: id,
          timestamp: id,
        }),
      )
      .min(1),
  ),
  'position book': data(
    z
      .array(
        z.object({
          symbol: id,
          exchange: id,
          product: id,
          quantity: whole,
          average_price: twoDecimals,
          ltp: number,
          pnl: number,
        }),
      )
      .min(1),
  ),
  holdings: data(
    z.object({
      holdings: z.array(
        z.object({
          symbol: id,
          exchange: id,
          quantity: whole,
          product: z.literal('CNC'),
          pnl: number,
          pnlpercent: number,
        }),
      ),
      statistics: z.object({
        totalholdingvalue: number,
        totalinvvalue: number,
        totalprofitandloss: number,
        totalpnlpercentage: number,
      }),
    }),
  ),
  funds: data(
    z.object({
      availablecash: twoDecimals,
      collateral: twoDecimals,
      m2munrealized: twoDecimals,
      m2mrealized: twoDecimals,
      utiliseddebits: twoDecimals,
    }),
  ),
  quotes: data(quote),
  multiquotes: z.object({
    status: success,
    results: z
      .array(
        z.union([
          z.strictObject({ symbol: id, exchange: id, data: quote }),
          z.strictObject({ symbol: id, exchange: id, error: id }),
        ]),
      )
      .min(1),
  }),
  depth: data(
    z.object({
      ...figures,
      bids: side,
      asks: side,
      ltq: number,
      totalbuyqty: number,
      totalsellqty: number,
    }),
  ),
  symbol: data(listed.extend({ id: whole })),
  search: z.object({ status: success, message: id, data: z.array(listed) }),
  expiry: z.object({
    status: success,
    message: id,
    data: z.array(text.regex(/^\d{2}-[A-Z]{3}-\d{2}$/)).min(1),
  }),
  instruments: z.object({
    status: success,
    message: id,
    data: z.array(z.strictObject(instrument)).min(1),
  }),
  intervals: data(
    z.object({
      seconds: words,
      minutes: words,
      hours: words,
      days: words,
      weeks: words,
      months: words,
    }),
  ),
  analyzer: data(analyzer),
  'analyzer toggle': data(analyzer.extend({ message: id })),
  margin: data(
    z.object({
      total_margin_required: number.positive(),
      span_margin: number,
      exposure_margin: number,
    }),
  ),
  holidays: z.object({
    status: success,
    year: whole,
    timezone: z.literal('Asia/Kolkata'),
    data: z
      .array(
        z.object({
          date: text.regex(/^\d{4}-\d{2}-\d{2}$/),
          description: id,
          holiday_type: z.enum(['TRADING_HOLIDAY', 'SETTLEMENT_HOLIDAY', 'SPECIAL_SESSION']),
          closed_exchanges: words,
          open_exchanges: z.array(z.object(session)),
        }),
      )
      .min(1),
  }),
  timings: data(z.array(z.object(session)).min(1)),
  queued: z.object({ message: text.regex(/^Order queued successfully for [A-Z]+$/) }),
  'text error': z.object({ status: z.literal('error'), message: id }),
  'invalid symbols': z.object({
    status: z.literal('error'),
    message: id,
    invalid_symbols: z.array(z.object({ symbol: id, exchange: id })).min(1),
  }),
  'not served': z.strictObject({
    status: z.literal('error'),
    message: z.literal('Not found'),
    path: text.startsWith('/api/v1/'),
  }),
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** The names of the shapes. */
export type Shape = keyof typeof SHAPES;
