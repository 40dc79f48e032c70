import { ZERO, add } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import { instrumentKey } from '../../core/domain/instrument';
import type {
  BrokerSymbols,
  CallContext,
  MarginOrder,
  MarginSource,
  MarketDataSource,
} from '../../core/ports/broker';
import { dataName, iciciProduct, iciciRight, namedDay } from './data-name';
import { calculatorPrice } from './order-price';
import type { IciciQuery } from './query';
import { iciciMargin } from './wire/market';

interface Position {
  readonly exchangeCode: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Margin of POST margincalculator, which knows futures and options only; one call per exchange, whose
 * sums are added. ICICI has no calculator for shares, and none of ours stands in for it.
 */
export const iciciMarginSource = (
  query: IciciQuery,
  symbols: BrokerSymbols,
  market: MarketDataSource,
): MarginSource => {
  const positionOf = async (order: MarginOrder, context: CallContext): Promise<Position> => {
    const { terms, instrument } = order;
    const { stockCode, exchangeCode, contract } = dataName(
      symbols,
      instrument,
      context.correlationId,
    );
    if (contract === null || (exchangeCode !== 'NFO' && exchangeCode !== 'BFO')) {
      throw new GatewayError(
        'UNSUPPORTED',
        `${instrumentKey(instrument)}: ICICI calculates the margin of futures and options only; a purchase of shares for delivery blocks its whole value`,
        { correlationId: context.correlationId },
      );
    }
    return {
      exchangeCode,
      fields: {
        strike_price: contract.strike ?? '0',
        quantity: String(terms.quantity),
        right: iciciRight(contract),
        product: iciciProduct(contract),
        action: terms.side.toLowerCase(),
        price: await calculatorPrice(order, market, context),
        expiry_date: namedDay(contract.expiry),
        stock_code: stockCode,
        cover_order_flow: 'N',
        fresh_order_type: 'N',
        cover_limit_rate: '0',
        cover_sltp_price: '0',
        fresh_limit_rate: '0',
        open_quantity: '0',
      },
    };
  };

  return {
    required: async (orders, context) => {
      const positions: Position[] = [];
      for (const order of orders) positions.push(await positionOf(order, context));
      let span = ZERO;
      let beside = ZERO;
      for (const exchangeCode of new Set(positions.map((one) => one.exchangeCode))) {
        const own = positions.filter((one) => one.exchangeCode === exchangeCode);
        const body = {
          list_of_positions: own.map(({ fields }) => fields),
          exchange_code: exchangeCode,
        };
        const answer = await query('POST', 'margincalculator', body, iciciMargin, context);
        span = add(span, answer.span_margin_required);
        beside = add(beside, answer.non_span_margin_required);
      }
      // What is beside SPAN is not said to be exposure alone.
      return { total: add(span, beside), span, exposure: null };
    },
  };
};
