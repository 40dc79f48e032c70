import { z } from 'zod';
import type { Decimal } from '../../../core/domain/ids';
import { optionName } from './feed-prices';
import { feedCount, feedPrice, feedTime, tokenOf } from './feed-values';

export interface FeedLevelSide {
  /** Rupees; null: nobody is there. */
  readonly price: Decimal | null;
  readonly quantity: number;
  readonly orders: number;
}
export interface FeedLevel {
  readonly buy: FeedLevelSide;
  readonly sell: FeedLevelSide;
}

const bfoFields = z.strictObject({
  BestBuyRate: feedPrice,
  BestBuyQty: feedCount,
  BuyNoOfOrders: feedCount,
  BestSellRate: feedPrice,
  BestSellQty: feedCount,
  SellNoOfOrders: feedCount,
});
type LevelFields = z.output<typeof bfoFields>;

/** The flags have never been anything but empty. */
const nfoFields = z.strictObject({
  ...bfoFields.shape,
  BuyFlag: z.literal(''),
  SellFlag: z.literal(''),
});

/** A level; the names of its fields end in its place, from 1: `BestBuyRate-1`. */
const level = (place: number, fields: z.ZodType<LevelFields>): z.ZodType<FeedLevel> =>
  z.record(z.string(), z.unknown()).transform((row, context): FeedLevel => {
    const end = `-${place}`;
    const names = Object.keys(row);
    const foreign = names.find((name) => !name.endsWith(end));
    if (foreign !== undefined) {
      const message = `field of another level than ${place}`;
      context.addIssue({ code: 'custom', path: [foreign], message });
      return z.NEVER;
    }
    const plain = names.map((name) => [name.slice(0, -end.length), row[name]] as const);
    const read = fields.safeParse(Object.fromEntries(plain));
    if (read.success) {
      const { BestBuyRate, BestBuyQty, BuyNoOfOrders } = read.data;
      const { BestSellRate, BestSellQty, SellNoOfOrders } = read.data;
      return {
        buy: { price: BestBuyRate, quantity: BestBuyQty, orders: BuyNoOfOrders },
        sell: { price: BestSellRate, quantity: BestSellQty, orders: SellNoOfOrders },
      };
    }
    for (const { path, message } of read.error.issues) {
      context.addIssue({ code: 'custom', path: path.map((name) => String(name) + end), message });
    }
    return z.NEVER;
  });

/** Five levels, best first. No recorded book has more or fewer. */
const levels = (fields: z.ZodType<LevelFields>): z.ZodType<readonly FeedLevel[]> =>
  z.tuple([
    level(1, fields),
    level(2, fields),
    level(3, fields),
    level(4, fields),
    level(5, fields),
  ]);

const quotes = z.literal('Market Depth');

/** The book of an NFO option. */
export const nfoDepth = z.strictObject({
  symbol: tokenOf('4.2'),
  time: feedTime,
  depth: levels(nfoFields),
  quotes,
  ...optionName,
});

/** The book of a BFO contract, which the message does not name. */
export const bfoDepth = z.strictObject({
  symbol: tokenOf('8.2'),
  time: feedTime,
  depth: levels(bfoFields),
  quotes,
});
