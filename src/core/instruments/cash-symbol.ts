import { TICK_NOT_STATED } from './not-stated';
import type { Decimal } from '../domain/ids';
import type { Exchange, Instrument } from '../domain/instrument';
import { isPlainSymbol } from './symbol';

/**
 * NSE series in which shares and units trade, the one that gets the plain symbol first: normal, trade to
 * trade (BE, BZ), small companies (SM, ST, SZ), investment and property trusts (IV, RR). A share moves
 * between them over its life, so its symbol must not. Other series (bonds, bills, gold bonds, warrants,
 * preference and partly paid shares) are other securities of the same issuer and keep the series.
 */
export const SHARE_SERIES = ['EQ', 'BE', 'BZ', 'SM', 'ST', 'SZ', 'IV', 'RR'] as const;

const RANK: ReadonlyMap<string, number> = new Map(SHARE_SERIES.map((name, index) => [name, index]));

/** One row of an exchange's cash segment. */
export interface CashRow {
  /** The exchange's ticker without the series. */
  readonly ticker: string;
  readonly series: string;
}

/** The ticker in capitals without blanks (`BUDGE BUDGE` -> `BUDGEBUDGE`), or null when that is no symbol. */
export const plainTicker = (ticker: string): string | null => {
  const text = ticker.toUpperCase().replaceAll(' ', '');
  return isPlainSymbol(text) ? text : null;
};

/**
 * The symbols of the rows of one exchange, in their order: the plain ticker for the best share series of
 * each ticker, `TICKER-SERIES` for all others. Two rows of one ticker and one series get one symbol;
 * the caller must not let one of them win.
 */
export const cashSymbols = (rows: readonly CashRow[]): readonly string[] => {
  const best = new Map<string, number>();
  for (const { ticker, series } of rows) {
    const rank = RANK.get(series);
    if (rank !== undefined) best.set(ticker, Math.min(rank, best.get(ticker) ?? rank));
  }
  return rows.map(({ ticker, series }) => {
    const rank = RANK.get(series);
    return rank !== undefined && rank === best.get(ticker) ? ticker : `${ticker}-${series}`;
  });
};

/** Ticker and series of `NAME-SERIES`; `plainSeries` when the name has no two-character suffix. */
export const splitSeries = (name: string, plainSeries: string | null): CashRow | null => {
  const match = /^(.+)-([A-Z0-9]{2})$/.exec(name);
  if (match !== null) return { ticker: match[1] ?? '', series: match[2] ?? '' };
  return plainSeries === null ? null : { ticker: name, series: plainSeries };
};

/** What a share or bond has beside its symbol. */
export interface CashTerms {
  readonly exchange: Exchange;
  readonly symbol: string;
  readonly name: string;
  readonly lotSize: number;
  /** Rupees. */
  readonly tickSize: Decimal;
  readonly freezeQuantity: number | null;
}

const plainInstrument = (terms: CashTerms, kind: 'equity' | 'index'): Instrument => ({
  exchange: terms.exchange,
  symbol: terms.symbol,
  kind,
  name: terms.name === '' ? terms.symbol : terms.name,
  underlying: terms.symbol,
  expiry: null,
  strike: null,
  right: null,
  lotSize: terms.lotSize,
  tickSize: terms.tickSize,
  freezeQuantity: terms.freezeQuantity,
});

/** The instrument of a share, bond or unit. */
export const cashInstrument = (terms: CashTerms): Instrument => plainInstrument(terms, 'equity');

/** The instrument of an index: quote only, so it has no lot, tick or limit of its own. */
export const indexInstrument = (exchange: Exchange, symbol: string, name: string): Instrument =>
  plainInstrument(
    { exchange, symbol, name, lotSize: 1, tickSize: TICK_NOT_STATED, freezeQuantity: null },
    'index',
  );
