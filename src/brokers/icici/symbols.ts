import { GatewayError } from '../../core/domain/errors';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import type { Exchange, InstrumentId } from '../../core/domain/instrument';
import { contractSymbol } from '../../core/instruments/symbol';
import type { BrokerSymbols } from '../../core/ports/broker';
import { contractCode, parseContractCode } from './contract-code';
import type { IciciContract } from './contract-code';
import { NSE_INDEX_CODES } from './index-codes';

/** The exchanges that can be traded, by the name that Breeze and we have in common. */
export const ICICI_EXCHANGES = ['NSE', 'BSE', 'NFO', 'BFO'] as const;
export type IciciExchange = (typeof ICICI_EXCHANGES)[number];

/** The exchange as Breeze calls it, null for one that gives data only (currency, commodities). */
export const iciciExchange = (exchange: Exchange): IciciExchange | null =>
  ICICI_EXCHANGES.find((one) => one === exchange) ?? null;

/** How an order names what it trades. */
export interface IciciName {
  readonly exchange: IciciExchange;
  readonly stockCode: string;
  /** Null for shares. */
  readonly contract: IciciContract | null;
}

/** Breeze's name of an instrument, or in words why it cannot be ordered there. */
export const iciciName = (id: InstrumentId, symbols: BrokerSymbols): IciciName | string => {
  const exchange = iciciExchange(id.exchange);
  if (exchange === null) return `${id.exchange} cannot be traded through Breeze`;
  const listed = symbols.nameOf(id);
  if (listed === null) return `today's Security Master does not list ${id.exchange}:${id.symbol}`;
  const contract = parseContractCode(listed.symbol);
  return { exchange, stockCode: contract?.stockCode ?? listed.symbol, contract };
};

/** What a row of any book says about its instrument. */
export interface IciciRowName {
  readonly exchange_code: string;
  readonly stock_code: string;
  readonly expiry_date: IsoDate | null;
  readonly strike_price: Decimal | null;
  readonly right: 'CE' | 'PE' | null;
}

/**
 * The instrument of a row. A contract that has left the master is spelled from its parts, because it may
 * still be in a book. @throws GatewayError SCHEMA for a name that nobody knows
 */
export const rowInstrument = (row: IciciRowName, symbols: BrokerSymbols): InstrumentId => {
  const exchange = ICICI_EXCHANGES.find((one) => one === row.exchange_code.toUpperCase());
  const name = `${row.exchange_code} ${row.stock_code}`;
  if (exchange === undefined) throw new GatewayError('SCHEMA', `exchange_code of ${name}: unknown`);
  const contract = contractOf(row, exchange, name);
  const code = contract === null ? row.stock_code : contractCode(contract);
  const found = symbols.find(exchange, code);
  if (found !== null) return { exchange: found.exchange, symbol: found.symbol };
  const spelled = contract === null ? null : spelledSymbol(contract, symbols);
  if (spelled !== null) return { exchange, symbol: spelled };
  throw new GatewayError(
    'SCHEMA',
    `stock_code ${row.stock_code} of ${exchange} is not in today's Security Master`,
  );
};

const contractOf = (
  row: IciciRowName,
  exchange: IciciExchange,
  name: string,
): IciciContract | null => {
  if (exchange === 'NSE' || exchange === 'BSE') return null;
  const { stock_code: stockCode, expiry_date: expiry, strike_price: strike, right } = row;
  if (expiry === null) throw new GatewayError('SCHEMA', `expiry_date of ${name}: absent`);
  if (right === null) return { stockCode, expiry, strike: null, right: null };
  if (strike === null) throw new GatewayError('SCHEMA', `strike_price of ${name}: absent`);
  return { stockCode, expiry, strike, right };
};

const spelledSymbol = (contract: IciciContract, symbols: BrokerSymbols): string | null => {
  const { stockCode, expiry, strike, right } = contract;
  const base =
    NSE_INDEX_CODES.get(stockCode) ??
    symbols.find('NSE', stockCode)?.symbol ??
    symbols.find('BSE', stockCode)?.symbol;
  if (base === undefined) return null;
  try {
    return strike === null || right === null
      ? contractSymbol({ kind: 'future', base, expiry, strike: null, right: null })
      : contractSymbol({ kind: 'option', base, expiry, strike, right });
  } catch {
    return null;
  }
};
