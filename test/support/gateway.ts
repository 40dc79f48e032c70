import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import { LedgerApiKeys } from '../../src/core/sessions/api-keys';
import type { Logger } from '../../src/core/ports/logger';
import { startGateway } from '../../src/gateway';
import type { Gateway, GatewayOptions } from '../../src/gateway';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { SystemClock } from '../../src/infra/system-clock';
import { SystemRandom } from '../../src/infra/system-random';
import { startNeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { TrueEvent } from '../../src/simulators/core/event-log';
import { quiet } from './gateway-redis';
import { until } from './until';

/** The token by which the gateway calls its practice simulator. */
const TOKEN = 'practice';
/** The account of these gateways. */
export const NEUTRAL = accountId('neutral-main');

/** One answer of the API. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whatever listens: a gateway in this process or in one of its own. */
export type Served = Pick<Gateway, 'address'>;

const baseOf = ({ address }: Served): string => {
  if (address === null) throw new Error('this gateway has no API');
  return `http://${address.host}:${String(address.port)}`;
};

/** One data folder, one simulator, and as many gateways over them as a test starts. */
export class GatewayBench {
  readonly directory: string;
  readonly simulator: NeutralSimulator;
  readonly #redisUrl: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #gateways: Gateway[] = [];
  #ledger: SqliteLedger | null = null;
  #key: Promise<string> | null = null;

  private constructor(
    simulator: NeutralSimulator,
    redisUrl: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.directory = mkdtempSync(path.join(os.tmpdir(), 'toran-gateway-'));
    this.simulator = simulator;
    this.#redisUrl = redisUrl;
    this.#environment = environment;
  }

  /** A folder whose default account is at the simulator; no gateway runs yet. */
  static async open(
    redisUrl: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<GatewayBench> {
    const simulator = await startNeutralSimulator({ token: TOKEN });
    const bench = new GatewayBench(simulator, redisUrl, environment);
    await bench.ledger.addAccount(
      {
        accountId: NEUTRAL,
        broker: brokerId('neutral'),
        login: 'main',
        label: 'neutral',
        isDefault: true,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      epochMs(Date.now()),
    );
    return bench;
  }

  /** A connection of the test's own to the ledger of the gateways. */
  get ledger(): SqliteLedger {
    this.#ledger ??= new SqliteLedger(
      path.join(this.directory, 'ledger.sqlite'),
      new SystemClock(),
      new SystemRandom(),
    );
    return this.#ledger;
  }

  async start(
    environment: Readonly<Record<string, string>> = {},
    logger: Logger = quiet,
    parts: Pick<GatewayOptions, 'modules'> = {},
  ): Promise<Gateway> {
    const gateway = await startGateway({
      config: loadConfig({
        TORAN_DATA: this.directory,
        TORAN_PORT: '0',
        TORAN_LOG_LEVEL: 'silent',
        TORAN_NEUTRAL_URL: this.simulator.url,
        REDIS_URL: this.#redisUrl,
        ...this.#environment,
        ...environment,
      }),
      logger,
      searchPath: '',
      seedDirectory: path.resolve(__dirname, '..', '..', 'seed'),
      crashPoint: () => undefined,
      ...parts,
    });
    this.#gateways.push(gateway);
    return gateway;
  }

  async stop(gateway: Gateway): Promise<void> {
    this.#gateways.splice(this.#gateways.indexOf(gateway), 1);
    await gateway.close();
  }

  async close(): Promise<void> {
    for (const gateway of this.#gateways.splice(0).reverse()) await gateway.close();
    await this.#ledger?.close();
    await this.simulator.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** A key that may do everything; one, also for calls that come at once. */
  key(): Promise<string> {
    const keys = new LedgerApiKeys(this.ledger, new SystemClock(), new SystemRandom());
    this.#key ??= keys
      .create('test', ['read', 'trade', 'admin'], 10_000)
      .then(({ secret }) => secret);
    return this.#key;
  }

  /** One call of the admin API. */
  async admin(gateway: Served, path: string, body: object): Promise<Reply> {
    const response = await fetch(`${baseOf(gateway)}/api/admin/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': await this.key() },
      body: JSON.stringify(body),
    });
    // The API answers JSON objects only; anything else fails the test that reads it.
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  }

  /** One call of the OpenAlgo API. */
  async call(
    gateway: Served,
    name: string,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<Reply> {
    const response = await fetch(`${baseOf(gateway)}/api/v1/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apikey: await this.key(), strategy: 'test', ...fields }),
    });
    // The API answers JSON objects only; anything else fails the test that reads it.
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  }

  /** A market order for one share, with `fields`. */
  place(gateway: Served, fields: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    return this.call(gateway, 'placeorder', {
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: '1',
      pricetype: 'MARKET',
      product: 'MIS',
      ...fields,
    });
  }

  /** The state of an order as the ledger has it. */
  async state(id: unknown): Promise<string> {
    const order = await this.ledger.findOrder(NEUTRAL, String(id));
    return order === null ? 'missing' : order.state;
  }

  async untilState(id: unknown, state: string, limitMs = 10_000): Promise<void> {
    await until(async () => (await this.state(id)) === state, limitMs);
  }

  /** Placements that the simulator truly made for the gateways. */
  placements(): readonly TrueEvent[] {
    return this.simulator.log.since().filter((event) => event.operation === 'place');
  }
}
