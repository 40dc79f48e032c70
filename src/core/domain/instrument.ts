import type { Decimal, IsoDate } from './ids';

/** OpenAlgo exchange codes; index exchanges are quote only. */
export const EXCHANGES = [
  'NSE',
  'NFO',
  'CDS',
  'BSE',
  'BFO',
  'BCD',
  'MCX',
  'NCDEX',
  'NCO',
  'NSE_INDEX',
  'BSE_INDEX',
  'MCX_INDEX',
  'GLOBAL_INDEX',
  'CRYPTO',
] as const;
export type Exchange = (typeof EXCHANGES)[number];

export type InstrumentKind = 'equity' | 'index' | 'future' | 'option';

/** What names an instrument across brokers and days. `symbol` spells the expiry, strike and right out. */
export interface InstrumentId {
  readonly exchange: Exchange;
  /** OpenAlgo symbol, for example `SBIN` or `NIFTY24NOV2624500CE`; case sensitive. */
  readonly symbol: string;
}

export interface Instrument extends InstrumentId {
  readonly kind: InstrumentKind;
  /** Company or underlying name. */
  readonly name: string;
  /** Symbol of the underlying for derivatives, otherwise the symbol itself. */
  readonly underlying: string;
  readonly expiry: IsoDate | null;
  readonly strike: Decimal | null;
  readonly right: 'CE' | 'PE' | null;
  /** Orders are multiples of this; exchange units. */
  readonly lotSize: number;
  /** Rupees; prices are multiples of this. */
  readonly tickSize: Decimal;
  /** Largest quantity of one order, null when unknown. */
  readonly freezeQuantity: number | null;
}

/** `NSE:SBIN`: the one text form of an InstrumentId, for keys and logs. */
export const instrumentKey = (id: InstrumentId): string => `${id.exchange}:${id.symbol}`;

export const isDerivative = (instrument: Instrument): boolean =>
  instrument.kind === 'future' || instrument.kind === 'option';

export const isTradable = (instrument: Instrument): boolean => instrument.kind !== 'index';
