import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { brokerModules } from '../../src/brokers/registry';
import { createBooks } from '../../src/core/orders/books';
import { createOrderService } from '../../src/core/orders/order-service';
import type { Order } from '../../src/core/domain/order';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import { Accounts } from '../../src/core/sessions/accounts';
import { Hooks } from '../../src/core/webhooks/hooks';
import type { NewSecret } from '../../src/core/webhooks/hooks';
import type { Hook } from '../../src/core/webhooks/hooks';
import type { HookSettings } from '../../src/core/webhooks/settings';
import { SquareOff } from '../../src/core/webhooks/square-off';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { readCalendar } from '../../src/infra/seed-calendar';
import { SqliteWebhooks } from '../../src/infra/ledger/sqlite-webhooks';
import { startApi } from '../api/fakes';
import type { TestApi } from '../api/fakes';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { quiet } from '../support/gateway-redis';
import { share } from '../support/gateway-orders';
import { OPEN_GATE } from '../support/open-gate';

export const PAPER = accountId('paper-main');

const shared = {
  addresses: null,
  signed: false,
  signatureSeconds: 300,
  ratePerMinute: 6000,
} as const;

/** An alert hook for SBIN and INFY, MIS, both sides, MARKET and LIMIT, at most 100; with `changes`. */
export const alertSettings = (
  changes: Partial<Extract<HookSettings, { kind: 'alert' }>> = {},
): HookSettings => ({
  kind: 'alert',
  ...shared,
  symbols: [
    { exchange: 'NSE', symbol: 'SBIN' },
    { exchange: 'NSE', symbol: 'INFY' },
  ],
  products: ['INTRADAY'],
  sides: ['BUY', 'SELL'],
  orderTypes: ['MARKET', 'LIMIT'],
  maxQuantity: 100,
  smart: true,
  window: null,
  ...changes,
});

const mappings = ['SBIN', 'INFY'].map((symbol) => ({
  exchange: 'NSE' as const,
  symbol,
  product: 'INTRADAY' as const,
  quantity: 10,
}));

export const strategySettings = (
  changes: Partial<Extract<HookSettings, { kind: 'strategy' }>> = {},
): HookSettings => ({
  kind: 'strategy',
  ...shared,
  mappings,
  intraday: null,
  mode: 'LONG',
  maxQuantity: 50,
  ...changes,
});

export const chartinkSettings = (
  changes: Partial<Extract<HookSettings, { kind: 'chartink' }>> = {},
): HookSettings => ({ kind: 'chartink', ...shared, mappings, intraday: null, ...changes });

/** A good body of an alert hook without its token; with `changes`. */
export const alertBody = (changes: object = {}): Record<string, unknown> => ({
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'buy',
  quantity: '5',
  pricetype: 'MARKET',
  product: 'MIS',
  ...changes,
});

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** What `bench` opens: one hook, and where to post to it. */
export interface OpenHook {
  readonly hook: Hook;
  readonly secret: NewSecret;
  readonly path: string;
}

/**
 * The HTTP API over a real ledger file, the real order service and a fake clock, but with nobody who
 * sends: orders stay queued, so that a test sees what was accepted.
 */
export class WebhookBench {
  readonly directory: string;
  readonly clock: FakeClock;
  readonly ledger: SqliteLedger;
  readonly store: SqliteWebhooks;
  readonly hooks: Hooks;
  readonly alarms: string[] = [];
  readonly counted: string[] = [];
  readonly #server = createServer((request, response) => {
    this.api.app(request, response);
  });
  #origin = '';
  #squareOff: SquareOff | null = null;
  #api: TestApi | null = null;

  private constructor(
    parts: Pick<WebhookBench, 'directory' | 'clock' | 'ledger' | 'store'> & {
      readonly random: SeededRandom;
    },
  ) {
    this.directory = parts.directory;
    this.clock = parts.clock;
    this.ledger = parts.ledger;
    this.store = parts.store;
    this.hooks = new Hooks(this.store, this.clock, parts.random);
  }

  get api(): TestApi {
    if (this.#api === null) throw new Error('not open');
    return this.#api;
  }
  get squareOff(): SquareOff {
    if (this.#squareOff === null) throw new Error('not open');
    return this.#squareOff;
  }

  static async open(
    options: {
      readonly directory?: string;
      readonly start?: number;
      readonly waitMs?: number;
      readonly trustedProxies?: readonly string[];
      /** What happens to each commit's follow-up: throws to make the answer a 500. */
      readonly afterIntent?: () => void;
    } = {},
  ): Promise<WebhookBench> {
    const directory = options.directory ?? mkdtempSync(path.join(os.tmpdir(), 'toran-webhooks-'));
    const file = path.join(directory, 'ledger.sqlite');
    const clock = new FakeClock(options.start);
    const random = new SeededRandom(options.directory === undefined ? 5 : 6);
    const ledger = new SqliteLedger(file, clock, random);
    const store = new SqliteWebhooks(file, clock, random);
    const bench = new WebhookBench({ directory, clock, ledger, store, random });
    if ((await ledger.accounts()).length === 0) {
      for (const login of ['main', 'other']) {
        const account = {
          accountId: accountId(`paper-${login}`),
          broker: brokerId('paper'),
          login,
          label: login,
          isDefault: login === 'other',
          stoppedReason: null,
          live: false,
          twinOf: null,
        };
        await ledger.addAccount(account, clock.now());
      }
    }
    await bench.#listen(options, random);
    return bench;
  }

  async #listen(
    options: Parameters<typeof WebhookBench.open>[0] & object,
    random: SeededRandom,
  ): Promise<void> {
    const { clock, ledger, store, hooks } = this;
    const instruments = { find: (id: Parameters<typeof share>[0] & object) => share(id) };
    const offline = (): never => {
      throw new GatewayError('UNSUPPORTED', 'no broker here');
    };
    const accounts = new Accounts(ledger, clock, brokerModules, {
      credentials: offline,
      ports: offline,
    });
    const metrics = {
      orderMoved: () => undefined,
      commandSettled: () => undefined,
      stage: () => undefined,
      inDoubt: () => undefined,
      bucketFill: () => undefined,
      brokerCall: () => undefined,
      alarm: (_account: unknown, name: string) => {
        this.alarms.push(name);
      },
    };
    const bus = { publish: () => undefined, subscribe: () => () => undefined };
    const orders = createOrderService({
      ledger,
      queue: { add: () => Promise.resolve() },
      bus,
      accounts,
      sessions: OPEN_GATE,
      instruments,
      clock,
      random,
      logger: quiet,
      metrics,
      entryDeadlineMs: 30_000,
      exitDeadlineMs: 120_000,
      crashPoint: (name) => {
        if (name === 'after-queue') options.afterIntent?.();
      },
    });
    this.#squareOff = new SquareOff({
      hooks,
      store,
      // Nobody sends here, so nobody waits.
      orders: {
        ...orders,
        placeBasket: (request, caller) => orders.placeBasket(request, { ...caller, waitMs: 0 }),
      },
      ledger,
      accounts,
      calendar: readCalendar(path.resolve(__dirname, '..', '..', 'seed')),
      clock,
      random,
      logger: quiet,
      metrics,
      bus,
    });
    this.#api = await startApi({
      orders,
      books: createBooks(ledger, accounts, clock),
      ledger,
      clock,
      random,
      orderWaitMs: 0,
      webhooks: {
        hooks,
        store,
        instruments,
        waitMs: options.waitMs ?? 0,
        trustedProxies: options.trustedProxies ?? [],
        count: (kind, result) => this.counted.push(`${kind} ${result}`),
      },
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    // The address of a TCP server is never a pipe name.
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(keepFiles = false): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
    this.store.close();
    await this.ledger.close();
    if (!keepFiles) rmSync(this.directory, { recursive: true, force: true, maxRetries: 20 });
  }

  /** Makes a hook of these settings. */
  async hook(settings: HookSettings, label = 'ema-cross', account = PAPER): Promise<OpenHook> {
    const { hook, secret } = await this.hooks.add(label, account, settings);
    const tail = settings.kind === 'alert' ? hook.hookId : secret.secret;
    const head = settings.kind === 'alert' ? '' : `/${settings.kind}`;
    return { hook, secret, path: `${head}/webhook/${tail}` };
  }

  /** Posts `body`, text as it stands and an object as JSON, on a connection of its own. */
  post(
    to: string,
    body: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    return this.begin(to, body, headers).reply;
  }

  /** The same, with a way to break the connection off. */
  begin(
    to: string,
    body: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): { readonly reply: Promise<Reply>; readonly drop: () => void } {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const call = httpRequest(`${this.#origin}${to}`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    });
    const reply = new Promise<Reply>((resolve, reject) => {
      call.once('error', reject);
      call.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const said = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            // The API answers JSON objects only; anything else fails the test that reads it.
            body: JSON.parse(said) as Reply['body'],
            text: said,
            headers: response.headers,
          });
        });
      });
    });
    call.end(text);
    return {
      reply,
      drop: () => {
        reply.catch(() => undefined);
        call.destroy();
      },
    };
  }

  /** All orders of an account, oldest first. */
  async orders(account = PAPER): Promise<readonly Order[]> {
    const orders = await this.ledger.orders(account, epochMs(0));
    return orders.toSorted((a, b) => a.createdAt - b.createdAt);
  }
}
