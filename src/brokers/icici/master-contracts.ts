import { parseNamedDate } from '../../core/instruments/calendar-date';
import { csvTable } from '../../core/instruments/csv';
import { LOT_NOT_STATED, TICK_NOT_STATED } from '../../core/instruments/not-stated';
import type { ReadingBuilder } from '../../core/instruments/reading-builder';
import { contractInstrument, isPlainSymbol } from '../../core/instruments/symbol';
import type { ContractFacts } from '../../core/instruments/symbol';
import { divide, isZero, parseDecimal } from '../../core/domain/decimal';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import type { Exchange } from '../../core/domain/instrument';
import { contractCode } from './contract-code';
import { NSE_INDEX_CODES } from './index-codes';
import type { IciciSkip } from './master-skips';

type Builder = ReadingBuilder<IciciSkip>;

/** How one file of contracts is to be read. */
export interface ContractFile {
  readonly exchange: Exchange;
  /** What Breeze calls the exchange. */
  readonly brokerExchange: string;
  /** What one unit of `TickSize` is: 100 for paise, 1 for rupees. */
  readonly tickScale: number;
  /** Whether `LotSize` 0 means that the file does not say it; elsewhere it is an error. */
  readonly lotMayBeZero: boolean;
}

const COLUMNS = [
  'Token',
  'InstrumentName',
  'ShortName',
  'ExpiryDate',
  'StrikePrice',
  'OptionType',
  'LotSize',
  'TickSize',
  'CompanyName',
  'ExchangeCode',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** What was read, or why the row is no instrument of ours. */
type Result<T> = { readonly value: T; readonly skip?: never } | { readonly skip: IciciSkip };

/** The same few texts come again in thousands of rows. */
class Memo<T> {
  readonly #known = new Map<string, T>();
  readonly #make: (text: string) => T;

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  of(text: string): T {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const made = this.#make(text);
    this.#known.set(` ${text}`.slice(1), made);
    return made;
  }
}

/** NSE indices go by short name: their ExchangeCode is a long name, some cut short. */
const baseOf = (row: Row, exchange: Exchange): Result<string> => {
  if (exchange === 'NFO' && row.InstrumentName.endsWith('IDX')) {
    const index = NSE_INDEX_CODES.get(row.ShortName);
    return index === undefined ? { skip: 'index-unknown' } : { value: index };
  }
  if (row.ExchangeCode === '') return { skip: 'no-exchange-symbol' };
  return isPlainSymbol(row.ExchangeCode)
    ? { value: row.ExchangeCode }
    : { skip: 'symbol-characters' };
};

const INSTRUMENT = /^(?:FUT|OPT)(?:STK|IDX|IND|CUR)$/;

class ContractRows {
  readonly #builder: Builder;
  readonly #file: ContractFile;
  readonly #expiries = new Memo<IsoDate | null>(parseNamedDate);
  readonly #strikes = new Memo<Decimal | null>(parseDecimal);
  readonly #ticks: Memo<Decimal | null>;

  constructor(builder: Builder, file: ContractFile) {
    this.#builder = builder;
    this.#file = file;
    this.#ticks = new Memo((text) => {
      const tick = parseDecimal(text);
      if (tick === null || tick.startsWith('-')) return null;
      return isZero(tick) ? TICK_NOT_STATED : divide(tick, file.tickScale, 10);
    });
  }

  /** Lists the row, or says why not. */
  read(row: Row): IciciSkip | null {
    if (row.InstrumentName === 'UNDCUR') return 'currency-spot';
    if (!INSTRUMENT.test(row.InstrumentName)) return 'instrument-type-unknown';
    if (!/^[1-9]\d*$/.test(row.Token)) return 'no-exchange-token';
    const { exchange, brokerExchange } = this.#file;
    const base = baseOf(row, exchange);
    if (base.skip !== undefined) return base.skip;
    const expiry = this.#expiries.of(row.ExpiryDate);
    if (expiry === null) return 'bad-expiry';
    const facts = this.#facts(row, this.#builder.keep(base.value), expiry);
    if (facts.skip !== undefined) return facts.skip;
    const lotSize = this.#lotOf(row.LotSize);
    if (lotSize === null) return 'bad-lot';
    const tickSize = this.#ticks.of(row.TickSize);
    if (tickSize === null) return 'bad-tick';
    const { strike, right } = facts.value;
    this.#builder.list({
      instrument: contractInstrument(facts.value, {
        exchange,
        name: this.#builder.keep(row.CompanyName === '' ? base.value : row.CompanyName),
        lotSize,
        tickSize,
        freezeQuantity: null,
      }),
      brokerSymbol: contractCode({ stockCode: row.ShortName, expiry, strike, right }),
      brokerExchange,
      token: row.Token,
    });
    return null;
  }

  #facts(row: Row, base: string, expiry: IsoDate): Result<ContractFacts> {
    const isFuture = row.InstrumentName.startsWith('FUT');
    const right = row.OptionType;
    if (isFuture !== (right === 'XX')) return { skip: 'instrument-type-unknown' };
    if (isFuture) return { value: { kind: 'future', base, expiry, strike: null, right: null } };
    if (right !== 'CE' && right !== 'PE') return { skip: 'instrument-type-unknown' };
    const strike = this.#strikes.of(row.StrikePrice);
    if (strike === null || Number(strike) <= 0) return { skip: 'bad-strike' };
    return { value: { kind: 'option', base, expiry, strike, right } };
  }

  #lotOf(text: string): number | null {
    if (text === '0' && this.#file.lotMayBeZero) return LOT_NOT_STATED;
    return /^[1-9]\d*$/.test(text) ? Number(text) : null;
  }
}

/** Adds a file of futures and options. @throws Error that names a missing column. */
export const readContracts = (
  builder: Builder,
  text: string,
  name: string,
  file: ContractFile,
): void => {
  const table = csvTable(text, name, COLUMNS);
  const rows = new ContractRows(builder, file);
  for (const cells of table.rows) {
    if (cells.length !== table.width) {
      builder.skip('ragged-row');
      continue;
    }
    const cell = (column: (typeof COLUMNS)[number]): string => cells[table.at[column]] ?? '';
    const skip = rows.read({
      Token: cell('Token'),
      InstrumentName: cell('InstrumentName'),
      ShortName: cell('ShortName'),
      ExpiryDate: cell('ExpiryDate'),
      StrikePrice: cell('StrikePrice'),
      OptionType: cell('OptionType'),
      LotSize: cell('LotSize'),
      TickSize: cell('TickSize'),
      CompanyName: cell('CompanyName'),
      ExchangeCode: cell('ExchangeCode'),
    });
    if (skip !== null) builder.skip(skip);
  }
};
