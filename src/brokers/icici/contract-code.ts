import { parseNamedDate } from '../../core/instruments/calendar-date';
import { parseDecimal } from '../../core/domain/decimal';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import { MONTHS } from '../../core/domain/time';

/** What an order or quote of Breeze says about a contract, each in a field of its own. */
export interface IciciContract {
  /** ICICI's own short name of the underlying: CNXBAN for BANKNIFTY. */
  readonly stockCode: string;
  readonly expiry: IsoDate;
  readonly strike: Decimal | null;
  readonly right: 'CE' | 'PE' | null;
}

const CODE = /^(FUT|OPT)-([A-Z0-9&]+)-(\d{2}-[A-Z][a-z]{2}-\d{4})(?:-(\d+(?:\.\d+)?)-(CE|PE))?$/;

/**
 * One text for a contract, since ICICI has no symbol for it: `FUT-NIFTY-29-Sep-2026`,
 * `OPT-CNXBAN-29-Sep-2026-57700-CE`, the form in which its client libraries key contracts.
 */
export const contractCode = (contract: IciciContract): string => {
  const { stockCode, expiry, strike, right } = contract;
  const month = MONTHS[Number(expiry.slice(5, 7)) - 1] ?? '';
  const stem = `${stockCode}-${expiry.slice(8, 10)}-${month}-${expiry.slice(0, 4)}`;
  return strike === null || right === null ? `FUT-${stem}` : `OPT-${stem}-${strike}-${right}`;
};

/** The parts of a contract code, or null when it is none (a share's code is just its short name). */
export const parseContractCode = (code: string): IciciContract | null => {
  const match = CODE.exec(code);
  if (match === null) return null;
  const [, kind, stockCode = '', date = '', printed, right] = match;
  const expiry = parseNamedDate(date);
  if (expiry === null || (kind === 'OPT') !== (printed !== undefined)) return null;
  if (printed === undefined) return { stockCode, expiry, strike: null, right: null };
  const strike = parseDecimal(printed);
  if (strike === null || (right !== 'CE' && right !== 'PE')) return null;
  return { stockCode, expiry, strike, right };
};
