import type { AccountId } from '../../core/domain/ids';
import type { BrokerClient, BrokerPorts, Capabilities } from '../../core/ports/broker';
import { readFunds, readHoldings, readPositions } from './account-reports';
import { IciciBook } from './book';
import { createIciciCommand } from './command';
import type { IciciCredentials } from './credentials';
import { iciciExecution } from './execution';
import { iciciGtt } from './gtt';
import { iciciHistory } from './history';
import { iciciMarginSource } from './margin';
import { iciciOptionChain } from './option-chain';
import { IciciOrderStream } from './order-stream';
import { iciciPreviewSource } from './preview';
import { createIciciQueries } from './query';
import { iciciMarketData } from './quotes';
import { IciciRest } from './rest-client';
import { RestTime } from './rest-time';
import { iciciSession } from './session';
import { ICICI_EXCHANGES } from './symbols';
import type { IciciExchange } from './symbols';

/** What each exchange belongs to, as `segments_allowed` of a login names it. */
const SEGMENTS: Readonly<Record<IciciExchange, string>> = {
  NSE: 'Equity',
  BSE: 'Equity',
  NFO: 'Derivatives',
  BFO: 'Derivatives',
};

/** One account at Breeze: domain in, domain out. */
export const createIciciClient = (
  account: AccountId,
  credentials: IciciCredentials,
  ports: BrokerPorts,
  capabilities: Capabilities,
  haste = 1,
): BrokerClient => {
  const { apiKey, apiSecret, endpoints, outgoingAddress } = credentials;
  const rest = new IciciRest({
    keys: { apiKey, apiSecret },
    baseUrl: endpoints.api,
    historyUrl: endpoints.historical,
    http: ports.http,
    clock: ports.clock,
    commandTimeoutMs: capabilities.commandTimeoutMs,
  });
  const resting = new RestTime(ports.clock, haste);
  const { query, historyQuery } = createIciciQueries(account, rest, resting, ports);
  const command = createIciciCommand({ account, rest, resting, ports, outgoingAddress });
  const { symbols, clock, random, logger, socketIo } = ports;
  const marketData = iciciMarketData(query, symbols);
  const token = (): Promise<string | null> => ports.tokens.current(account);
  const streams = new Set<IciciOrderStream>();
  // Until a login said that a segment is not allowed, all are read.
  let exchanges: readonly IciciExchange[] = ICICI_EXCHANGES;
  const book = new IciciBook(query, ports, () => exchanges);
  return {
    session: iciciSession({
      apiKey,
      loginUrl: endpoints.login,
      rest,
      resting,
      query,
      ports,
      onSegments: (allowed) => {
        exchanges = ICICI_EXCHANGES.filter((exchange) => allowed[SEGMENTS[exchange]] !== 'N');
      },
    }),
    execution: iciciExecution({
      ...{ command, query, symbols: ports.symbols },
      touch: (exchange) => {
        book.touch(exchange);
      },
    }),
    reports: {
      orders: (context) => book.orders(context),
      orderIds: (instrument, context) => book.ids(instrument, context),
      fills: (context) => book.fills(context),
      positions: (context) => readPositions(query, book, ports, context),
      holdings: (context) => readHoldings(query, ports, context),
      funds: (context) => readFunds(query, context),
    },
    marketData,
    margin: iciciMarginSource(query, symbols, marketData),
    preview: iciciPreviewSource(query, symbols, marketData),
    history: iciciHistory({ query, historyQuery, symbols }),
    optionChain: iciciOptionChain(query, symbols),
    gtt: iciciGtt({ query, command, symbols, clock }),
    orderUpdates: {
      open: async (onHint, context) => {
        const stream = await IciciOrderStream.open(
          { url: endpoints.feeds, socketIo, clock, random, logger, token },
          onHint,
          context,
        );
        streams.add(stream);
        return stream;
      },
    },
    close: async () => {
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
};
