import { join } from 'node:path';
import { GatewayError } from '../../core/domain/errors';
import { ZERO, add, divide, subtract } from '../../core/domain/decimal';
import { tradeId } from '../../core/domain/ids';
import type { AccountId, Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import { istDate } from '../../core/domain/time';
import type {
  BrokerClient,
  BrokerPorts,
  CallContext,
  CommandOutcome,
  ExecutionClient,
  FillReport,
  Funds,
  HoldingReport,
  MarginOrder,
  MarginReport,
  MarginSource,
  MarketDataSource,
  OrderHint,
  OrderReport,
  PositionReport,
  ReportSource,
} from '../../core/ports/broker';
import type { PaperFill, PaperHolding, PaperOrder, PaperPosition } from './book';
import type { PaperCredentials } from './credentials';
import { PaperEngine } from './engine';
import type { EngineResult, PaperMeans } from './engine';
import { paperMarketData } from './market-data';
import { shownAverage, unrealized } from './position';
import { PaperStore, isBusy } from './store';

/** How often live orders meet the market when nobody asks. */
const MATCH_EVERY_MS = 250;

/** `make` called once for each row: rows are immutable, and most of a book does not change between reads. */
const once = <Row extends object, Report>(make: (row: Row) => Report): ((row: Row) => Report) => {
  const made = new WeakMap<Row, Report>();
  return (row) => {
    const known = made.get(row);
    if (known !== undefined) return known;
    const report = make(row);
    made.set(row, report);
    return report;
  };
};

const orderReport = once((order: PaperOrder): OrderReport => ({
  brokerOrderId: order.brokerOrderId,
  exchangeOrderId: order.exchangeOrderId,
  clientTag: order.clientTag,
  terms: order.terms,
  status: order.status,
  filledQuantity: order.filledQuantity,
  averagePrice:
    order.filledQuantity === 0 ? null : divide(order.filledValue, order.filledQuantity, 4),
  message: order.message,
  placedAt: order.placedAt,
}));

const fillReport = once((fill: PaperFill): FillReport => ({
  tradeId: tradeId(fill.tradeId),
  brokerOrderId: fill.order.brokerOrderId,
  instrument: fill.order.terms.instrument,
  side: fill.order.terms.side,
  product: fill.order.terms.product,
  quantity: fill.quantity,
  price: fill.price,
  filledAt: fill.filledAt,
  charges: fill.charges,
}));

/** One paper account as a broker. Prices come from `ports.market`, everything else from its own file. */
export class PaperClient implements BrokerClient {
  readonly session: BrokerClient['session'] = { probe: () => Promise.resolve('live') };
  readonly execution: ExecutionClient;
  readonly reports: ReportSource;
  readonly marketData: MarketDataSource;
  readonly margin: MarginSource;
  readonly orderUpdates: NonNullable<BrokerClient['orderUpdates']>;
  readonly practice: NonNullable<BrokerClient['practice']>;
  readonly #ports: BrokerPorts;
  readonly #store: PaperStore;
  readonly #engine: PaperEngine;
  readonly #listeners = new Set<(hint: OrderHint) => void>();
  #stopMatching: (() => void) | null = null;
  #closed = false;

  constructor(account: AccountId, credentials: PaperCredentials, ports: BrokerPorts) {
    this.#ports = ports;
    this.#store = new PaperStore(
      join(ports.dataDirectory, `paper-${account}.sqlite`),
      credentials.startingCash,
      ports.clock.now(),
    );
    this.#engine = new PaperEngine(this.#store, ports, credentials, (order) => {
      this.#hint(order);
    });
    this.execution = {
      place: (command, context) => this.#command(context, () => this.#engine.place(command)),
      modify: ({ brokerOrderId, change }, context) =>
        this.#command(context, () => this.#engine.modify(brokerOrderId, change)),
      cancel: ({ brokerOrderId }, context) =>
        this.#command(context, () => this.#engine.cancel(brokerOrderId)),
    };
    this.reports = {
      orders: () => this.#read(() => this.#engine.orders().map(orderReport)),
      fills: () => this.#read(() => this.#engine.fills().map(fillReport)),
      positions: () => this.#read(() => this.#positionReports(this.#engine.means())),
      holdings: () =>
        this.#read(() => this.#engine.means().holdings.map((one) => this.#holding(one))),
      funds: () => this.#read(() => this.#funds(this.#engine.means())),
    };
    this.marketData = paperMarketData(ports);
    this.margin = {
      required: (orders, context) =>
        ports.pacer.query(context, () => this.#query(() => this.#required(orders, context))),
    };
    this.orderUpdates = {
      open: (onHint) => {
        this.#listeners.add(onHint);
        return Promise.resolve({
          close: () => {
            this.#listeners.delete(onHint);
            return Promise.resolve();
          },
        });
      },
    };
    this.practice = {
      reset: () =>
        this.#query(() => {
          this.#engine.reset();
        }),
    };
    if (this.#waits()) this.#startMatching();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stopMatching?.();
      this.#stopMatching = null;
      this.#listeners.clear();
      this.#store.close();
    }
    return Promise.resolve();
  }

  #required(orders: readonly MarginOrder[], context: CallContext): MarginReport {
    const found = this.#engine.required(orders);
    if (!('instrument' in found)) return found;
    throw new GatewayError(
      'NO_PRICE',
      `${instrumentKey(found.instrument)} has no price in the market "${this.#ports.market.label}"`,
      { correlationId: context.correlationId },
    );
  }

  #command(context: CallContext, run: () => EngineResult): Promise<CommandOutcome> {
    if (this.#closed) return Promise.resolve({ kind: 'not-sent', why: 'no-connection' });
    const { clock } = this.#ports;
    const late =
      context.deadlineAt <= clock.now() ||
      (context.sendBy !== null && clock.monotonic() > context.sendBy);
    if (context.signal.aborted || late)
      return Promise.resolve({ kind: 'not-sent', why: 'aborted' });
    try {
      const outcome = run();
      if (outcome.kind === 'accepted') this.#startMatching();
      return Promise.resolve(outcome);
    } catch (error) {
      // Busy is met at BEGIN only, before anything was written.
      if (isBusy(error)) return Promise.resolve({ kind: 'not-sent', why: 'no-connection' });
      // A failed commit may or may not be on disk.
      return Promise.resolve({ kind: 'unknown', why: 'server-error', cause: error });
    }
  }

  #read<T>(read: () => T): Promise<T> {
    return this.#query(() => {
      const result = read();
      if (this.#stopMatching === null && this.#waits()) this.#startMatching();
      return result;
    });
  }

  /** Whether somebody has to look again; while another process holds the file, perhaps. */
  #waits(): boolean {
    try {
      return this.#engine.waits();
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    }
  }

  #query<T>(run: () => T): Promise<T> {
    // What the executor throws rejects the promise.
    return new Promise((resolve) => {
      if (this.#closed) throw new GatewayError('CONNECT', 'the paper account is closed');
      try {
        resolve(run());
      } catch (error) {
        if (!isBusy(error)) throw error;
        throw new GatewayError(
          'STORE_UNAVAILABLE',
          "the paper account's file is held by another process",
          { cause: error },
        );
      }
    });
  }

  #startMatching(): void {
    this.#stopMatching ??= this.#ports.clock.every(MATCH_EVERY_MS, () => {
      this.#tick();
    });
  }

  #tick(): void {
    try {
      if (!this.#engine.match()) {
        this.#stopMatching?.();
        this.#stopMatching = null;
      }
    } catch (error) {
      // The next tick looks again; a busy file only means that another process is matching.
      if (!isBusy(error)) this.#ports.logger.error({ err: error }, 'paper matching failed');
    }
  }

  /** Told later, as a broker's stream would, never from inside the call that caused it. */
  #hint(order: PaperOrder): void {
    const hint: OrderHint = { brokerOrderId: order.brokerOrderId, clientTag: order.clientTag };
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(hint);
    });
  }

  /** The price that open quantity is valued at: the market's, else the last fill's. */
  #mark(position: PaperPosition): { readonly last: Decimal | null; readonly value: Decimal } {
    const { market } = this.#ports;
    const last = market.quote(position.instrument, market.now())?.last ?? null;
    return { last, value: last ?? position.lastFillPrice };
  }

  #positionReports({ positions }: PaperMeans): PositionReport[] {
    const today = istDate(this.#ports.market.now());
    return positions
      .filter(
        ({ net, quantity, realizedDay }) => net !== 0 || quantity !== 0 || realizedDay === today,
      )
      .map((position) => {
        const { last, value } = this.#mark(position);
        const { exchange, symbol } = position.instrument;
        return {
          instrument: { exchange, symbol },
          product: position.product,
          quantity: position.net,
          averagePrice: shownAverage(position),
          lastPrice: last,
          realizedPnl: position.realizedDay === today ? position.realized : ZERO,
          unrealizedPnl: unrealized(position, value),
        };
      });
  }

  #holding({ instrument, quantity, cost }: PaperHolding): HoldingReport {
    const { market } = this.#ports;
    const { exchange, symbol } = instrument;
    return {
      instrument: { exchange, symbol },
      quantity,
      averagePrice: divide(cost, quantity, 4),
      lastPrice: market.quote(instrument, market.now())?.last ?? null,
    };
  }

  #funds(means: PaperMeans): Funds {
    const reports = this.#positionReports(means);
    const sum = (values: readonly Decimal[]): Decimal => values.reduce(add, ZERO);
    return {
      availableCash: means.available,
      collateral: ZERO,
      unrealizedPnl: sum(reports.map(({ unrealizedPnl }) => unrealizedPnl)),
      realizedPnl: sum(reports.map(({ realizedPnl }) => realizedPnl)),
      utilisedMargin: subtract(means.cash, means.available),
      charges: means.charges,
    };
  }
}
