import type { ClientTag } from '../../core/domain/ids';
import type { ModifiableTerms, OrderTerms, OrderType, Product } from '../../core/domain/order';
import type { NeutralModifyBody, NeutralPlaceBody } from './wire/orders';

const TYPES: Readonly<Record<OrderType, NeutralPlaceBody['type']>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP_LIMIT: 'stop_limit',
  STOP_MARKET: 'stop_market',
};
const PRODUCTS: Readonly<Record<Product, NeutralPlaceBody['product']>> = {
  DELIVERY: 'delivery',
  INTRADAY: 'intraday',
  CARRY_FORWARD: 'carry',
};

/** The body of PUT /orders/:id: the whole new terms. */
export const modifyBody = (change: ModifiableTerms): NeutralModifyBody => ({
  type: TYPES[change.orderType],
  quantity: change.quantity,
  disclosed_quantity: change.disclosedQuantity,
  price: change.limitPrice,
  trigger_price: change.triggerPrice,
});

/** The body of POST /orders. */
export const placeBody = (terms: OrderTerms, tag: ClientTag): NeutralPlaceBody => ({
  ...modifyBody(terms),
  tag,
  exchange: terms.instrument.exchange,
  symbol: terms.instrument.symbol,
  side: terms.side === 'BUY' ? 'buy' : 'sell',
  product: PRODUCTS[terms.product],
  validity: terms.timeInForce === 'DAY' ? 'day' : 'ioc',
});
