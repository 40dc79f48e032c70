import { parseDecimal } from '../domain/decimal';
import type { Decimal, IsoDate } from '../domain/ids';
import type { Exchange, Instrument } from '../domain/instrument';
import { symbolDate } from '../domain/time';
import { parseNamedDate } from './calendar-date';

/** What the symbol of a future spells: `NIFTY` + `28NOV24` + `FUT`. */
export interface FutureFacts {
  readonly kind: 'future';
  readonly base: string;
  readonly expiry: IsoDate;
  readonly strike: null;
  readonly right: null;
}

/** What the symbol of an option spells: `NIFTY` + `28NOV24` + `24500` + `CE`. */
export interface OptionFacts {
  readonly kind: 'option';
  readonly base: string;
  readonly expiry: IsoDate;
  /** Rupees. */
  readonly strike: Decimal;
  readonly right: 'CE' | 'PE';
}

export type ContractFacts = FutureFacts | OptionFacts;

/** A share, bond or index: the symbol is its name and spells nothing. */
export interface PlainFacts {
  readonly kind: 'plain';
  readonly base: string;
}

export type SymbolFacts = ContractFacts | PlainFacts;

/** Capitals, digits, `&` and `-`, as in `M&M`, `BAJAJ-AUTO`, `NIFTYNXT50` and `726GS2033`. */
const PLAIN = /^[A-Z0-9][A-Z0-9&-]*$/;
/** Every part but the base has a fixed length or a fixed alphabet, so reading from the right is unique. */
const FUTURE = /^(.+)(\d{2}[A-Z]{3}\d{2})FUT$/;
const OPTION = /^(.+)(\d{2}[A-Z]{3}\d{2})((?:0|[1-9]\d*)(?:\.\d+)?)(CE|PE)$/;

/** Whether `text` can be the symbol of a share or index, or the base of a contract. */
export const isPlainSymbol = (text: string): boolean => PLAIN.test(text);

/**
 * The OpenAlgo symbol. @throws RangeError for what two digits of a year, or a strike, cannot spell:
 * another contract's symbol would come out.
 */
export const contractSymbol = (facts: ContractFacts): string => {
  if (!isPlainSymbol(facts.base)) throw new RangeError(`not a base of a symbol: "${facts.base}"`);
  if (!facts.expiry.startsWith('20')) throw new RangeError(`no symbol spells ${facts.expiry}`);
  const stem = `${facts.base}${symbolDate(facts.expiry)}`;
  if (facts.kind === 'future') return `${stem}FUT`;
  if (!(Number(facts.strike) > 0)) throw new RangeError(`not a strike: ${facts.strike}`);
  return `${stem}${facts.strike}${facts.right}`;
};

/**
 * What the symbol spells as a contract, or null when it spells none: the date must exist, the strike be
 * above 0 and without trailing zeros. At most one reading exists even when the base ends in digits
 * (`NIFTYNXT50` + `28NOV24`): the last letters before strike and right are the month, two digits on its
 * left are the day, two on its right the year.
 */
export const contractFacts = (symbol: string): ContractFacts | null => {
  const future = FUTURE.exec(symbol);
  if (future !== null) {
    const [, base = '', date = ''] = future;
    const expiry = parseNamedDate(date);
    if (expiry === null || !isPlainSymbol(base)) return null;
    return { kind: 'future', base, expiry, strike: null, right: null };
  }
  const option = OPTION.exec(symbol);
  if (option === null) return null;
  const [, base = '', date = '', printed = '', right] = option;
  const expiry = parseNamedDate(date);
  const strike = parseDecimal(printed);
  if (expiry === null || strike === null || !isPlainSymbol(base)) return null;
  if (strike !== printed || strike === '0' || (right !== 'CE' && right !== 'PE')) return null;
  return { kind: 'option', base, expiry, strike, right };
};

/**
 * All that a symbol may mean, the contract first. `RELIANCE` ends in CE and is a share; a share could be
 * called like a contract. Which one it is, the exchange and the catalogue decide, not the spelling.
 */
export const symbolReadings = (symbol: string): readonly SymbolFacts[] => {
  const contract = contractFacts(symbol);
  const plain: readonly SymbolFacts[] = isPlainSymbol(symbol)
    ? [{ kind: 'plain', base: symbol }]
    : [];
  return contract === null ? plain : [contract, ...plain];
};

/** What a contract has beside the facts in its symbol. */
export interface ContractTerms {
  readonly exchange: Exchange;
  readonly name: string;
  /** Exchange units. */
  readonly lotSize: number;
  /** Rupees. */
  readonly tickSize: Decimal;
  readonly freezeQuantity: number | null;
}

/** The instrument of a contract. @throws RangeError as `contractSymbol` does. */
export const contractInstrument = (facts: ContractFacts, terms: ContractTerms): Instrument => ({
  exchange: terms.exchange,
  symbol: contractSymbol(facts),
  kind: facts.kind,
  name: terms.name,
  underlying: facts.base,
  expiry: facts.expiry,
  strike: facts.strike,
  right: facts.right,
  lotSize: terms.lotSize,
  tickSize: terms.tickSize,
  freezeQuantity: terms.freezeQuantity,
});
