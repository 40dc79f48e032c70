import { add, decimal, subtract } from '../../core/domain/decimal';
import type { NeutralBook } from './book';
import type { NeutralMarket } from './market';

/** Rupees between the last price and bid or ask. */
const HALF_SPREAD = decimal('0.05');
const LEVELS = 3;
const LEVEL_QUANTITY = 100;
const MAX_INSTRUMENTS = 100;

interface Id {
  readonly exchange: string;
  readonly symbol: string;
}

const idsOf = (path: string): readonly Id[] =>
  path.split(',').map((part) => {
    const [exchange = '', symbol = ''] = decodeURIComponent(part).split(':');
    return { exchange, symbol };
  });

/** What the simulated broker says about prices: rows of GET /quotes and /depth. */
export class MarketView {
  readonly #market: NeutralMarket;
  readonly #book: NeutralBook;

  constructor(market: NeutralMarket, book: NeutralBook) {
    this.#market = market;
    this.#book = book;
  }

  /** Null when more were asked for than one call takes. */
  quotes(path: string): readonly object[] | null {
    const ids = idsOf(path);
    return ids.length > MAX_INSTRUMENTS ? null : ids.map((id) => this.#quote(id));
  }

  depth(path: string): object | null {
    const [id, ...more] = idsOf(path);
    if (id === undefined || more.length > 0) return null;
    if (this.#market.hasNoPrice(id.symbol)) return this.#quote(id);
    const last = decimal(this.#market.price(id.symbol));
    const side = (sign: 1 | -1): readonly object[] => {
      const rows: object[] = [];
      let price = last;
      for (let level = 0; level < LEVELS; level += 1) {
        price = sign === 1 ? add(price, HALF_SPREAD) : subtract(price, HALF_SPREAD);
        rows.push({ price, quantity: LEVEL_QUANTITY * (level + 1) });
      }
      return rows;
    };
    return {
      ...this.#quote(id),
      bids: side(-1),
      asks: side(1),
      last_quantity: this.#trades(id).at(-1)?.quantity ?? 0,
      total_bid_quantity: 10 * LEVEL_QUANTITY,
      total_ask_quantity: 10 * LEVEL_QUANTITY,
    };
  }

  #trades({ exchange, symbol }: Id): readonly { readonly quantity: number }[] {
    return this.#book
      .trades()
      .filter((trade) => trade.exchange === exchange && trade.symbol === symbol);
  }

  #quote(id: Id): object {
    const { exchange, symbol } = id;
    if (this.#market.hasNoPrice(symbol)) {
      return { exchange, symbol, no_price: 'no trade in this instrument' };
    }
    const last = decimal(this.#market.price(symbol));
    const { open, high, low } = this.#market.range(symbol);
    return {
      exchange,
      symbol,
      last_price: last,
      bid: subtract(last, HALF_SPREAD),
      ask: add(last, HALF_SPREAD),
      open,
      high,
      low,
      previous_close: null,
      volume: this.#trades(id).reduce((sum, { quantity }) => sum + quantity, 0),
      open_interest: null,
    };
  }
}
