import type { BrokerName, BrokerSymbols } from '../../src/core/ports/broker';
import type { Instrument } from '../../src/core/domain/instrument';
import { instrumentKey } from '../../src/core/domain/instrument';
import { decimal } from '../../src/core/domain/decimal';
import { contractInstrument, contractSymbol } from '../../src/core/instruments/symbol';
import type { ContractFacts } from '../../src/core/instruments/symbol';
import { isoDate } from '../../src/core/domain/ids';
import { contractCode } from '../../src/brokers/icici/contract-code';

/** A share without a stated tick, as the Security Master leaves it. */
export const share = (symbol: string, exchange: 'NSE' | 'BSE' = 'NSE'): Instrument => ({
  exchange,
  symbol,
  kind: 'equity',
  name: symbol,
  underlying: symbol,
  expiry: null,
  strike: null,
  right: null,
  lotSize: 1,
  tickSize: decimal('0'),
  freezeQuantity: null,
});

const contract = (facts: ContractFacts): Instrument =>
  contractInstrument(facts, {
    exchange: 'NFO',
    name: facts.base,
    lotSize: 75,
    tickSize: decimal('0.05'),
    freezeQuantity: null,
  });

const expiry = isoDate('2025-02-27');
export const NIFTY_FUTURE = contract({
  kind: 'future',
  base: 'NIFTY',
  expiry,
  strike: null,
  right: null,
});
export const NIFTY_CALL = contract({
  kind: 'option',
  base: 'NIFTY',
  expiry,
  strike: decimal('24800'),
  right: 'CE',
});
export const BANKNIFTY_PUT = contract({
  kind: 'option',
  base: 'BANKNIFTY',
  expiry,
  strike: decimal('50500.5'),
  right: 'PE',
});

/** ICICI's code of a listed instrument: the short name of a share, the contract code of a contract. */
export type Listed = readonly [instrument: Instrument, code: string];

const codeOf = ({ strike, right }: Instrument, stockCode: string): string =>
  contractCode({ stockCode, expiry, strike, right });

export const LISTED: readonly Listed[] = [
  [share('ITC'), 'ITC'],
  [share('RELIANCE'), 'RELIND'],
  [share('RELIANCE', 'BSE'), 'RELIND'],
  [share('SBIN'), 'STABAN'],
  [NIFTY_FUTURE, codeOf(NIFTY_FUTURE, 'NIFTY')],
  [NIFTY_CALL, codeOf(NIFTY_CALL, 'NIFTY')],
  [BANKNIFTY_PUT, codeOf(BANKNIFTY_PUT, 'CNXBAN')],
];

/** The names of exactly these instruments. */
export const symbolsOf = (listed: readonly Listed[]): BrokerSymbols => {
  const names = new Map<string, BrokerName>();
  const found = new Map<string, Instrument>();
  for (const [instrument, symbol] of listed) {
    const { exchange } = instrument;
    names.set(instrumentKey(instrument), { symbol, exchange, token: '1' });
    found.set(`${exchange}:${symbol}`, instrument);
  }
  return {
    nameOf: (id) => names.get(instrumentKey(id)) ?? null,
    find: (exchange, symbol) => found.get(`${exchange}:${symbol}`) ?? null,
  };
};

/** Our symbol of a contract of the simulator. */
export const contractSymbolOf = (one: {
  readonly stockCode: string;
  readonly expiry: string | null;
  readonly strike: string | null;
  readonly right: 'CE' | 'PE' | null;
}): string => {
  if (one.expiry === null) throw new Error('it is no contract');
  const common = { base: one.stockCode, expiry: isoDate(one.expiry) };
  return contractSymbol(
    one.strike === null || one.right === null
      ? { ...common, kind: 'future', strike: null, right: null }
      : { ...common, kind: 'option', strike: decimal(one.strike), right: one.right },
  );
};
