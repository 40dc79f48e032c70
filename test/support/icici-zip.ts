import { strToU8, zipSync } from 'fflate';

const NSE_HEAD =
  '"Token", "ShortName", "Series", "CompanyName", "ticksize", "Lotsize", "ISINCode", "ExchangeCode"';
const BSE_HEAD = '"Token","ShortName","Series","CompanyName","TickSize","LotSize","ExchangeCode"';
const FO_HEAD =
  '"Token","InstrumentName","ShortName","Series","ExpiryDate","StrikePrice","OptionType","MinimumLotQty","LotSize","TickSize","CompanyName","ExchangeCode"';

const file = (head: string, rows: readonly string[]): Uint8Array =>
  strToU8([head, ...rows].join('\r\n'));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

export interface ZipOptions {
  /** Day on which its files were made. */
  readonly day: string;
  /** Shares of NSE; the other files have two rows. */
  readonly shares: number;
  /** Files to leave out. */
  readonly without?: readonly string[];
}

/** A small Security Master in the broker's form; invented rows. */
export const iciciZip = ({ day, shares, without = [] }: ZipOptions): Uint8Array => {
  const files = {
    'NSEScripMaster.txt': file(
      NSE_HEAD,
      upTo(shares).map(
        (n) =>
          `"${String(1000 + n)}","SHORT${String(n)}","EQ","COMPANY ${String(n)}",0.01,1,"INE000A01001","SYM${String(n)}"`,
      ),
    ),
    'BSEScripMaster.txt': file(BSE_HEAD, [
      '"500325","RELIND","DR","RELIANCE",1450.55,1,"RELIANCE"',
      '"0","GONE","DR","GONE",1,1,"GONE"',
    ]),
    'FONSEScripMaster.txt': file(FO_HEAD, [
      '"35084","OPTIDX","NIFTY","OPTION","29-Dec-2026","25000","CE",0,65,5,"NIFTY 50","NIFTY 50"',
      '"35085","FUTIDX","NIFTY","FUTURE","29-Dec-2026","0","XX",0,65,10,"NIFTY 50","NIFTY 50"',
    ]),
    'MFScripMaster.txt': file('"CompanyCode","SchemeCode"', ['"A","1"']),
  };
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return zipSync(
    Object.fromEntries(Object.entries(files).filter(([name]) => !without.includes(name))),
    // The zip keeps the clock time of this machine, whatever its zone.
    { mtime: new Date(year, month - 1, date, 7, 5) },
  );
};
