import { add, decimal, multiply, toFixed, toNumber, ZERO } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { SimulatedReply } from '../core/fault-server';
import type { Fields } from './fields';
import { failed, ok } from './reply';

/** Shares of an order's value; made up, of the size of real charges. */
const RATES = {
  brokerage: decimal('0.0007'),
  exchange: decimal('0.0000297'),
  stamp: decimal('0.00015'),
  stt: decimal('0.001'),
  sebi: decimal('0.000001'),
  gst: decimal('0.18'),
} as const;
const FUTURE_MARGIN = decimal('0.15');
const SHORT_OPTION_MARGIN = decimal('0.12');

/** GET preview_order: what an order would cost, JSON numbers. */
export const previewOrder = (fields: Fields): SimulatedReply => {
  const price = fields.amount('price');
  const quantity = fields.count('quantity');
  if (price === null) return failed('Invalid price');
  if (quantity === null) return failed('Invalid quantity');
  const value = multiply(price, quantity);
  const of = (rate: Decimal): Decimal => decimal(toFixed(multiply(value, rate), 2));
  const brokerage = of(RATES.brokerage);
  const exchange = of(RATES.exchange);
  const stamp = fields.word('action') === 'buy' ? of(RATES.stamp) : ZERO;
  const stt = of(RATES.stt);
  const sebi = of(RATES.sebi);
  const taxed = add(add(brokerage, exchange), sebi);
  const gst = decimal(toFixed(multiply(taxed, RATES.gst), 2));
  const others = [exchange, stamp, stt, sebi, gst].reduce(add, ZERO);
  return ok({
    brokerage: toNumber(brokerage),
    exchange_turnover_charges: toNumber(exchange),
    stamp_duty: toNumber(stamp),
    stt: toNumber(stt),
    sebi_charges: toNumber(sebi),
    gst: toNumber(gst),
    total_turnover_and_sebi_charges: toNumber(add(exchange, sebi)),
    total_other_charges: toNumber(others),
    total_brokerage: toNumber(add(brokerage, others)),
  });
};

/** POST margincalculator: the margin of a basket, amounts as text and the broker's own misspelling. */
export const marginCalculator = (fields: Fields): SimulatedReply => {
  const positions = fields.list('list_of_positions');
  if (positions.length === 0) return failed('list_of_positions cannot be empty');
  let total = ZERO;
  for (const one of positions) {
    const margin = marginOf(one);
    if (margin === null) return failed('Invalid list_of_positions');
    total = add(total, margin);
  }
  return ok({
    margin_calulation: positions.map((one) => ({
      strike_price: one.text('strike_price'),
      quantity: one.text('quantity'),
      right: capital(one.word('right')),
      product: capital(one.word('product')),
      action: capital(one.word('action')),
      price: one.text('price'),
      expiry_date: one.text('expiry_date'),
      // The real answer fills short codes up with spaces.
      stock_code: one.text('stock_code').padEnd(6),
    })),
    non_span_margin_required: '0',
    order_value: toFixed(total, 2),
    order_margin: '0',
    trade_margin: null,
    block_trade_margin: '0',
    span_margin_required: toFixed(total, 2),
  });
};

const marginOf = (one: Fields): Decimal | null => {
  const quantity = one.count('quantity');
  const price = one.amount('price');
  const strike = one.amount('strike_price') ?? ZERO;
  if (quantity === null || price === null) return null;
  const value = multiply(price, quantity);
  if (one.word('product') === 'futures') return multiply(value, FUTURE_MARGIN);
  if (one.word('product') !== 'options') return null;
  return one.word('action') === 'buy'
    ? value
    : multiply(multiply(strike, quantity), SHORT_OPTION_MARGIN);
};

/** POST fnolmtpriceandqtycal. The official client sends a date as `exchange_code`: it is not looked at. */
export const limitCalculator = (fields: Fields): SimulatedReply => {
  const limit = fields.amount('fresh_order_limit') ?? fields.amount('limit_rate');
  if (limit === null) return failed('Invalid fresh_order_limit');
  return ok({
    available_quantity: '0',
    action_id: '0',
    order_margin: '0',
    limit_rate: String(toNumber(limit)),
  });
};

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
