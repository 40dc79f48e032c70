import { z } from 'zod';
import { bfoDepth, nfoDepth } from './feed-depth';
import {
  bfoQuote,
  indexQuote,
  nfoQuote,
  optionCandle,
  shareCandle,
  shareQuote,
} from './feed-prices';
import { iClickCall, oneClickCall } from './feed-strategies';

/** What a subscription was for: rooms or stocks, a strategy, or the orders of the user. */
export type FeedSubscription =
  | { readonly feed: 'prices' | 'strategy'; readonly names: readonly string[] }
  | { readonly feed: 'orders' };

const PRICES = /^Stock (.+) subscribed successfully$/;
const STRATEGY = /^(\S+) streaming subscribed successfully\.$/;
const ORDERS = 'Order Notification subscribed successfully';
/** Several rooms, as Python writes a list: `['4.1!3499', '4.1!2885']`. */
const LIST = /^\['([^']+)'(?:, '[^']+')*\]$/;

const namesOf = (text: string): readonly string[] =>
  LIST.test(text) ? text.slice(2, -2).split("', '") : [text];

/** The client's answer to a subscription; a failure comes in the same field, as another sentence. */
const subscription = z.strictObject({
  message: z
    .string()
    .trim()
    .transform((text, context): FeedSubscription => {
      if (text === ORDERS) return { feed: 'orders' };
      const prices = PRICES.exec(text)?.[1];
      if (prices !== undefined) return { feed: 'prices', names: namesOf(prices) };
      const strategy = STRATEGY.exec(text)?.[1];
      if (strategy !== undefined) return { feed: 'strategy', names: [strategy] };
      const message = `${JSON.stringify(text)} is no subscription that succeeded`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }),
});

const called = <K extends string, T>(
  kind: K,
  schema: z.ZodType<T>,
): z.ZodType<{ readonly kind: K; readonly data: T }> =>
  schema.transform((data) => ({ kind, data }));

/** By kind. No message of an order was recorded: order-message.ts reads those of the socket itself. */
const SCHEMAS = {
  subscription: called('subscription', subscription),
  shareQuote: called('share quote', shareQuote),
  indexQuote: called('index quote', indexQuote),
  nfoQuote: called('NFO quote', nfoQuote),
  bfoQuote: called('BFO quote', bfoQuote),
  nfoDepth: called('NFO depth', nfoDepth),
  bfoDepth: called('BFO depth', bfoDepth),
  shareCandle: called('share candle', shareCandle),
  optionCandle: called('option candle', optionCandle),
  oneClickCall: called('one-click call', oneClickCall),
  iClickCall: called('i-click call', iClickCall),
};
export type FeedMessage = z.output<(typeof SCHEMAS)[keyof typeof SCHEMAS]>;

type Fields = Readonly<Record<string, unknown>>;

/** The schema by the fields that only its kind has; it says itself if the message really is one. */
const schemaOf = (row: Fields): z.ZodType<FeedMessage> | null => {
  if ('message' in row) return SCHEMAS.subscription;
  if ('interval' in row) return 'strike_price' in row ? SCHEMAS.optionCandle : SCHEMAS.shareCandle;
  if ('portfolio_id' in row) return SCHEMAS.oneClickCall;
  if ('iclick_status' in row) return SCHEMAS.iClickCall;
  const symbol = typeof row['symbol'] === 'string' ? row['symbol'] : '';
  const isBfo = symbol.startsWith('8.');
  if ('depth' in row) return isBfo ? SCHEMAS.bfoDepth : SCHEMAS.nfoDepth;
  if (!('quotes' in row)) return null;
  if (isBfo) return SCHEMAS.bfoQuote;
  if ('OI' in row) return SCHEMAS.nfoQuote;
  return /!\d+$/.test(symbol) ? SCHEMAS.shareQuote : SCHEMAS.indexQuote;
};

/**
 * A message of the feed as ICICI's Python client hands it to its user: named fields in place of the socket's
 * arrays, and for some contracts their names. Prices and values are rupees. An unknown kind, field or word
 * is an issue that names it.
 */
export const feedMessage: z.ZodType<FeedMessage> = z
  .record(z.string(), z.unknown())
  .transform((row, context): FeedMessage => {
    const schema = schemaOf(row);
    if (schema === null) {
      const message = `no message that we know has the fields ${Object.keys(row).join(', ')}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const read = schema.safeParse(row);
    if (read.success) return read.data;
    for (const { path, message } of read.error.issues) {
      context.addIssue({ code: 'custom', path, message });
    }
    return z.NEVER;
  });
