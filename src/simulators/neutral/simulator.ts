import { ControlServer } from '../core/control-server';
import { EventLog } from '../core/event-log';
import { FaultServer } from '../core/fault-server';
import { FaultPlan } from '../core/faults';
import { RateMeter } from '../core/rate-meter';
import type { RateLimit } from '../core/rate-meter';
import { NeutralBook } from './book';
import { NeutralBroker } from './broker';
import { controlRoutes, statsOf } from './control';
import type { NeutralParts, NeutralStats } from './control';
import { NeutralMarket } from './market';
import { MarketView } from './market-view';
import { UpdateFeed } from './updates';

/** What the neutral broker says it allows; counted both ways, as brokers differ. */
export const NEUTRAL_LIMITS: readonly RateLimit[] = [
  { name: 'rolling-second', classes: ['order'], limit: 10, windowMs: 1000, window: 'rolling' },
  { name: 'calendar-second', classes: ['order'], limit: 10, windowMs: 1000, window: 'calendar' },
  { name: 'minute', classes: ['order'], limit: 400, windowMs: 60_000, window: 'rolling' },
  { name: 'queries', classes: ['query'], limit: 50, windowMs: 1000, window: 'rolling' },
];

export interface NeutralSimulatorOptions {
  /** 0 takes a free port. */
  readonly port?: number;
  readonly controlPort?: number;
  /** The token that counts at the start. */
  readonly token?: string;
  /** File to which every true event is appended; null keeps them in memory only. */
  readonly logFile?: string | null;
  readonly limits?: readonly RateLimit[];
  /** Milliseconds after which an idle connection is closed. */
  readonly keepAliveMs?: number;
}

/** A running neutral broker. Steer it here, or over its control port. */
export interface NeutralSimulator extends NeutralParts {
  /** Base URL of the broker, `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly controlUrl: string;
  readonly token: string;
  stats(): NeutralStats;
  close(): Promise<void>;
}

const DEFAULT_KEEP_ALIVE_MS = 5_000;

/** Starts a neutral broker on loopback. */
export const startNeutralSimulator = async (
  options: NeutralSimulatorOptions = {},
): Promise<NeutralSimulator> => {
  const token = options.token ?? 'simulated-token';
  const log = new EventLog(options.logFile ?? null);
  const plan = new FaultPlan();
  const market = new NeutralMarket();
  const meter = new RateMeter(options.limits ?? NEUTRAL_LIMITS);
  const later = (delayMs: number, task: () => void): void => {
    server.later(delayMs, task);
  };
  const feed = new UpdateFeed(plan, later);
  const book = new NeutralBook(log, market, later, (order) => {
    broker.changed(order);
  });
  const broker = new NeutralBroker(book, new MarketView(market, book), feed, token);
  const server = new FaultServer(broker, plan, meter, options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);
  feed.attach(server.http, (header) => broker.accepts(header));

  const parts: NeutralParts = { book, broker, market, feed, plan, meter, log, server };
  const control = new ControlServer(controlRoutes(parts));
  const port = await server.listen(options.port ?? 0);
  const controlPort = await control.listen(options.controlPort ?? 0);
  return {
    ...parts,
    token,
    url: `http://127.0.0.1:${port}`,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    stats: () => statsOf(parts),
    close: async () => {
      feed.close();
      await server.close();
      await control.close();
      log.close();
    },
  };
};
