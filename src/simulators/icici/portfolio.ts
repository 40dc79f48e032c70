import { z } from 'zod';
import { decimal, divide, maximum, multiply, subtract, toFixed } from '../../core/domain/decimal';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciBook } from './book';
import type { Fields } from './fields';
import { isIndexCode, keyOf } from './instruments';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import { netOf } from './net';
import type { Net } from './net';
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

/** What each user holds: settled stock, and F&O worked out from the trades. */
export class IciciPortfolio {
  readonly #book: IciciBook;
  readonly #market: IciciMarket;
  readonly #instruments: readonly IciciInstrument[];
  readonly #texts: Texts;
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
  holdings(userId: string, fields: Fields, paise: boolean): SimulatedReply {
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

  #nets(userId: string): readonly Net[] {
    return netOf(
      this.#book
        .trades()
        .filter(({ order }) => order.userId === userId && order.instrument.expiry !== null),
    );
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
      category_index_per_stock: isIndexCode(instrument.stockCode) ? 'I' : 'S',
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
      ...{
        stock_index_indicator: isIndexCode(instrument.stockCode) ? 'Index' : 'Stock',
        cover_quantity: '0',
      },
      ...{ stoploss_trigger: '0', stoploss: null, take_profit: null, available_margin: null },
      ...{ squareoff_mode: null, mtf_sell_quantity: null, mtf_net_amount_payable: null },
      ...{ mtf_expiry_date: null, order_id: '', cover_order_flow: null },
      ...{ cover_order_executed_quantity: null, pledge_status: null, pnl: null },
      ...{ underlying: instrument.stockCode, order_segment_code: null },
    };
  }
}

const sideOf = (quantity: number): 'Buy' | 'Sell' | 'NA' =>
  quantity === 0 ? 'NA' : quantity > 0 ? 'Buy' : 'Sell';
