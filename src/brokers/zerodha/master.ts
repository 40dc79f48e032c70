import {
  cashInstrument,
  cashSymbols,
  indexInstrument,
  plainTicker,
  splitSeries,
} from '../../core/instruments/cash-symbol';
import type { CashRow } from '../../core/instruments/cash-symbol';
import { parseIsoDate } from '../../core/instruments/calendar-date';
import { csvTable } from '../../core/instruments/csv';
import { indexSymbol } from '../../core/instruments/index-names';
import { LOT_NOT_STATED, TICK_NOT_STATED } from '../../core/instruments/not-stated';
import { ReadingBuilder } from '../../core/instruments/reading-builder';
import { contractInstrument, isPlainSymbol } from '../../core/instruments/symbol';
import type { ContractFacts } from '../../core/instruments/symbol';
import { isZero, parseDecimal } from '../../core/domain/decimal';
import { brokerId } from '../../core/domain/ids';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import type { Exchange } from '../../core/domain/instrument';
import type { MasterReading } from '../../core/ports/master';

/** Why a row of the instruments file is no instrument of ours. */
export const KITE_SKIPS = [
  /** Not as many cells as the header. */
  'ragged-row',
  /** An exchange, segment or instrument type that we have no word for. */
  'exchange-unknown',
  'instrument-type-unknown',
  /** No ticker of capitals, digits, `&` and `-`. */
  'symbol-characters',
  /** Two months in one contract: `SILVERMNOV19APR20FUT`. */
  'calendar-spread',
  /** The row has no underlying, and its symbol does not show one, or shows another. */
  'underlying-unknown',
  'bad-token',
  'bad-expiry',
  'bad-strike',
  'bad-lot',
  'bad-tick',
] as const;
type Skip = (typeof KITE_SKIPS)[number];

const COLUMNS = [
  'instrument_token',
  'tradingsymbol',
  'name',
  'expiry',
  'strike',
  'tick_size',
  'lot_size',
  'instrument_type',
  'segment',
  'exchange',
] as const;
type Column = (typeof COLUMNS)[number];
/** The wanted cells of one row. */
type Row = Readonly<Record<Column, string>>;

const CASH: ReadonlyMap<string, Exchange> = new Map([
  ['NSE', 'NSE'],
  ['BSE', 'BSE'],
]);
const INDICES: ReadonlyMap<string, Exchange> = new Map([
  ['NSE', 'NSE_INDEX'],
  ['BSE', 'BSE_INDEX'],
  ['MCX', 'MCX_INDEX'],
]);
const CONTRACTS: ReadonlyMap<string, Exchange> = new Map([
  ['NFO', 'NFO'],
  ['BFO', 'BFO'],
  ['CDS', 'CDS'],
  ['BCD', 'BCD'],
  ['MCX', 'MCX'],
]);
/** Quantities count lots here, and the file says 1 for every lot: how much one lot is, it does not say. */
const COUNTED_IN_LOTS: ReadonlySet<Exchange> = new Set(['MCX', 'CDS', 'BCD']);

const SPREAD = /[A-Z]{3}\d{2}[A-Z]{3}\d{2}FUT$/;
/** `YYMMM` of monthly contracts, `YYMDD` of weekly ones (O, N, D: October to December). */
const WHEN = /^(.+)\d{2}(?:[A-Z]{3}|[1-9OND]\d{2})$/;

/**
 * The underlying of a contract. The broker's file names it; the 2019 files leave it empty, and there the
 * symbol is stripped of what the columns say (strike, right) and of its date of known width.
 */
const underlyingOf = (row: Row, facts: { strike: Decimal | null }): string | null => {
  const { tradingsymbol, name } = row;
  if (name !== '') return isPlainSymbol(name) && tradingsymbol.startsWith(name) ? name : null;
  const tail = `${facts.strike ?? ''}${row.instrument_type}`;
  if (!tradingsymbol.endsWith(tail)) return null;
  const base = WHEN.exec(tradingsymbol.slice(0, tradingsymbol.length - tail.length))?.[1];
  return base !== undefined && isPlainSymbol(base) ? base : null;
};

const wholeNumber = (text: string): number | null =>
  /^[1-9]\d*$/.test(text) ? Number(text) : null;

const tickOf = (text: string): Decimal | null => {
  const tick = parseDecimal(text);
  if (tick === null || tick.startsWith('-')) return null;
  return isZero(tick) ? TICK_NOT_STATED : tick;
};

/** What all rows must have, whatever they are. */
interface Basics {
  readonly lotSize: number;
  readonly tickSize: Decimal;
}

class KiteReading {
  readonly #builder: ReadingBuilder<Skip>;
  readonly #cash: { readonly row: Row; readonly parts: CashRow; readonly basics: Basics }[] = [];

  constructor(asOf: IsoDate) {
    this.#builder = new ReadingBuilder(brokerId('zerodha'), asOf);
  }

  read(row: Row): void {
    const skip = /^[1-9]\d*$/.test(row.instrument_token) ? this.#readKind(row) : 'bad-token';
    if (skip !== null) this.#builder.skip(skip);
  }

  skip(reason: Skip): void {
    this.#builder.skip(reason);
  }

  finish(): MasterReading {
    for (const exchange of ['NSE', 'BSE'] as const) {
      const rows = this.#cash.filter(({ row }) => row.exchange === exchange);
      const symbols = cashSymbols(rows.map(({ parts }) => parts));
      for (const [index, { row, basics }] of rows.entries()) {
        const symbol = this.#builder.keep(symbols[index] ?? '');
        const name = this.#builder.keep(row.name);
        this.#list(
          row,
          cashInstrument({ exchange, symbol, name, ...basics, freezeQuantity: null }),
        );
      }
    }
    return this.#builder.finish();
  }

  #readKind(row: Row): Skip | null {
    if (row.segment === 'INDICES') return this.#readIndex(row);
    const tickSize = tickOf(row.tick_size);
    if (tickSize === null) return 'bad-tick';
    const lot = wholeNumber(row.lot_size);
    if (lot === null) return 'bad-lot';
    if (row.instrument_type === 'EQ') return this.#readCash(row, { lotSize: lot, tickSize });
    const exchange = CONTRACTS.get(row.exchange);
    if (exchange === undefined) return 'exchange-unknown';
    const lotSize = COUNTED_IN_LOTS.has(exchange) ? LOT_NOT_STATED : lot;
    return this.#readContract(row, exchange, { lotSize, tickSize });
  }

  #readIndex(row: Row): Skip | null {
    const exchange = INDICES.get(row.exchange);
    if (exchange === undefined) return 'exchange-unknown';
    const symbol = indexSymbol(row.tradingsymbol);
    if (symbol === null) return 'symbol-characters';
    this.#list(row, indexInstrument(exchange, symbol, this.#builder.keep(row.name)));
    return null;
  }

  #readCash(row: Row, basics: Basics): Skip | null {
    const exchange = CASH.get(row.exchange);
    if (exchange === undefined || row.segment !== row.exchange) return 'exchange-unknown';
    // Only NSE puts the series behind the ticker; on BSE a suffix is part of the ticker.
    const parts =
      exchange === 'NSE'
        ? splitSeries(row.tradingsymbol, 'EQ')
        : { ticker: row.tradingsymbol, series: 'EQ' };
    const ticker = parts === null ? null : plainTicker(parts.ticker);
    if (parts === null || ticker === null) return 'symbol-characters';
    this.#cash.push({ row, parts: { ticker, series: parts.series }, basics });
    return null;
  }

  #readContract(row: Row, exchange: Exchange, basics: Basics): Skip | null {
    const type = row.instrument_type;
    if (type !== 'FUT' && type !== 'CE' && type !== 'PE') return 'instrument-type-unknown';
    if (SPREAD.test(row.tradingsymbol)) return 'calendar-spread';
    const expiry = parseIsoDate(row.expiry);
    if (expiry === null) return 'bad-expiry';
    const strike = type === 'FUT' ? null : parseDecimal(row.strike);
    if (type !== 'FUT' && (strike === null || Number(strike) <= 0)) return 'bad-strike';
    const underlying = underlyingOf(row, { strike });
    if (underlying === null) return 'underlying-unknown';
    const base = this.#builder.keep(underlying);
    const facts: ContractFacts =
      type === 'FUT' || strike === null
        ? { kind: 'future', base, expiry, strike: null, right: null }
        : { kind: 'option', base, expiry, strike, right: type };
    const terms = { exchange, name: base, ...basics, freezeQuantity: null };
    this.#list(row, contractInstrument(facts, terms));
    return null;
  }

  #list(row: Row, instrument: ReturnType<typeof cashInstrument>): void {
    this.#builder.list({
      instrument,
      brokerSymbol: this.#builder.keep(row.tradingsymbol),
      brokerExchange: this.#builder.keep(row.exchange),
      token: row.instrument_token,
    });
  }
}

/**
 * The reading of Kite's instruments CSV, columns found by name; `token` is the `instrument_token`. The file
 * has no freeze quantities, and no size of one lot on MCX, CDS and BCD (`LOT_NOT_STATED`).
 * @throws Error when it is no such file: empty, or without one of the columns.
 */
export const readKiteMaster = (bytes: Uint8Array, asOf: IsoDate): MasterReading => {
  const table = csvTable(new TextDecoder().decode(bytes), 'Kite instruments', COLUMNS);
  const reading = new KiteReading(asOf);
  for (const cells of table.rows) {
    if (cells.length !== table.width) {
      reading.skip('ragged-row');
      continue;
    }
    const cell = (name: Column): string => cells[table.at[name]] ?? '';
    reading.read({
      instrument_token: cell('instrument_token'),
      tradingsymbol: cell('tradingsymbol'),
      name: cell('name'),
      expiry: cell('expiry'),
      strike: cell('strike'),
      tick_size: cell('tick_size'),
      lot_size: cell('lot_size'),
      instrument_type: cell('instrument_type'),
      segment: cell('segment'),
      exchange: cell('exchange'),
    });
  }
  return reading.finish();
};
