import { z } from 'zod';
import { amount, count, day, instant, optionRight, rowsOf, trimmed, wordOf } from './market-values';

const gttId = trimmed.pipe(z.string().min(1));

/** `Success` of a GTT command: the id that it was for. */
export const gttAnswer: z.ZodType<string> = z
  .object({ gtt_order_id: gttId })
  .transform((answer) => answer.gtt_order_id);

const leg = z.object({
  /** Null for the one leg of a single GTT. */
  gtt_leg_type: z.union([z.null(), wordOf('leg', { target: 'target', stoploss: 'stop' })]),
  action: wordOf('action', { buy: 'BUY', sell: 'SELL' }),
  trigger_price: amount,
  limit_price: amount,
  /** Only `Cancelled` was ever seen, so no list of words can be checked. */
  status: trimmed.pipe(z.string().min(1)),
  gtt_order_id: gttId,
});

/** Row of GET gttorder. */
const gttRow = z.object({
  // Both legs of one GTT carry its id.
  order_details: z
    .tuple([leg], leg)
    .refine(
      ([first, ...others]) => others.every((one) => one.gtt_order_id === first.gtt_order_id),
      'legs of different ids',
    ),
  exchange_code: wordOf('exchange', { nfo: 'NFO', bfo: 'BFO' }),
  product_type: wordOf('product', {
    options: 'options',
    option: 'options',
    futures: 'futures',
    future: 'futures',
  }),
  stock_code: trimmed,
  expiry_date: day,
  strike_price: amount,
  right: optionRight,
  quantity: count,
  gtt_type: wordOf('kind of GTT', { single: 'single', 'cover oco': 'entry-and-exits' }),
  fresh_order_id: trimmed.nullable(),
  order_datetime: instant,
});
export type IciciGtt = z.output<typeof gttRow>;
export const gttBook = rowsOf(gttRow);
