import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaperClient } from '../../../src/brokers/paper/adapter';
import type { PaperCredentials } from '../../../src/brokers/paper/credentials';
import { decimal } from '../../../src/core/domain/decimal';
import { accountId, clientTag, epochMs } from '../../../src/core/domain/ids';
import type { Decimal, EpochMs, MonotonicMs, brokerOrderId } from '../../../src/core/domain/ids';
import { instrumentKey } from '../../../src/core/domain/instrument';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms, PriceTerms } from '../../../src/core/domain/order';
import type {
  BrokerPorts,
  CallContext,
  CommandOutcome,
  PlaceOrder,
} from '../../../src/core/ports/broker';
import type { Logger } from '../../../src/core/ports/logger';
import type { DayFigures, MarketData, Quote } from '../../../src/core/ports/market';
import { readCalendar } from '../../../src/infra/seed-calendar';
import type { FakeClock } from '../../fakes/fake-clock';
import { SeededRandom } from '../../fakes/seeded-random';

export const SBIN: Instrument = {
  exchange: 'NSE',
  symbol: 'SBIN',
  kind: 'equity',
  name: 'STATE BANK OF INDIA',
  underlying: 'SBIN',
  expiry: null,
  strike: null,
  right: null,
  lotSize: 1,
  tickSize: decimal('0.05'),
  freezeQuantity: null,
};
export const NIFTY_FUTURE: Instrument = {
  ...SBIN,
  exchange: 'NFO',
  symbol: 'NIFTY27JAN26FUT',
  kind: 'future',
  name: 'NIFTY 50',
  underlying: 'NIFTY',
  expiry: '2026-01-27' as Instrument['expiry'],
  lotSize: 65,
  freezeQuantity: 1800,
};
export const NIFTY_CALL: Instrument = {
  ...NIFTY_FUTURE,
  symbol: 'NIFTY27JAN2626000CE',
  kind: 'option',
  strike: decimal('26000'),
  right: 'CE',
};

export const NIFTY: Instrument = {
  ...SBIN,
  exchange: 'NSE_INDEX',
  symbol: 'NIFTY',
  kind: 'index',
  name: 'NIFTY 50',
  underlying: 'NIFTY',
};
const KNOWN = new Map(
  [SBIN, NIFTY, NIFTY_FUTURE, NIFTY_CALL].map((one) => [instrumentKey(one), one]),
);

/** A market whose every figure the test sets. The range covers what was set since `since`. */
export class ScriptedMarket implements MarketData {
  readonly label = 'scripted';
  open = true;
  readonly #clock: FakeClock;
  readonly #books = new Map<string, { bid: string; ask: string; depth: number; volume: number }>();
  readonly #trades = new Map<string, { at: number; price: string }[]>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  now(): EpochMs {
    return this.#clock.now();
  }

  isOpen(): boolean {
    return this.open;
  }

  /** Sets what stands in the book; `depth` is what can be taken at once. */
  book(instrument: Instrument, bid: string, ask: string, depth = 1_000_000): void {
    const key = instrumentKey(instrument);
    const volume = this.#books.get(key)?.volume ?? 0;
    this.#books.set(key, { bid, ask, depth, volume });
    this.trade(instrument, bid, 0);
  }

  /** Prints a trade at `price` and counts its quantity. */
  trade(instrument: Instrument, price: string, quantity: number): void {
    const key = instrumentKey(instrument);
    const book = this.#books.get(key);
    if (book === undefined) throw new Error('set the book first');
    book.volume += quantity;
    const trades = this.#trades.get(key) ?? [];
    trades.push({ at: this.now(), price });
    this.#trades.set(key, trades);
  }

  /** The figures of what was printed so far. */
  day(instrument: Instrument): DayFigures | null {
    const quote = this.quote(instrument, epochMs(0));
    if (quote === null) return null;
    const { high, low, cumulativeVolume: volume } = quote;
    return { open: null, high, low, previousClose: null, volume, openInterest: null };
  }

  priceAt(instrument: Instrument, at: EpochMs): Decimal | null {
    const trades = this.#trades.get(instrumentKey(instrument)) ?? [];
    const found = trades.filter((trade) => trade.at <= at).at(-1);
    return found === undefined ? null : decimal(found.price);
  }

  quote(instrument: Instrument, since: EpochMs): Quote | null {
    const key = instrumentKey(instrument);
    const book = this.#books.get(key);
    const trades = this.#trades.get(key) ?? [];
    const last = trades.at(-1)?.price;
    if (book === undefined || last === undefined) return null;
    const prices = trades.filter(({ at }) => at > since).map(({ price }) => Number(price));
    return {
      instrument,
      at: this.now(),
      last: decimal(last),
      bid: decimal(book.bid),
      ask: decimal(book.ask),
      depth: book.depth,
      cumulativeVolume: book.volume,
      high: decimal(Math.max(Number(last), ...prices)),
      low: decimal(Math.min(Number(last), ...prices)),
      rangeSince: since,
    };
  }
}

export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields) => {
    throw new Error(`logged as an error: ${JSON.stringify(fields)}`, { cause: fields['err'] });
  },
  child: () => quietLogger,
};

export const tempDirectory = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'toran-paper-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
};

export const portsFor = (
  clock: FakeClock,
  market: MarketData,
  dataDirectory: string,
): BrokerPorts => {
  const unused = (name: string) => (): never => {
    throw new Error(`the paper broker must not use ${name}`);
  };
  return {
    clock,
    market,
    calendar: readCalendar(join(__dirname, '../../../seed')),
    dataDirectory,
    random: new SeededRandom(1),
    http: { request: unused('http') },
    socket: { open: unused('socket') },
    socketIo: { open: unused('socketIo') },
    pacer: { query: (context, send) => send(context) },
    tokens: { current: unused('tokens'), died: unused('tokens') },
    symbols: { nameOf: unused('symbols'), find: unused('symbols') },
    instruments: { find: (id) => KNOWN.get(instrumentKey(id)) ?? null },
    logger: quietLogger,
  };
};

export const openClient = (
  clock: FakeClock,
  market: MarketData,
  directory: string,
  startingCash = '1000000',
  more: Partial<PaperCredentials> = {},
): PaperClient =>
  new PaperClient(
    accountId('paper-main'),
    { startingCash: decimal(startingCash), charges: [], squareOff: null, ...more },
    portsFor(clock, market, directory),
  );

export const callContext = (sendBy: MonotonicMs | null = null): CallContext => ({
  signal: new AbortController().signal,
  deadlineAt: epochMs(Number.MAX_SAFE_INTEGER),
  sendBy,
  correlationId: 'test',
});

export const market = (): PriceTerms => ({
  orderType: 'MARKET',
  limitPrice: null,
  triggerPrice: null,
});
export const limit = (price: string): PriceTerms => ({
  orderType: 'LIMIT',
  limitPrice: decimal(price),
  triggerPrice: null,
});
export const stopLimit = (price: string, trigger: string): PriceTerms => ({
  orderType: 'STOP_LIMIT',
  limitPrice: decimal(price),
  triggerPrice: decimal(trigger),
});
export const stopMarket = (trigger: string): PriceTerms => ({
  orderType: 'STOP_MARKET',
  limitPrice: null,
  triggerPrice: decimal(trigger),
});

let tags = 0;
export const orderOf = (
  instrument: Instrument,
  side: OrderTerms['side'],
  quantity: number,
  prices: PriceTerms,
  more: Partial<Pick<OrderTerms, 'product' | 'timeInForce'>> = {},
): PlaceOrder => ({
  instrument,
  clientTag: clientTag(`T${String((tags += 1))}`),
  terms: {
    instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
    side,
    quantity,
    disclosedQuantity: 0,
    product: more.product ?? 'INTRADAY',
    timeInForce: more.timeInForce ?? 'DAY',
    ...prices,
  },
});

/** The broker's id of an accepted outcome. */
export const acceptedId = (outcome: CommandOutcome): ReturnType<typeof brokerOrderId> => {
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.brokerOrderId;
};
