import { z } from 'zod';

const price = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,4})?$/)
  .nullable();

/** What POST /orders takes. */
export const placeSchema = z.strictObject({
  tag: z.string().max(20),
  exchange: z.string().min(1),
  symbol: z.string().min(1),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit', 'stop_limit', 'stop_market']),
  product: z.enum(['delivery', 'intraday', 'carry']),
  validity: z.enum(['day', 'ioc']),
  quantity: z.number().int(),
  disclosed_quantity: z.number().int().min(0),
  price,
  trigger_price: price,
});
export type NeutralPlace = z.infer<typeof placeSchema>;

/** What PUT /orders/:id takes. */
export const modifySchema = placeSchema.pick({
  type: true,
  quantity: true,
  disclosed_quantity: true,
  price: true,
  trigger_price: true,
});
export type NeutralModify = z.infer<typeof modifySchema>;

/** A row of GET /orders. Prices are rupees as text. */
export interface NeutralOrder extends NeutralPlace {
  readonly order_id: string;
  readonly exchange_order_id: string;
  readonly status:
    'open' | 'trigger_pending' | 'triggered' | 'complete' | 'cancelled' | 'rejected' | 'expired';
  readonly filled_quantity: number;
  readonly average_price: string | null;
  readonly message: string | null;
  /** ISO 8601 with +05:30, by the simulated (skewed) clock. */
  readonly placed_at: string;
}

/** A row of GET /trades. */
export interface NeutralTrade {
  readonly trade_id: string;
  readonly order_id: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly product: NeutralPlace['product'];
  readonly quantity: number;
  readonly price: string;
  readonly traded_at: string;
}

/** A row of GET /positions; quantity is signed. */
export interface NeutralPosition {
  readonly exchange: string;
  readonly symbol: string;
  readonly product: NeutralPlace['product'];
  readonly quantity: number;
  readonly average_price: string;
  readonly last_price: string;
  readonly realized_pnl: string;
  readonly unrealized_pnl: string;
}

export const holdingSchema = z.strictObject({
  exchange: z.string(),
  symbol: z.string(),
  quantity: z.number().int(),
  average_price: z.string(),
  last_price: z.string().nullable(),
});
export type NeutralHolding = z.infer<typeof holdingSchema>;
