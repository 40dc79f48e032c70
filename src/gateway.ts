import { createServer } from 'node:http';

import path from 'node:path';
import { createApp } from './api/app';
import { QUEUE_BOARD_PATH } from './api/queue-board';
import { brokerSettings, modulesOf } from './broker-modules';
import type { Config } from './config';
import type { Account } from './core/domain/account';
import { epochMs } from './core/domain/ids';
import { brokerSymbols } from './core/instruments/broker-symbols';
import { createMarketReads } from './core/market/market-reads';
import { AccountRuntime } from './core/orders/account-runtime';
import { createBooks } from './core/orders/books';
import { Dispatcher } from './core/orders/dispatcher';
import type { CrashPoint } from './core/orders/dispatcher';
import { explainOrder } from './core/orders/explain';
import { firstInLine } from './core/orders/first-in-line';
import { createOrderService } from './core/orders/order-service';
import { createPositions } from './core/orders/positions';
import { createPractice } from './core/orders/practice';
import { GatewayError, isGatewayError } from './core/domain/errors';
import type { BrokerModule } from './core/ports/broker';
import type { Logger } from './core/ports/logger';
import { createQueryPacer } from './core/ratelimit/query-pacer';
import { Accounts } from './core/sessions/accounts';
import { LedgerApiKeys } from './core/sessions/api-keys';
import { CredentialWatch } from './core/sessions/credential-watch';
import { Credentials } from './core/sessions/credentials';
import { Hooks } from './core/webhooks/hooks';
import { SquareOff } from './core/webhooks/square-off';
import { openMarket } from './gateway-market';
import { createSessions, openTokens } from './gateway-sessions';
import { prepareDataDirectory } from './infra/data-directory';
import { EmbeddedRedis, findRedisServer } from './infra/embedded-redis';
import { SqliteLedger } from './infra/ledger/sqlite-ledger';
import { SqliteVault } from './infra/ledger/sqlite-vault';
import { SqliteWebhooks } from './infra/ledger/sqlite-webhooks';
import { closeServer, listen } from './infra/http-server';
import { PromMetrics } from './infra/prom-metrics';
import { createQueueBoard } from './infra/queue-board';
import { BullmqQueue } from './infra/redis/bullmq-queue';
import { connectRedis, waitForRedis } from './infra/redis/connection';
import { RedisBus } from './infra/redis/redis-bus';
import { RedisLeakyBucket } from './infra/redis/redis-leaky-bucket';
import { RedisLeases } from './infra/redis/redis-leases';
import { readCalendar } from './infra/seed-calendar';
import { SocketIoClient } from './infra/socket-io';
import { StartupError } from './infra/startup-error';
import { SystemClock } from './infra/system-clock';
import { SystemRandom } from './infra/system-random';
import { UndiciHttp } from './infra/undici-http';
import { openVault } from './infra/vault/open-vault';
import { WsSocket } from './infra/ws-socket';
import { startMasterDownloads } from './master-downloads';

export interface GatewayOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** The PATH on which redis-server is looked for. */
  readonly searchPath: string;
  /** Folder of the instrument seed. */
  readonly seedDirectory: string;
  /** Called at named instants of an order's way; does nothing outside fault tests. */
  readonly crashPoint: (name: CrashPoint) => void;
  /** Brokers beside the registered ones, for tests. */
  readonly modules?: readonly BrokerModule[];
}

export interface Gateway {
  /** Where it listens, null without the api role. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly keys: LedgerApiKeys;
  readonly marketLabel: string;
  /** Takes no more work, waits for what runs, closes everything. */
  close(): Promise<void>;
}

const REDIS_WAIT_MS = 10_000;
/** How often accounts that another process added are looked for. */
const ACCOUNT_WATCH_MS = 2_000;
const CLOSE_LIMIT_MS = 15_000;

/** Builds the whole house from its ports and starts the roles asked for. @throws StartupError, or what the system said */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { logger } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.warn({ reason: String(error) }, 'closing');
      }
    }
    closers.length = 0;
  };
  try {
    return await build(options, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
};

const build = async (
  options: GatewayOptions,
  closers: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
): Promise<Gateway> => {
  const { config, logger } = options;
  const clock = new SystemClock();
  const random = new SystemRandom();
  const processId = Buffer.from(random.bytes(8)).toString('hex');
  prepareDataDirectory(config.dataDirectory);

  const ledgerFile = path.join(config.dataDirectory, 'ledger.sqlite');
  const ledger = new SqliteLedger(ledgerFile, clock, random);
  closers.push(() => ledger.close());
  const webhookStore = new SqliteWebhooks(ledgerFile, clock, random);
  closers.push(() => {
    webhookStore.close();
  });
  const vaultStore = new SqliteVault(ledgerFile, clock, random);
  closers.push(() => {
    vaultStore.close();
  });
  const vault = await openVault(config, vaultStore, clock, random);
  const metrics = new PromMetrics();

  const redisUrl = config.redisUrl ?? (await embeddedRedis(options, closers));
  const redis = connectRedis(redisUrl, logger);
  closers.push(() => redis.close());
  const subscriber = redis.blocking.duplicate();
  subscriber.on('error', () => undefined); // the other connections report it
  closers.push(() => {
    subscriber.disconnect();
  });
  try {
    await waitForRedis(redis.fast, REDIS_WAIT_MS);
  } catch (error) {
    throw new StartupError(
      'Redis does not answer: start it, or correct REDIS_URL, or remove it to let Toran run its own.',
      { cause: error },
    );
  }
  const bus = new RedisBus(redis.fast, subscriber, processId, logger);
  await bus.start();
  const bucket = new RedisLeakyBucket(redis.fast, ledger, clock);
  const leases = new RedisLeases(redis.fast, processId);
  const queue = new BullmqQueue(redis, logger);
  closers.push(() => queue.close());

  const modules = modulesOf(config, options.modules ?? []);
  const calendar = readCalendar(options.seedDirectory);
  const { instruments, market } = await openMarket(options, clock, closers);
  const http = new UndiciHttp({ clock });
  closers.push(() => http.close());
  const socket = new WsSocket();
  const socketIo = new SocketIoClient();

  const credentials = new Credentials({ modules, store: vaultStore, vault, clock });
  const news = { bus, clock, logger, metrics };
  const tokens = openTokens({ ...news, random, redis: redis.fast, ledgerFile, box: vault });
  closers.push(() => {
    tokens.close();
  });
  const accounts: Accounts = new Accounts(ledger, clock, modules, {
    credentials: async (account, module) => ({
      ...(module.credentialFields === undefined ? {} : await credentials.appFields(account)),
      ...brokerSettings(options, account.broker),
    }),
    ports: (account) => ({
      clock,
      random,
      http,
      socket,
      socketIo,
      pacer: createQueryPacer({ bucket, ledger, clock, random }, account.accountId, () =>
        accounts.rateRules(account),
      ),
      tokens,
      instruments,
      symbols: brokerSymbols(instruments, account.broker),
      market,
      calendar,
      dataDirectory: config.dataDirectory,
      logger: logger.child({ account: account.accountId, broker: account.broker }),
    }),
  });
  closers.push(() => accounts.close());
  credentials.onChange(async ({ accountId, forgotten }) => {
    accounts.renew(accountId);
    if (forgotten) await tokens.forget(accountId);
  });
  const credentialWatch = new CredentialWatch({ store: vaultStore, credentials, clock, logger });
  await credentialWatch.start();
  closers.push(() => credentialWatch.close());
  if ((await accounts.list()).length === 0) {
    await accounts.add({ broker: 'paper', login: 'main', label: 'paper' });
  }

  const sessions = createSessions({
    ...news,
    ...{ accounts, tokens, leases, outgoingAddress: config.outgoingAddress },
    credentials: (account) => credentials.state(account),
  });

  const dispatcher = new Dispatcher({
    ledger,
    bucket,
    bus,
    accounts,
    sessions: sessions.gate,
    instruments,
    clock,
    logger,
    metrics,
    sendByMs: config.sendByMs,
    crashPoint: options.crashPoint,
  });
  const shared = {
    ledger,
    bus,
    clock,
    random,
    logger,
    metrics,
    queue,
    leases,
    dispatcher,
    sessions: sessions.gate,
    crashPoint: options.crashPoint,
  };
  const runtimes = new Map<string, Promise<AccountRuntime>>();
  const started = new Map<string, AccountRuntime>();
  /** Why an account is not served, so that it is told once and not with every look. */
  const unserved = new Map<string, string>();
  const serve = (account: Account): Promise<AccountRuntime> => {
    const known = runtimes.get(account.accountId);
    if (known !== undefined) return known;
    const starting = accounts.open(account).then(async (open) => {
      const runtime = new AccountRuntime(shared, open, () => accounts.open(account));
      await runtime.start();
      started.set(account.accountId, runtime);
      unserved.delete(account.accountId);
      return runtime;
    });
    runtimes.set(account.accountId, starting);
    starting.catch((error: unknown) => {
      runtimes.delete(account.accountId);
      const reason = String(error);
      if (unserved.get(account.accountId) === reason) return;
      unserved.set(account.accountId, reason);
      logger.error({ account: account.accountId, reason }, 'account not served');
    });
    return starting;
  };
  if (config.roles.includes('worker')) {
    await Promise.all((await accounts.list()).map((account) => serve(account).catch(mayWait)));
    accounts.onAdded((account) => {
      void serve(account).catch(() => undefined);
    });
    const stopWatching = clock.every(ACCOUNT_WATCH_MS, () => {
      accounts
        .list()
        .then((all) => Promise.allSettled(all.map(serve)))
        .catch((error: unknown) => {
          logger.warn({ reason: String(error) }, 'accounts not read');
        });
    });
    closers.push(async () => {
      stopWatching();
      const running = await Promise.allSettled(runtimes.values());
      await Promise.all(
        running.map(async (entry) => {
          if (entry.status === 'fulfilled') await entry.value.close();
        }),
      );
      await dispatcher.drain();
    });
  }

  if (config.roles.includes('worker')) {
    const { seedDirectory } = options;
    const parts = { config, seedDirectory, accounts, calendar, http, leases, bus, metrics };
    const downloads = startMasterDownloads({ ...parts, clock, random, logger });
    closers.push(() => downloads.close());
  }

  const keys = new LedgerApiKeys(ledger, clock, random);
  let address: Gateway['address'] = null;
  if (config.roles.includes('api')) {
    const orderDeps = {
      ledger,
      queue: firstInLine({ queue, takerOf: (id) => started.get(id) ?? null, logger }),
      bus,
      accounts,
      sessions: sessions.gate,
      instruments,
      clock,
      random,
      logger,
      metrics,
      entryDeadlineMs: config.orderDeadlineMs,
      exitDeadlineMs: config.exitDeadlineMs,
      crashPoint: options.crashPoint,
    };
    const orders = createOrderService(orderDeps);
    const hooks = new Hooks(webhookStore, clock, random);
    const squareOff = new SquareOff({
      hooks,
      store: webhookStore,
      orders,
      ledger,
      accounts,
      calendar,
      clock,
      random,
      logger,
      metrics,
      bus,
    });
    squareOff.start();
    closers.push(() => squareOff.close());
    const app = createApp({
      logins: sessions.logins,
      readiness: sessions.readiness,
      orders,
      positions: createPositions(orderDeps),
      practice: createPractice(ledger, accounts, clock),
      books: createBooks(ledger, accounts, clock),
      marketReads: createMarketReads(accounts, instruments, clock),
      calendar,
      keys,
      ledger,
      credentials,
      catalogue: instruments,
      brokers: modules,
      clock,
      random,
      logger,
      metrics,
      allowedHosts: config.allowedHosts,
      orderWaitMs: config.orderWaitMs,
      webhooks: {
        hooks,
        store: webhookStore,
        instruments,
        waitMs: config.webhookWaitMs,
        trustedProxies: config.trustedProxies,
        count: (kind, result) => {
          metrics.webhookCall(kind, result);
        },
      },
      queueBoard: createQueueBoard(QUEUE_BOARD_PATH, async () =>
        (await accounts.list()).flatMap((account) => queue.queuesOf(account.accountId)),
      ),
      health: async () => {
        const ledgerOk = await ledger.accounts().then(
          () => true,
          () => false,
        );
        const redisOk = redis.fast.status === 'ready';
        return {
          ready: ledgerOk && redisOk,
          checks: { ledger: ledgerOk ? 'ok' : 'failing', redis: redisOk ? 'ok' : 'failing' },
        };
      },
      accountAdded: async (account) => {
        if (config.roles.includes('worker')) await serve(account).catch(mayWait);
      },
      resetPractice: async (accountId, correlationId) => {
        const account = await accounts.resolve(accountId);
        const { client } = await accounts.open(account);
        if (client.practice === undefined) {
          throw new GatewayError('UNSUPPORTED', 'Only a practice account can be reset');
        }
        await client.practice.reset({
          signal: AbortSignal.timeout(CLOSE_LIMIT_MS),
          deadlineAt: epochMs(clock.now() + CLOSE_LIMIT_MS),
          sendBy: null,
          correlationId,
        });
        // The reset cleared positions that the day's fills still speak of.
        await ledger.clearBaseline(account.accountId, clock.now());
        await ledger.setStopped(account.accountId, null);
        bus.publish({ kind: 'hint', accountId: account.accountId });
      },
      explain: async (id) => ({ ...(await explainOrder(ledger, id)) }),
    });
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, app);
    address = await listen(server, config.host, config.port);
    closers.push(() => closeServer(server));
  }
  return { address, keys, marketLabel: market.label, close: closeAll };
};

/** An account without credentials or session holds up no other; it is looked at again and again. */
const mayWait = (error: unknown): null => {
  if (isGatewayError(error) && error.code === 'NO_SESSION') return null;
  throw error;
};

const embeddedRedis = async (
  options: GatewayOptions,
  closers: (() => Promise<void> | void)[],
): Promise<string> => {
  const server = findRedisServer(options.searchPath);
  if (server === null) {
    throw new StartupError(
      'Redis is not installed: install the package redis-server (or valkey), or set REDIS_URL.',
    );
  }
  const redis = await EmbeddedRedis.start({
    directory: path.join(options.config.dataDirectory, 'redis'),
    server,
    onEvent: (event) => {
      options.logger.warn({ ...event }, 'Redis');
    },
  });
  closers.push(() => redis.stop());
  return redis.url;
};
