import { join } from 'node:path';
import type { Express } from 'express';
import { createApp } from '../../src/api/app';
import type { ApiDeps } from '../../src/api/deps';
import type { Account } from '../../src/core/domain/account';
import type { Command } from '../../src/core/domain/command';
import { decimal } from '../../src/core/domain/decimal';
import { GatewayError } from '../../src/core/domain/errors';
import {
  accountId,
  brokerId,
  brokerOrderId,
  epochMs,
  isoDate,
  orderId,
} from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import type { BookedFill, Books } from '../../src/core/orders/books-types';
import type {
  BasketRequest,
  CancelAllAnswer,
  CancelAllRequest,
  Caller,
  CancelRequest,
  CommandAnswer,
  ModifyRequest,
  OrderService,
  PlaceRequest,
} from '../../src/core/orders/service-types';
import type {
  CloseAllAnswer,
  CloseAllRequest,
  Positions,
} from '../../src/core/orders/positions-types';
import type { OpenOrders, Practice } from '../../src/core/orders/practice';
import type { Capabilities, HoldingReport, PositionReport } from '../../src/core/ports/broker';
import type { Catalogue } from '../../src/core/ports/catalogue';
import type { ApiKeyRow } from '../../src/core/ports/ledger';
import type { Logger } from '../../src/core/ports/logger';
import type { MarketReads } from '../../src/core/market/market-reads';
import { LedgerApiKeys } from '../../src/core/sessions/api-keys';
import type { AccountReadiness } from '../../src/core/sessions/readiness';
import { readCalendar } from '../../src/infra/seed-calendar';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { fakeWebhooks } from '../webhooks/fake-parts';

const PLACED_AT = epochMs(Date.UTC(2026, 0, 8, 4, 45, 2, 118));

export const account = (changes: Partial<Account> = {}): Account => ({
  accountId: accountId('paper-main'),
  broker: brokerId('paper'),
  login: 'main',
  label: 'Practice',
  isDefault: true,
  stoppedReason: null,
  live: false,
  twinOf: null,
  ...changes,
});

export const order = (changes: Partial<Order> = {}): Order => ({
  orderId: orderId('260108000000041'),
  accountId: accountId('paper-main'),
  origin: 'toran',
  terms: {
    instrument: { exchange: 'NSE', symbol: 'SBIN' },
    side: 'BUY',
    product: 'INTRADAY',
    timeInForce: 'DAY',
    orderType: 'LIMIT',
    limitPrice: decimal('812.5'),
    triggerPrice: null,
    quantity: 5,
    disclosedQuantity: 0,
  },
  state: 'accepted',
  filledQuantity: 0,
  averagePrice: null,
  brokerOrderId: brokerOrderId('P17'),
  exchangeOrderId: null,
  clientTag: null,
  clientOrderId: null,
  strategy: 'ema-cross',
  apiKeyId: 'k-1',
  reasonCode: null,
  reason: null,
  inDoubtSince: null,
  isExit: false,
  batch: null,
  smart: null,
  practice: false,
  correlationId: 'correlation-1',
  createdAt: PLACED_AT,
  updatedAt: PLACED_AT,
  ...changes,
});

export const command = (changes: Partial<Command> = {}): Command => ({
  orderId: orderId('260108000000041'),
  n: 2,
  accountId: accountId('paper-main'),
  kind: 'cancel',
  lane: 'urgent',
  state: 'accepted',
  change: null,
  attempt: 1,
  deadlineAt: epochMs(PLACED_AT + 30_000),
  submittedAt: null,
  sendBy: null,
  settledAt: null,
  reasonCode: null,
  reason: null,
  correlationId: 'correlation-1',
  createdAt: PLACED_AT,
  ...changes,
});

/** Answers what it is told to; remembers every call. */
export class FakeOrders implements OrderService {
  readonly placed: { readonly request: PlaceRequest; readonly caller: Caller }[] = [];
  readonly baskets: { readonly request: BasketRequest; readonly caller: Caller }[] = [];
  readonly modified: ModifyRequest[] = [];
  readonly canceled: CancelRequest[] = [];
  readonly canceledAll: CancelAllRequest[] = [];
  cancelAllAnswer: CancelAllAnswer = {
    account: accountId('paper-main'),
    practice: false,
    canceled: [],
    failed: [],
    pending: [],
    leftAlone: 0,
  };
  readonly resolved: unknown[] = [];
  answer: () => CommandAnswer = () => ({ order: order(), command: null, replayed: false });
  found: Order | null = order();

  get calls(): number {
    const changed = this.modified.length + this.canceled.length + this.canceledAll.length;
    return this.placed.length + this.baskets.length + changed;
  }

  place(request: PlaceRequest, caller: Caller): Promise<CommandAnswer> {
    this.placed.push({ request, caller });
    return Promise.resolve().then(() => this.answer());
  }
  placeBasket(request: BasketRequest, caller: Caller): Promise<readonly CommandAnswer[]> {
    this.baskets.push({ request, caller });
    return Promise.resolve().then(() => request.legs.map(() => this.answer()));
  }
  modify(request: ModifyRequest): Promise<CommandAnswer> {
    this.modified.push(request);
    return Promise.resolve().then(() => this.answer());
  }
  cancel(request: CancelRequest): Promise<CommandAnswer> {
    this.canceled.push(request);
    return Promise.resolve().then(() => this.answer());
  }
  cancelAll(request: CancelAllRequest): Promise<CancelAllAnswer> {
    this.canceledAll.push(request);
    return Promise.resolve(this.cancelAllAnswer);
  }
  find(_account: string | null, id: string): Promise<Order> {
    return this.found === null
      ? Promise.reject(new GatewayError('ORDER_NOT_FOUND', `Order ${id} not found`))
      : Promise.resolve(this.found);
  }
  resolve(...call: Parameters<OrderService['resolve']>): Promise<Order> {
    this.resolved.push(call);
    return Promise.resolve(order({ state: 'denied' }));
  }
}

/** Answers what it is told to; remembers every call. */
export class FakePositions implements Positions {
  readonly closed: CloseAllRequest[] = [];
  readonly asked: Parameters<Positions['open']>[] = [];
  answer: () => CloseAllAnswer = () => ({
    account: accountId('paper-main'),
    practice: false,
    positions: 0,
    orders: [],
    left: [],
    replayed: false,
  });
  quantity: () => number = () => 0;

  closeAll(request: CloseAllRequest): Promise<CloseAllAnswer> {
    this.closed.push(request);
    return Promise.resolve().then(() => this.answer());
  }
  open(...asked: Parameters<Positions['open']>): ReturnType<Positions['open']> {
    this.asked.push(asked);
    return Promise.resolve().then(() => ({
      account: accountId('paper-main'),
      practice: false,
      quantity: this.quantity(),
    }));
  }
}

/** Both switches, without an account behind them. */
export class FakePractice implements Practice {
  on = false;
  open: OpenOrders = { practice: 0, live: 0 };
  readonly calls: unknown[] = [];

  analyzer(): ReturnType<Practice['analyzer']> {
    return Promise.resolve({ on: this.on, orders: 12 });
  }
  setAnalyzer(on: boolean, actor: string): Promise<OpenOrders> {
    this.on = on;
    this.calls.push([on, actor]);
    return Promise.resolve(this.open);
  }
  setLive(...call: Parameters<Practice['setLive']>): Promise<OpenOrders> {
    this.calls.push(call);
    return Promise.resolve(this.open);
  }
}

/** Lists nothing; tests of the symbol calls bring a real one. */
const EMPTY_CATALOGUE: Catalogue = {
  find: () => null,
  entry: () => null,
  search: () => [],
  expiries: () => [],
  list: () => [].values(),
  fromBroker: () => null,
  facts: () => ({
    source: 'practice',
    asOf: isoDate('2026-01-08'),
    builtAt: PLACED_AT,
    count: 0,
    brokers: [],
  }),
  lastDiff: () => ({
    day: isoDate('2026-01-08'),
    compared: false,
    counts: { added: 0, removed: 0, lot: 0, tick: 0, freeze: 0, expiry: 0, symbol: 0 },
  }),
  changes: () => [],
};

export const capabilities: Capabilities = {
  orderTypes: { MARKET: 'native', LIMIT: 'native', STOP_LIMIT: 'native', STOP_MARKET: 'native' },
  products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
  timesInForce: ['DAY', 'IOC'],
  canModify: true,
  clientTag: null,
  commandTimeoutMs: 2000,
  simulated: true,
};

interface LogLine {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** The app over fakes, with one key per scope. */
export interface TestApi {
  readonly app: Express;
  readonly orders: FakeOrders;
  readonly positions: FakePositions;
  readonly practice: FakePractice;
  readonly clock: FakeClock;
  readonly keys: { readonly read: string; readonly trade: string; readonly admin: string };
  readonly apiKeys: LedgerApiKeys;
  readonly log: LogLine[];
  readonly audited: { readonly action: string; readonly detail: unknown }[];
  readonly accounts: Account[];
  /** Accounts whose opening positions were forgotten. */
  readonly cleared: string[];
  readonly books: { positions: PositionReport[]; holdings: HoldingReport[]; fills: BookedFill[] };
}

export const startApi = async (
  changes: Partial<ApiDeps> = {},
  ratePerSecond = 1_000_000,
): Promise<TestApi> => {
  const clock = new FakeClock();
  const random = new SeededRandom(7);
  const rows: ApiKeyRow[] = [];
  const apiKeys = new LedgerApiKeys(
    {
      apiKeys: () => Promise.resolve([...rows]),
      addApiKey: (row) => {
        rows.push(row);
        return Promise.resolve();
      },
      revokeApiKey: (keyId, at) => {
        const index = rows.findIndex((row) => row.keyId === keyId && row.revokedAt === null);
        const row = rows[index];
        if (row === undefined) return Promise.resolve(false);
        rows[index] = { ...row, revokedAt: at };
        return Promise.resolve(true);
      },
    },
    clock,
    random,
  );
  const secretOf = async (scope: 'read' | 'trade' | 'admin'): Promise<string> =>
    (await apiKeys.create(scope, [scope], ratePerSecond)).secret;
  const keys = {
    read: await secretOf('read'),
    trade: await secretOf('trade'),
    admin: await secretOf('admin'),
  };
  const log: LogLine[] = [];
  const audited: { action: string; detail: unknown }[] = [];
  const accounts: Account[] = [account()];
  const cleared: string[] = [];
  const books = {
    positions: new Array<PositionReport>(),
    holdings: new Array<HoldingReport>(),
    fills: new Array<BookedFill>(),
  };
  const write = (fields: LogLine['fields'], message: string): void => {
    log.push({ fields, message });
  };
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => logger,
  };
  const orders = new FakeOrders();
  const positions = new FakePositions();
  const practice = new FakePractice();
  const replace = (id: string, change: Partial<Account>): Promise<void> => {
    const index = accounts.findIndex((entry) => entry.accountId === id);
    const known = accounts[index];
    if (known !== undefined) accounts[index] = { ...known, ...change };
    return Promise.resolve();
  };
  const deps: ApiDeps = {
    orders,
    books: fakeBooks(accounts, orders, books, practice),
    positions,
    practice,
    marketReads: noMarketReads,
    calendar: readCalendar(join(__dirname, '../../seed')),
    keys: apiKeys,
    ledger: {
      accounts: () => Promise.resolve([...accounts]),
      addAccount: (added) => {
        accounts.push(added);
        return Promise.resolve();
      },
      setDefaultAccount: async (id) => {
        for (const entry of accounts) {
          await replace(entry.accountId, { isDefault: entry.accountId === id });
        }
      },
      setStopped: (id, reason) => replace(id, { stoppedReason: reason }),
      clearBaseline: (id) => {
        cleared.push(id);
        return Promise.resolve();
      },
      audit: (_at, _actor, action, detail) => {
        audited.push({ action, detail });
        return Promise.resolve();
      },
    },
    credentials: noCredentials,
    catalogue: EMPTY_CATALOGUE,
    brokers: [{ id: brokerId('paper'), title: 'Paper', capabilities }],
    clock,
    random,
    logger,
    metrics: { text: () => Promise.resolve('toran_orders_total 1\n'), contentType: 'text/plain' },
    allowedHosts: ['127.0.0.1', 'localhost'],
    orderWaitMs: 10_000,
    webhooks: fakeWebhooks(clock, random),
    logins: {
      url: () => Promise.resolve('https://broker.example/login'),
      paste: () => Promise.resolve(epochMs(clock.now() + 3_600_000)),
    },
    readiness: {
      of: (one) => Promise.resolve(readyAccount(one)),
      all: () => Promise.resolve(accounts.map((one) => readyAccount(one))),
    },
    queueBoard: null,
    health: () => Promise.resolve({ ready: true, checks: { ledger: 'ok', redis: 'ok' } }),
    accountAdded: () => Promise.resolve(),
    resetPractice: () => Promise.resolve(),
    explain: (id) => Promise.resolve({ orderId: id }),
    ...changes,
  };
  return {
    app: createApp(deps),
    orders,
    positions,
    practice,
    clock,
    keys,
    apiKeys,
    log,
    audited,
    accounts,
    cleared,
    books,
  };
};

/** An account that lacks nothing, with `changes`. */
export const readyAccount = (
  of: Account,
  changes: Partial<AccountReadiness> = {},
): AccountReadiness => ({
  account: of,
  word: 'ready',
  apiConnected: true,
  lastReadAt: PLACED_AT,
  sessionNeeded: false,
  sessionActive: true,
  sessionExpiresAt: null,
  autoLogin: { enabled: false, reason: 'the broker wants no login' },
  credentials: { complete: true, missing: [] },
  lastError: null,
  outgoingAddress: { address: null, reason: 'not configured' },
  ...changes,
});
/** Tests of credentials bring their own. */
const noCredentials: ApiDeps['credentials'] = {
  presence: () => Promise.resolve([]),
  set: () => Promise.reject(new GatewayError('VALIDATION', 'This broker takes no credentials.')),
  forget: () => Promise.resolve(),
};

/** Tests of prices bring their own. */
const noMarketReads: MarketReads = {
  quotes: () => Promise.reject(new GatewayError('UNSUPPORTED', 'Fake (fake) gives no quotes.')),
  depth: () => Promise.reject(new GatewayError('UNSUPPORTED', 'Fake (fake) gives no depth.')),
  margin: () => Promise.reject(new GatewayError('UNSUPPORTED', 'Fake (fake) gives no margin.')),
};

const fakeBooks = (
  accounts: readonly Account[],
  orders: FakeOrders,
  held: TestApi['books'],
  practice: FakePractice,
): Books => {
  const find: Books['account'] = (named) => {
    const found = accounts.find((entry) =>
      named === null ? entry.isDefault : entry.accountId === named || entry.label === named,
    );
    return found === undefined
      ? Promise.reject(
          new GatewayError('ACCOUNT_UNKNOWN', `account: no account is called ${String(named)}.`, {
            field: 'account',
          }),
        )
      : Promise.resolve(found);
  };
  return {
    account: find,
    shown: async (named) => ({ account: await find(named), practice: practice.on }),
    orders: () => Promise.resolve(orders.found === null ? [] : [orders.found]),
    fills: () => Promise.resolve(held.fills),
    positions: () => Promise.resolve(held.positions),
    holdings: () => Promise.resolve(held.holdings),
    funds: () =>
      Promise.resolve({
        availableCash: decimal('152340.75'),
        collateral: decimal('0'),
        unrealizedPnl: decimal('-120'),
        realizedPnl: decimal('340.5'),
        utilisedMargin: decimal('24500'),
      }),
  };
};
