import { decimal, divide, multiply, subtract, toNumber } from '../../core/domain/decimal';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciBook } from './book';
import { sameNumber } from './fields';
import type { Fields } from './fields';
import { longDate } from './instruments';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import { failed, ok } from './reply';
import { contractOf, strikeOf, wireTime } from './rows';
import { instrumentOf } from './terms';
import type { Texts } from './texts';
import { bandOf, tickOf } from './ticks';

const BEST_QUANTITY = 650;

/** GET quotes and GET optionchain. */
export class IciciQuotes {
  readonly #market: IciciMarket;
  readonly #book: IciciBook;
  readonly #instruments: readonly IciciInstrument[];
  readonly #texts: Texts;

  constructor(
    market: IciciMarket,
    book: IciciBook,
    instruments: readonly IciciInstrument[],
    texts: Texts,
  ) {
    this.#market = market;
    this.#book = book;
    this.#instruments = instruments;
    this.#texts = texts;
  }

  /** One row for a contract; for cash NSE first and BSE after it, whatever was asked for. */
  quotes(fields: Fields): SimulatedReply {
    const wanted = instrumentOf(fields, this.#instruments);
    if (wanted === null) return failed(this.#texts.wrongStock);
    if (wanted.expiry !== null) return ok([this.#row(wanted)]);
    return ok(
      (['NSE', 'BSE'] as const).map((exchange) => {
        const there = this.#instruments.find(
          (one) =>
            one.exchange === exchange && one.stockCode === wanted.stockCode && one.expiry === null,
        );
        return there === undefined || this.#market.hasNoPrice(there)
          ? absent(wanted.stockCode)
          : this.#row(there);
      }),
    );
  }

  /** Every contract that fits what is given; an option call must give two of expiry, right and strike. */
  chain(fields: Fields): SimulatedReply {
    const exchange = fields.text('exchange_code').toUpperCase();
    if (exchange !== 'NFO' && exchange !== 'BFO') return failed('Invalid exchange_code');
    const kind = { options: 'option', futures: 'future' }[fields.word('product_type')];
    if (kind === undefined) return failed('Invalid product_type');
    const given = ['expiry_date', 'right', 'strike_price'].filter(
      (name) => fields.text(name) !== '',
    );
    if (kind === 'option' && given.length < 2) return failed('Invalid option chain request');
    const rows = this.#instruments.filter(
      (one) =>
        one.exchange === exchange &&
        one.kind === kind &&
        one.stockCode === fields.text('stock_code').toUpperCase() &&
        (fields.text('expiry_date') === '' || one.expiry === fields.day('expiry_date')) &&
        (kind === 'future' || fits(one, fields)),
    );
    if (rows.length === 0) return ok(null);
    return ok(
      rows.map((one) => {
        const [bought, sold] = ['2600', '1950'];
        const none = this.#market.hasNoPrice(one);
        return {
          ...this.#row(one),
          ltq: none ? '0' : String(one.lotSize),
          open_interest: none ? 0 : 1000 * one.lotSize,
          chnge_oi: none ? 0 : -10 * one.lotSize,
          total_buy_qty: none ? '0' : bought,
          total_sell_qty: none ? '0' : sold,
        };
      }),
    );
  }

  /** The price of what a contract is about; of itself for cash. */
  #spot({ stockCode }: IciciInstrument): string {
    const cash = this.#instruments.find(
      (one) => one.stockCode === stockCode && one.expiry === null,
    );
    return cash === undefined ? '' : String(toNumber(this.#market.price(cash)));
  }

  #row(one: IciciInstrument): Record<string, unknown> {
    const last = this.#market.price(one);
    const none = this.#market.hasNoPrice(one);
    const { open, high, low } = this.#market.range(one);
    const band = bandOf(one, last);
    const tick = tickOf(one, last);
    const previous = divide(last, decimal('1.0025'), 2);
    const number = (value: Parameters<typeof toNumber>[0]): number => (none ? 0 : toNumber(value));
    const traded = this.#book
      .trades()
      .filter(({ order }) => order.instrument === one)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    return {
      exchange_code: one.exchange,
      product_type: one.kind === 'future' ? 'Future' : one.kind === 'option' ? 'Options' : '',
      stock_code: one.stockCode,
      expiry_date: one.expiry === null ? null : longDate(one.expiry),
      right: one.kind === 'future' ? '*' : contractOf(one).right,
      strike_price: strikeOf(one),
      ltp: number(last),
      ltt: none ? '' : wireTime(this.#market.now()),
      best_bid_price: number(subtract(last, tick)),
      best_bid_quantity: String(none ? 0 : BEST_QUANTITY),
      best_offer_price: number(subtract(last, multiply(tick, -1))),
      best_offer_quantity: String(none ? 0 : BEST_QUANTITY),
      open: number(open),
      high: number(high),
      low: number(low),
      previous_close: number(previous),
      ltp_percent_change: none ? 0 : 0.25,
      upper_circuit: toNumber(band.upper),
      lower_circuit: toNumber(band.lower),
      total_quantity_traded: String(none ? 0 : 100_000 + traded),
      spot_price: this.#spot(one),
    };
  }
}

/** The row of an exchange that does not have the stock. */
const absent = (stockCode: string): Record<string, unknown> => ({
  ...{ exchange_code: 'NA', product_type: '', stock_code: stockCode, expiry_date: null },
  ...{ right: null, strike_price: 0, ltp: 0, ltt: 'NA', best_bid_price: 0 },
  ...{ best_bid_quantity: '0', best_offer_price: 0, best_offer_quantity: '0', open: 0, high: 0 },
  ...{ low: 0, previous_close: 0, ltp_percent_change: 0, upper_circuit: 0, lower_circuit: 0 },
  ...{ total_quantity_traded: '0', spot_price: '0' },
});

const fits = (one: IciciInstrument, fields: Fields): boolean => {
  const right = fields.word('right');
  const strike = fields.text('strike_price');
  return (
    (right === '' || one.right === (right === 'call' ? 'CE' : 'PE')) &&
    (strike === '' || sameNumber(strike, one.strike ?? ''))
  );
};
