import { isPlainSymbol } from './symbol';

/** OpenAlgo names of the indices whose exchange name, in capitals, is another one. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['NIFTY 50', 'NIFTY'],
  ['NIFTY BANK', 'BANKNIFTY'],
  ['NIFTY FIN SERVICE', 'FINNIFTY'],
  ['NIFTY FINANCIAL SERVICES', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NIFTY MIDCAP SELECT', 'MIDCPNIFTY'],
  ['NIFTY NEXT 50', 'NIFTYNXT50'],
]);

/**
 * The OpenAlgo symbol of an index by the exchange's name of it: the fixed names, otherwise the name in
 * capitals without spaces (`Nifty Pvt Bank` -> `NIFTYPVTBANK`). Null when that is no symbol.
 */
export const indexSymbol = (exchangeName: string): string | null => {
  const name = exchangeName.trim().toUpperCase().replace(/\s+/g, ' ');
  const symbol = NAMES.get(name) ?? name.replaceAll(' ', '');
  return isPlainSymbol(symbol) ? symbol : null;
};
