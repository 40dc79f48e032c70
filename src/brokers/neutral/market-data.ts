import { z } from 'zod';
import { decimal } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type {
  CallContext,
  DepthLevel,
  MarketDataSource,
  MarketQuote,
  QuoteResult,
} from '../../core/ports/broker';
import { neutralDepth, neutralQuote } from './wire/market';
import type { NeutralQuote } from './wire/market';

/** Most instruments that this broker takes in one call. */
const MAX_PER_CALL = 100;

export type MarketPath = `/quotes/${string}` | `/depth/${string}`;
type Query = <T>(path: MarketPath, schema: z.ZodType<T>, context: CallContext) => Promise<T>;
type Priced = Exclude<NeutralQuote, { readonly no_price: string }>;

const rupees = (text: string | null): Decimal | null => (text === null ? null : decimal(text));
const pathOf = (instruments: readonly Instrument[]): string =>
  instruments.map((one) => encodeURIComponent(instrumentKey(one))).join(',');

const quoteOf = (wire: Priced): MarketQuote => ({
  instrument: { exchange: wire.exchange, symbol: wire.symbol },
  last: decimal(wire.last_price),
  bid: rupees(wire.bid),
  ask: rupees(wire.ask),
  open: rupees(wire.open),
  high: rupees(wire.high),
  low: rupees(wire.low),
  previousClose: rupees(wire.previous_close),
  volume: wire.volume,
  openInterest: wire.open_interest,
});

const resultOf = (wire: NeutralQuote): QuoteResult =>
  'no_price' in wire
    ? {
        kind: 'none',
        instrument: { exchange: wire.exchange, symbol: wire.symbol },
        reason: wire.no_price,
      }
    : { kind: 'quote', quote: quoteOf(wire) };

const levels = (
  side: readonly { readonly price: string; readonly quantity: number }[],
): readonly DepthLevel[] =>
  side.map(({ price, quantity }) => ({ price: decimal(price), quantity }));

/** Quotes and depth over `query`, which paces and checks. */
export const neutralMarketData = (query: Query): MarketDataSource => ({
  quotes: async (instruments, context) => {
    const found = new Map<string, QuoteResult>();
    for (let from = 0; from < instruments.length; from += MAX_PER_CALL) {
      const part = instruments.slice(from, from + MAX_PER_CALL);
      for (const row of await query(`/quotes/${pathOf(part)}`, z.array(neutralQuote), context)) {
        found.set(instrumentKey(row), resultOf(row));
      }
    }
    return instruments.map(
      (instrument) =>
        found.get(instrumentKey(instrument)) ?? {
          kind: 'none',
          instrument,
          reason: 'the broker left it out of its answer',
        },
    );
  },
  depth: async (instrument, context) => {
    const wire = await query(`/depth/${pathOf([instrument])}`, neutralDepth, context);
    if ('no_price' in wire) {
      throw new GatewayError('NO_PRICE', `${instrumentKey(instrument)}: ${wire.no_price}`, {
        correlationId: context.correlationId,
      });
    }
    return {
      ...quoteOf(wire),
      bids: levels(wire.bids),
      asks: levels(wire.asks),
      lastQuantity: wire.last_quantity,
      totalBidQuantity: wire.total_bid_quantity,
      totalAskQuantity: wire.total_ask_quantity,
    };
  },
});
