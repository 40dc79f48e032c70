import { z } from 'zod';
import { EXCHANGES } from '../../../core/domain/instrument';
import { wireProduct, wireRupees } from './orders';

/** Row of GET /positions; quantity is signed. */
export const neutralPosition = z.object({
  exchange: z.enum(EXCHANGES),
  symbol: z.string().min(1),
  product: wireProduct,
  quantity: z.number().int(),
  average_price: wireRupees,
  last_price: wireRupees.nullable(),
  realized_pnl: wireRupees,
  unrealized_pnl: wireRupees,
});
export type NeutralPosition = z.infer<typeof neutralPosition>;

/** Row of GET /holdings. */
export const neutralHolding = z.object({
  exchange: z.enum(EXCHANGES),
  symbol: z.string().min(1),
  quantity: z.number().int().min(0),
  average_price: wireRupees,
  last_price: wireRupees.nullable(),
});
export type NeutralHolding = z.infer<typeof neutralHolding>;

/** GET /funds, rupees. */
export const neutralFunds = z.object({
  available_cash: wireRupees,
  collateral: wireRupees,
  utilised_margin: wireRupees,
});
export type NeutralFunds = z.infer<typeof neutralFunds>;

/** GET /session. */
export const neutralSession = z.object({ live: z.literal(true) });
