/** Why a row of the Security Master is no instrument of ours. */
export const ICICI_SKIPS = [
  /** Not as many cells as the header. */
  'ragged-row',
  /** A file of the zip that we do not know. */
  'file-unknown',
  /** Schemes of mutual funds are no instruments of an exchange. */
  'mutual-fund',
  /** Delisted companies, offers for sale and test rows: `0`, `NA`, `nul`, `X5572`, five digits on BSE. */
  'no-exchange-token',
  'no-exchange-symbol',
  'symbol-characters',
  /** Indices of other countries, which NSE once had futures on. */
  'foreign-index',
  /** Indices under names that NSE gave up: the same index may be there under its new one. */
  'renamed-index',
  /** An index derivative whose short name is not in our table; its ExchangeCode is cut short. */
  'index-unknown',
  /** Spot rates of the currency segment. */
  'currency-spot',
  'instrument-type-unknown',
  'bad-expiry',
  'bad-strike',
  'bad-lot',
  'bad-tick',
] as const;

export type IciciSkip = (typeof ICICI_SKIPS)[number];
