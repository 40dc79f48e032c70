import { epochMs, isoDate } from '../../core/domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../../core/domain/time';
import { ControlServer } from '../core/control-server';
import { EventLog } from '../core/event-log';
import { FaultServer } from '../core/fault-server';
import { FaultPlan } from '../core/faults';
import type { RateLimit } from '../core/rate-meter';
import { IciciBook } from './book';
import { IciciBroker } from './broker';
import { controlRoutes, statsOf } from './control';
import type { IciciControlParts, IciciStats } from './control';
import { builtInInstruments } from './instruments';
import type { IciciInstrument } from './instruments';
import { AppLimits, ICICI_LIMITS } from './limits';
import { LoginSite } from './login/site';
import { IciciMarket } from './market';
import { MasterFiles } from './master';
import { OrderDesk } from './orders';
import type { OrderOptions } from './orders';
import { IciciPortfolio } from './portfolio';
import { IciciQuotes } from './quotes';
import { OrderFeed } from './feeds';
import { IciciFunds } from './funds';
import { GttDesk } from './gtt';
import { IciciHistory } from './history';
import { MESSAGE_OPTIONS } from './order-message';
import type { MessageOptions } from './order-message';
import { Sessions } from './sessions';
import type { IciciUser } from './sessions';
import type { SigningRules } from './signing';
import { TERM_RULES } from './terms';
import type { TermContext, TermRules } from './terms';
import { TEXTS } from './texts';
import type { Texts } from './texts';

/** A made-up person with one app. */
export const SAMPLE_USER: IciciUser = {
  userId: 'AB123456',
  name: 'ASHA RAO',
  password: 'sample-password',
  totpSecret: 'JBSWY3DPEHPK3PXP',
  apps: [
    {
      appKey: '8c7Q1&5#sAmPleAppKey^42',
      secretKey: 's3cr3t$Demo=Key*2026',
      redirectUrl: 'http://127.0.0.1/callback',
    },
  ],
};
/** The login that is there from the start. */
const FIRST_LOGIN = '55512345';

export interface IciciSimulatorOptions {
  /** 0 takes a free port. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Of the order-notification socket. */
  readonly feedsPort?: number;
  readonly users?: readonly IciciUser[];
  /** The number of the login that the first app has at the start; null for none. */
  readonly apiSession?: string | null;
  /** File to which every true event is appended; null keeps them in memory only. */
  readonly logFile?: string | null;
  readonly limits?: readonly RateLimit[];
  /** How long the minute limit goes on refusing once it was broken; unknown at the real broker, 0 unless told. */
  readonly cooldownMs?: number;
  /** 300,000 ms unless told; null takes any timestamp of the right form. The real window is unknown. */
  readonly timestampWindowMs?: number | null;
  /** Milliseconds by which the broker's clock is ahead. */
  readonly skewMs?: number;
  /** Epoch ms of this machine; for tests with a clock of their own. */
  readonly clock?: () => number;
  /** In place of the built-in ones. */
  readonly instruments?: readonly IciciInstrument[];
  /** What becomes of orders that break a rule. */
  readonly rules?: Partial<TermRules>;
  readonly orders?: Partial<OrderOptions>;
  readonly messages?: Partial<MessageOptions>;
  /** The broker's words, above all those that nobody has seen. */
  readonly texts?: Partial<Texts>;
  /** Whether a login ends the earlier session of its app; unknown at the real broker, yes unless told. */
  readonly oneSession?: boolean;
  /** Milliseconds after which an idle connection is closed. */
  readonly keepAliveMs?: number;
}

/** A running Breeze. Steer it here, or over its control port. */
export interface IciciSimulator extends IciciControlParts {
  /** Origin of everything that is asked by HTTP, `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Base of the v1 API, with its slash. */
  readonly apiUrl: string;
  /** Base of the v2 API, with its slash. */
  readonly historyUrl: string;
  readonly masterUrl: string;
  /** Where a browser begins; the app goes behind it, percent-encoded. */
  readonly loginUrl: string;
  readonly controlUrl: string;
  /** Origin of the order-notification socket. */
  readonly feedsUrl: string;
  readonly instruments: readonly IciciInstrument[];
  /** The first user. */
  readonly user: IciciUser;
  stats(): IciciStats;
  close(): Promise<void>;
}

const DEFAULT_KEEP_ALIVE_MS = 5_000;
const DEFAULT_WINDOW_MS = 300_000;
const DEFAULT_ORDERS: OrderOptions = {
  equityTimes: 'minutes',
  tradeList: 'order',
  equityReply: 'id',
};

/** Starts a Breeze on loopback. @throws RangeError when there is no user with an app */
export const startIciciSimulator = async (
  options: IciciSimulatorOptions = {},
): Promise<IciciSimulator> => {
  const users = options.users ?? [SAMPLE_USER];
  const [user] = users;
  const app = user?.apps[0];
  if (user === undefined || app === undefined) throw new RangeError('no user with an app');
  const texts: Texts = { ...TEXTS, ...options.texts };
  const market = new IciciMarket(options.clock ?? Date.now);
  market.set({ skewMs: options.skewMs ?? 0 });
  const today = istDate(epochMs(market.now()));
  const yesterday = istDate(epochMs(startOfIstDay(isoDate(today)) - DAY_MS));
  const instruments = options.instruments ?? builtInInstruments(today);
  const sessions = new Sessions(users, () => market.now(), options.oneSession ?? true);
  const apiSession = options.apiSession === undefined ? FIRST_LOGIN : options.apiSession;
  if (apiSession !== null) sessions.login(app.appKey, apiSession);

  const log = new EventLog(options.logFile ?? null);
  const plan = new FaultPlan();
  const limits = new AppLimits(options.limits ?? ICICI_LIMITS, options.cooldownMs ?? 0);
  const later = (delayMs: number, task: () => void): void => {
    server.later(delayMs, task);
  };
  const book = new IciciBook(log, market, later, (order) => {
    broker.changed(order);
  });
  const funds = new IciciFunds(book, texts);
  const accounts = new IciciPortfolio(book, market, instruments, texts);
  const rules = { ...TERM_RULES, ...options.rules };
  const context = (userId: string): TermContext => ({
    ...{ instruments, market, rules, texts },
    free: (instrument) => funds.free(userId, instrument),
  });
  const signing: SigningRules = {
    timestampWindowMs:
      options.timestampWindowMs === undefined ? DEFAULT_WINDOW_MS : options.timestampWindowMs,
  };
  const orderOptions = { ...DEFAULT_ORDERS, ...options.orders };
  const login = new LoginSite(sessions, market, texts);
  const gtt = new GttDesk(book, market, texts, context);
  const messages = { ...MESSAGE_OPTIONS, ...options.messages };
  const feed = new OrderFeed(plan, sessions, () => market.now(), later, messages);
  const broker = new IciciBroker({
    ...{ sessions, limits, market, funds, texts, signing, context, gtt },
    login,
    portfolio: accounts,
    history: new IciciHistory(market, instruments),
    desk: new OrderDesk(book, market, texts, orderOptions, context),
    quotes: new IciciQuotes(market, book, instruments, texts),
    master: new MasterFiles(instruments, options.instruments ?? builtInInstruments(yesterday)),
    publish: (order) => {
      feed.publish(order);
    },
  });
  const server = new FaultServer(broker, plan, null, options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);

  const parts: IciciControlParts = {
    ...{ book, broker, accounts, market, gtt, feed, login },
    ...{ sessions, limits, plan, log, server, context },
  };
  const control = new ControlServer(controlRoutes(parts));
  const url = `http://127.0.0.1:${await server.listen(options.port ?? 0)}`;
  const feedsPort = await feed.listen(options.feedsPort ?? 0);
  const controlPort = await control.listen(options.controlPort ?? 0);
  return {
    ...parts,
    ...{ url, instruments, user },
    apiUrl: `${url}/breezeapi/api/v1/`,
    historyUrl: `${url}/api/v2/`,
    masterUrl: `${url}/MotherAppMaster/SecurityMaster.zip`,
    feedsUrl: `http://127.0.0.1:${feedsPort}`,
    loginUrl: `${url}/apiuser/login?api_key=`,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    stats: () => statsOf(parts),
    close: async () => {
      await feed.close();
      await server.close();
      await control.close();
      log.close();
    },
  };
};
