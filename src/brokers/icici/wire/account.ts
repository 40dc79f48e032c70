import { z } from 'zod';
import { wireProduct, wireRight } from './orders';
import {
  blankDay,
  blankDecimal,
  wireCount,
  wireDecimal,
  wireText,
  wireUnits,
  wireWord,
} from './scalars';

/** `Success` of GET customerdetails, as far as it is read. */
export const iciciCustomer = z.object({
  idirect_userid: wireText,
  // It becomes a header: nothing else may be in it.
  session_token: wireText.regex(/^[\w+/=-]+$/, 'is not a token'),
  segments_allowed: z.record(z.string(), z.string()),
});

/** `Success` of GET funds, rupees. */
export const iciciFunds = z.object({
  allocated_equity: wireDecimal,
  allocated_fno: wireDecimal,
  block_by_trade_equity: wireDecimal,
  block_by_trade_fno: wireDecimal,
});
export type IciciFunds = z.infer<typeof iciciFunds>;

/** Row of GET dematholdings. */
export const iciciDemat = z.object({ stock_code: wireText, quantity: wireCount });

/** Row of GET portfolioholdings of NSE or BSE, as far as it is read. */
export const iciciHolding = z.object({
  stock_code: wireText,
  quantity: wireUnits,
  average_price: blankDecimal,
  current_market_price: blankDecimal,
});
export type IciciHolding = z.infer<typeof iciciHolding>;

/** `NA` stands for flat. */
const WAYS = new Map([
  ['buy', 1],
  ['sell', -1],
  ['na', 0],
] as const);

/** Row of GET portfoliopositions; the quantity has no sign, the side is in `action`. */
export const iciciPosition = z.object({
  product_type: wireProduct,
  exchange_code: wireText,
  stock_code: wireText,
  expiry_date: blankDay,
  strike_price: blankDecimal,
  right: wireRight,
  action: wireWord<1 | -1 | 0>(WAYS, 'side'),
  quantity: wireCount,
  average_price: blankDecimal,
  ltp: blankDecimal,
});
export type IciciPosition = z.infer<typeof iciciPosition>;
