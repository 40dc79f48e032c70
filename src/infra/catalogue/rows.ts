import type { DatabaseSync } from 'node:sqlite';
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

type Row = Readonly<Record<string, unknown>>;

const unreadable = (what: string): GatewayError =>
  new GatewayError('STORE_UNAVAILABLE', `the catalogue cannot be read: ${what}`);

const text = (row: Row, name: string): string => {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw unreadable(`${name} is no text`);
};
const textOrNull = (row: Row, name: string): string | null =>
  row[name] === null ? null : text(row, name);
const number = (row: Row, name: string): number => {
  const value = row[name];
  if (typeof value === 'number') return value;
  throw unreadable(`${name} is no number`);
};

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

export const toInstrument = (row: Row): Instrument => {
  const expiry = textOrNull(row, 'expiry');
  const strike = textOrNull(row, 'strike');
  const right = textOrNull(row, 'right');
  return {
    exchange: known(EXCHANGE_OF, text(row, 'exchange')),
    symbol: text(row, 'symbol'),
    kind: known(KIND_OF, text(row, 'kind')),
    name: text(row, 'name'),
    underlying: text(row, 'underlying'),
    expiry: expiry === null ? null : isoDate(expiry),
    strike: strike === null ? null : exact(strike),
    right: right === 'CE' || right === 'PE' ? right : null,
    lotSize: number(row, 'lot_size'),
    tickSize: exact(text(row, 'tick_size')),
    freezeQuantity: row['freeze_quantity'] === null ? null : number(row, 'freeze_quantity'),
  };
};

export const toEntry = (row: Row): CatalogueEntry => {
  const broker = textOrNull(row, 'broker');
  return {
    rowId: number(row, 'id'),
    instrument: toInstrument(row),
    listing:
      broker === null
        ? null
        : {
            broker: brokerId(broker),
            brokerSymbol: text(row, 'broker_symbol'),
            brokerExchange: text(row, 'broker_exchange'),
            token: text(row, 'token'),
          },
  };
};

export const toChange = (row: Row): InstrumentChange => ({
  day: isoDate(text(row, 'day')),
  exchange: known(EXCHANGE_OF, text(row, 'exchange')),
  symbol: text(row, 'symbol'),
  kind: known(CHANGE_OF, text(row, 'kind')),
  before: textOrNull(row, 'before'),
  after: textOrNull(row, 'after'),
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
