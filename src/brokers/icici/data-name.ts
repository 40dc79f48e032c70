import { GatewayError } from '../../core/domain/errors';
import { instrumentKey, isDerivative } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { IsoDate } from '../../core/domain/ids';
import { MONTHS } from '../../core/domain/time';
import type { BrokerSymbols } from '../../core/ports/broker';
import { parseContractCode } from './contract-code';
import type { IciciContract } from './contract-code';

/** How a data call names an instrument, of every exchange that Breeze has data of. */
export interface DataName {
  readonly stockCode: string;
  /** NSE, BSE, NFO, BFO, NDX or MCX. */
  readonly exchangeCode: string;
  /** Null for shares and indices. */
  readonly contract: IciciContract | null;
}

/** @throws GatewayError UNKNOWN_SYMBOL when today's master of ICICI does not list the instrument */
export const dataName = (
  symbols: BrokerSymbols,
  instrument: Instrument,
  correlationId: string,
): DataName => {
  const name = symbols.nameOf(instrument);
  const contract = name === null ? null : parseContractCode(name.symbol);
  if (name === null || (contract !== null) !== isDerivative(instrument)) {
    throw new GatewayError(
      'UNKNOWN_SYMBOL',
      `${instrumentKey(instrument)}: not in ICICI's master of today`,
      { correlationId },
    );
  }
  return { stockCode: contract?.stockCode ?? name.symbol, exchangeCode: name.exchange, contract };
};

/** `call` or `put`; `others` for a future. */
export const iciciRight = (contract: IciciContract): 'call' | 'put' | 'others' => {
  if (contract.right === null) return 'others';
  return contract.right === 'CE' ? 'call' : 'put';
};

/** `27-Feb-2025`, as the calculators want a day. */
export const namedDay = (date: IsoDate): string =>
  `${date.slice(8, 10)}-${MONTHS[Number(date.slice(5, 7)) - 1] ?? ''}-${date.slice(0, 4)}`;

/** The contract fields of a quote, chain, history or preview call. Of `expiry_date` only the day matters. */
export const contractFields = (
  contract: IciciContract,
  clock: '06:00:00.000Z' | '07:00:00.000Z',
): Readonly<Record<'expiry_date' | 'right' | 'strike_price', string>> => ({
  expiry_date: `${contract.expiry}T${clock}`,
  right: iciciRight(contract),
  strike_price: contract.strike ?? '0',
});

/** `cash`, `futures` or `options`. */
export const iciciProduct = (contract: IciciContract | null): 'cash' | 'futures' | 'options' => {
  if (contract === null) return 'cash';
  return contract.right === null ? 'futures' : 'options';
};
