import { decimal, divide, multiply, add, ZERO } from '../../core/domain/decimal';
import { faultOf } from '../core/faults';
import type { Fault } from '../core/faults';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciBook } from './book';
import type { Fields } from './fields';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import { isContract, isLive } from './order';
import type { IciciOrder, IciciTerms, IciciTrade } from './order';
import { failed, ok } from './reply';
import type { RowOptions } from './rows';
import { dayAt, fillRow, orderRow, tradeRow } from './rows';
import { judgeModify, judgePlace } from './terms';
import type { TermContext } from './terms';
import type { Texts } from './texts';

export interface OrderOptions extends RowOptions {
  /** One row of the trade list for each order, or for each fill. */
  readonly tradeList: 'order' | 'fill';
  /** Whether the answer to a placement of cash has the id alone, or in a whole sentence as in 2022. */
  readonly equityReply: 'id' | 'sentence';
}

export interface OrderCall {
  readonly userId: string;
  readonly fields: Fields;
  readonly faults: readonly Fault[];
  /** Whether the book keeps the remark of what is placed now. */
  readonly keepRemark: boolean;
}

/** The order and trade endpoints over the book. */
export class OrderDesk {
  readonly #book: IciciBook;
  readonly #market: IciciMarket;
  readonly #texts: Texts;
  readonly #options: OrderOptions;
  readonly #context: (userId: string) => TermContext;

  constructor(
    book: IciciBook,
    market: IciciMarket,
    texts: Texts,
    options: OrderOptions,
    context: (userId: string) => TermContext,
  ) {
    this.#book = book;
    this.#market = market;
    this.#texts = texts;
    this.#options = options;
    this.#context = context;
  }

  /** POST order. */
  place(call: OrderCall): SimulatedReply {
    const judged = judgePlace(call.fields, this.#context(call.userId));
    if ('error' in judged) return failed(judged.error);
    const { terms, rejectLater } = judged;
    // The lie has to look true: an id that the book will never show.
    const id = skipped(call.faults)
      ? this.falseId(terms)
      : this.enter(call, terms, rejectLater, '1400').orderId;
    if (isContract(terms)) {
      return ok({ order_id: id, message: 'Successfully Placed the order', user_remark: '' });
    }
    const sentence = `Equity CASH Order placed successfully through RI reference no ${id}`;
    return this.#options.equityReply === 'id'
      ? ok({ order_id: id, message: sentence, user_remark: null })
      : ok({ order_id: sentence, message: null, user_remark: null });
  }

  /** Enters terms that were judged. */
  enter(
    call: OrderCall,
    terms: IciciTerms,
    rejectLater: string | null,
    channel: '1400' | '2500',
  ): IciciOrder {
    return this.#book.place(terms, {
      userId: call.userId,
      remark: call.fields.text('user_remark'),
      keepRemark: call.keepRemark && faultOf(call.faults, 'empty-tag') === null,
      rejectLater: faultOf(call.faults, 'reject-later')?.message ?? rejectLater,
      foreign: false,
      channel,
    });
  }

  /** PUT order. */
  modify(call: OrderCall): SimulatedReply {
    const order = this.#own(call);
    if (order === null) return failed(this.#texts.noOrder);
    if (!isLive(order)) return failed(this.#texts.finished);
    const judged = judgeModify(order, call.fields, this.#context(call.userId));
    if ('error' in judged) return failed(judged.error);
    if (!skipped(call.faults)) this.#book.modify(order.orderId, judged.terms);
    return ok({ message: 'Successfully Modified the order', order_id: order.orderId });
  }

  /** DELETE order. */
  cancel(call: OrderCall): SimulatedReply {
    const order = this.#own(call);
    if (order === null) return failed(this.#texts.noOrder);
    if (!isLive(order)) return failed(this.#texts.finished);
    if (!skipped(call.faults)) this.#book.cancel(order.orderId);
    return ok({ order_id: order.orderId, message: 'Your Order Canceled Successfully' });
  }

  /** GET order: one order, or those of an exchange on the days of the range. */
  orders(call: OrderCall): SimulatedReply {
    const { fields, faults, userId } = call;
    const stale = faultOf(faults, 'stale-read') !== null;
    const id = fields.text('order_id');
    const rows = (stale ? this.#book.ordersBefore() : this.#book.orders())
      .filter((order) => order.userId === userId && onExchange(order.instrument, fields))
      .filter((order) => (id === '' ? this.#within(order.placedAt, fields) : order.orderId === id))
      .map((order) => orderRow(order, this.#options));
    if (rows.length === 0 || faultOf(faults, 'empty-read') !== null)
      return failed(this.#texts.noData);
    if (faultOf(faults, 'unknown-word') === null) return ok(rows);
    return ok(rows.map((row) => ({ ...row, status: 'Parked' })));
  }

  /** GET trades: the fills of one order, or what traded on an exchange on the days of the range. */
  trades(call: OrderCall): SimulatedReply {
    const { fields, faults, userId } = call;
    const id = fields.text('order_id');
    const own = this.#book
      .trades()
      .filter(({ order }) => order.userId === userId && onExchange(order.instrument, fields));
    const rows =
      id === ''
        ? this.#tradeRows(own.filter((trade) => this.#wanted(trade, fields)))
        : own.filter(({ order }) => order.orderId === id).map(fillRow);
    if (rows.length === 0 || faultOf(faults, 'empty-read') !== null)
      return failed(this.#texts.noData);
    return ok(rows);
  }

  #tradeRows(trades: readonly IciciTrade[]): readonly object[] {
    const last = ({ order }: IciciTrade): ReturnType<IciciMarket['price']> =>
      this.#market.price(order.instrument);
    if (this.#options.tradeList === 'fill') {
      return trades.map((trade) =>
        tradeRow(trade.order, trade.quantity, trade.price, trade.at, last(trade)),
      );
    }
    return [...Map.groupBy(trades, ({ order }) => order.orderId).values()].flatMap((fills) => {
      const [first] = fills;
      if (first === undefined) return [];
      const quantity = fills.reduce((sum, fill) => sum + fill.quantity, 0);
      const paid = fills.reduce((sum, fill) => add(sum, multiply(fill.price, fill.quantity)), ZERO);
      return [tradeRow(first.order, quantity, divide(paid, quantity, 2), first.at, last(first))];
    });
  }

  #wanted({ order, at }: IciciTrade, fields: Fields): boolean {
    const row = tradeRow(order, 1, decimal(1), at, decimal(1));
    const fits = (name: string): boolean =>
      fields.text(name) === '' || fields.word(name) === String(row[name]).toLowerCase();
    return this.#within(at, fields) && ['product_type', 'action', 'stock_code'].every(fits);
  }

  /** Whether an instant lies on the days of the range; without a range, on today. */
  #within(at: number, fields: Fields): boolean {
    const today = dayAt(this.#market.now());
    const from = fields.day('from_date') ?? today;
    const to = fields.day('to_date') ?? today;
    const day = dayAt(at);
    return day >= from && day <= to;
  }

  #own({ userId, fields }: OrderCall): IciciOrder | null {
    const order = this.#book.order(fields.text('order_id'));
    const fits = order?.userId === userId && onExchange(order.instrument, fields);
    return fits ? order : null;
  }

  /** An id that looks right and belongs to nothing. */
  falseId(terms: IciciTerms): string {
    const day = dayAt(this.#market.now()).replaceAll('-', '');
    return isContract(terms) ? `${day}1400999999` : `${day}N399999999`;
  }
}

const onExchange = ({ exchange }: IciciInstrument, fields: Fields): boolean =>
  exchange === fields.text('exchange_code').toUpperCase();

/** Whether the call is answered as if it had been done. */
export const skipped = (faults: readonly Fault[]): boolean =>
  faultOf(faults, 'ok-but-not-done') !== null;
