import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { decimal } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import { brokerId, epochMs, isoDate } from '../../core/domain/ids';
import type { Decimal } from '../../core/domain/ids';
import { EXCHANGES } from '../../core/domain/instrument';
import type { Exchange, Instrument, InstrumentKind } from '../../core/domain/instrument';
import { CHANGE_KINDS } from '../../core/ports/catalogue';
import type {
  CatalogueDiff,
  CatalogueEntry,
  CatalogueFacts,
  ChangeKind,
  InstrumentChange,
} from '../../core/ports/catalogue';
import { CATALOGUE_VERSION } from './schema';

/** A row as a list: SQLite makes one faster than an object with names, and a search shows hundreds. */
type Row = readonly unknown[];

const unreadable = (what: string): GatewayError =>
  new GatewayError('STORE_UNAVAILABLE', `the catalogue cannot be read: ${what}`);

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  throw unreadable('a text is none');
};
const textOrNull = (value: unknown): string | null => (value === null ? null : text(value));
const number = (value: unknown): number => {
  if (typeof value === 'number') return value;
  throw unreadable('a number is none');
};

/** `statement` with rows for the readers below. */
export const inRows = (statement: StatementSync): StatementSync => {
  statement.setReturnArrays(true);
  return statement;
};

/** The rows of a statement made by `inRows`. */
export const allRows = (statement: StatementSync, ...values: SQLInputValue[]): readonly Row[] =>
  // Typed as objects by node, whichever way the statement returns them.
  statement.all(...values) as unknown as readonly Row[];

/** The first row of a statement made by `inRows`. */
export const oneRow = (statement: StatementSync, ...values: SQLInputValue[]): Row | undefined =>
  statement.get(...values) as unknown as Row | undefined; // likewise

const EXCHANGE_OF: ReadonlyMap<string, Exchange> = new Map(EXCHANGES.map((one) => [one, one]));
const KINDS: readonly InstrumentKind[] = ['equity', 'index', 'future', 'option'];
const KIND_OF: ReadonlyMap<string, InstrumentKind> = new Map(KINDS.map((one) => [one, one]));
const CHANGE_OF: ReadonlyMap<string, ChangeKind> = new Map(CHANGE_KINDS.map((one) => [one, one]));

const known = <T>(words: ReadonlyMap<string, T>, word: string): T => {
  const found = words.get(word);
  if (found === undefined) throw unreadable(`unknown word ${word}`);
  return found;
};

const KEPT_NUMBERS = 5_000;
const numbers = new Map<string, Decimal>();

/** Ticks and strikes come again and again; reading the text of one costs more than finding it. */
const exact = (written: string): Decimal => {
  const kept = numbers.get(written);
  if (kept !== undefined) return kept;
  if (numbers.size >= KEPT_NUMBERS) numbers.clear();
  const read = decimal(written);
  numbers.set(written, read);
  return read;
};

/** The columns that `toInstrument` needs, of the table `i`. */
export const INSTRUMENT_COLUMNS =
  'i.id, i.exchange, i.symbol, i.kind, i.name, i.underlying, i.expiry, i.strike, i.right, ' +
  'i.lot_size, i.tick_size, i.freeze_quantity';
/** Those of `toEntry`: with one broker's names, of the table `l`. */
export const ENTRY_COLUMNS = `${INSTRUMENT_COLUMNS}, l.broker, l.broker_symbol, l.broker_exchange, l.token`;
/** Those of `toChange`. */
export const CHANGE_COLUMNS = 'day, exchange, symbol, kind, before, after';

export const toInstrument = ([
  ,
  exchange,
  symbol,
  kind,
  name,
  underlying,
  expiry,
  strike,
  right,
  lotSize,
  tickSize,
  freezeQuantity,
]: Row): Instrument => ({
  exchange: known(EXCHANGE_OF, text(exchange)),
  symbol: text(symbol),
  kind: known(KIND_OF, text(kind)),
  name: text(name),
  underlying: text(underlying),
  expiry: expiry === null ? null : isoDate(text(expiry)),
  strike: strike === null ? null : exact(text(strike)),
  right: right === 'CE' || right === 'PE' ? right : null,
  lotSize: number(lotSize),
  tickSize: exact(text(tickSize)),
  freezeQuantity: freezeQuantity === null ? null : number(freezeQuantity),
});

export const toEntry = (row: Row): CatalogueEntry => {
  const broker = row[12];
  return {
    rowId: number(row[0]),
    instrument: toInstrument(row),
    listing:
      broker === null
        ? null
        : {
            broker: brokerId(text(broker)),
            brokerSymbol: text(row[13]),
            brokerExchange: text(row[14]),
            token: text(row[15]),
          },
  };
};

export const toChange = ([day, exchange, symbol, kind, before, after]: Row): InstrumentChange => ({
  day: isoDate(text(day)),
  exchange: known(EXCHANGE_OF, text(exchange)),
  symbol: text(symbol),
  kind: known(CHANGE_OF, text(kind)),
  before: textOrNull(before),
  after: textOrNull(after),
});

/** What a file says of itself. */
export interface CatalogueMeta extends CatalogueFacts {
  /** Names what it was made from; another one means that it is out of date. */
  readonly fingerprint: string;
  readonly diff: CatalogueDiff;
}

/** Writes what `readMeta` reads. */
export const writeMeta = (db: DatabaseSync, meta: CatalogueMeta): void => {
  db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run(
    'catalogue',
    JSON.stringify({ version: CATALOGUE_VERSION, ...meta }),
  );
};

/** @throws GatewayError STORE_UNAVAILABLE when this is no whole catalogue of this version */
export const readMeta = (db: DatabaseSync): CatalogueMeta => {
  const row = db.prepare('SELECT value FROM meta WHERE name = ?').get('catalogue');
  // Written by writeMeta and by nothing else, as its last row; the version tells whether its keys are these.
  const read = JSON.parse(String(row?.['value'] ?? '{}')) as CatalogueMeta & { version?: number };
  if (read.version !== CATALOGUE_VERSION) throw unreadable('it is of another version');
  return { ...read, builtAt: epochMs(read.builtAt) };
};
