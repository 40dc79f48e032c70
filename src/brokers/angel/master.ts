import {
  cashInstrument,
  cashSymbols,
  indexInstrument,
  plainTicker,
  splitSeries,
} from '../../core/instruments/cash-symbol';
import type { CashRow } from '../../core/instruments/cash-symbol';
import { parseNamedDate } from '../../core/instruments/calendar-date';
import { indexSymbol } from '../../core/instruments/index-names';
import { TICK_NOT_STATED, freezeQuantityOf } from '../../core/instruments/not-stated';
import { ReadingBuilder } from '../../core/instruments/reading-builder';
import { contractInstrument, isPlainSymbol } from '../../core/instruments/symbol';
import type { ContractFacts } from '../../core/instruments/symbol';
import { divide, isZero, parseDecimal, toFixed } from '../../core/domain/decimal';
import { brokerId } from '../../core/domain/ids';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import type { Exchange, Instrument } from '../../core/domain/instrument';
import type { MasterReading } from '../../core/ports/master';

/** Why a row of the scrip master is no instrument of ours. */
export const ANGEL_SKIPS = [
  /** Not an object, or one of the nine old fields is missing or no text. */
  'malformed-row',
  'exchange-unknown',
  'instrument-type-unknown',
  /** Indices of the currency segment (`NIFTYFUTURESNEARMONTH`) and spot rates: nothing to trade or quote. */
  'currency-index',
  /** Rows 26000, 26009 … of older files: an index that looks like a share without a series. */
  'old-index-row',
  'symbol-characters',
  'bad-token',
  'bad-expiry',
  'bad-strike',
  /** The strike column, scaled, is not what the symbol ends in: the scale would be wrong. */
  'strike-not-in-symbol',
  'bad-lot',
  'bad-tick',
] as const;
type Skip = (typeof ANGEL_SKIPS)[number];

interface Row {
  readonly token: string;
  readonly symbol: string;
  readonly name: string;
  readonly expiry: string;
  readonly strike: string;
  readonly lotsize: string;
  readonly instrumenttype: string;
  readonly exch_seg: string;
  readonly tick_size: string;
  /** Since 2026. */
  readonly freeze_qty: string | null;
}

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
  ['MCX', 'MCX'],
  ['NCDEX', 'NCDEX'],
]);
const FUTURES = new Set(['FUTIDX', 'FUTSTK', 'FUTCOM', 'FUTCUR', 'FUTIRC', 'FUTIRT']);
const OPTIONS = new Set(['OPTIDX', 'OPTSTK', 'OPTFUT', 'OPTCUR', 'OPTIRC']);
/** Strikes and ticks are whole numbers of this part of a rupee. */
const PAISE = 100;
const CURRENCY_SCALE = 10_000_000;

const rowOf = (value: unknown): Row | null => {
  if (typeof value !== 'object' || value === null) return null;
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const text = (name: string): string => {
    const field = fields.get(name);
    if (typeof field !== 'string') throw new MissingField();
    return field.trim();
  };
  try {
    const freeze = fields.get('freeze_qty');
    return {
      token: text('token'),
      symbol: text('symbol'),
      name: text('name'),
      expiry: text('expiry'),
      strike: text('strike'),
      lotsize: text('lotsize'),
      instrumenttype: text('instrumenttype'),
      exch_seg: text('exch_seg'),
      tick_size: text('tick_size'),
      freeze_qty: typeof freeze === 'string' ? freeze : null,
    };
  } catch (error) {
    if (error instanceof MissingField) return null;
    throw error;
  }
};

class MissingField extends Error {}

const scaled = (text: string, scale: number): Decimal | null => {
  const value = parseDecimal(text);
  return value === null ? null : divide(value, scale, 10);
};

/** Whether the symbol ends in the strike and the right, however many decimals it prints. */
const endsInStrike = (symbol: string, strike: Decimal, right: string): boolean =>
  [strike, toFixed(strike, 1), toFixed(strike, 2), toFixed(strike, 4)].some(
    (text) => symbol.endsWith(`${text}${right}`) && Number(text) === Number(strike),
  );

interface Basics {
  readonly lotSize: number;
  readonly tickSize: Decimal;
  readonly freezeQuantity: number | null;
}

class AngelReading {
  readonly #builder: ReadingBuilder<Skip>;
  readonly #cash: { readonly row: Row; readonly parts: CashRow; readonly basics: Basics }[] = [];

  constructor(asOf: IsoDate) {
    this.#builder = new ReadingBuilder(brokerId('angel'), asOf);
  }

  read(value: unknown): void {
    const row = rowOf(value);
    const skip = row === null ? 'malformed-row' : this.#readKind(row);
    if (skip !== null) this.#builder.skip(skip);
  }

  finish(): MasterReading {
    for (const exchange of ['NSE', 'BSE'] as const) {
      const rows = this.#cash.filter(({ row }) => row.exch_seg === exchange);
      const symbols = cashSymbols(rows.map(({ parts }) => parts));
      for (const [index, { row, basics }] of rows.entries()) {
        const symbol = symbols[index] ?? '';
        this.#list(row, cashInstrument({ exchange, symbol, name: row.name, ...basics }));
      }
    }
    return this.#builder.finish();
  }

  #readKind(row: Row): Skip | null {
    if (!/^[1-9]\d*$/.test(row.token)) return 'bad-token';
    const type = row.instrumenttype;
    if (type === 'AMXIDX') return this.#readIndex(row);
    if (type === 'INDEX' || type.startsWith('UND')) return 'currency-index';
    const scale = row.exch_seg === 'CDS' ? CURRENCY_SCALE : PAISE;
    const tick = scaled(row.tick_size, scale);
    if (tick === null || tick.startsWith('-')) return 'bad-tick';
    const tickSize = isZero(tick) ? TICK_NOT_STATED : tick;
    if (type === '') return this.#readCash(row, tickSize);
    const exchange = CONTRACTS.get(row.exch_seg);
    if (exchange === undefined) return 'exchange-unknown';
    return this.#readContract(row, exchange, scale, tickSize);
  }

  #readIndex(row: Row): Skip | null {
    const exchange = INDICES.get(row.exch_seg);
    if (exchange === undefined) return 'exchange-unknown';
    const symbol = indexSymbol(row.symbol);
    if (symbol === null) return 'symbol-characters';
    this.#list(row, indexInstrument(exchange, symbol, row.name));
    return null;
  }

  #readCash(row: Row, tickSize: Decimal): Skip | null {
    const exchange = CASH.get(row.exch_seg);
    if (exchange === undefined) return 'exchange-unknown';
    // Every share of NSE has its series behind the name here, EQ too; on BSE there is none.
    const parts =
      exchange === 'NSE' ? splitSeries(row.symbol, null) : { ticker: row.symbol, series: 'EQ' };
    if (parts === null) return 'old-index-row';
    const basics = this.#basics(row, tickSize);
    if (basics === null) return 'bad-lot';
    const ticker = plainTicker(parts.ticker);
    if (ticker === null) return 'symbol-characters';
    this.#cash.push({ row, parts: { ticker, series: parts.series }, basics });
    return null;
  }

  #readContract(row: Row, exchange: Exchange, scale: number, tickSize: Decimal): Skip | null {
    const type = row.instrumenttype;
    if (!FUTURES.has(type) && !OPTIONS.has(type)) return 'instrument-type-unknown';
    if (!isPlainSymbol(row.name)) return 'symbol-characters';
    const basics = this.#basics(row, tickSize);
    if (basics === null) return 'bad-lot';
    const expiry = parseNamedDate(row.expiry);
    if (expiry === null) return 'bad-expiry';
    let facts: ContractFacts = {
      kind: 'future',
      base: row.name,
      expiry,
      strike: null,
      right: null,
    };
    if (OPTIONS.has(type)) {
      const right = row.symbol.slice(-2);
      if (right !== 'CE' && right !== 'PE') return 'instrument-type-unknown';
      const strike = scaled(row.strike, scale);
      if (strike === null || Number(strike) <= 0) return 'bad-strike';
      if (!endsInStrike(row.symbol, strike, right)) return 'strike-not-in-symbol';
      facts = { kind: 'option', base: row.name, expiry, strike, right };
    }
    this.#list(row, contractInstrument(facts, { exchange, name: row.name, ...basics }));
    return null;
  }

  #basics(row: Row, tickSize: Decimal): Basics | null {
    if (!/^[1-9]\d*$/.test(row.lotsize)) return null;
    const lotSize = Number(row.lotsize);
    const freeze = row.freeze_qty === null ? null : Number(row.freeze_qty);
    return { lotSize, tickSize, freezeQuantity: freezeQuantityOf(freeze, lotSize) };
  }

  #list(row: Row, instrument: Instrument): void {
    this.#builder.list({
      instrument,
      brokerSymbol: row.symbol,
      brokerExchange: this.#builder.keep(row.exch_seg),
      token: row.token,
    });
  }
}

/**
 * The reading of Angel's scrip master JSON. Strikes and ticks are in paise, those of CDS in ten-millionths
 * of a rupee; a strike is believed only when the symbol ends in it.
 * @throws Error when it is no JSON array.
 */
export const readAngelMaster = (bytes: Uint8Array, asOf: IsoDate): MasterReading => {
  const rows: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!Array.isArray(rows)) throw new Error('Angel scrip master: not a list');
  const reading = new AngelReading(asOf);
  for (const row of rows as readonly unknown[]) reading.read(row); // isArray says any[]
  return reading.finish();
};
