import { toFixed, toNumber } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { epochMs } from '../../core/domain/ids';
import { istDate, istTimestamp } from '../../core/domain/time';
import type { IciciInstrument } from './instruments';
import { longDate } from './instruments';
import { isContract, isLive } from './order';
import type { IciciOrder, IciciTrade } from './order';

export interface RowOptions {
  /** The real book writes the minute of a cash order and the second of a contract's. */
  readonly equityTimes: 'minutes' | 'seconds';
}

const PRODUCTS = {
  cash: 'Cash',
  btst: 'BTST',
  mtf: 'MTF',
  futures: 'Futures',
  options: 'Options',
} as const;
const VALIDITIES = { day: 'Day', ioc: 'IoC', vtc: 'VTC' } as const;
const TYPES = { limit: 'Limit', stoploss: 'StopLoss' } as const;
export const ACTIONS = { buy: 'Buy', sell: 'Sell' } as const;

/** `DD-Mon-YYYY HH:MM:SS`, IST, of epoch ms. */
export const wireTime = (at: number): string => istTimestamp(epochMs(at));
/** YYYY-MM-DD, IST. */
export const dayAt = (at: number): string => istDate(epochMs(at));
const money = (value: Decimal | null): string => (value === null ? '0' : toFixed(value, 2));

/** How replies name a contract; null fields for cash. */
export const contractOf = (
  instrument: IciciInstrument,
): { readonly expiry_date: string | null; readonly right: string | null } => {
  const { expiry, right } = instrument;
  if (expiry === null) return { expiry_date: null, right: null };
  const word = right === null ? 'Others' : right === 'CE' ? 'Call' : 'Put';
  return { expiry_date: longDate(expiry), right: word };
};

/** The strike as a number, 0 where there is none. */
export const strikeOf = ({ strike }: IciciInstrument): number => Number(strike ?? 0);

/** A row of GET order. */
export const orderRow = (order: IciciOrder, options: RowOptions): Record<string, unknown> => {
  const { instrument } = order;
  const open = order.quantity - order.filled;
  const ended = !isLive(order) && order.status !== 'Executed' && order.status !== 'Rejected';
  const seconds = isContract(order) || options.equityTimes === 'seconds';
  const at = wireTime(order.placedAt);
  // Seen in the real book: nothing of a cancelled order traded, and the whole of it still called pending.
  const pending = isLive(order) || order.status === 'Cancelled' ? open : 0;
  return {
    order_id: order.orderId,
    exchange_order_id: order.exchangeOrderId,
    exchange_code: instrument.exchange,
    stock_code: instrument.stockCode,
    product_type: PRODUCTS[order.product],
    action: ACTIONS[order.action],
    order_type: TYPES[order.orderType],
    stoploss: toFixed(order.trigger ?? zero, 2),
    quantity: String(order.quantity),
    price: money(order.price),
    validity: VALIDITIES[order.validity],
    disclosed_quantity: String(order.disclosed),
    ...contractOf(instrument),
    strike_price: strikeOf(instrument),
    average_price: money(order.average),
    cancelled_quantity: String(ended ? open : 0),
    pending_quantity: String(pending),
    status: order.status,
    user_remark: order.remark,
    order_datetime: seconds ? at : at.slice(0, 17),
    parent_order_id: null,
    modification_number: order.changes === 0 ? null : String(order.changes),
    exchange_acknowledgement_date: null,
    SLTP_price: null,
    exchange_acknowledge_number: null,
    initial_limit: null,
    intial_sltp: null,
    LTP: null,
    limit_offset: null,
    mbc_flag: null,
    cutoff_price: null,
    validity_date: '',
  };
};
const zero = '0' as Decimal; // The literal is a decimal.

/** A row of the trade list: one order, or one fill. */
export const tradeRow = (
  order: IciciOrder,
  quantity: number,
  price: Decimal,
  at: number,
  last: Decimal,
): Record<string, unknown> => {
  const { instrument } = order;
  return {
    book_type: 'Trade-Book',
    trade_date: wireTime(at).slice(0, 11),
    stock_code: instrument.stockCode,
    action: ACTIONS[order.action],
    quantity: String(quantity),
    average_cost: toFixed(price, 2),
    brokerage_amount: '0.00',
    product_type: PRODUCTS[order.product],
    exchange_code: instrument.exchange,
    order_id: order.orderId,
    segment: isContract(order) ? '' : 'N',
    settlement_code: isContract(order) ? '' : settlementOf(at),
    dp_id: 'IN000000',
    client_id: '00000000',
    ltp: toFixed(last, 2),
    eatm_withheld_amount: '0.00',
    cash_withheld_amount: '0.00',
    total_taxes: '0.00',
    order_type: TYPES[order.orderType],
    ...contractOf(instrument),
    strike_price: instrument.strike,
  };
};

/** A row of the trades of one order: one fill. */
export const fillRow = (trade: IciciTrade): Record<string, unknown> => {
  const { order } = trade;
  return {
    settlement_id: settlementOf(trade.at),
    exchange_trade_id: trade.exchangeTradeId,
    executed_quantity: String(trade.quantity),
    action: order.action === 'buy' ? 'B' : 'S',
    total_transaction_cost: '0',
    brokerage_amount: '0',
    taxes: '0',
    eatm_withheld_amount: '0',
    cash_withheld_amount: '0',
    execution_price: String(toNumber(trade.price)),
    stock_code: order.instrument.stockCode,
    exchange_code: order.instrument.exchange,
    trade_id: trade.tradeId,
    exchange_trade_time: wireTime(trade.at),
  };
};

/** A made-up settlement number: the year and the day of it. */
const settlementOf = (at: number): string => {
  const day = dayAt(at);
  const ofYear = (Date.parse(day) - Date.parse(`${day.slice(0, 4)}-01-01`)) / 86_400_000 + 1;
  return `${day.slice(0, 4)}${String(ofYear).padStart(3, '0')}`;
};
