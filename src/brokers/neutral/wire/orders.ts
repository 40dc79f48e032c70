import { z } from 'zod';
import { EXCHANGES } from '../../../core/domain/instrument';

/** Rupees as plain decimal text. */
export const wireRupees = z.string().regex(/^-?\d{1,15}(\.\d{1,10})?$/, 'is not decimal text');
const quantity = z.number().int().min(0);
/** Broker time; the offset is always written out. */
const istTime = z.iso.datetime({ offset: true, local: false }).regex(/\+05:30$/, 'is not IST');

export const wireSide = z.enum(['buy', 'sell']);
export const wireType = z.enum(['market', 'limit', 'stop_limit', 'stop_market']);
export const wireProduct = z.enum(['delivery', 'intraday', 'carry']);
export const wireValidity = z.enum(['day', 'ioc']);
export const wireStatus = z.enum([
  'open',
  'trigger_pending',
  'triggered',
  'complete',
  'cancelled',
  'rejected',
  'expired',
]);

/** Body of POST /orders. */
export interface NeutralPlaceBody {
  readonly tag: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly side: z.infer<typeof wireSide>;
  readonly type: z.infer<typeof wireType>;
  readonly product: z.infer<typeof wireProduct>;
  readonly validity: z.infer<typeof wireValidity>;
  readonly quantity: number;
  readonly disclosed_quantity: number;
  readonly price: string | null;
  readonly trigger_price: string | null;
}
/** Body of PUT /orders/:id. */
export type NeutralModifyBody = Pick<
  NeutralPlaceBody,
  'type' | 'quantity' | 'disclosed_quantity' | 'price' | 'trigger_price'
>;

/** Row of GET /orders. */
export const neutralOrder = z.object({
  order_id: z.string().min(1),
  exchange_order_id: z.string().nullable(),
  tag: z.string(),
  exchange: z.enum(EXCHANGES),
  symbol: z.string().min(1),
  side: wireSide,
  type: wireType,
  product: wireProduct,
  validity: wireValidity,
  quantity: z.number().int().min(1),
  disclosed_quantity: quantity,
  price: wireRupees.nullable(),
  trigger_price: wireRupees.nullable(),
  status: wireStatus,
  filled_quantity: quantity,
  average_price: wireRupees.nullable(),
  message: z.string().nullable(),
  placed_at: istTime,
});
export type NeutralOrder = z.infer<typeof neutralOrder>;

/** Row of GET /trades. */
export const neutralTrade = z.object({
  trade_id: z.string().min(1),
  order_id: z.string().min(1),
  exchange: z.enum(EXCHANGES),
  symbol: z.string().min(1),
  side: wireSide,
  product: wireProduct,
  quantity: z.number().int().min(1),
  price: wireRupees,
  traded_at: istTime,
});
export type NeutralTrade = z.infer<typeof neutralTrade>;

/** Message of the update stream; it is only a hint, so its status is not read. */
export const neutralUpdate = z.object({
  type: z.literal('order'),
  order_id: z.string().min(1),
  tag: z.string(),
});
