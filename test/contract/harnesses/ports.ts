import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal } from '../../../src/core/domain/decimal';
import { GatewayError } from '../../../src/core/domain/errors';
import type { Instrument } from '../../../src/core/domain/instrument';
import { instrumentKey } from '../../../src/core/domain/instrument';
import type { BrokerPorts, BrokerSymbols, CallContext } from '../../../src/core/ports/broker';
import type { Clock } from '../../../src/core/ports/clock';
import type { Logger } from '../../../src/core/ports/logger';
import type { MarketData } from '../../../src/core/ports/market';
import { readCalendar } from '../../../src/infra/seed-calendar';
import { SocketIoClient } from '../../../src/infra/socket-io';
import { SystemClock } from '../../../src/infra/system-clock';
import { UndiciHttp } from '../../../src/infra/undici-http';
import { WsSocket } from '../../../src/infra/ws-socket';
import { SeededRandom } from '../../fakes/seeded-random';
import { epochMs } from '../../../src/core/domain/ids';

const share = (symbol: string, exchange: 'NSE' | 'BSE'): Instrument => ({
  exchange,
  symbol,
  kind: 'equity',
  name: symbol,
  underlying: symbol,
  expiry: null,
  strike: null,
  right: null,
  lotSize: 1,
  tickSize: decimal('0.05'),
  freezeQuantity: null,
});

/** Shares that every harness knows. */
export const SHARES: readonly Instrument[] = [share('SBIN', 'NSE'), share('INFY', 'BSE')];

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** No prices at all, for brokers that bring their own. */
export const noMarket: MarketData = {
  label: 'none',
  now: () => epochMs(0),
  isOpen: () => false,
  quote: () => null,
  day: () => null,
  priceAt: () => null,
};

export interface TestPorts {
  readonly ports: BrokerPorts;
  /** Calls that asked the pacer. */
  paced(): number;
  /** The pacer refuses from now on. */
  refuseQueries(): void;
  setToken(token: string | null): void;
  /** Drops every kept connection, so that the next call opens one. */
  forgetConnections(): Promise<void>;
  close(): Promise<void>;
}

export interface TestPortOptions {
  readonly token: string | null;
  readonly instruments: readonly Instrument[];
  readonly clock?: Clock;
  readonly market?: MarketData;
  /** For brokers that name instruments their own way. */
  readonly symbols?: BrokerSymbols;
}

const NO_NAMES: BrokerSymbols = { nameOf: () => null, find: () => null };

/** Real HTTP, sockets and clock; everything else settable. */
export const makePorts = async (options: TestPortOptions): Promise<TestPorts> => {
  const clock = options.clock ?? new SystemClock();
  let http = new UndiciHttp({ clock });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'toran-broker-'));
  const known = new Map(options.instruments.map((one) => [instrumentKey(one), one]));
  let paced = 0;
  let refusing = false;
  let token = options.token;
  return {
    ports: {
      clock,
      random: new SeededRandom(1),
      http: { request: (request) => http.request(request) },
      socket: new WsSocket(),
      socketIo: new SocketIoClient(),
      pacer: {
        query: (context, send) => {
          paced += 1;
          return refusing
            ? Promise.reject(new GatewayError('BUCKET_FULL', 'no slot'))
            : send(context);
        },
      },
      tokens: {
        current: () => Promise.resolve(token),
        died: (_account, dead) => {
          if (token === dead) token = null;
        },
      },
      symbols: options.symbols ?? NO_NAMES,
      instruments: { find: (id) => known.get(instrumentKey(id)) ?? null },
      market: options.market ?? noMarket,
      calendar: readCalendar(join(__dirname, '../../../seed')),
      dataDirectory,
      logger: silentLogger,
    },
    paced: () => paced,
    refuseQueries: () => {
      refusing = true;
    },
    setToken: (next) => {
      token = next;
    },
    forgetConnections: async () => {
      await http.close();
      http = new UndiciHttp({ clock });
    },
    close: async () => {
      await http.close();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
};

/** A call that may take five seconds. */
export const callContext = (clock: Clock, changes: Partial<CallContext> = {}): CallContext => ({
  signal: new AbortController().signal,
  deadlineAt: epochMs(clock.now() + 5_000),
  sendBy: null,
  correlationId: 'contract-suite',
  ...changes,
});
