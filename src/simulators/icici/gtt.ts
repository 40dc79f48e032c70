import { compare, toNumber } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciBook } from './book';
import { Fields } from './fields';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import { isContract } from './order';
import type { IciciTerms } from './order';
import { failed, ok } from './reply';
import { ACTIONS, contractOf, dayAt, strikeOf, wireTime } from './rows';
import { instrumentOf, judgePlace } from './terms';
import type { TermContext } from './terms';
import type { Texts } from './texts';

interface Leg {
  readonly kind: 'Target' | 'Stoploss' | null;
  readonly action: 'buy' | 'sell';
  readonly trigger: Decimal;
  readonly limit: Decimal;
  /** Whether it fires when the price rises to the trigger, or when it falls to it. */
  readonly rising: boolean;
  /** Only `Cancelled` was seen; the other words are assumed. */
  readonly status: 'Active' | 'Executed' | 'Cancelled';
}
interface Gtt {
  readonly id: string;
  readonly userId: string;
  readonly instrument: IciciInstrument;
  readonly product: 'futures' | 'options';
  readonly quantity: number;
  readonly type: 'Single' | 'Cover OCO';
  readonly word: 'Index' | 'Stock';
  readonly freshOrderId: string | null;
  readonly legs: readonly Leg[];
  readonly at: number;
}

/** Orders that wait at the broker for a price: one leg, or an entry with a target and a stop. F&O alone. */
export class GttDesk {
  readonly #book: IciciBook;
  readonly #market: IciciMarket;
  readonly #texts: Texts;
  readonly #context: (userId: string) => TermContext;
  readonly #orders = new Map<string, Gtt>();
  #sequence = 0;

  constructor(
    book: IciciBook,
    market: IciciMarket,
    texts: Texts,
    context: (userId: string) => TermContext,
  ) {
    this.#book = book;
    this.#market = market;
    this.#texts = texts;
    this.#context = context;
  }

  /** POST gttorder. */
  place(userId: string, fields: Fields): SimulatedReply {
    const context = this.#context(userId);
    const instrument = instrumentOf(fields, context.instruments);
    if (instrument === null || !isContract({ instrument })) return failed(this.#texts.wrongStock);
    const type = TYPES[fields.word('gtt_type')];
    if (type === undefined) return failed('Invalid gtt_type');
    const product = instrument.kind === 'option' ? 'options' : 'futures';
    if (fields.word('product') !== product) return failed('Invalid product');
    const quantity = fields.count('quantity');
    if (quantity === null || quantity % instrument.lotSize !== 0) return failed(this.#texts.lot);
    const legs = this.#legs(instrument, type, fields.list('order_details'));
    if (legs === null) return failed('Invalid order_details');
    let freshOrderId: string | null = null;
    if (type === 'Cover OCO') {
      const entry = judgePlace(entryFields(fields), context);
      if ('error' in entry) return failed(entry.error);
      freshOrderId = this.#enter(userId, entry.terms);
    }
    this.#sequence += 1;
    const at = this.#market.now();
    const id = `${dayAt(at).replaceAll('-', '')}${String(this.#sequence).padStart(8, '0')}`;
    const word = fields.word('index_or_stock') === 'stock' ? 'Stock' : 'Index';
    this.#orders.set(id, {
      ...{ id, userId, instrument, product, quantity, type, word, freshOrderId, legs, at },
    });
    return ok({ gtt_order_id: id, message: 'Your GTT Order Request Placed Successfully' });
  }

  /** PUT gttorder. */
  modify(userId: string, fields: Fields): SimulatedReply {
    const order = this.#own(userId, fields);
    if (order === null) return failed(this.#texts.noGtt);
    if (!order.legs.some((leg) => leg.status === 'Active')) return failed(this.#texts.finished);
    const words = order.type === 'Single' ? ['single'] : ['oco', 'cover_oco'];
    if (!words.includes(fields.word('gtt_type'))) return failed('Invalid gtt_type');
    const legs = this.#legs(order.instrument, order.type, fields.list('order_details'));
    if (legs === null) return failed('Invalid order_details');
    this.#orders.set(order.id, { ...order, legs });
    return ok({ gtt_order_id: order.id, message: 'Order Modified Successfully' });
  }

  /** DELETE gttorder. */
  cancel(userId: string, fields: Fields): SimulatedReply {
    const order = this.#own(userId, fields);
    if (order === null) return failed(this.#texts.noGtt);
    if (!order.legs.some((leg) => leg.status === 'Active')) return failed(this.#texts.finished);
    this.#orders.set(order.id, { ...order, legs: order.legs.map(cancelled) });
    return ok({
      gtt_order_id: order.id,
      message: 'Your request for order cancellation successfully submitted !',
    });
  }

  /** GET gttorder. */
  book(userId: string, fields: Fields): SimulatedReply {
    const today = dayAt(this.#market.now());
    const from = fields.day('from_date') ?? today;
    const to = fields.day('to_date') ?? today;
    const rows = [...this.#orders.values()]
      .filter((one) => one.userId === userId && dayAt(one.at) >= from && dayAt(one.at) <= to)
      .filter((one) => one.instrument.exchange === fields.text('exchange_code').toUpperCase())
      .map(row);
    return rows.length === 0 ? failed(this.#texts.noData) : ok(rows);
  }

  /** Fires what the present prices reach; the legs of an entry wait for the entry. */
  matchAll(): void {
    for (const order of this.#orders.values()) {
      const entry = order.freshOrderId === null ? null : this.#book.order(order.freshOrderId);
      if (entry !== null && entry.status !== 'Executed') continue;
      const fired = order.legs.find((leg) => leg.status === 'Active' && this.#reached(order, leg));
      if (fired === undefined) continue;
      this.#enter(order.userId, {
        ...{ instrument: order.instrument, product: order.product, action: fired.action },
        ...{ orderType: 'limit', validity: 'day', quantity: order.quantity, disclosed: 0 },
        ...{ price: fired.limit, trigger: null },
      });
      const legs = order.legs.map((leg) =>
        leg === fired ? { ...leg, status: 'Executed' as const } : cancelled(leg),
      );
      this.#orders.set(order.id, { ...order, legs });
    }
  }

  #reached({ instrument }: Gtt, leg: Leg): boolean {
    const sign = compare(this.#market.price(instrument), leg.trigger);
    return leg.rising ? sign >= 0 : sign <= 0;
  }

  /** An order that the broker itself enters. */
  #enter(userId: string, terms: IciciTerms): string {
    const placed = this.#book.place(terms, {
      ...{ userId, remark: '', keepRemark: false, rejectLater: null },
      ...{ foreign: true, channel: '2500' },
    });
    return placed.orderId;
  }

  #own(userId: string, fields: Fields): Gtt | null {
    const order = this.#orders.get(fields.text('gtt_order_id'));
    if (order?.userId !== userId) return null;
    return order.instrument.exchange === fields.text('exchange_code').toUpperCase() ? order : null;
  }

  /** Null unless the details are those of the type: one, or a target and a stop. */
  #legs(
    instrument: IciciInstrument,
    type: Gtt['type'],
    details: readonly Fields[],
  ): readonly Leg[] | null {
    const last = this.#market.price(instrument);
    const legs = details.flatMap((one): readonly Leg[] => {
      const kind = KINDS[one.word('gtt_leg_type')] ?? null;
      const action = one.word('action');
      const trigger = one.amount('trigger_price');
      const limit = one.amount('limit_price');
      if ((action !== 'buy' && action !== 'sell') || trigger === null || limit === null) return [];
      const selling = action === 'sell';
      const rising =
        kind === 'Target' ? selling : kind === 'Stoploss' ? !selling : compare(trigger, last) >= 0;
      return [{ kind, action, trigger, limit, rising, status: 'Active' }];
    });
    const kinds = legs.map((leg) => leg.kind).sort();
    const fits =
      type === 'Single'
        ? legs.length === 1
        : kinds.length === 2 && kinds[0] === 'Stoploss' && kinds[1] === 'Target';
    return fits && legs.length === details.length ? legs : null;
  }
}

const TYPES: Readonly<Record<string, Gtt['type']>> = { single: 'Single', cover_oco: 'Cover OCO' };
const KINDS: Readonly<Record<string, 'Target' | 'Stoploss'>> = {
  target: 'Target',
  stoploss: 'Stoploss',
};
const cancelled = (leg: Leg): Leg =>
  leg.status === 'Active' ? { ...leg, status: 'Cancelled' } : leg;

const entryFields = (fields: Fields): Fields =>
  new Fields({
    ...fields.raw,
    action: fields.text('fresh_order_action'),
    price: fields.text('fresh_order_price'),
    order_type: fields.text('fresh_order_type'),
    validity: 'day',
  });

/** Numbers are JSON numbers here, and the month is in capitals. */
const row = (order: Gtt): object => ({
  order_details: order.legs.map((leg) => ({
    gtt_leg_type: leg.kind,
    action: ACTIONS[leg.action],
    trigger_price: toNumber(leg.trigger),
    limit_price: toNumber(leg.limit),
    status: leg.status,
    gtt_order_id: order.id,
  })),
  exchange_code: order.instrument.exchange,
  product_type: order.product === 'options' ? 'Options' : 'Futures',
  stock_code: order.instrument.stockCode,
  ...contractOf(order.instrument),
  strike_price: strikeOf(order.instrument),
  quantity: order.quantity,
  index_or_stock: order.word,
  gtt_type: order.type,
  fresh_order_id: order.freshOrderId,
  order_datetime: wireTime(order.at).toUpperCase(),
});
