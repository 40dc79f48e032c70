import { add, decimal, maximum, subtract, toNumber } from '../../core/domain/decimal';
import { isoDate } from '../../core/domain/ids';
import { DAY_MS, MONTHS } from '../../core/domain/time';
import { sameNumber } from './fields';

export type SimulatedExchange = 'NSE' | 'BSE' | 'NFO' | 'BFO';

/** One instrument that the simulated broker trades. */
export interface IciciInstrument {
  readonly exchange: SimulatedExchange;
  readonly token: string;
  /** ICICI's short name. */
  readonly stockCode: string;
  /** The exchange's symbol; of the underlying for a contract. */
  readonly symbol: string;
  readonly name: string;
  readonly kind: 'equity' | 'index' | 'future' | 'option';
  /** YYYY-MM-DD; null outside F&O, as are the two below. */
  readonly expiry: string | null;
  readonly strike: string | null;
  readonly right: 'CE' | 'PE' | null;
  readonly lotSize: number;
  /** Of a contract, in paise; cash goes by bands of the price. */
  readonly tickPaise: number | null;
  /** Rupees until the market is told another price. */
  readonly basePrice: string;
  readonly isin: string;
}

const INDICES = new Set(['NIFTY', 'CNXBAN', 'NIFFIN', 'NIFSEL', 'NIFNEX', 'BSESEN', 'BANKEX']);
/** Whether this code of ICICI names an index. */
export const isIndexCode = (stockCode: string): boolean => INDICES.has(stockCode);

/** DD-Mon-YYYY of YYYY-MM-DD. */
export const longDate = (day: string): string => {
  const month = MONTHS[Number(day.slice(5, 7)) - 1] ?? '';
  return `${day.slice(8, 10)}-${month}-${day.slice(0, 4)}`;
};

/** The name of an instrument in prices and in the log: `RELIND`, `FUT-NIFTY-24-Nov-2026`, `OPT-NIFTY-24-Nov-2026-24800-CE`. */
export const keyOf = (instrument: IciciInstrument): string => {
  const { stockCode, expiry, strike, right } = instrument;
  if (expiry === null) return stockCode;
  const contract = `${stockCode}-${longDate(expiry)}`;
  return strike === null || right === null
    ? `FUT-${contract}`
    : `OPT-${contract}-${strike}-${right}`;
};

/** How a call names an instrument. */
export interface WantedInstrument {
  readonly exchange: string;
  readonly stockCode: string;
  readonly expiry: string | null;
  readonly strike: string;
  readonly right: string;
}

const RIGHTS: Readonly<Record<string, 'CE' | 'PE'>> = { call: 'CE', put: 'PE' };

/** The one instrument that is meant, or null. */
export const findInstrument = (
  all: readonly IciciInstrument[],
  wanted: WantedInstrument,
): IciciInstrument | null => {
  const right = RIGHTS[wanted.right.toLowerCase()] ?? null;
  return (
    all.find(
      (one) =>
        one.exchange === wanted.exchange.toUpperCase() &&
        one.stockCode === wanted.stockCode.toUpperCase() &&
        one.expiry === wanted.expiry &&
        one.right === right &&
        (one.strike === null || sameNumber(one.strike, wanted.strike)),
    ) ?? null
  );
};

/** Real names and tokens of the exchanges' public lists; the prices are made up. */
const SHARES: readonly (readonly [string, string, string, string, string, string, string])[] = [
  ['RELIND', 'RELIANCE', 'RELIANCE INDUSTRIES', '2885', '500325', '1400', 'INE002A01018'],
  ['STABAN', 'SBIN', 'STATE BANK OF INDIA', '3045', '500112', '1000', 'INE062A01020'],
  ['INFTEC', 'INFY', 'INFOSYS LTD', '1594', '500209', '1450', 'INE009A01021'],
  ['ITC', 'ITC', 'ITC LIMITED', '1660', '500875', '310', 'INE154A01025'],
  ['TATSTE', 'TATASTEEL', 'TATA STEEL LIMITED', '3499', '500470', '180', 'INE081A01020'],
];

interface Underlying {
  readonly exchange: 'NFO' | 'BFO';
  readonly stockCode: string;
  readonly symbol: string;
  readonly price: number;
  readonly lotSize: number;
  readonly futureTick: number;
  /** Weekday of expiry, Sunday 0. */
  readonly weekday: number;
  readonly weekly: boolean;
  readonly step: number;
}
const UNDERLYINGS: readonly Underlying[] = [
  {
    ...{ exchange: 'NFO', stockCode: 'NIFTY', symbol: 'NIFTY 50', price: 24_800, lotSize: 65 },
    ...{ futureTick: 10, weekday: 2, weekly: true, step: 50 },
  },
  {
    ...{ exchange: 'NFO', stockCode: 'CNXBAN', symbol: 'NIFTY BANK', price: 57_000, lotSize: 30 },
    ...{ futureTick: 20, weekday: 2, weekly: false, step: 100 },
  },
  {
    ...{ exchange: 'NFO', stockCode: 'RELIND', symbol: 'RELIANCE', price: 1_400, lotSize: 500 },
    ...{ futureTick: 10, weekday: 2, weekly: false, step: 12.5 },
  },
  {
    ...{ exchange: 'BFO', stockCode: 'BSESEN', symbol: 'SENSEX', price: 81_000, lotSize: 20 },
    ...{ futureTick: 5, weekday: 4, weekly: true, step: 100 },
  },
];
const STRIKES_EACH_WAY = 4;

/** Cash, indices, futures and a few options whose expiries lie after `today` (YYYY-MM-DD, IST). */
export const builtInInstruments = (today: string): readonly IciciInstrument[] => {
  const plain = { expiry: null, strike: null, right: null, lotSize: 1, tickPaise: null } as const;
  const shares = SHARES.flatMap(([stockCode, symbol, name, nse, bse, basePrice, isin]) => {
    const common = { ...plain, stockCode, symbol, name, basePrice, isin, kind: 'equity' } as const;
    return [
      { ...common, exchange: 'NSE', token: nse } as const,
      { ...common, exchange: 'BSE', token: bse } as const,
    ];
  });
  const indices = UNDERLYINGS.filter(({ stockCode }) => isIndexCode(stockCode)).map(
    ({ exchange, stockCode, symbol, price }) =>
      ({
        ...plain,
        exchange: exchange === 'BFO' ? 'BSE' : 'NSE',
        token: symbol,
        stockCode,
        symbol,
        name: symbol,
        kind: 'index',
        basePrice: String(price),
        isin: '',
      }) as const,
  );
  let token = 35_000;
  const contracts = UNDERLYINGS.flatMap((underlying) =>
    contractsOf(underlying, today, () => {
      token += 1;
      return String(underlying.exchange === 'BFO' ? 800_000 + token : token);
    }),
  );
  return [...shares, ...indices, ...contracts];
};

const contractsOf = (
  underlying: Underlying,
  today: string,
  nextToken: () => string,
): readonly IciciInstrument[] => {
  const { exchange, stockCode, symbol, price, lotSize, futureTick, weekly, step } = underlying;
  const days = expiries(today, underlying.weekday);
  const monthly = days.filter((day, index) => days[index + 1]?.slice(0, 7) !== day.slice(0, 7));
  const common = { exchange, stockCode, symbol, name: symbol, lotSize, isin: '' } as const;
  const futures = monthly.slice(0, 3).map((expiry): IciciInstrument => ({
    ...common,
    ...{ token: nextToken(), kind: 'future', expiry, strike: null, right: null },
    ...{ tickPaise: futureTick, basePrice: String(price) },
  }));
  const optionDays = weekly ? days.slice(0, 2) : monthly.slice(0, 1);
  const strikes = Array.from(
    { length: 2 * STRIKES_EACH_WAY + 1 },
    (_, index) => price + (index - STRIKES_EACH_WAY) * step,
  );
  const options = optionDays.flatMap((expiry) =>
    strikes.flatMap((strike) =>
      (['CE', 'PE'] as const).map((right): IciciInstrument => ({
        ...common,
        ...{ token: nextToken(), kind: 'option', expiry, strike: String(strike), right },
        ...{ tickPaise: 5, basePrice: optionPrice(price, strike, right) },
      })),
    ),
  );
  return [...futures, ...options];
};

/** Intrinsic value and 0.4 % of the spot. */
const optionPrice = (spot: number, strike: number, right: 'CE' | 'PE'): string => {
  const ahead = subtract(decimal(spot), decimal(strike));
  const intrinsic = right === 'CE' ? ahead : subtract(decimal(0), ahead);
  const value = add(maximum(intrinsic, decimal(0)), decimal(spot * 0.004));
  return String(Math.round(toNumber(value) * 20) / 20);
};

/** The next 20 days with this weekday after `today`. */
const expiries = (today: string, weekday: number): readonly string[] => {
  const start = Date.parse(`${isoDate(today)}T00:00:00Z`);
  const ahead = (weekday - new Date(start).getUTCDay() + 6) % 7;
  return Array.from({ length: 20 }, (_, week) =>
    new Date(start + (ahead + 1 + 7 * week) * DAY_MS).toISOString().slice(0, 10),
  );
};
