import { z } from 'zod';
import {
  add,
  compare,
  decimal,
  divide,
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
import { keyOf } from './instruments';
import type { IciciMarket } from './market';
import { netOf } from './net';
import type { Net } from './net';
import { isContract, isLive } from './order';
import { failed, ok } from './reply';
import { contractOf } from './rows';
import type { Texts } from './texts';

/** Settled stock of every user, as POST /_sim/holdings takes it. */
export const holdingSchema = z.strictObject({
  exchange: z.enum(['NSE', 'BSE']).default('NSE'),
  stockCode: z.string(),
  quantity: z.number().int().min(0),
  /** Rupees. */
  averagePrice: z.string().regex(/^\d{1,12}(\.\d{1,4})?$/),
});
export type IciciHolding = z.infer<typeof holdingSchema>;

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

/** Funds, holdings and positions, worked out from the book. */
export class IciciAccounts {
  readonly #book: IciciBook;
  readonly #market: IciciMarket;
  readonly #instruments: readonly IciciInstrument[];
  readonly #texts: Texts;
  readonly #money = new Map<string, Money>();
  #holdings: readonly IciciHolding[] = [];

  constructor(
    book: IciciBook,
    market: IciciMarket,
    instruments: readonly IciciInstrument[],
    texts: Texts,
  ) {
    this.#book = book;
    this.#market = market;
    this.#instruments = instruments;
    this.#texts = texts;
  }

  setHoldings(holdings: readonly IciciHolding[]): void {
    this.#holdings = holdings;
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

  /** GET dematholdings. */
  demat(): SimulatedReply {
    const rows = this.#holdings.map(({ exchange, stockCode, quantity }) => ({
      stock_code: stockCode,
      stock_ISIN: this.#cash(exchange, stockCode)?.isin ?? '',
      quantity: String(quantity),
      demat_total_bulk_quantity: String(quantity),
      demat_avail_quantity: '0',
      blocked_quantity: '0',
      demat_allocated_quantity: String(quantity),
    }));
    return rows.length === 0 ? failed(this.#texts.noData) : ok(rows);
  }

  /** GET portfolioholdings: shares of an exchange, or its F&O book. `paise`: the last price of a BFO row is in paise. */
  portfolio(userId: string, fields: Fields, paise: boolean): SimulatedReply {
    const exchange = fields.text('exchange_code').toUpperCase();
    const stock = fields.text('stock_code').toUpperCase();
    const wanted = (code: string): boolean => stock === '' || stock === code;
    const shares = this.#holdings
      .filter((one) => one.exchange === exchange && wanted(one.stockCode))
      .map((one) => this.#shareRow(one));
    const contracts = this.#nets(userId)
      .filter(({ instrument }) => instrument.exchange === exchange && wanted(instrument.stockCode))
      .map((net) => this.#bookRow(net, paise && exchange === 'BFO'));
    const rows = [...shares, ...contracts];
    return rows.length === 0 ? failed(this.#texts.noData) : ok(rows);
  }

  /** GET portfoliopositions: F&O alone, for shares bought today are in the trades. */
  positions(userId: string): SimulatedReply {
    const rows = this.#nets(userId).map((net) => this.#positionRow(net));
    if (rows.length > 0) return ok(rows);
    return {
      status: 200,
      body: { Success: null, Status: 200, Error: this.#texts.noPositions },
    };
  }

  /** Signed quantity of an open position. */
  held(userId: string, instrument: IciciInstrument): number {
    return (
      this.#nets(userId).find((net) => keyOf(net.instrument) === keyOf(instrument))?.quantity ?? 0
    );
  }

  #of(userId: string): Money {
    const money = this.#money.get(userId) ?? fresh();
    this.#money.set(userId, money);
    return money;
  }

  #nets(userId: string): readonly Net[] {
    return netOf(
      this.#book
        .trades()
        .filter(({ order }) => order.userId === userId && order.instrument.expiry !== null),
    );
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

  #cash(exchange: string, stockCode: string): IciciInstrument | undefined {
    return this.#instruments.find(
      (one) => one.exchange === exchange && one.stockCode === stockCode && one.kind === 'equity',
    );
  }

  #shareRow(holding: IciciHolding): object {
    const { exchange, stockCode, quantity, averagePrice } = holding;
    const instrument = this.#cash(exchange, stockCode);
    const last = instrument === undefined ? decimal(averagePrice) : this.#market.price(instrument);
    const change = divide(
      multiply(subtract(last, decimal(averagePrice)), 100),
      maximum(decimal(averagePrice), decimal('0.01')),
      2,
    );
    return {
      ...{ stock_code: stockCode, exchange_code: exchange, quantity: String(quantity) },
      ...{ average_price: toFixed(decimal(averagePrice), 2), booked_profit_loss: '0' },
      ...{ current_market_price: toFixed(last, 2), change_percentage: toFixed(change, 2) },
      ...{
        answer_flag: 'N',
        product_type: null,
        expiry_date: null,
        strike_price: null,
        right: null,
      },
      ...{ category_index_per_stock: null, action: null, realized_profit: null },
      ...{ unrealized_profit: null, open_position_value: null, portfolio_charges: null },
    };
  }

  #bookRow({ instrument, quantity, average, realized }: Net, paise: boolean): object {
    const last = this.#market.price(instrument);
    const shown = paise ? multiply(last, 100) : last;
    const profit = multiply(subtract(last, average), quantity);
    return {
      ...{ stock_code: instrument.stockCode, exchange_code: instrument.exchange },
      ...{
        quantity: String(quantity),
        average_price: toFixed(average, 2),
        booked_profit_loss: null,
      },
      ...{ current_market_price: toFixed(shown, 2), change_percentage: null, answer_flag: null },
      product_type: instrument.kind === 'option' ? 'Options' : 'Futures',
      ...contractOf(instrument),
      strike_price: instrument.strike ?? '0',
      category_index_per_stock: isIndex(instrument) ? 'I' : 'S',
      action: sideOf(quantity),
      realized_profit: toFixed(realized, 2),
      unrealized_profit: toFixed(profit, 2),
      open_position_value: toFixed(multiply(average, quantity), 2),
      portfolio_charges: '0',
    };
  }

  #positionRow({ instrument, quantity, average }: Net): object {
    const last = toFixed(this.#market.price(instrument), 2);
    return {
      segment: 'fno',
      product_type: instrument.kind === 'option' ? 'Options' : 'Futures',
      ...{ exchange_code: instrument.exchange, stock_code: instrument.stockCode },
      ...contractOf(instrument),
      ...{ strike_price: instrument.strike ?? '0', action: sideOf(quantity) },
      ...{ quantity: String(Math.abs(quantity)), average_price: toFixed(average, 2) },
      ...{ settlement_id: null, margin_amount: null, ltp: last, price: last },
      ...{ stock_index_indicator: isIndex(instrument) ? 'Index' : 'Stock', cover_quantity: '0' },
      ...{ stoploss_trigger: '0', stoploss: null, take_profit: null, available_margin: null },
      ...{ squareoff_mode: null, mtf_sell_quantity: null, mtf_net_amount_payable: null },
      ...{ mtf_expiry_date: null, order_id: '', cover_order_flow: null },
      ...{ cover_order_executed_quantity: null, pledge_status: null, pnl: null },
      ...{ underlying: instrument.stockCode, order_segment_code: null },
    };
  }
}

/** Underlyings that are no shares. */
const INDICES = new Set(['NIFTY', 'CNXBAN', 'NIFFIN', 'NIFSEL', 'NIFNEX', 'BSESEN', 'BANKEX']);
const isIndex = ({ stockCode }: IciciInstrument): boolean => INDICES.has(stockCode);

const sideOf = (quantity: number): 'Buy' | 'Sell' | 'NA' =>
  quantity === 0 ? 'NA' : quantity > 0 ? 'Buy' : 'Sell';
