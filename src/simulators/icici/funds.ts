import {
  add,
  compare,
  decimal,
  maximum,
  multiply,
  subtract,
  toFixed,
  toNumber,
  ZERO,
} from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciBook } from './book';
import type { Fields } from './fields';
import type { IciciInstrument } from './instruments';
import { netOf } from './net';
import { isContract, isLive } from './order';
import { failed, ok } from './reply';
import type { Texts } from './texts';

const SEGMENTS = ['equity', 'fno', 'commodity', 'currency'] as const;
type Segment = (typeof SEGMENTS)[number];

interface Money {
  bank: Decimal;
  readonly allocated: Record<Segment, Decimal>;
}
const fresh = (): Money => ({
  bank: decimal(5_000_000),
  allocated: {
    equity: decimal(1_000_000),
    fno: decimal(1_000_000),
    commodity: ZERO,
    currency: ZERO,
  },
});
/** Share of a future's value that it blocks. */
const FUTURE_MARGIN = decimal('0.15');

/** Money of each user: in the bank, allocated to a segment, and held back by orders and trades. */
export class IciciFunds {
  readonly #book: IciciBook;
  readonly #texts: Texts;
  readonly #money = new Map<string, Money>();

  constructor(book: IciciBook, texts: Texts) {
    this.#book = book;
    this.#texts = texts;
  }

  /** Rupees of the segment of `instrument` that no order or trade blocks. */
  free(userId: string, instrument: IciciInstrument): Decimal {
    const segment = instrument.expiry === null ? 'equity' : 'fno';
    return subtract(this.#of(userId).allocated[segment], this.#blocked(userId, segment));
  }

  /** GET funds. */
  funds(userId: string): SimulatedReply {
    const { bank, allocated } = this.#of(userId);
    const blocked = SEGMENTS.map((segment) => this.#blocked(userId, segment));
    const given = SEGMENTS.map((segment) => allocated[segment]).reduce(add, ZERO);
    const named = (prefix: string, amounts: readonly Decimal[]): object =>
      Object.fromEntries(
        SEGMENTS.map((segment, index) => [
          `${prefix}_${segment}`,
          toNumber(amounts[index] ?? ZERO),
        ]),
      );
    return ok({
      bank_account: '000000000000',
      total_bank_balance: toNumber(bank),
      ...named(
        'allocated',
        SEGMENTS.map((segment) => allocated[segment]),
      ),
      ...named('block_by_trade', blocked),
      block_by_trade_balance: toNumber(blocked.reduce(add, ZERO)),
      unallocated_balance: toFixed(subtract(bank, given), 2),
    });
  }

  /** POST funds: moves money between the bank account and a segment. */
  move(userId: string, fields: Fields): SimulatedReply {
    const amount = fields.count('amount');
    const segment = SEGMENTS.find((one) => one === fields.word('segment'));
    const kind = fields.word('transaction_type');
    if (amount === null) return failed('Invalid amount');
    if (segment === undefined) return failed('Invalid segment');
    if (kind !== 'credit' && kind !== 'debit') return failed('Invalid transaction_type');
    const money = this.#of(userId);
    const given = SEGMENTS.map((one) => money.allocated[one]).reduce(add, ZERO);
    const blocked = this.#blocked(userId, segment);
    const left =
      kind === 'credit' ? subtract(money.bank, given) : subtract(money.allocated[segment], blocked);
    if (compare(decimal(amount), left) > 0) return failed(this.#texts.wallet);
    const signed = decimal(kind === 'credit' ? amount : -amount);
    money.allocated[segment] = add(money.allocated[segment], signed);
    return ok({ status: 'Success' });
  }

  /** GET margin: what an exchange's segment has. */
  margin(userId: string, fields: Fields): SimulatedReply {
    const exchange = fields.text('exchange_code').toUpperCase();
    if (!['NSE', 'BSE', 'NFO', 'BFO'].includes(exchange)) return failed('Invalid exchange_code');
    const segment = exchange === 'NFO' || exchange === 'BFO' ? 'fno' : 'equity';
    const allocated = this.#of(userId).allocated[segment];
    const blocked = this.#blocked(userId, segment);
    return ok({
      limit_list: [],
      cash_limit: toNumber(subtract(allocated, blocked)),
      amount_allocated: toNumber(allocated),
      block_by_trade: toNumber(blocked),
      isec_margin: 0,
    });
  }

  #of(userId: string): Money {
    const money = this.#money.get(userId) ?? fresh();
    this.#money.set(userId, money);
    return money;
  }

  /** What live buy orders and net purchases hold back; a future its margin. */
  #blocked(userId: string, segment: Segment): Decimal {
    if (segment === 'commodity' || segment === 'currency') return ZERO;
    const wanted = (one: { readonly instrument: IciciInstrument }): boolean =>
      isContract(one) === (segment === 'fno');
    const weight = ({ kind }: IciciInstrument): Decimal =>
      kind === 'future' ? FUTURE_MARGIN : decimal(1);
    const open = this.#book
      .orders()
      .filter((order) => order.userId === userId && wanted(order) && isLive(order))
      .filter((order) => order.action === 'buy' || order.product === 'futures')
      .map((order) =>
        multiply(multiply(order.price, order.quantity - order.filled), weight(order.instrument)),
      );
    const traded = netOf(
      this.#book.trades().filter(({ order }) => order.userId === userId && wanted(order)),
    ).map(({ instrument, quantity, average }) =>
      multiply(multiply(average, Math.abs(quantity)), weight(instrument)),
    );
    return maximum(ZERO, [...open, ...traded].reduce(add, ZERO));
  }
}
