import { z } from 'zod';
import {
  amount,
  count,
  day,
  instant,
  optionRight,
  optionalAmount,
  optionalCount,
  optionalDay,
  price,
  rowsOf,
  wordOf,
} from './market-values';

/** Exchanges as quotes spell them. `NA`: the stock is not listed where this row stands. */
const quoteExchange = wordOf('exchange', {
  nse: 'NSE',
  bse: 'BSE',
  nfo: 'NFO',
  bfo: 'BFO',
  ndx: 'NDX',
  mcx: 'MCX',
  na: 'NA',
});

const quoteFields = {
  exchange_code: quoteExchange,
  expiry_date: optionalDay,
  right: optionRight,
  strike_price: optionalAmount,
  ltp: price,
  best_bid_price: price,
  best_bid_quantity: optionalCount,
  best_offer_price: price,
  best_offer_quantity: optionalCount,
  open: price,
  high: price,
  low: price,
  previous_close: price,
  total_quantity_traded: optionalCount,
};

/** Row of GET quotes. */
const iciciQuote = z.object(quoteFields);
export type IciciQuote = z.output<typeof iciciQuote>;
export const iciciQuotes = rowsOf(iciciQuote);

/** Row of GET optionchain. */
const iciciChainRow = z.object({
  ...quoteFields,
  strike_price: amount,
  expiry_date: day,
  open_interest: optionalCount,
  spot_price: price,
});
export type IciciChainRow = z.output<typeof iciciChainRow>;
export const iciciChain = rowsOf(iciciChainRow);

/** Row of GET historicalcharts, v1 (all text) and v2 (numbers). */
const iciciCandle = z.object({
  datetime: instant,
  open: amount,
  high: amount,
  low: amount,
  close: amount,
  volume: count,
  open_interest: optionalCount,
});
export const iciciCandles = rowsOf(iciciCandle);

/** Answer of POST margincalculator; the orders come back in `margin_calulation` (their spelling). */
export const iciciMargin = z.object({
  span_margin_required: amount,
  non_span_margin_required: amount,
});

/** Answer of GET preview_order. */
export const iciciPreview = z.object({
  brokerage: amount,
  exchange_turnover_charges: amount,
  stamp_duty: amount,
  stt: amount,
  sebi_charges: amount,
  gst: amount,
  total_brokerage: amount,
});
