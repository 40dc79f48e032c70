import type { AccountId } from '../../core/domain/ids';
import type { PriceTerms } from '../../core/domain/order';
import type {
  BrokerPorts,
  CallContext,
  CommandOutcome,
  ExecutionClient,
  PlaceOrder,
} from '../../core/ports/broker';
import type { HttpResult } from '../../core/ports/http';
import { commandOutcome, readAnswer } from './errors';
import { marketLimit, marketReference } from './market-price';
import type { IciciQuery } from './query';
import type { IciciRest } from './rest-client';
import type { RestTime } from './rest-time';
import { iciciExchange, iciciName } from './symbols';
import type { IciciExchange } from './symbols';
import { asLimit, modifyBody, placeBody } from './to-wire';
import type { IciciPrice } from './to-wire';

export interface IciciCommandDeps {
  readonly account: AccountId;
  readonly rest: IciciRest;
  readonly resting: RestTime;
  readonly query: IciciQuery;
  readonly ports: Pick<BrokerPorts, 'tokens' | 'symbols' | 'logger'>;
  /** Told of every command before it goes. */
  readonly touch: (exchange: IciciExchange) => void;
  /** The address that the broker sees, null when it is not known. */
  readonly outgoingAddress: string | null;
}

/** Refused by us: nothing was sent. */
const refused = (code: string, message: string): CommandOutcome => ({
  kind: 'rejected',
  code,
  message,
});

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

/** Place, modify and cancel: one attempt each. */
export const iciciExecution = (deps: IciciCommandDeps): ExecutionClient => {
  const { account, rest, resting, query, ports } = deps;
  const address = deps.outgoingAddress ?? "this machine's outgoing address";
  const hint = `Breeze refuses orders from an address that is not registered with the API key; these came from ${address}`;

  /** `expected` is the order that a modify or cancel is for; null for a place. */
  const send = async (
    expected: string | null,
    exchange: IciciExchange,
    call: (token: string) => Promise<HttpResult>,
  ): Promise<CommandOutcome> => {
    const token = await ports.tokens.current(account);
    if (token === null) return { kind: 'not-sent', why: 'no-session' };
    const left = resting.left();
    if (left > 0) return { kind: 'not-sent', why: 'rate-limit', retryAfterMs: left };
    deps.touch(exchange);
    const answer = readAnswer(await call(token));
    if (answer.kind === 'dead-session') ports.tokens.died(account, token, answer.words);
    if (answer.kind === 'unproven') {
      ports.logger.warn(
        { words: answer.words },
        `an order call was answered with words that prove nothing; ${hint}`,
      );
    }
    return commandOutcome(answer, { expected, restMs: (per) => resting.begin(per), hint });
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

  return {
    prepare: async ({ terms, instrument }, context: CallContext) =>
      terms.orderType === 'MARKET'
        ? marketReference(instrument, ports.symbols, query, context)
        : null,
    place: async (command, context) => {
      const { terms, clientTag } = command;
      const refusal = unsendable(command);
      if (refusal !== null) return refusal;
      const name = iciciName(terms.instrument, ports.symbols);
      if (typeof name === 'string') return refused('UNKNOWN_SYMBOL', name);
      const price = priceOf(command);
      if ('kind' in price) return price;
      const body = placeBody(terms, price, name, clientTag);
      return send(null, name.exchange, (token) =>
        rest.command('POST', 'order', body, token, context),
      );
    },
    modify: async ({ brokerOrderId, terms, change }, context) => {
      const exchange = iciciExchange(terms.instrument.exchange);
      if (exchange === null) return refused('UNKNOWN_SYMBOL', 'Breeze has no such exchange');
      const price = limited(change);
      if ('kind' in price) return price;
      const { quantity, disclosedQuantity } = change;
      const wanted = { ...price, quantity, disclosedQuantity };
      const body = modifyBody(brokerOrderId, exchange, wanted, terms.timeInForce);
      return send(brokerOrderId, exchange, (token) =>
        rest.command('PUT', 'order', body, token, context),
      );
    },
    cancel: async ({ brokerOrderId, terms }, context) => {
      const exchange = iciciExchange(terms.instrument.exchange);
      if (exchange === null) return refused('UNKNOWN_SYMBOL', 'Breeze has no such exchange');
      const body = { exchange_code: exchange, order_id: brokerOrderId };
      return send(brokerOrderId, exchange, (token) =>
        rest.command('DELETE', 'order', body, token, context),
      );
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
