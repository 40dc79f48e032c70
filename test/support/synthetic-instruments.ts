import { decimal } from '../../src/core/domain/decimal';
import { brokerId, isoDate } from '../../src/core/domain/ids';
import type { IsoDate } from '../../src/core/domain/ids';
import type { Exchange, Instrument } from '../../src/core/domain/instrument';
import { symbolDate } from '../../src/core/domain/time';
import type { CatalogueRow, Listing } from '../../src/core/ports/catalogue';
import { seededFraction } from '../../src/simulators/core/seeded';

const INDICES = ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'NIFTYNXT50'];
const NAMED = ['SBIN', 'RELIANCE', 'INFY', 'M&M', 'BAJAJ-AUTO', 'ITC', 'HDFCBANK', 'VEDL', 'TCS'];
const WEEKLY = ['2026-11-24', '2026-12-01', '2026-12-08', '2026-12-15', '2026-12-22'];
const MONTHLY = ['2026-11-24', '2026-12-29', '2027-01-25'];
const NAME_WORDS =
  'BANK STEEL POWER INDIA MOTORS PHARMA LABS FINANCE CEMENT TEXTILES OIL GAS SUGAR INFRA TECH'.split(
    ' ',
  );
const UNDERLYINGS = 214;

/** Names as three brokers give them: tokens and symbols of a realistic length. */
const listings = (instrument: Instrument, n: number): Listing[] => {
  const { exchange, symbol, underlying, expiry, strike, right } = instrument;
  const month = expiry === null ? '' : symbolDate(expiry).slice(2, 5);
  const kite =
    expiry === null
      ? symbol
      : `${underlying}${expiry.slice(2, 4)}${month}${strike ?? ''}${right ?? 'FUT'}`;
  const breeze =
    expiry === null
      ? underlying.slice(0, 6)
      : `${underlying.slice(0, 6)}:${expiry}:${strike ?? ''}${right ?? ''}`;
  return [
    ['zerodha', kite, exchange, String(8_000_000 + n * 256)],
    ['icici', breeze, exchange, String(35_000 + n)],
    ['angel', expiry === null ? `${symbol}-EQ` : symbol, exchange, String(35_000 + n)],
  ].map(([broker = '', brokerSymbol = '', brokerExchange = '', token = '']) => ({
    broker: brokerId(broker),
    brokerSymbol,
    brokerExchange,
    token,
  }));
};

/**
 * `count` made-up but lifelike instruments, the same ones every time: shares, indices, and the contracts of
 * over 200 underlyings in as many strikes as it takes; in the order in which a catalogue wants its rows.
 */
export function* syntheticRows(count: number): Generator<CatalogueRow> {
  const random = seededFraction(11);
  const letters = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(65 + Math.floor(random() * 26))).join('');
  const shares = new Set(NAMED);
  while (shares.size < Math.max(UNDERLYINGS, count / 15)) {
    shares.add(letters(3 + Math.floor(random() * 8)));
  }
  let n = 0;
  const row = (instrument: Instrument): CatalogueRow => {
    n += 1;
    return { instrument, listings: listings(instrument, n) };
  };
  const spot = (exchange: Exchange, symbol: string, name: string): Instrument => ({
    exchange,
    symbol,
    name,
    kind: exchange === 'NSE_INDEX' ? 'index' : 'equity',
    underlying: symbol,
    expiry: null,
    strike: null,
    right: null,
    lotSize: 1,
    tickSize: decimal('0.05'),
    freezeQuantity: null,
  });
  const names = new Map<string, string>(INDICES.map((symbol) => [symbol, symbol]));
  for (const symbol of [...shares].sort()) {
    const word = (): string => NAME_WORDS[Math.floor(random() * NAME_WORDS.length)] ?? '';
    names.set(symbol, `${symbol} ${word()} ${word()} LIMITED`);
  }
  for (const symbol of INDICES) yield row(spot('NSE_INDEX', symbol, symbol));
  for (const exchange of ['NSE', 'BSE'] as const) {
    for (const symbol of [...shares].sort()) {
      yield row(spot(exchange, symbol, names.get(symbol) ?? symbol));
    }
  }
  const underlyings = [...new Set([...INDICES, ...NAMED, ...shares])].slice(0, UNDERLYINGS);
  const chains = INDICES.length * (WEEKLY.length + 2) + (UNDERLYINGS - INDICES.length) * 3;
  const strikes = Math.max(2, Math.ceil((count - n - UNDERLYINGS * 3) / chains / 2));
  for (const underlying of underlyings) {
    const isIndex = INDICES.includes(underlying);
    const expiries: readonly string[] = isIndex ? [...new Set([...WEEKLY, ...MONTHLY])] : MONTHLY;
    const step = isIndex ? 50 : 2.5;
    for (const day of expiries) {
      const expiry: IsoDate = isoDate(day);
      const shared = {
        ...spot(
          'NFO',
          `${underlying}${symbolDate(expiry)}FUT`,
          names.get(underlying) ?? underlying,
        ),
        underlying,
        expiry,
        lotSize: isIndex ? 65 : 550,
        freezeQuantity: isIndex ? 1800 : null,
      };
      if (MONTHLY.includes(day)) yield row({ ...shared, kind: 'future' });
      for (let s = 0; s < strikes; s += 1) {
        for (const right of ['CE', 'PE'] as const) {
          const strike = decimal((isIndex ? 20_000 : 100) + s * step);
          const symbol = `${underlying}${symbolDate(expiry)}${strike}${right}`;
          yield row({ ...shared, symbol, kind: 'option', strike, right });
        }
      }
    }
  }
}
