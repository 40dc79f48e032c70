import { z } from 'zod';
import { toNumber } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { MarketDepth, MarketQuote } from '../../core/ports/broker';

const absent = { description: 'null when there is none; 0 is never a price' };

/** The figures of a quote; prices in rupees, volume in exchange units. */
export const quoteSchema = z.object({
  open: z.number().nullable().meta(absent),
  high: z.number().nullable().meta(absent),
  low: z.number().nullable().meta(absent),
  ltp: z.number(),
  ask: z.number().nullable().meta(absent),
  bid: z.number().nullable().meta(absent),
  prev_close: z.number().nullable().meta(absent),
  volume: z.int(),
  oi: z.int().meta({ description: 'open contracts; 0 when the source does not know' }),
});

const rupees = (price: Decimal | null): number | null => (price === null ? null : toNumber(price));

export const quoteRow = (quote: MarketQuote): z.infer<typeof quoteSchema> => ({
  open: rupees(quote.open),
  high: rupees(quote.high),
  low: rupees(quote.low),
  ltp: toNumber(quote.last),
  ask: rupees(quote.ask),
  bid: rupees(quote.bid),
  prev_close: rupees(quote.previousClose),
  volume: quote.volume,
  oi: quote.openInterest ?? 0,
});

const DEPTH_ROWS = 5;
const levels = z
  .array(z.object({ price: z.number(), quantity: z.int() }))
  .length(DEPTH_ROWS)
  .meta({ description: 'best first; rows that nothing stands in are 0' });

/** The answer of `depth`. */
export const depthSchema = z.object({
  bids: levels,
  asks: levels,
  open: quoteSchema.shape.open,
  high: quoteSchema.shape.high,
  low: quoteSchema.shape.low,
  ltp: z.number(),
  ltq: z.int().meta({ description: 'quantity of the last trade; 0 when the source does not say' }),
  prev_close: quoteSchema.shape.prev_close,
  volume: z.int(),
  oi: z.int(),
  totalbuyqty: z.int(),
  totalsellqty: z.int(),
});

const five = (side: MarketDepth['bids']): z.infer<typeof levels> =>
  Array.from({ length: DEPTH_ROWS }, (_, index) => {
    const level = side[index];
    return level === undefined
      ? { price: 0, quantity: 0 }
      : { price: toNumber(level.price), quantity: level.quantity };
  });

const shown = (side: MarketDepth['bids']): number =>
  side.reduce((sum, { quantity }) => sum + quantity, 0);

export const depthRow = (depth: MarketDepth): z.infer<typeof depthSchema> => {
  const { open, high, low, ltp, prev_close, volume, oi } = quoteRow(depth);
  return {
    bids: five(depth.bids),
    asks: five(depth.asks),
    open,
    high,
    low,
    ltp,
    ltq: depth.lastQuantity ?? 0,
    prev_close,
    volume,
    oi,
    totalbuyqty: depth.totalBidQuantity ?? shown(depth.bids),
    totalsellqty: depth.totalAskQuantity ?? shown(depth.asks),
  };
};
