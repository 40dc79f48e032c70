import { z } from 'zod';
import { istDate } from '../../core/domain/time';
import { brokerOrderId } from '../../core/domain/ids';
import type { BrokerOrderId, MonotonicMs } from '../../core/domain/ids';
import type { InstrumentId } from '../../core/domain/instrument';
import type { BrokerPorts, CallContext, FillReport, OrderReport } from '../../core/ports/broker';
import { RowMemory } from '../../core/reports/row-memory';
import { BookParts, QUIET_REREAD_MS } from './book-parts';
import { parsed } from './errors';
import { fillReports, orderReport } from './from-wire';
import type { IciciQuery } from './query';
import { iciciExchange } from './symbols';
import type { IciciExchange } from './symbols';
import { wireDate } from './to-wire';
import { iciciFill, iciciOrder, iciciOrderName } from './wire/orders';

/** `fills` may belong to a reading of the orders that ended this long ago. */
const SAME_LOOK_MS = 2_000;
/** How old a quiet part may be where fills are compared with positions. */
const CLOSE_LOOK_MS = 10_000;

interface Reading {
  readonly orders: readonly OrderReport[];
  readonly at: MonotonicMs;
}

/** Today's orders and fills, over one call for each exchange, one after the other. */
export class IciciBook {
  readonly #query: IciciQuery;
  readonly #ports: Pick<BrokerPorts, 'clock' | 'symbols'>;
  readonly #exchanges: () => readonly IciciExchange[];
  readonly #parts: BookParts;
  readonly #rows = new RowMemory<{ readonly report: OrderReport | null }>();
  /** The orders that were read last; taken once by the fills that are read with them. */
  #last: Reading | null = null;
  #fills: ReadonlyMap<BrokerOrderId, readonly FillReport[]> = new Map();

  constructor(
    query: IciciQuery,
    ports: Pick<BrokerPorts, 'clock' | 'symbols'>,
    exchanges: () => readonly IciciExchange[],
  ) {
    this.#query = query;
    this.#ports = ports;
    this.#exchanges = exchanges;
    this.#parts = new BookParts(ports.clock);
  }

  /** A command is about to go to this exchange: what was read of it says nothing any more. */
  touch(exchange: IciciExchange): void {
    this.#parts.touch(exchange);
  }

  /** The whole book. One exchange that cannot be read fails all of it: a part would hide orders. */
  orders(context: CallContext): Promise<readonly OrderReport[]> {
    return this.#read(QUIET_REREAD_MS, context);
  }

  /** The ids in the part of the book where an order of this instrument stands. */
  async ids(instrument: InstrumentId, context: CallContext): Promise<readonly BrokerOrderId[]> {
    const exchange = iciciExchange(instrument.exchange);
    if (exchange === null) return [];
    const rows = await this.#list(exchange, iciciOrderName, context);
    return rows.map((row) => brokerOrderId(row.order_id));
  }

  /**
   * All fills: one call for each order of which more is filled than is known. Orders that were read just
   * before serve once, so that orders and fills of one look cost the orders but once.
   */
  async fills(context: CallContext): Promise<readonly FillReport[]> {
    const last = this.#last;
    this.#last = null;
    const isFresh = last !== null && this.#ports.clock.monotonic() - last.at < SAME_LOOK_MS;
    const orders = isFresh ? last.orders : await this.#read(CLOSE_LOOK_MS, context);
    this.#last = null;
    return this.#fillsOf(orders, context);
  }

  /**
   * The fills as of now, to go with positions that were just read; the next `fills` takes the same. The
   * reading after that trusts nothing: a fill from outside would otherwise look like a position that no
   * fill explains twice in a row.
   */
  async fillsBesidePositions(context: CallContext): Promise<readonly FillReport[]> {
    const orders = await this.#read(CLOSE_LOOK_MS, context);
    this.#parts.forget();
    return this.#fillsOf(orders, context);
  }

  async #read(quietMs: number, context: CallContext): Promise<readonly OrderReport[]> {
    const { symbols, clock } = this.#ports;
    const parts: (readonly [exchange: IciciExchange, rows: readonly unknown[], at: MonotonicMs])[] =
      [];
    const kept = new Set<IciciExchange>();
    for (const exchange of this.#exchanges()) {
      const quiet = this.#parts.quiet(exchange, quietMs);
      if (quiet !== null) kept.add(exchange);
      const at = clock.monotonic();
      parts.push([exchange, quiet ?? (await this.#list(exchange, z.unknown(), context)), at]);
    }
    const rows = parts.flatMap(([exchange, some]) => some.map((row) => ({ exchange, row })));
    const read = this.#rows.read(
      rows.map(({ row }) => row),
      (row, index) => ({
        report: orderReport(
          parsed(row, iciciOrder, `GET order, row ${index}`, context.correlationId),
          symbols,
        ),
      }),
    );
    const live = new Set(
      rows.flatMap(({ exchange }, index) => (isLive(read[index]?.report) ? [exchange] : [])),
    );
    for (const [exchange, some, at] of parts) {
      if (!kept.has(exchange)) this.#parts.keep(exchange, some, at, live.has(exchange));
    }
    const orders = read.flatMap(({ report }) => report ?? []);
    this.#last = { orders, at: clock.monotonic() };
    return orders;
  }

  async #fillsOf(
    orders: readonly OrderReport[],
    context: CallContext,
  ): Promise<readonly FillReport[]> {
    const known = new Map<BrokerOrderId, readonly FillReport[]>();
    for (const order of orders.filter((one) => one.filledQuantity > 0)) {
      const before = this.#fills.get(order.brokerOrderId) ?? [];
      const whole = sum(before) >= order.filledQuantity;
      known.set(order.brokerOrderId, whole ? before : await this.#askFills(order, context));
      // Kept at once: a reading that is broken off must not ask for all of them again.
      this.#fills = new Map([...this.#fills, ...known]);
    }
    this.#fills = known;
    return [...known.values()].flat();
  }

  async #askFills(order: OrderReport, context: CallContext): Promise<FillReport[]> {
    const key = { exchange_code: order.terms.instrument.exchange, order_id: order.brokerOrderId };
    const rows = await this.#query('GET', 'trades', key, z.array(iciciFill), context);
    return fillReports(rows, order);
  }

  /** One day is written as two equal dates. */
  #list<T>(exchange: IciciExchange, row: z.ZodType<T>, context: CallContext): Promise<T[]> {
    const today = wireDate(istDate(this.#ports.clock.now()));
    const body = { exchange_code: exchange, from_date: today, to_date: today };
    return this.#query('GET', 'order', body, z.array(row), context);
  }
}

const isLive = (report: OrderReport | null | undefined): boolean =>
  report?.status === 'open' ||
  report?.status === 'trigger_pending' ||
  report?.status === 'triggered';

const sum = (fills: readonly FillReport[]): number =>
  fills.reduce((total, fill) => total + fill.quantity, 0);
