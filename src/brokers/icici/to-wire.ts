import type { BrokerOrderId, ClientTag, Decimal, IsoDate } from '../../core/domain/ids';
import type { ModifiableTerms, OrderTerms, PriceTerms, TimeInForce } from '../../core/domain/order';
import type { IciciExchange, IciciName } from './symbols';
import type { IciciModifyBody, IciciPlaceBody } from './wire/orders';

/** How Breeze writes a day in a request; only the date in it counts. */
export const wireDate = (day: IsoDate): string => `${day}T06:00:00.000Z`;

/** The price terms that Breeze has a form for: a limit, or a stop with its limit. */
export type IciciPrice = Extract<PriceTerms, { orderType: 'LIMIT' | 'STOP_LIMIT' }>;

/** `terms` with `limit` in place of "at the market". */
export const asLimit = (limit: Decimal): IciciPrice => ({
  orderType: 'LIMIT',
  limitPrice: limit,
  triggerPrice: null,
});

const RIGHTS = { CE: 'call', PE: 'put' } as const;
const VALIDITIES: Readonly<Record<TimeInForce, 'day' | 'ioc'>> = { DAY: 'day', IOC: 'ioc' };

const contractFields = ({
  contract,
}: IciciName): Pick<IciciPlaceBody, 'expiry_date' | 'right' | 'strike_price'> => {
  if (contract === null) return {};
  return {
    expiry_date: wireDate(contract.expiry),
    right: contract.right === null ? 'others' : RIGHTS[contract.right],
    strike_price: contract.strike ?? '0',
  };
};

const productOf = ({ contract }: IciciName): IciciPlaceBody['product'] => {
  if (contract === null) return 'cash';
  return contract.right === null ? 'futures' : 'options';
};

/** The body of POST order. */
export const placeBody = (
  terms: OrderTerms,
  price: IciciPrice,
  name: IciciName,
  tag: ClientTag,
): IciciPlaceBody => ({
  stock_code: name.stockCode,
  exchange_code: name.exchange,
  product: productOf(name),
  action: terms.side === 'BUY' ? 'buy' : 'sell',
  order_type: price.orderType === 'LIMIT' ? 'limit' : 'stoploss',
  quantity: String(terms.quantity),
  price: price.limitPrice,
  validity: VALIDITIES[terms.timeInForce],
  order_segment_code: '',
  settlement_id: '',
  ...(price.triggerPrice === null ? {} : { stoploss: price.triggerPrice }),
  disclosed_quantity: String(terms.disclosedQuantity),
  ...contractFields(name),
  user_remark: tag,
});

/** The body of PUT order: the whole new terms. */
export const modifyBody = (
  id: BrokerOrderId,
  exchange: IciciExchange,
  change: ModifiableTerms & IciciPrice,
  timeInForce: TimeInForce,
): IciciModifyBody => ({
  order_id: id,
  exchange_code: exchange,
  order_type: change.orderType === 'LIMIT' ? 'limit' : 'stoploss',
  stoploss: change.triggerPrice ?? '0',
  quantity: String(change.quantity),
  price: change.limitPrice,
  validity: VALIDITIES[timeInForce],
  disclosed_quantity: String(change.disclosedQuantity),
});

/** The body of GET quotes. */
export const quoteBody = (name: IciciName): object => ({
  stock_code: name.stockCode,
  exchange_code: name.exchange,
  product_type: productOf(name),
  ...contractFields(name),
});
