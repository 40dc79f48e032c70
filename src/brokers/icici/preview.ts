import { GatewayError } from '../../core/domain/errors';
import { instrumentKey } from '../../core/domain/instrument';
import type { Product } from '../../core/domain/order';
import type { BrokerSymbols, CallContext, MarketDataSource } from '../../core/ports/broker';
import type { PreviewSource } from '../../core/ports/market-data';
import { contractFields, dataName, iciciProduct } from './data-name';
import type { DataName } from './data-name';
import { calculatorPrice } from './order-price';
import type { IciciQuery } from './query';
import { iciciPreview } from './wire/market';

/** Shares are for delivery and contracts are carried: nothing else can be ordered through the API. */
const isOffered = ({ contract }: DataName, product: Product): boolean =>
  product === (contract === null ? 'DELIVERY' : 'CARRY_FORWARD');

/** Charges of GET preview_order. Of a market order: at the last price. */
export const iciciPreviewSource = (
  query: IciciQuery,
  symbols: BrokerSymbols,
  market: MarketDataSource,
): PreviewSource => ({
  charges: async (order, context: CallContext) => {
    const { terms, instrument } = order;
    const name = dataName(symbols, instrument, context.correlationId);
    if (!isOffered(name, terms.product)) {
      throw new GatewayError(
        'UNSUPPORTED',
        `${instrumentKey(instrument)}: ICICI's API does not take ${terms.product} orders in it`,
        { field: 'product', correlationId: context.correlationId },
      );
    }
    const body = {
      stock_code: name.stockCode,
      exchange_code: name.exchangeCode,
      product: iciciProduct(name.contract),
      order_type: terms.triggerPrice === null ? 'limit' : 'stoploss',
      price: await calculatorPrice(order, market, context),
      action: terms.side.toLowerCase(),
      quantity: String(terms.quantity),
      ...(name.contract === null
        ? { expiry_date: '', right: '', strike_price: '' }
        : contractFields(name.contract, '06:00:00.000Z')),
      specialflag: 'N',
      stoploss: terms.triggerPrice ?? '',
      order_rate_fresh: '',
    };
    const wire = await query('GET', 'preview_order', body, iciciPreview, context);
    return {
      brokerage: wire.brokerage,
      exchangeCharges: wire.exchange_turnover_charges,
      stampDuty: wire.stamp_duty,
      transactionTax: wire.stt,
      regulatorFee: wire.sebi_charges,
      gst: wire.gst,
      total: wire.total_brokerage,
    };
  },
});
