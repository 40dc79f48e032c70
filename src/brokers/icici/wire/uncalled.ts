import { z } from 'zod';
import { wireProduct, wireRight, wireSide } from './orders';
import { blankDay, blankDecimal, wireCount, wireDecimal, wireText } from './scalars';

/*
 * Answers of calls that the adapter does not make: funds come from GET funds, fills from the trades of
 * one order (which have ids), no money is moved, and the limit calculator is of a product that is gone.
 * They are typed so that a recording of them which no longer fits is noticed. Rupees.
 */

/** `Success` of GET margin. */
export const iciciMarginOfAccount = z.object({
  limit_list: z.array(z.unknown()),
  cash_limit: wireDecimal,
  amount_allocated: wireDecimal,
  block_by_trade: wireDecimal,
  isec_margin: wireDecimal,
});

/** Row of GET trades over a range: orders with fills, not fills. */
export const iciciTrade = z.object({
  trade_date: blankDay.refine((day) => day !== null, 'is not a date'),
  stock_code: wireText,
  exchange_code: wireText,
  order_id: wireText,
  action: wireSide,
  quantity: wireCount,
  average_cost: wireDecimal,
  brokerage_amount: wireDecimal,
  total_taxes: wireDecimal,
  product_type: wireProduct,
  expiry_date: blankDay,
  right: wireRight,
  strike_price: blankDecimal,
});

/** `Success` of POST fnolmtpriceandqtycal. */
export const iciciLimitCalculation = z.object({
  available_quantity: wireCount,
  order_margin: wireDecimal,
  limit_rate: wireDecimal,
});

/** `Success` of POST funds. */
export const iciciFundsMoved = z.object({ status: z.literal('Success') });
