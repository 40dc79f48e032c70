import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import type { Candle, CandleSeries } from '../core/market/candles';
import { parseDecimal } from '../core/domain/decimal';
import { epochMs } from '../core/domain/ids';
import type { Decimal, EpochMs } from '../core/domain/ids';
import { EXCHANGES } from '../core/domain/instrument';
import type { Exchange, Instrument } from '../core/domain/instrument';
import { csvRows } from '../core/instruments/csv';
import type { CsvRow } from '../core/instruments/csv';
import { replayInstrument } from '../core/market/replay-instrument';
import type { Underlying } from '../core/instruments/practice-contracts';

/** Bars of one symbol as a file has them, before the instrument is known. */
export interface RawSeries {
  /** From a column or the file's name; as written there, without series suffix. */
  readonly symbol: string;
  readonly intervalMs: number;
  readonly candles: readonly Candle[];
  readonly file: string;
}

const MINUTE_MS = 60_000;
const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/;

/** The instant of a cell: ISO with an offset, or `DD-MM-YYYY HH:MM:SS` / ISO without one, which are IST. */
const parseTime = (text: string): EpochMs | null => {
  const indian = /^(\d{2})-(\d{2})-(\d{4}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  const iso =
    indian === null
      ? text.replace(' ', 'T')
      : `${indian[3] ?? ''}-${indian[2] ?? ''}-${indian[1] ?? ''}T${indian[4] ?? ''}`;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(iso)) return null;
  const at = Date.parse(OFFSET.test(iso) ? iso : `${iso}+05:30`);
  return Number.isNaN(at) ? null : epochMs(at);
};

interface Columns {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly symbol: number | null;
}

const TIME_NAMES = ['date', 'datetime', 'timestamp', 'time'];

/** Where the known columns are, by header text in any case and order; null when it is no header of candles. */
const columnsOf = (cells: readonly string[]): Columns | null => {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const find = (name: string): number => names.indexOf(name);
  const time = names.findIndex((name) => TIME_NAMES.includes(name));
  const symbol = find('symbol');
  const columns = {
    time,
    open: find('open'),
    high: find('high'),
    low: find('low'),
    close: find('close'),
    volume: find('volume'),
  };
  if (Object.values(columns).some((index) => index < 0)) return null;
  return { ...columns, symbol: symbol < 0 ? null : symbol };
};

class BadRow extends Error {}

const price = (row: CsvRow, index: number, name: string): Decimal => {
  const text = row.cells[index]?.trim() ?? '';
  // Float noise such as 24876.599609375 is cut to what a price can be: paise of paise.
  const value = /^\d+\.\d{7,}$/.test(text)
    ? parseDecimal(Number(text).toFixed(2))
    : parseDecimal(text);
  if (value === null || Number(value) <= 0) throw new BadRow(`${name}: not a price: "${text}"`);
  return value;
};

const count = (row: CsvRow, index: number): number => {
  const text = row.cells[index]?.trim() ?? '';
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new BadRow(`volume: not a count: "${text}"`);
  }
  return value;
};

const candle = (row: CsvRow, columns: Columns, at: EpochMs): Candle => {
  const result: Candle = {
    at,
    open: price(row, columns.open, 'open'),
    high: price(row, columns.high, 'high'),
    low: price(row, columns.low, 'low'),
    close: price(row, columns.close, 'close'),
    volume: count(row, columns.volume),
  };
  const [open, high, low, close] = [result.open, result.high, result.low, result.close].map(Number);
  if (open === undefined || high === undefined || low === undefined || close === undefined) {
    throw new BadRow('four prices are needed');
  }
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    throw new BadRow('open and close must lie between low and high');
  }
  return result;
};

/** The shape without a header, `NIFTY,20230102,09:16,o,h,l,c,v,oi`: the time is the END of the minute. */
const endOfMinuteRow = (row: CsvRow): { symbol: string; at: EpochMs } | null => {
  const [symbol = '', day = '', minute = ''] = row.cells;
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  if (date === null || !/^\d{2}:\d{2}$/.test(minute) || row.cells.length !== 9) return null;
  const text = `${date[1] ?? ''}-${date[2] ?? ''}-${date[3] ?? ''}T${minute}:00+05:30`;
  const end = Date.parse(text);
  return Number.isNaN(end) ? null : { symbol, at: epochMs(end - MINUTE_MS) };
};
const END_COLUMNS: Columns = {
  time: 1,
  open: 3,
  high: 4,
  low: 5,
  close: 6,
  volume: 7,
  symbol: 0,
};

/** `RELIANCE_minute.csv` -> `RELIANCE`; the name without folders, ending and interval word. */
const symbolOfFile = (file: string): string =>
  basename(file)
    .replace(/\.(csv|txt)(\.gz)?$/i, '')
    .replace(/_(\d*minute|day)$/i, '');

/** `HDFCBANK-EQ` -> `HDFCBANK`; real hyphens (`BAJAJ-AUTO`) stay. */
const withoutSeries = (symbol: string): string => symbol.replace(/-EQ$/, '');

/** The distance that most neighbouring bars have; a single bar counts as a minute. */
const intervalOf = (candles: readonly Candle[]): number => {
  const counts = new Map<number, number>();
  let previous: Candle | null = null;
  for (const bar of candles) {
    if (previous !== null) {
      const gap = bar.at - previous.at;
      counts.set(gap, (counts.get(gap) ?? 0) + 1);
    }
    previous = bar;
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return most?.[0] ?? MINUTE_MS;
};

const finish = (symbol: string, candles: Candle[], file: string): RawSeries => {
  // Some files are newest first.
  candles.sort((a, b) => a.at - b.at);
  for (let i = 1; i < candles.length; i += 1) {
    if (candles[i]?.at === candles[i - 1]?.at) {
      throw new Error(`${file}: ${symbol} has two bars of one time`);
    }
  }
  return { symbol, intervalMs: intervalOf(candles), candles, file };
};

/**
 * The bars in one CSV text, by symbol. Knows the shapes by their header: Kite (index, date, ohlcv),
 * Angel and others (timestamp, ohlcv), Yahoo (three header lines), files with a symbol column, and the
 * headerless ones whose time is the end of the minute. @throws Error that names `file:line` and the column.
 */
export const parseCandles = (text: string, file: string): RawSeries[] => {
  const rows = csvRows(text);
  const bySymbol = new Map<string, Candle[]>();
  const put = (symbol: string, bar: Candle): void => {
    const list = bySymbol.get(symbol);
    if (list === undefined) bySymbol.set(symbol, [bar]);
    else list.push(bar);
  };
  const first = rows[0];
  if (first === undefined) throw new Error(`${file}: the file is empty`);
  const headerless = endOfMinuteRow(first) !== null;
  // Yahoo calls the first column Price in line 1 and Datetime in line 3.
  const yahoo = rows[1]?.cells[0] === 'Ticker' && rows[2]?.cells[0] === 'Datetime';
  const columns = headerless
    ? END_COLUMNS
    : columnsOf(yahoo ? ['Datetime', ...first.cells.slice(1)] : first.cells);
  if (columns === null) {
    throw new Error(`${file}:1: needs columns for time, open, high, low, close and volume`);
  }
  for (const row of rows.slice(headerless ? 0 : yahoo ? 3 : 1)) {
    try {
      const end = headerless ? endOfMinuteRow(row) : null;
      const at = headerless ? (end?.at ?? null) : parseTime(row.cells[columns.time]?.trim() ?? '');
      if (at === null) throw new BadRow(`time: not a time: "${row.cells[columns.time] ?? ''}"`);
      const named = columns.symbol === null ? symbolOfFile(file) : row.cells[columns.symbol];
      if (named === undefined || named === '') throw new BadRow('symbol: it is empty');
      put(withoutSeries(named), candle(row, columns, at));
    } catch (error) {
      if (error instanceof BadRow) throw new Error(`${file}:${row.line}: ${error.message}`);
      throw error;
    }
  }
  return [...bySymbol].map(([symbol, candles]) => finish(symbol, candles, basename(file)));
};

/** The bars of a .csv, .txt, .csv.gz or .zip file. @throws Error that names the file, and line where there is one. */
export const readCandleFile = (path: string): RawSeries[] => {
  const bytes = readFileSync(path);
  if (path.endsWith('.zip')) {
    return Object.entries(unzipSync(bytes))
      .filter(([name]) => /\.(csv|txt)$/i.test(name))
      .flatMap(([name, content]) => parseCandles(strFromU8(content), name));
  }
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  return parseCandles(text, path);
};

/** `path`, or `SYMBOL=path`, `EXCHANGE:SYMBOL=path`, each with `@lot` after the symbol where the lot is not known. */
export interface CandleSource {
  readonly path: string;
  readonly exchange: Exchange | null;
  readonly symbol: string | null;
  readonly lotSize: number | null;
}

const SOURCE = /^(?:(?:([A-Z_]+):)?([A-Z0-9&-]+(?:\.\d+)?[A-Z0-9]*)(?:@(\d+))?=)?(.+)$/;

/** Reads one entry of the replay list. @throws Error that says what is wrong with it. */
export const parseCandleSource = (text: string): CandleSource => {
  const match = SOURCE.exec(text.trim());
  const path = match?.[4];
  if (match === null || path === undefined) {
    throw new Error(`replay: "${text}" is not a path or EXCHANGE:SYMBOL=path`);
  }
  const name = match[1];
  const exchange = EXCHANGES.find((known) => known === name) ?? null;
  if (name !== undefined && exchange === null) {
    throw new Error(`replay: "${name}" is not an exchange, in "${text}"`);
  }
  const lot = match[3] === undefined ? null : Number(match[3]);
  if (lot !== null && lot < 1) throw new Error(`replay: the lot in "${text}" must be 1 or more`);
  return { path, exchange, symbol: match[2] ?? null, lotSize: lot };
};

/**
 * The series of a list of sources with their instruments; what the files do not say about an instrument
 * comes from the seed, or from the source text. @throws Error that names what is missing.
 */
export const loadCandleSeries = (
  sources: readonly CandleSource[],
  underlyings: readonly Underlying[],
  find: (id: { readonly exchange: Exchange; readonly symbol: string }) => Instrument | null,
): CandleSeries[] =>
  sources.flatMap((source) => {
    const all = readCandleFile(source.path);
    if (source.symbol !== null && all.length !== 1) {
      throw new Error(
        `replay: ${source.path} has ${all.length} symbols, so it can have no one name`,
      );
    }
    return all.map((raw) => ({
      instrument: replayInstrument(
        {
          exchange: source.exchange,
          symbol: source.symbol ?? raw.symbol,
          lotSize: source.lotSize,
          candles: raw.candles,
        },
        underlyings,
        find,
      ),
      intervalMs: raw.intervalMs,
      candles: raw.candles,
      file: raw.file,
    }));
  });
