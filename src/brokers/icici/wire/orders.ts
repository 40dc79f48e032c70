import { z } from 'zod';
import type { Product, Side, TimeInForce } from '../../../core/domain/order';
import {
  blankDay,
  blankDecimal,
  blankText,
  wireCount,
  wireDecimal,
  wireText,
  wireTime,
  wireWord,
} from './scalars';

/** Body of POST order, in the order of the fields that the broker's own Node client sends. */
export interface IciciPlaceBody {
  readonly stock_code: string;
  readonly exchange_code: string;
  readonly product: 'cash' | 'futures' | 'options';
  readonly action: 'buy' | 'sell';
  readonly order_type: 'limit' | 'stoploss';
  readonly quantity: string;
  readonly price: string;
  readonly validity: 'day' | 'ioc';
  readonly order_segment_code: '';
  readonly settlement_id: '';
  /** The trigger, for `stoploss` only. */
  readonly stoploss?: string;
  readonly disclosed_quantity: string;
  readonly expiry_date?: string;
  readonly right?: 'call' | 'put' | 'others';
  readonly strike_price?: string;
  readonly user_remark: string;
}

/** Body of PUT order. */
export interface IciciModifyBody {
  readonly order_id: string;
  readonly exchange_code: string;
  readonly order_type: 'limit' | 'stoploss';
  readonly stoploss: string;
  readonly quantity: string;
  readonly price: string;
  readonly validity: 'day' | 'ioc';
  readonly disclosed_quantity: string;
}

/** Body of DELETE order, and of GET order and GET trades for one order. */
export interface IciciOrderKey {
  readonly exchange_code: string;
  readonly order_id: string;
}

/** The id inside a sentence such as `… through RI reference no 20261116N300004321`. */
const ID_IN_TEXT = /\d{8}[A-Z]?\d{9,10}/;
/** An id alone: one word. Its parts mean nothing to us. */
const ID = /^[0-9A-Z]{10,24}$/;

/** The order id in `Success` of a command. In 2022 `order_id` held the whole sentence of `message`. */
export const iciciOrderId = z
  .object({ order_id: wireText })
  .transform(({ order_id: text }, context): string => {
    const id = ID.test(text) ? text : ID_IN_TEXT.exec(text)?.[0];
    if (id !== undefined) return id;
    context.addIssue({ code: 'custom', message: 'has no order id' });
    return z.NEVER;
  });

/** What a product of the book is to us; null: nothing that we have a word for (see `iciciOrder`). */
const PRODUCTS: ReadonlyMap<string, Product | null> = new Map([
  ['cash', 'DELIVERY'],
  ['btst', 'DELIVERY'],
  ['futures', 'CARRY_FORWARD'],
  ['future', 'CARRY_FORWARD'],
  ['options', 'CARRY_FORWARD'],
  ['option', 'CARRY_FORWARD'],
  ['margin', 'INTRADAY'],
  ['marginplus', 'INTRADAY'],
  ['futureplus', 'INTRADAY'],
  ['futureplussltp', 'INTRADAY'],
  ['optionplus', 'INTRADAY'],
  ['mtf', null],
  ['eatm', null],
]);
const SIDES: ReadonlyMap<string, Side> = new Map([
  ['buy', 'BUY'],
  ['b', 'BUY'],
  ['sell', 'SELL'],
  ['s', 'SELL'],
]);
const TYPES = new Map([
  ['limit', 'limit'],
  ['l', 'limit'],
  ['stoploss', 'stoploss'],
  ['s', 'stoploss'],
  ['market', 'market'],
  ['m', 'market'],
] as const);
/** Valid till cancelled is not in our words; for the day that a book shows it is a day order. */
const VALIDITIES: ReadonlyMap<string, TimeInForce> = new Map([
  ['day', 'DAY'],
  ['t', 'DAY'],
  ['vtc', 'DAY'],
  ['v', 'DAY'],
  ['ioc', 'IOC'],
  ['i', 'IOC'],
]);
const RIGHTS = new Map([
  ['call', 'CE'],
  ['c', 'CE'],
  ['put', 'PE'],
  ['p', 'PE'],
  ['others', null],
  ['*', null],
  ['', null],
] as const);

export const ICICI_STATUSES = [
  'requested',
  'queued',
  'ordered',
  'partially executed',
  'executed',
  'rejected',
  'cancelled',
  'partially executed and cancelled',
  'expired',
  'partially executed and expired',
  'freezed',
] as const;
export type IciciStatus = (typeof ICICI_STATUSES)[number];
const STATUSES: ReadonlyMap<string, IciciStatus> = new Map(
  ICICI_STATUSES.map((status) => [status.replaceAll(' ', ''), status]),
);

export const wireProduct = wireWord(PRODUCTS, 'product');
export const wireSide = wireWord(SIDES, 'side');
export const wireRight = z.union([z.null(), wireWord<'CE' | 'PE' | null>(RIGHTS, 'right')]);

/** Row of GET order. There is no filled quantity and no reason of a rejection. */
export const iciciOrder = z.object({
  order_id: wireText,
  exchange_order_id: blankText,
  exchange_code: wireText,
  stock_code: wireText,
  product_type: wireProduct,
  action: wireSide,
  order_type: wireWord<'limit' | 'stoploss' | 'market'>(TYPES, 'order type'),
  stoploss: blankDecimal,
  quantity: wireCount,
  price: blankDecimal,
  validity: wireWord(VALIDITIES, 'validity'),
  disclosed_quantity: blankDecimal,
  expiry_date: blankDay,
  right: wireRight,
  strike_price: blankDecimal,
  average_price: blankDecimal,
  cancelled_quantity: wireCount,
  pending_quantity: wireCount,
  status: wireWord(STATUSES, 'status'),
  user_remark: blankText,
  order_datetime: wireTime,
});
export type IciciOrder = z.infer<typeof iciciOrder>;

/** The part of such a row that names it. */
export const iciciOrderName = z.object({ order_id: wireText });

/** Row of GET trades for one order: one execution. */
export const iciciFill = z.object({
  exchange_trade_id: wireText,
  executed_quantity: wireCount.refine((units) => units > 0, 'is 0'),
  execution_price: wireDecimal,
  action: wireSide,
  stock_code: wireText,
  exchange_trade_time: wireTime,
});
export type IciciFill = z.infer<typeof iciciFill>;
