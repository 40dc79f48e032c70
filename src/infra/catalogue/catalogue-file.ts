import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { isoDate } from '../../core/domain/ids';
import type { BrokerId, IsoDate } from '../../core/domain/ids';
import type { Exchange, Instrument, InstrumentId } from '../../core/domain/instrument';
import type { CatalogueEntry, InstrumentChange } from '../../core/ports/catalogue';
import {
  CHANGE_COLUMNS,
  ENTRY_COLUMNS,
  INSTRUMENT_COLUMNS,
  allRows,
  inRows,
  oneRow,
  readMeta,
  toChange,
  toEntry,
  toInstrument,
} from './rows';
import type { CatalogueMeta } from './rows';
import { CatalogueSearch } from './search';

/** Instruments kept ready: those that are ordered again and again. */
const KEPT_INSTRUMENTS = 2_000;
const PIECE = 500;

/** Tells one build from the next without opening it; null when there is none. */
export const fileStamp = (file: string): string | null => {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : [stat.dev, stat.ino, stat.size, stat.mtimeNs].join('-');
};

/** One finished build, open for reading; a build that replaces the file does not change it. */
export class CatalogueFile {
  readonly meta: CatalogueMeta;
  readonly stamp: string;
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #entry: StatementSync;
  readonly #search: CatalogueSearch;
  readonly #kept = new Map<string, Instrument>();
  #readers = 0;
  #retired = false;

  /** @throws Error or GatewayError when the file is missing, damaged, or of another version */
  constructor(file: string) {
    this.stamp = fileStamp(file) ?? '';
    this.#db = new DatabaseSync(file, { readOnly: true });
    try {
      this.#db.exec('PRAGMA cache_size = -8000');
      this.meta = readMeta(this.#db);
      this.#find = inRows(
        this.#db.prepare(
          `SELECT ${INSTRUMENT_COLUMNS} FROM instruments i WHERE i.symbol = ? AND i.exchange = ?`,
        ),
      );
      this.#entry = inRows(
        this.#db.prepare(
          `SELECT ${ENTRY_COLUMNS} FROM instruments i LEFT JOIN listings l ON l.id = i.id AND l.broker = ? ` +
            'WHERE i.symbol = ? AND i.exchange = ?',
        ),
      );
      this.#search = new CatalogueSearch(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  find({ exchange, symbol }: InstrumentId): Instrument | null {
    const key = `${exchange}:${symbol}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const row = oneRow(this.#find, symbol, exchange);
    if (row === undefined) return null;
    const found = toInstrument(row);
    if (this.#kept.size >= KEPT_INSTRUMENTS) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, found);
    return found;
  }

  entry({ exchange, symbol }: InstrumentId, broker: BrokerId | null): CatalogueEntry | null {
    const row = oneRow(this.#entry, broker, symbol, exchange);
    return row === undefined ? null : toEntry(row);
  }

  search(
    text: string,
    exchange: Exchange | null,
    limit: number,
    broker: BrokerId | null,
  ): readonly CatalogueEntry[] {
    return this.#search.find(text, exchange, limit, broker);
  }

  expiries(
    underlying: string,
    exchange: Exchange,
    kind: 'futures' | 'options',
    from: IsoDate,
  ): IsoDate[] {
    return this.#db
      .prepare(
        'SELECT DISTINCT expiry FROM instruments WHERE underlying = ? AND exchange = ? AND expiry >= ? ' +
          'AND kind = ? ORDER BY expiry',
      )
      .all(underlying, exchange, from, kind === 'futures' ? 'future' : 'option')
      .map((row) => isoDate(String(row['expiry'])));
  }

  /** Keeps the file open until the last piece was taken or the iteration was given up. */
  *list(
    exchange: Exchange | null,
    broker: BrokerId | null,
  ): Generator<readonly CatalogueEntry[], void, undefined> {
    const pieces = inRows(
      this.#db.prepare(
        `SELECT ${ENTRY_COLUMNS} FROM instruments i LEFT JOIN listings l ON l.id = i.id AND l.broker = ?1 ` +
          `WHERE i.id > ?2 ${exchange === null ? '' : 'AND i.exchange = ?4'} ORDER BY i.id LIMIT ?3`,
      ),
    );
    this.#readers += 1;
    try {
      let last = 0;
      for (;;) {
        const values = exchange === null ? [] : [exchange];
        const piece = allRows(pieces, broker, last, PIECE, ...values).map(toEntry);
        if (piece.length > 0) yield piece;
        if (piece.length < PIECE) return;
        last = piece.at(-1)?.rowId ?? Infinity;
      }
    } finally {
      this.#readers -= 1;
      this.#closeWhenUnused();
    }
  }

  fromBroker(broker: BrokerId, brokerExchange: string, brokerSymbol: string): Instrument | null {
    const named = inRows(
      this.#db.prepare(
        `SELECT ${INSTRUMENT_COLUMNS} FROM listings l JOIN instruments i ON i.id = l.id ` +
          'WHERE l.broker = ? AND l.broker_symbol = ? AND l.broker_exchange = ? LIMIT 2',
      ),
    );
    const rows = allRows(named, broker, brokerSymbol, brokerExchange);
    const [only] = rows;
    return rows.length === 1 && only !== undefined ? toInstrument(only) : null;
  }

  changes(limit: number): readonly InstrumentChange[] {
    const newest = `SELECT ${CHANGE_COLUMNS} FROM changes ORDER BY n DESC LIMIT ?`;
    return allRows(inRows(this.#db.prepare(newest)), limit).map(toChange);
  }

  /** No new call will come; what is being listed goes on. */
  retire(): void {
    this.#retired = true;
    this.#closeWhenUnused();
  }

  #closeWhenUnused(): void {
    if (this.#retired && this.#readers === 0 && this.#db.isOpen) this.#db.close();
  }
}
