import { z } from 'zod';
import {
  feedAmount,
  feedContractValue,
  feedCount,
  feedPrice,
  feedText,
  feedTime,
  feedTrend,
  feedValue,
  tokenOf,
} from './feed-values';
import { amount, count, day, instant, wordOf } from './market-values';

/** What every quote has. `close` is of the day before. */
const quoteFields = {
  open: feedPrice,
  last: feedPrice,
  high: feedPrice,
  low: feedPrice,
  /** Percent. */
  change: feedAmount,
  quotes: z.literal('Quotes Data'),
  trend: feedTrend,
  ltt: feedTime,
  close: feedPrice,
};

/** What is bought and sold has these beside; an index has null in their place. */
const tradedFields = {
  bPrice: feedPrice,
  bQty: feedCount,
  sPrice: feedPrice,
  sQty: feedCount,
  ltq: feedCount,
  avgPrice: feedPrice,
  ttq: feedCount,
  totalBuyQt: feedCount,
  totalSellQ: feedCount,
  lowerCktLm: feedPrice,
  upperCktLm: feedPrice,
};

/** What the client adds to a message of an NFO option, from the master. No other product was recorded. */
export const optionName = {
  stock_name: feedText,
  product_type: wordOf('product', { options: 'options' }),
  expiry_date: day,
  strike_price: amount,
  right: wordOf('right', { call: 'CE', put: 'PE' }),
};

const nseEquity = wordOf('exchange', { 'nse equity': 'NSE' });

/** Quote of a share on NSE. */
export const shareQuote = z.strictObject({
  symbol: tokenOf('4.1'),
  ...quoteFields,
  ...tradedFields,
  ttv: feedValue,
  exchange: nseEquity,
  stock_name: feedText,
});

/** Quote of an NSE index. The token is its name. */
export const indexQuote = z.strictObject({
  symbol: tokenOf('4.1'),
  ...quoteFields,
  bPrice: z.null(),
  bQty: z.null(),
  sPrice: z.null(),
  sQty: z.null(),
  ltq: z.null(),
  avgPrice: z.null(),
  ttq: z.null(),
  totalBuyQt: z.null(),
  totalSellQ: z.null(),
  ttv: z.null(),
  lowerCktLm: z.null(),
  upperCktLm: z.null(),
  exchange: nseEquity,
  stock_name: feedText,
});

/** Quote of an NFO option. The recorded ones have null for the change of the open interest. */
export const nfoQuote = z.strictObject({
  symbol: tokenOf('4.1'),
  ...quoteFields,
  ...tradedFields,
  OI: feedCount,
  CHNGOI: z.int().nullable(),
  ttv: feedValue,
  exchange: wordOf('exchange', { 'nse futures & options': 'NFO' }),
  ...optionName,
});

/** Quote of a BFO contract: neither exchange nor contract, and `ttv` of whole contracts. */
export const bfoQuote = z.strictObject({
  symbol: tokenOf('8.1'),
  ...quoteFields,
  ...tradedFields,
  OI: feedCount,
  CHNGOI: z.int(),
  ttv: feedContractValue,
});

/** Prices and units of one candle, as text. The time is the start of the minute, India. */
const candleFields = {
  // The client's words for the four events of the candle socket.
  interval: wordOf('interval', {
    '1second': '1s',
    '1minute': '1m',
    '5minute': '5m',
    '30minute': '30m',
  }),
  stock_code: feedText,
  low: amount,
  high: amount,
  open: amount,
  close: amount,
  volume: count,
  datetime: instant,
};

export const shareCandle = z.strictObject({
  ...candleFields,
  exchange_code: wordOf('exchange', { nse: 'NSE', bse: 'BSE' }),
});

/** `oi` is 0 in the recorded candles of BFO while quotes of the same contract have open interest. */
export const optionCandle = z.strictObject({
  ...candleFields,
  exchange_code: wordOf('exchange', { nfo: 'NFO', bfo: 'BFO' }),
  expiry_date: day,
  strike_price: amount,
  right_type: wordOf('right', { ce: 'CE', pe: 'PE' }),
  oi: count,
});
