import { decimal } from '../domain/decimal';
import type { Decimal } from '../domain/ids';
import type { Exchange, Instrument, InstrumentId } from '../domain/instrument';
import type { Underlying } from '../instruments/practice-contracts';
import { contractFacts, contractInstrument, isPlainSymbol } from '../instruments/symbol';
import type { Candle } from './candles';

/** What is known about the instrument of a candle file. */
export interface ReplaySubject {
  /** Null: an index or a share of NSE, by the seed. */
  readonly exchange: Exchange | null;
  readonly symbol: string;
  readonly lotSize: number | null;
  readonly candles: readonly Candle[];
}

/** Names that candle files give to indices. */
const INDEX_NAMES: Readonly<Record<string, string>> = { NIFTY50: 'NIFTY', NIFTYBANK: 'BANKNIFTY' };

/** The coarsest usual tick that divides every price of the bars. @throws Error when none does. */
const tickOf = (candles: readonly Candle[], symbol: string): Decimal => {
  const steps = [10_000, 5_000, 1_000, 500, 100, 25];
  const fits = steps.filter((step) =>
    candles.every((bar) =>
      [bar.open, bar.high, bar.low, bar.close].every(
        (price) => Math.round(Number(price) * 10_000) % step === 0,
      ),
    ),
  );
  const [coarsest] = fits;
  if (coarsest === undefined) throw new Error(`replay: the prices of ${symbol} fit no known tick`);
  return decimal(coarsest / 10_000);
};

/**
 * The instrument of a replayed series: the catalogue's when it has it, otherwise made from the symbol,
 * the seed's lot of the underlying and the tick that the recorded prices show.
 * @throws Error when exchange or lot cannot be known; it says how to give them.
 */
export const replayInstrument = (
  subject: ReplaySubject,
  underlyings: readonly Underlying[],
  find: (id: InstrumentId) => Instrument | null,
): Instrument => {
  const symbol = INDEX_NAMES[subject.symbol] ?? subject.symbol;
  const contract = contractFacts(symbol);
  // A misspelt contract (a strike of 292.50, a 31 June) must not pass for a share.
  if (contract === null && (!isPlainSymbol(symbol) || /\d(?:CE|PE|FUT)$/.test(symbol))) {
    throw new Error(`replay: "${symbol}" is no symbol; say which one it is: EXCHANGE:SYMBOL=path`);
  }
  const base = contract?.base ?? symbol;
  const facts = underlyings.find((underlying) => underlying.symbol === base);
  if (contract === null) {
    const exchange = subject.exchange ?? facts?.spotExchange ?? 'NSE';
    const known = find({ exchange, symbol });
    // A recorded price may be off today's tick: then the recorded one holds during the replay.
    const tickSize = tickOf(subject.candles, symbol);
    const isIndex = exchange.endsWith('_INDEX');
    return {
      exchange,
      symbol,
      kind: isIndex ? 'index' : 'equity',
      name: known?.name ?? symbol,
      underlying: symbol,
      expiry: null,
      strike: null,
      right: null,
      lotSize: subject.lotSize ?? 1,
      tickSize,
      freezeQuantity: known?.freezeQuantity ?? null,
    };
  }
  const exchange = subject.exchange ?? facts?.derivativeExchange;
  const lotSize = subject.lotSize ?? facts?.lotSize;
  if (exchange === undefined || lotSize === undefined) {
    throw new Error(
      `replay: exchange or lot of ${symbol} is not known; write EXCHANGE:${symbol}@LOT=path`,
    );
  }
  return contractInstrument(contract, {
    exchange,
    name: facts?.name ?? base,
    lotSize,
    tickSize: tickOf(subject.candles, symbol),
    freezeQuantity: facts?.freezeQuantity ?? null,
  });
};
