import type { PriceTerms } from '../../core/domain/order';
import type {
  BrokerSymbols,
  CallContext,
  CommandOutcome,
  ExecutionClient,
  PlaceOrder,
} from '../../core/ports/broker';
import type { IciciCommand } from './command';
import { marketLimit, marketReference } from './market-price';
import type { IciciQuery } from './query';
import { iciciExchange, iciciName } from './symbols';
import type { IciciExchange } from './symbols';
import { asLimit, modifyBody, placeBody } from './to-wire';
import type { IciciPrice } from './to-wire';
import { iciciOrderId } from './wire/orders';

export interface IciciExecutionDeps {
  readonly command: IciciCommand;
  readonly query: IciciQuery;
  readonly symbols: BrokerSymbols;
  /** Told of every command before it goes. */
  readonly touch: (exchange: IciciExchange) => void;
}

/** Refused by us: nothing was sent. */
const refused = (code: string, message: string): CommandOutcome => ({
  kind: 'rejected',
  code,
  message,
});
const NO_EXCHANGE = refused('UNKNOWN_SYMBOL', 'Breeze has no such exchange');

/** Why terms cannot be sent in any form, or null. */
const unsendable = (command: PlaceOrder): CommandOutcome | null => {
  const { terms, instrument } = command;
  if (terms.product === 'INTRADAY') {
    return refused(
      'UNSUPPORTED_PRODUCT',
      'Breeze takes no intraday margin orders; use CNC or NRML',
    );
  }
  const isContract = instrument.kind === 'future' || instrument.kind === 'option';
  if (isContract === (terms.product === 'CARRY_FORWARD')) return null;
  return refused('UNSUPPORTED_PRODUCT', 'CNC is for shares, NRML for futures and options');
};

const priceOf = (command: PlaceOrder): IciciPrice | CommandOutcome => {
  const { terms, instrument, reference } = command;
  if (terms.orderType !== 'MARKET') return limited(terms);
  if (reference === undefined) {
    return refused('NO_PRICE', 'a market order needs the last price, which was not read');
  }
  const found = marketLimit(instrument, terms.side, reference);
  return 'reason' in found ? refused('NO_PRICE', found.reason) : asLimit(found.limit);
};

/** Place, modify and cancel: one attempt each. */
export const iciciExecution = (deps: IciciExecutionDeps): ExecutionClient => {
  const { command, query, symbols, touch } = deps;
  return {
    prepare: async ({ terms, instrument }, context: CallContext) =>
      terms.orderType === 'MARKET' ? marketReference(instrument, symbols, query, context) : null,
    place: async (order, context) => {
      const refusal = unsendable(order);
      if (refusal !== null) return refusal;
      const { terms, clientTag } = order;
      const name = iciciName(terms.instrument, symbols);
      if (typeof name === 'string') return refused('UNKNOWN_SYMBOL', name);
      const price = priceOf(order);
      if ('kind' in price) return price;
      touch(name.exchange);
      const body = placeBody(terms, price, name, clientTag);
      return command('POST', 'order', body, iciciOrderId, context);
    },
    modify: async ({ brokerOrderId, terms, change }, context) => {
      const exchange = iciciExchange(terms.instrument.exchange);
      if (exchange === null) return NO_EXCHANGE;
      const price = limited(change);
      if ('kind' in price) return price;
      touch(exchange);
      const { quantity, disclosedQuantity } = change;
      const wanted = { ...price, quantity, disclosedQuantity };
      const body = modifyBody(brokerOrderId, exchange, wanted, terms.timeInForce);
      return command('PUT', 'order', body, iciciOrderId, context, brokerOrderId);
    },
    cancel: async ({ brokerOrderId, terms }, context) => {
      const exchange = iciciExchange(terms.instrument.exchange);
      if (exchange === null) return NO_EXCHANGE;
      touch(exchange);
      const body = { exchange_code: exchange, order_id: brokerOrderId };
      return command('DELETE', 'order', body, iciciOrderId, context, brokerOrderId);
    },
  };
};

/** Prices as Breeze takes them, or the refusal of those that it has no form for. */
const limited = (terms: PriceTerms): IciciPrice | CommandOutcome => {
  switch (terms.orderType) {
    case 'LIMIT': {
      const { orderType, limitPrice, triggerPrice } = terms;
      return { orderType, limitPrice, triggerPrice };
    }
    case 'STOP_LIMIT': {
      const { orderType, limitPrice, triggerPrice } = terms;
      return { orderType, limitPrice, triggerPrice };
    }
    case 'MARKET':
    case 'STOP_MARKET':
      return refused(
        'UNSUPPORTED_ORDER_TYPE',
        'Breeze takes limits only: change the order to LIMIT or SL with a price',
      );
  }
};
