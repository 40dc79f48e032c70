/** NSE indices with derivatives by ICICI's short name; the master has their long names, some cut short. */
export const NSE_INDEX_CODES: ReadonlyMap<string, string> = new Map([
  ['NIFTY', 'NIFTY'],
  ['CNXBAN', 'BANKNIFTY'],
  ['NIFFIN', 'FINNIFTY'],
  ['NIFSEL', 'MIDCPNIFTY'],
  ['NIFNEX', 'NIFTYNXT50'],
]);

/** DJIA, FTSE 100 and S&P 500. */
export const FOREIGN_INDEX_CODES: ReadonlySet<string> = new Set(['DJIA', 'FTSE', 'SNP500']);
/** CNX 100, CNX DEFTY, CNX NIFTY JUNIOR (now NIFTY NEXT 50, which has a row of its own) and MINIFTY. */
export const RENAMED_INDEX_CODES: ReadonlySet<string> = new Set([
  'CNX100',
  'DEFTY',
  'CNXNIF',
  'MINIFT',
]);
