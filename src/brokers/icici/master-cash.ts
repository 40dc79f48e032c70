import {
  cashInstrument,
  cashSymbols,
  indexInstrument,
  plainTicker,
} from '../../core/instruments/cash-symbol';
import type { CashRow } from '../../core/instruments/cash-symbol';
import { csvTable } from '../../core/instruments/csv';
import { indexSymbol } from '../../core/instruments/index-names';
import { TICK_NOT_STATED } from '../../core/instruments/not-stated';
import type { ReadingBuilder } from '../../core/instruments/reading-builder';
import { FOREIGN_INDEX_CODES, NSE_INDEX_CODES, RENAMED_INDEX_CODES } from './index-codes';
import type { IciciSkip } from './master-skips';

type Builder = ReadingBuilder<IciciSkip>;

/** One row of a cash file whose symbol is still to be chosen among the rows of its ticker. */
interface Pending extends CashRow {
  readonly token: string;
  readonly shortName: string;
  readonly company: string;
}

/** Rows become shares; lot and tick are not taken from these files (see `readNse`, `readBse`). */
const listCash = (builder: Builder, exchange: 'NSE' | 'BSE', rows: readonly Pending[]): void => {
  const symbols = cashSymbols(rows);
  for (const [index, row] of rows.entries()) {
    const symbol = builder.keep(symbols[index] ?? '');
    builder.list({
      instrument: cashInstrument({
        exchange,
        symbol,
        name: builder.keep(row.company),
        // Both files say 1 in every row: right for shares, wrong for small companies and some bonds. One
        // unit is one share everywhere, so the exchange refuses what is no lot; joined masters say more.
        lotSize: 1,
        tickSize: TICK_NOT_STATED,
        freezeQuantity: null,
      }),
      brokerSymbol: row.shortName,
      brokerExchange: exchange,
      token: row.token,
    });
  }
};

const listIndex = (
  builder: Builder,
  exchange: 'NSE' | 'BSE',
  symbol: string,
  row: Pending,
): void => {
  builder.list({
    instrument: indexInstrument(`${exchange}_INDEX`, symbol, builder.keep(row.company)),
    brokerSymbol: row.shortName,
    brokerExchange: exchange,
    token: builder.keep(row.token),
  });
};

const nseIndexSkip = (shortName: string): IciciSkip | null => {
  if (FOREIGN_INDEX_CODES.has(shortName)) return 'foreign-index';
  return RENAMED_INDEX_CODES.has(shortName) ? 'renamed-index' : null;
};

/**
 * Adds NSEScripMaster.txt: cash segment and indices. `ticksize` is 0.01 in every row, wrong for many, so
 * no tick is stated. @throws Error that names a missing column.
 */
export const readNse = (builder: Builder, text: string, file: string): void => {
  const table = csvTable(text, file, [
    'Token',
    'ShortName',
    'Series',
    'CompanyName',
    'ExchangeCode',
  ] as const);
  const { at } = table;
  const shares: Pending[] = [];
  for (const cells of table.rows) {
    if (cells.length !== table.width) {
      builder.skip('ragged-row');
      continue;
    }
    const row: Pending = {
      token: cells[at.Token] ?? '',
      shortName: cells[at.ShortName] ?? '',
      series: cells[at.Series] ?? '',
      company: cells[at.CompanyName] ?? '',
      ticker: cells[at.ExchangeCode] ?? '',
    };
    if (row.series === '0') {
      // The token of an index is its name, whole where ExchangeCode is cut short.
      const symbol = NSE_INDEX_CODES.get(row.shortName) ?? indexSymbol(row.token);
      const skip = nseIndexSkip(row.shortName) ?? (symbol === null ? 'symbol-characters' : null);
      if (skip === null && symbol !== null) listIndex(builder, 'NSE', symbol, row);
      else if (skip !== null) builder.skip(skip);
      continue;
    }
    const ticker = plainTicker(row.ticker);
    if (!/^[1-9]\d*$/.test(row.token)) builder.skip('no-exchange-token');
    else if (row.ticker === '') builder.skip('no-exchange-symbol');
    else if (ticker === null) builder.skip('symbol-characters');
    else shares.push({ ...row, ticker: builder.keep(ticker), series: builder.keep(row.series) });
  }
  listCash(builder, 'NSE', shares);
};

/**
 * Adds BSEScripMaster.txt. `TickSize` holds a price, so no tick is stated; a scrip code has six digits,
 * shorter ones are offers for sale. @throws Error that names a missing column.
 */
export const readBse = (builder: Builder, text: string, file: string): void => {
  const table = csvTable(text, file, [
    'Token',
    'ShortName',
    'CompanyName',
    'ExchangeCode',
  ] as const);
  const { at } = table;
  const shares: Pending[] = [];
  for (const cells of table.rows) {
    if (cells.length !== table.width) {
      builder.skip('ragged-row');
      continue;
    }
    const row: Pending = {
      token: cells[at.Token] ?? '',
      shortName: cells[at.ShortName] ?? '',
      // The file's own Series (DR, C) is no series of the exchange.
      series: 'EQ',
      company: cells[at.CompanyName] ?? '',
      ticker: cells[at.ExchangeCode] ?? '',
    };
    const ticker = plainTicker(row.ticker);
    if (row.shortName === 'BSESEN' && row.token === 'SENSEX')
      listIndex(builder, 'BSE', 'SENSEX', row);
    else if (!/^[1-9]\d{5}$/.test(row.token)) builder.skip('no-exchange-token');
    else if (row.ticker === '') builder.skip('no-exchange-symbol');
    else if (ticker === null) builder.skip('symbol-characters');
    else shares.push({ ...row, ticker: builder.keep(ticker) });
  }
  listCash(builder, 'BSE', shares);
};
