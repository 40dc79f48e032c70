import { z } from 'zod';
import { ZERO } from '../../core/domain/decimal';
import { epochMs, isoDate } from '../../core/domain/ids';
import type { Decimal } from '../../core/domain/ids';
import { startOfIstDay } from '../../core/domain/time';
import type { PaperDays, PaperFill, PaperHolding, PaperOrder, PaperPosition } from './book';

export const accountRow = z.object({
  birth: z.string(),
  last_order: z.number(),
  last_trade: z.number(),
  cash: z.string(),
  market: z.string(),
});
export type AccountRow = z.infer<typeof accountRow>;
const bodyRow = z.object({ body: z.string() });
const fillRow = bodyRow.extend({
  trade_id: z.string(),
  quantity: z.number(),
  price: z.string(),
  filled_at: z.number(),
  market_at: z.number(),
  charges: z.string().nullable(),
});
const dayRow = z.object({ market_day: z.string(), book_day: z.string(), charges: z.string() });
export const poolRow = z.object({ key: z.string(), level: z.number(), at: z.number() });

type Written<T, Later extends keyof T> = Omit<T, Later> & Partial<Pick<T, Later>>;

// The bodies are JSON that the store wrote itself into this file; a foreign file fails to open. Fields
// that older files lack are filled with what they meant then.

export const orderOf = (row: unknown): PaperOrder => {
  const body = JSON.parse(bodyRow.parse(row).body) as Written<
    PaperOrder,
    'marketAt' | 'brokerage' | 'system'
  >;
  return { marketAt: body.lookedAt, brokerage: ZERO, system: null, ...body };
};

export const positionOf = (row: unknown): PaperPosition => {
  const body = JSON.parse(bodyRow.parse(row).body) as Written<
    PaperPosition,
    'openedAt' | 'net' | 'soldHoldings' | 'soldValue'
  >;
  return {
    openedAt: startOfIstDay(isoDate(body.realizedDay)),
    net: body.quantity,
    soldHoldings: 0,
    soldValue: ZERO,
    ...body,
  };
};

export const holdingOf = (row: unknown): PaperHolding =>
  JSON.parse(bodyRow.parse(row).body) as PaperHolding;

export const fillOf = (raw: unknown): PaperFill => {
  const row = fillRow.parse(raw);
  return {
    tradeId: row.trade_id,
    order: orderOf(row),
    quantity: row.quantity,
    // Prices and charges are written from a Decimal only.
    price: row.price as Decimal,
    charges: row.charges === null ? ZERO : (row.charges as Decimal),
    filledAt: epochMs(row.filled_at),
    marketAt: epochMs(row.market_at),
  };
};

export const daysOf = (raw: unknown): PaperDays => {
  if (raw === undefined) return { marketDay: '', bookDay: '', charges: ZERO };
  const row = dayRow.parse(raw);
  // Written from a Decimal only.
  return { marketDay: row.market_day, bookDay: row.book_day, charges: row.charges as Decimal };
};
