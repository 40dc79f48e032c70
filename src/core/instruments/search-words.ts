import type { Exchange, Instrument } from '../domain/instrument';
import { symbolDate } from '../domain/time';
import type { Listing } from '../ports/catalogue';

const NOT_WORD = /[^\p{L}\p{N}.]+/gu;
const LOOSE_DOT = /(?<!\p{N})\.|\.(?!\p{N})/gu;

/** One word without case, accents and punctuation; a point stays between digits, as in `292.5`. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()
    .replace(NOT_WORD, '')
    .replace(LOOSE_DOT, '');

/**
 * The words of a search text as they are looked for; null when a word has no letter or digit, because
 * then it can match nothing. Case and punctuation do not count: `bajaj-auto` is `BAJAJAUTO`.
 */
export const searchTerms = (text: string): readonly string[] | null => {
  const terms = text.split(/\s+/u).filter((word) => word !== '');
  const found = terms.map(plain);
  return found.includes('') ? null : [...new Set(found)];
};

/** The contracts of one underlying share name and underlying, and come one after the other. */
const KEPT_SPLITS = 64;
const splits = new Map<string, readonly string[]>();

/** A text's words, whole and at its punctuation: `BAJAJ-AUTO` is found by BAJAJAUTO, BAJAJ and AUTO. */
const split = (text: string): readonly string[] => {
  const known = splits.get(text);
  if (known !== undefined) return known;
  const words = text
    .split(/\s+/u)
    .flatMap((word) => [word, ...word.split(NOT_WORD)])
    .map(plain)
    .filter((word) => word !== '');
  if (splits.size >= KEPT_SPLITS) splits.clear();
  splits.set(text, words);
  return words;
};

/** A word that holds for all instruments of one exchange and that no text or name can contain. */
export const scopeWord = (exchange: Exchange): string => `.${exchange.replace('_', '')}`;

/** Words that many instruments share: name, underlying, expiry, strike, right, exchange. */
export const sharedWords = (instrument: Instrument): ReadonlySet<string> => {
  const { underlying, name, expiry, strike, right, exchange, kind } = instrument;
  const words = [...split(underlying), ...split(name), exchange, ...split(exchange)];
  if (expiry === null) return new Set([...words, ...split(instrument.symbol)]);
  const day = symbolDate(expiry);
  words.push(day, day.slice(2), `${split(underlying)[0] ?? ''}${day}`);
  if (kind === 'future') words.push('FUT');
  if (strike !== null && right !== null) words.push(strike, right, `${strike}${right}`);
  return new Set(words);
};

/** Words that name one instrument: its symbol, and every broker's symbol and token. */
export const codeWords = (
  instrument: Instrument,
  listings: readonly Pick<Listing, 'brokerSymbol' | 'token'>[],
): ReadonlySet<string> =>
  new Set(
    [instrument.symbol, ...listings.flatMap(({ brokerSymbol, token }) => [brokerSymbol, token])]
      .map(plain)
      .filter((word) => word !== ''),
  );

/** Whether every term begins one of the words. */
export const allBegin = (terms: readonly string[], words: Iterable<string>): boolean => {
  const known = [...words];
  return terms.every((term) => known.some((word) => word.startsWith(term)));
};
