import { GatewayError } from '../../core/domain/errors';
import { instrumentKey, isTradable } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type {
  BrokerPorts,
  DepthLevel,
  MarketDataSource,
  MarketQuote,
  QuoteResult,
} from '../../core/ports/broker';
import type { Quote } from '../../core/ports/market';

const withoutPrice = (instrument: Instrument, label: string): string =>
  `the market "${label}" has no price of ${instrumentKey(instrument)} at this time`;

/**
 * What the paper market shows, paced like a real broker's queries. Its book is one level a side: what an order
 * could take at once. Indices have neither bid nor ask.
 */
export const paperMarketData = ({
  market,
  pacer,
}: Pick<BrokerPorts, 'market' | 'pacer'>): MarketDataSource => {
  const read = (
    instrument: Instrument,
  ): { readonly seen: Quote; readonly quote: MarketQuote } | null => {
    const seen = market.quote(instrument, market.now());
    const day = market.day(instrument);
    if (seen === null || day === null) return null;
    const trades = isTradable(instrument);
    return {
      seen,
      quote: {
        ...day,
        instrument: seen.instrument,
        last: seen.last,
        bid: trades && seen.depth > 0 ? seen.bid : null,
        ask: trades && seen.depth > 0 ? seen.ask : null,
      },
    };
  };
  return {
    quotes: (instruments, context) =>
      pacer.query(context, () =>
        Promise.resolve(
          instruments.map((instrument): QuoteResult => {
            const found = read(instrument);
            if (found !== null) return { kind: 'quote', quote: found.quote };
            return { kind: 'none', instrument, reason: withoutPrice(instrument, market.label) };
          }),
        ),
      ),
    depth: async (instrument, context) => {
      const found = await pacer.query(context, () => Promise.resolve(read(instrument)));
      if (found === null) {
        throw new GatewayError('NO_PRICE', withoutPrice(instrument, market.label), {
          correlationId: context.correlationId,
        });
      }
      const { quote, seen } = found;
      const side = (price: MarketQuote['bid']): readonly DepthLevel[] =>
        price === null ? [] : [{ price, quantity: seen.depth }];
      return {
        ...quote,
        bids: side(quote.bid),
        asks: side(quote.ask),
        lastQuantity: null,
        totalBidQuantity: null,
        totalAskQuantity: null,
      };
    },
  };
};
