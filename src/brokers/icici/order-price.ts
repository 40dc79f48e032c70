import { GatewayError } from '../../core/domain/errors';
import type { Decimal } from '../../core/domain/ids';
import type { CallContext, MarginOrder, MarketDataSource } from '../../core/ports/broker';

/**
 * The price by which the calculators are asked: the order's limit, else what the market shows now.
 * @throws GatewayError NO_PRICE when it needs one that is not there
 */
export const calculatorPrice = async (
  { terms, instrument }: MarginOrder,
  market: MarketDataSource,
  context: CallContext,
): Promise<Decimal> => {
  const stated = terms.limitPrice ?? terms.triggerPrice;
  if (stated !== null) return stated;
  const [result] = await market.quotes([instrument], context);
  if (result?.kind === 'quote') return result.quote.last;
  throw new GatewayError('NO_PRICE', `${instrument.symbol}: ${result?.reason ?? 'no quote'}`, {
    correlationId: context.correlationId,
  });
};
