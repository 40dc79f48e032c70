import { z } from 'zod';
import { istDate } from '../../core/domain/time';
import { brokerOrderId } from '../../core/domain/ids';
import type { BrokerOrderId, MonotonicMs } from '../../core/domain/ids';
import type { InstrumentId } from '../../core/domain/instrument';
import type { BrokerPorts, CallContext, FillReport, OrderReport } from '../../core/ports/broker';
import { RowMemory } from '../../core/reports/row-memory';
import { parsed } from './errors';
import { fillReports, orderReport } from './from-wire';
import type { IciciQuery } from './query';
import { iciciExchange } from './symbols';
import type { IciciExchange } from './symbols';
import { wireDate } from './to-wire';
import { iciciFill, iciciOrder, iciciOrderName } from './wire/orders';

/** `fills` may belong to a reading of the orders that ended this long ago. */
const SAME_LOOK_MS = 2_000;

interface Reading {
  readonly orders: readonly OrderReport[];
  readonly at: MonotonicMs;
}

/** Today's orders and fills, over one call for each exchange, one after the other. */
export class IciciBook {
  readonly #query: IciciQuery;
  readonly #ports: Pick<BrokerPorts, 'clock' | 'symbols'>;
  readonly #exchanges: () => readonly IciciExchange[];
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
  }

  /** The whole book. One exchange that cannot be read fails all of it: a part would hide orders. */
  async orders(context: CallContext): Promise<readonly OrderReport[]> {
    const rows: unknown[] = [];
    for (const exchange of this.#exchanges()) {
      rows.push(...(await this.#list(exchange, z.unknown(), context)));
    }
    const { symbols, clock } = this.#ports;
    const read = this.#rows.read(rows, (row, index) => ({
      report: orderReport(
        parsed(row, iciciOrder, `GET order, row ${index}`, context.correlationId),
        symbols,
      ),
    }));
    const orders = read.flatMap(({ report }) => report ?? []);
    this.#last = { orders, at: clock.monotonic() };
    return orders;
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
    const { clock } = this.#ports;
    const last = this.#last;
    this.#last = null;
    const isFresh = last !== null && clock.monotonic() - last.at < SAME_LOOK_MS;
    const orders = isFresh ? last.orders : await this.orders(context);
    this.#last = null;
    const known = new Map<BrokerOrderId, readonly FillReport[]>();
    for (const order of orders.filter((one) => one.filledQuantity > 0)) {
      const before = this.#fills.get(order.brokerOrderId) ?? [];
      const whole = sum(before) >= order.filledQuantity;
      known.set(order.brokerOrderId, whole ? before : await this.#fillsOf(order, context));
      // Kept at once: a reading that is broken off must not ask for all of them again.
      this.#fills = new Map([...this.#fills, ...known]);
    }
    this.#fills = known;
    return [...known.values()].flat();
  }

  async #fillsOf(order: OrderReport, context: CallContext): Promise<FillReport[]> {
    const key = {
      exchange_code: order.terms.instrument.exchange,
      order_id: order.brokerOrderId,
    };
    return fillReports(await this.#query('GET', 'trades', key, z.array(iciciFill), context), order);
  }

  /** One day is written as two equal dates. */
  #list<T>(exchange: IciciExchange, row: z.ZodType<T>, context: CallContext): Promise<T[]> {
    const today = wireDate(istDate(this.#ports.clock.now()));
    const body = { exchange_code: exchange, from_date: today, to_date: today };
    return this.#query('GET', 'order', body, z.array(row), context);
  }
}

const sum = (fills: readonly FillReport[]): number =>
  fills.reduce((total, fill) => total + fill.quantity, 0);
