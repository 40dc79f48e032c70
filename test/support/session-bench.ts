import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import type { AccountId } from '../../src/core/domain/ids';
import type { SessionGrant } from '../../src/core/ports/broker';
import type { BusMessage } from '../../src/core/ports/bus';
import type { Logger } from '../../src/core/ports/logger';
import type { SessionRows } from '../../src/core/ports/tokens';
import type { SecretBox } from '../../src/core/ports/vault';
import { SealedTokenStore } from '../../src/core/sessions/token-store';
import { EmbeddedRedis, findRedisServer } from '../../src/infra/embedded-redis';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { SqliteSessions } from '../../src/infra/ledger/sqlite-sessions';
import { RedisBus } from '../../src/infra/redis/redis-bus';
import { connectRedis } from '../../src/infra/redis/connection';
import type { RedisConnections } from '../../src/infra/redis/connection';
import { RedisSessions } from '../../src/infra/redis/redis-tokens';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { testSecretBox } from '../fakes/secret-box';
import { quiet } from './gateway-redis';
import { until } from './until';

export const ACCOUNT = accountId('fake-ab1234');

/** One process' view of the sessions: its own connections, its own memory. */
export interface SessionProcess {
  readonly tokens: SealedTokenStore;
  readonly bus: RedisBus;
  readonly redis: RedisConnections;
  readonly rows: SqliteSessions;
  /** Accounts whose change it was told. */
  readonly changes: AccountId[];
  readonly alarms: string[];
  readonly messages: BusMessage[];
  readonly log: string[];
  close(): Promise<void>;
}

interface ProcessOptions {
  /** False: what other processes publish does not reach it. */
  readonly hears?: boolean;
  readonly box?: SecretBox;
  readonly rows?: (rows: SqliteSessions) => SessionRows;
}

/** A Redis and a ledger file of their own, and as many processes over them as a test wants. */
export class SessionBench {
  readonly directory: string;
  readonly redisServer: EmbeddedRedis;
  readonly clock = new FakeClock();
  readonly key = randomBytes(32);
  readonly #ledger: SqliteLedger;
  readonly #open: SessionProcess[] = [];

  private constructor(directory: string, redisServer: EmbeddedRedis) {
    this.directory = directory;
    this.redisServer = redisServer;
    this.#ledger = new SqliteLedger(this.ledgerFile, this.clock, new SeededRandom(1));
  }

  static async open(): Promise<SessionBench> {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'toran-sessions-'));
    const server = findRedisServer(process.env['PATH'] ?? '');
    if (server === null) throw new Error('no redis-server on the PATH');
    const redis = await EmbeddedRedis.start({
      directory: path.join(directory, 'redis'),
      server,
      onEvent: () => undefined,
    });
    const bench = new SessionBench(directory, redis);
    await bench.#ledger.addAccount(
      {
        accountId: ACCOUNT,
        broker: brokerId('fake'),
        login: 'AB1234',
        label: 'Main book',
        isDefault: true,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      bench.clock.now(),
    );
    return bench;
  }

  get ledgerFile(): string {
    return path.join(this.directory, 'ledger.sqlite');
  }

  /** A session of `hours` from now. */
  grant(token: string, hours = 8): SessionGrant {
    return {
      token,
      identity: 'AB1234',
      expiresAt: epochMs(this.clock.now() + hours * 3_600_000),
    };
  }

  async process(options: ProcessOptions = {}): Promise<SessionProcess> {
    const { hears = true, box = testSecretBox(this.key) } = options;
    const redis = connectRedis(this.redisServer.url, quiet);
    await until(() => redis.fast.status === 'ready');
    const subscriber = redis.blocking.duplicate();
    subscriber.on('error', () => undefined);
    const bus = new RedisBus(redis.fast, subscriber, randomBytes(4).toString('hex'), quiet);
    if (hears) await bus.start();
    const messages: BusMessage[] = [];
    bus.subscribe((message) => messages.push(message));
    const alarms: string[] = [];
    const log: string[] = [];
    const note = (fields: object, text: string): void => {
      log.push(`${text} ${JSON.stringify(fields)}`);
    };
    const logger: Logger = { ...quiet, info: note, warn: note, error: note, debug: note };
    const rows = new SqliteSessions(this.ledgerFile, this.clock, new SeededRandom(3));
    const tokens = new SealedTokenStore({
      rows: options.rows?.(rows) ?? rows,
      shared: new RedisSessions(redis.fast),
      box,
      bus,
      clock: this.clock,
      logger,
      metrics: { alarm: (_account, name) => alarms.push(name) },
    });
    const changes: AccountId[] = [];
    tokens.onChange((account) => changes.push(account));
    const made: SessionProcess = {
      ...{ tokens, bus, redis, rows, changes, alarms, messages, log },
      close: async () => {
        tokens.close();
        subscriber.disconnect();
        await redis.close();
      },
    };
    this.#open.push(made);
    return made;
  }

  /** A connection beside the processes. */
  async redis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.redisServer.url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** Everything that is on disk or in Redis, as one text. */
  async everything(): Promise<string> {
    const inRedis = await this.redis(async (redis) => {
      const keys = await redis.keys('*');
      const values = await Promise.all(keys.map((key) => redis.get(key).catch(() => '')));
      return [...keys, ...values].join('\n');
    });
    const files = readdirSync(this.directory).filter((name) => name.startsWith('ledger'));
    const onDisk = files.map((name) => readFileSync(path.join(this.directory, name), 'latin1'));
    return [inRedis, ...onDisk].join('\n');
  }

  async close(): Promise<void> {
    for (const one of this.#open.splice(0)) await one.close();
    await this.#ledger.close();
    await this.redisServer.stop();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
