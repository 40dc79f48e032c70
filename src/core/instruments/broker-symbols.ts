import type { BrokerId } from '../domain/ids';
import type { BrokerSymbols } from '../ports/broker';
import type { Catalogue } from '../ports/catalogue';

/** The names of `broker`, as the catalogue has them from its master. */
export const brokerSymbols = (catalogue: Catalogue, broker: BrokerId): BrokerSymbols => ({
  nameOf: (id) => {
    const listing = catalogue.entry(id, broker)?.listing ?? null;
    if (listing === null) return null;
    const { brokerSymbol: symbol, brokerExchange: exchange, token } = listing;
    return { symbol, exchange, token };
  },
  find: (exchange, symbol) => catalogue.fromBroker(broker, exchange, symbol),
});
