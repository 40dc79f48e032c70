import { compare } from '../../core/domain/decimal';
import { GatewayError, isGatewayError } from '../../core/domain/errors';
import type { ErrorCode } from '../../core/domain/error-codes';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type {
  BrokerSymbols,
  CallContext,
  DepthLevel,
  MarketDataSource,
  MarketQuote,
  QuoteResult,
} from '../../core/ports/broker';
import { contractFields, dataName, iciciProduct } from './data-name';
import type { DataName } from './data-name';
import type { IciciQuery } from './query';
import { iciciQuotes } from './wire/market';
import type { IciciQuote } from './wire/market';

interface Found {
  readonly wire: IciciQuote;
  readonly last: Decimal;
}
type Lookup = Found | { readonly reason: string };
/** Faults that may be of one instrument: a code that Breeze does not know is answered like a failure behind it. */
const OF_ONE: ReadonlySet<ErrorCode> = new Set(['UNKNOWN_SYMBOL', 'BROKER_REFUSED', 'SCHEMA']);

const bodyOf = ({
  stockCode,
  exchangeCode,
  contract,
}: DataName): Readonly<Record<string, string>> => ({
  stock_code: stockCode,
  exchange_code: exchangeCode,
  product_type: iciciProduct(contract),
  ...(contract === null
    ? { expiry_date: '', right: '', strike_price: '' }
    : contractFields(contract, '06:00:00.000Z')),
});

/**
 * The row that speaks of the instrument. A share is answered with a row of NSE and one of BSE, whichever
 * exchange was asked for.
 */
const rowOf = (rows: readonly IciciQuote[], name: DataName): IciciQuote | null => {
  const { contract, exchangeCode } = name;
  const found = rows.find((row) => {
    if (row.exchange_code !== exchangeCode) return false;
    if (contract === null) return true;
    return (
      row.expiry_date === contract.expiry &&
      row.right === contract.right &&
      (contract.strike === null ||
        (row.strike_price !== null && compare(row.strike_price, contract.strike) === 0))
    );
  });
  return found ?? null;
};

const lookup = (rows: readonly IciciQuote[], name: DataName): Lookup => {
  const wire = rowOf(rows, name);
  if (wire === null) {
    const absent = rows.some((row) => row.exchange_code === 'NA');
    return {
      reason: absent
        ? `ICICI does not list it on ${name.exchangeCode}`
        : 'ICICI left it out of its answer',
    };
  }
  return wire.ltp === null ? { reason: 'it has not traded today' } : { wire, last: wire.ltp };
};

const quoteOf = (instrument: Instrument, { wire, last }: Found): MarketQuote => ({
  instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
  last,
  bid: wire.best_bid_price,
  ask: wire.best_offer_price,
  open: wire.open,
  high: wire.high,
  low: wire.low,
  previousClose: wire.previous_close,
  volume: wire.total_quantity_traded ?? 0,
  // Quotes do not say it; the option chain and the candles do.
  openInterest: null,
});

const level = (price: Decimal | null, quantity: number | null): readonly DepthLevel[] =>
  price === null || quantity === null || quantity === 0 ? [] : [{ price, quantity }];

/**
 * Quotes of GET quotes, which takes one instrument a call; both exchanges of a share are answered by one.
 * Depth is the best level alone: only the broker's stream has five.
 */
export const iciciMarketData = (query: IciciQuery, symbols: BrokerSymbols): MarketDataSource => {
  const rowsOf = (name: DataName, context: CallContext): Promise<readonly IciciQuote[]> =>
    query('GET', 'quotes', bodyOf(name), iciciQuotes, context);

  /** `asked`: the calls of this list so far. */
  const resultOf = async (
    instrument: Instrument,
    asked: Map<string, Promise<readonly IciciQuote[]>>,
    context: CallContext,
  ): Promise<QuoteResult> => {
    const name = dataName(symbols, instrument, context.correlationId);
    const key = name.contract === null ? name.stockCode : instrumentKey(instrument);
    const rows = asked.get(key) ?? rowsOf(name, context);
    asked.set(key, rows);
    const found = lookup(await rows, name);
    return 'reason' in found
      ? { kind: 'none', instrument, reason: found.reason }
      : { kind: 'quote', quote: quoteOf(instrument, found) };
  };

  return {
    quotes: async (instruments, context) => {
      const asked = new Map<string, Promise<readonly IciciQuote[]>>();
      const results: QuoteResult[] = [];
      const faults: GatewayError[] = [];
      for (const instrument of instruments) {
        try {
          results.push(await resultOf(instrument, asked, context));
        } catch (error) {
          if (!isGatewayError(error) || !OF_ONE.has(error.code)) throw error;
          faults.push(error);
          results.push({ kind: 'none', instrument, reason: error.message });
        }
      }
      // One wrong name must not hide the prices of the others; nothing but faults is a fault.
      const [first] = faults;
      if (first !== undefined && faults.length === instruments.length) throw first;
      return results;
    },
    depth: async (instrument, context) => {
      const name = dataName(symbols, instrument, context.correlationId);
      const found = lookup(await rowsOf(name, context), name);
      if ('reason' in found) {
        throw new GatewayError('NO_PRICE', `${instrumentKey(instrument)}: ${found.reason}`, {
          correlationId: context.correlationId,
        });
      }
      const { wire } = found;
      return {
        ...quoteOf(instrument, found),
        bids: level(wire.best_bid_price, wire.best_bid_quantity),
        asks: level(wire.best_offer_price, wire.best_offer_quantity),
        lastQuantity: null,
        totalBidQuantity: null,
        totalAskQuantity: null,
      };
    },
  };
};
