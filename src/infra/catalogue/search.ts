import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Exchange, Instrument } from '../../core/domain/instrument';
import {
  allBegin,
  codeWords,
  scopeWord,
  searchTerms,
  sharedWords,
} from '../../core/instruments/search-words';
import type { CatalogueEntry } from '../../core/ports/catalogue';
import { ENTRY_COLUMNS, allRows, inRows, toEntry } from './rows';

/** Above every character that a symbol or a word may hold. */
const END = '\u{10ffff}';
/** A shorter text is looked for among codes only as a whole. */
const CODE_PREFIX = 3;
/** A word that begins more codes than this narrows nothing when there are other words. */
const CODE_CANDIDATES = 200;
/** Beginnings of fewer words than this are looked up as these words. */
const WHOLE_WORDS = 17;

/** Finds rows of one open catalogue file by text, the best first. */
export class CatalogueSearch {
  readonly #exact: StatementSync;
  readonly #spots: StatementSync;
  readonly #contracts: StatementSync;
  readonly #symbols: StatementSync;
  readonly #words: StatementSync;
  readonly #codes: StatementSync;
  readonly #vocabulary: StatementSync;
  readonly #entries: StatementSync;
  readonly #listings: StatementSync;

  constructor(db: DatabaseSync) {
    const here = '(?1 IS NULL OR exchange = ?1)';
    const range = 'symbol >= ?2 AND symbol < ?3';
    this.#exact = db.prepare(
      `SELECT id FROM instruments WHERE ${here} AND symbol = ?2 ORDER BY id`,
    );
    this.#spots = db.prepare(
      `SELECT id FROM instruments INDEXED BY instruments_spot WHERE ${here} AND ${range} AND expiry IS NULL ORDER BY symbol LIMIT ?4`,
    );
    this.#contracts = db.prepare(
      `SELECT id FROM instruments INDEXED BY instruments_underlying WHERE ${here} AND underlying >= ?2 ` +
        'AND underlying < ?3 AND expiry IS NOT NULL ORDER BY underlying, exchange, expiry, kind LIMIT ?4',
    );
    this.#symbols = db.prepare(
      `SELECT id FROM instruments WHERE ${here} AND ${range} ORDER BY symbol LIMIT ?4`,
    );
    this.#words = db.prepare(
      `SELECT rowid AS id FROM words WHERE words MATCH ?1 ORDER BY rowid LIMIT ?2`,
    );
    this.#codes = db.prepare(
      'SELECT id FROM codes WHERE code >= ?1 AND code < ?2 ORDER BY code LIMIT ?3',
    );
    this.#vocabulary = db.prepare(
      'SELECT word FROM vocabulary WHERE word >= ?1 AND word < ?2 LIMIT ?3',
    );
    this.#entries = inRows(
      db.prepare(
        `SELECT ${ENTRY_COLUMNS} FROM json_each(?1) j JOIN instruments i ON i.id = j.value ` +
          'LEFT JOIN listings l ON l.id = i.id AND l.broker = ?2 ORDER BY j.key',
      ),
    );
    this.#listings = db.prepare('SELECT broker_symbol, token FROM listings WHERE id = ?');
  }

  find(
    text: string,
    exchange: Exchange | null,
    limit: number,
    broker: string | null,
  ): readonly CatalogueEntry[] {
    const terms = searchTerms(text);
    if (terms === null || terms.length === 0) return [];
    const ids = new Set<number>();
    const add = (statement: StatementSync, ...values: (string | number | null)[]): boolean => {
      if (ids.size >= limit) return false;
      for (const row of statement.all(...values)) ids.add(Number(row['id']));
      return ids.size < limit;
    };
    const [only] = terms;
    if (terms.length === 1 && only !== undefined) {
      // Symbols keep the punctuation that words lose: M&M begins with M&M.
      const symbol = text.trim().toUpperCase();
      if (
        add(this.#exact, exchange, symbol) &&
        add(this.#spots, exchange, symbol, symbol + END, limit) &&
        add(this.#contracts, exchange, symbol, symbol + END, limit)
      ) {
        add(this.#symbols, exchange, symbol, symbol + END, limit);
      }
    }
    if (ids.size < limit) {
      const scope = exchange === null ? [] : [`"${scopeWord(exchange)}"`];
      const parts = terms.map((term) => this.#beginningWith(term));
      // A word that begins none of the shared ones ends the search of these.
      if (parts.every((part) => part !== '')) {
        add(this.#words, [...parts, ...scope].join(' AND '), limit);
      }
    }
    if (ids.size < limit) this.#addByCode(ids, terms, exchange, limit);
    return this.#load([...ids].slice(0, limit), broker);
  }

  #load(ids: readonly number[], broker: string | null): CatalogueEntry[] {
    return allRows(this.#entries, JSON.stringify(ids), broker).map(toEntry);
  }

  /** Rows of which a code begins with one of the words, and the other words fit too. */
  #addByCode(
    ids: Set<number>,
    terms: readonly string[],
    exchange: Exchange | null,
    limit: number,
  ): void {
    const most = terms.length === 1 ? limit : CODE_CANDIDATES;
    for (const term of terms) {
      const end = term.length < CODE_PREFIX ? `${term}\0` : term + END;
      const found = this.#codes.all(term, end, most).map((row) => Number(row['id']));
      if (found.length === most && terms.length > 1 && this.#beginningWith(term) !== '') continue;
      const candidates = found.filter((id) => !ids.has(id));
      for (const { rowId, instrument } of this.#load(candidates, null)) {
        if (ids.size >= limit) return;
        if (exchange !== null && instrument.exchange !== exchange) continue;
        if (terms.length === 1 || this.#fits(rowId, instrument, terms)) ids.add(rowId);
      }
    }
  }

  /** The part of a query of the word index for words that begin with `term`; empty when there are none. */
  #beginningWith(term: string): string {
    const words = this.#vocabulary.all(term, term + END, WHOLE_WORDS).map((row) => row['word']);
    if (words.length === WHOLE_WORDS) return `"${term}"*`;
    return words.length === 0 ? '' : `(${words.map((word) => `"${String(word)}"`).join(' OR ')})`;
  }

  #fits(rowId: number, instrument: Instrument, terms: readonly string[]): boolean {
    const listings = this.#listings.all(rowId).map((row) => ({
      brokerSymbol: String(row['broker_symbol']),
      token: String(row['token']),
    }));
    return allBegin(terms, [...sharedWords(instrument), ...codeWords(instrument, listings)]);
  }
}
