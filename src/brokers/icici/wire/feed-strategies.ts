import { z } from 'zod';
import { decimal } from '../../../core/domain/decimal';
import { feedText } from './feed-values';
import { amount, count, day, instant, trimmed, wordOf } from './market-values';
import { wireRight } from './orders';
import { blankDay, blankDecimal } from './scalars';

const side = wordOf('action', { buy: 'BUY', sell: 'SELL' });

/** A call of `one_click_fno`: one leg of a strategy in futures and options. Rupees. */
export const oneClickCall = z
  .strictObject({
    strategy_date: instant,
    modification_date: instant,
    portfolio_id: feedText,
    call_action: wordOf('call action', { 'call initiated': 'initiated' }),
    portfolio_name: feedText,
    exchange_code: wordOf('exchange', { nfo: 'NFO' }),
    product_type: wordOf('product', { options: 'options', futures: 'futures' }),
    underlying: feedText,
    expiry_date: day,
    option_type: wireRight,
    /** 0 for a future. */
    strike_price: amount,
    action: side,
    recommended_price_from: amount,
    recommended_price_to: amount,
    /** Units. */
    minimum_lot_quantity: count,
    last_traded_price: amount,
    best_bid_price: amount,
    best_offer_price: amount,
    /** A price of the underlying in the recordings, whatever its name says: no quantity. */
    last_traded_quantity: amount,
    target_price: amount,
    expected_profit_per_lot: amount,
    stop_loss_price: amount,
    expected_loss_per_lot: amount,
    total_margin: amount,
    leg_no: count,
    status: wordOf('status', { active: 'active' }),
  })
  .refine((call) => (call.product_type === 'options') === (call.option_type !== null), {
    path: ['option_type'],
    message: 'does not fit product_type',
  });

const JOINED = /^([\d.]+)-([\d.]+),(.+)$/;

/** A call of `i_click_2_gain`, for a share. Rupees. */
export const iClickCall = z
  .strictObject({
    stock_name: feedText,
    stock_code: feedText,
    action_type: side,
    expiry_date: blankDay,
    strike_price: blankDecimal,
    option_type: wireRight,
    stock_description: wordOf('description', { margin: 'margin' }),
    /** `3065-3068,2025-01-02 08:55:02`: the next three fields again. */
    recommended_price_and_date: feedText,
    recommended_price_from: amount,
    recommended_price_to: amount,
    recommended_date: instant,
    target_price: amount,
    sltp_price: amount,
    /** Two percentages, `0,0`. */
    part_profit_percentage: z
      .string()
      .regex(/^\d+(?:\.\d+)?,\d+(?:\.\d+)?$/, 'is no pair of numbers')
      .transform((text) => text.split(',').map((part) => decimal(part))),
    profit_price: amount,
    exit_price: amount,
    recommended_update: trimmed,
    iclick_status: wordOf('status', { open: 'open' }),
    subscription_type: wordOf('subscription', { iclick_2_gain: 'i_click_2_gain' }),
  })
  .transform(({ recommended_price_and_date: joined, ...call }, context) => {
    const [, from, to, date] = JOINED.exec(joined) ?? [];
    const again = z.tuple([amount, amount, instant]).safeParse([from, to, date]);
    const { recommended_price_from, recommended_price_to, recommended_date } = call;
    const said = [recommended_price_from, recommended_price_to, recommended_date];
    if (again.success && again.data.every((value, index) => value === said[index])) return call;
    const message = 'does not repeat recommended_price_from, _to and recommended_date';
    context.addIssue({ code: 'custom', path: ['recommended_price_and_date'], message });
    return z.NEVER;
  });
