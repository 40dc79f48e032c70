import { z } from 'zod';
import { EXCHANGES } from '../../../core/domain/instrument';
import { wireRupees } from './orders';

const count = z.number().int().min(0);
const identity = { exchange: z.enum(EXCHANGES), symbol: z.string().min(1) };
const figures = {
  ...identity,
  last_price: wireRupees,
  bid: wireRupees.nullable(),
  ask: wireRupees.nullable(),
  open: wireRupees.nullable(),
  high: wireRupees.nullable(),
  low: wireRupees.nullable(),
  previous_close: wireRupees.nullable(),
  volume: count,
  open_interest: count.nullable(),
};

/** Row of GET /quotes/:instruments. */
export const neutralQuote = z.union([
  z.object(figures),
  z.object({ ...identity, no_price: z.string().min(1) }),
]);
export type NeutralQuote = z.infer<typeof neutralQuote>;

const level = z.object({ price: wireRupees, quantity: count });

/** GET /depth/:instrument. */
export const neutralDepth = z.union([
  z.object({
    ...figures,
    bids: z.array(level),
    asks: z.array(level),
    last_quantity: count,
    total_bid_quantity: count,
    total_ask_quantity: count,
  }),
  z.object({ ...identity, no_price: z.string().min(1) }),
]);
