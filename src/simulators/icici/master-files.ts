import { decimal, multiply, toNumber } from '../../core/domain/decimal';
import { isIndexCode, longDate } from './instruments';
import type { IciciInstrument } from './instruments';
import {
  BSE_COLUMNS,
  CONTRACT_COLUMNS,
  MCX_COLUMNS,
  MF_COLUMNS,
  NSE_COLUMNS,
} from './master-columns';
import { bandOf } from './ticks';

type Cell = string | number;
type Row = Readonly<Record<string, Cell>>;

/** Text is quoted, numbers are bare, columns that are not named are empty text. */
const line = (columns: readonly string[], row: Row): string =>
  columns
    .map((name) => row[name] ?? '')
    .map((cell) => (typeof cell === 'number' ? String(cell) : `"${cell}"`))
    .join(',');

const file = (columns: readonly string[], rows: readonly Row[], gap = ''): string =>
  [
    columns.map((name) => `"${name}"`).join(`,${gap}`),
    ...rows.map((row) => line(columns, row)),
  ].join('\r\n');

const price = (one: IciciInstrument): number => Number(one.basePrice);
const bandNumbers = (one: IciciInstrument): { readonly lower: number; readonly upper: number } => {
  const { lower, upper } = bandOf(one, decimal(one.basePrice));
  return { lower: toNumber(lower), upper: toNumber(upper) };
};

/** Columns 21 and 22 of the real file hold the day's price band, whatever their names say. */
const nseRow = (one: IciciInstrument): Row => {
  const band = one.kind === 'index' ? { lower: 0, upper: 0 } : bandNumbers(one);
  return {
    ...{ Token: one.token, ShortName: one.stockCode, Series: one.kind === 'index' ? '0' : 'EQ' },
    ...{ CompanyName: one.name, ticksize: 0.01, Lotsize: 1, IssuePrice: 0 },
    ...{ FaceValue: one.kind === 'index' ? 0 : 1, ISINCode: one.isin },
    ...{ '52WeeksHigh': price(one) * 1.2, '52WeeksLow': price(one) * 0.8 },
    ...{ LifeTimeHigh: 0, LifeTimeLow: 0, InstrumentType: 0, PermittedToTrade: 0 },
    ...{ IssueCapital: 0, WarningPercent: band.upper, FreezePercent: band.lower, IssueRate: 0 },
    ...{ BoardLotQty: 0, NormalMarketStatus: 0, ExchangeCode: one.symbol },
  };
};

/** Rows of the kinds that a loader has to leave out: no token, a delisted share, a bond, a second series. */
const NSE_TRAPS: readonly Row[] = [
  { Token: '0', ShortName: 'SAMOLD', Series: 'EQ', CompanyName: 'SAMPLE OLD LIMITED' },
  { Token: '00', ShortName: 'SAMOLE', Series: 'BE', CompanyName: 'SAMPLE OLDER LIMITED' },
  { Token: 'nul', ShortName: 'SAMNUL', Series: 'EQ', CompanyName: 'SAMPLE NULL LIMITED' },
  { Token: 'NA', ShortName: 'SAMOFS', Series: 'BE', CompanyName: 'SAMPLE OFFER FOR SALE' },
  { Token: '99001', ShortName: 'SAMBON', Series: 'N1', CompanyName: 'SAMPLE BOND' },
].map((row) => ({ ...row, ticksize: 0.01, Lotsize: 1, ExchangeCode: 'SAMPLE' }));

/** `TickSize` and `IssuePrice` of the real file hold the day's price band. */
const bseRow = (one: IciciInstrument): Row => {
  const band = bandNumbers(one);
  return {
    ...{ Token: one.token, ShortName: one.stockCode, Series: 'DR', CompanyName: one.name },
    ...{ TickSize: band.upper, LotSize: 1, ScripCode: one.token, MarketLot: 0, BCastFlag: 0 },
    ...{ AVMBuyMargin: 0, AVMSellMargin: 0, ScripID: one.symbol, ScripName: one.name },
    ...{ IssuePrice: band.lower, FaceValue: 1, ISINCode: one.isin },
    ...{ '52WeeksHigh': 0, '52WeeksLow': 0, LifeTimeHigh: 0, LifeTimeLow: 0 },
    ExchangeCode: one.symbol,
  };
};

const contractRow = (one: IciciInstrument): Row => {
  const band = bandNumbers(one);
  const future = one.kind === 'future';
  const bse = one.exchange === 'BFO';
  const suffix = bse ? 'IND' : isIndexCode(one.stockCode) ? 'IDX' : 'STK';
  return {
    ...{ Token: one.token, InstrumentName: `${future ? 'FUT' : 'OPT'}${suffix}` },
    ...{ ShortName: one.stockCode, Series: future ? 'FUTURE' : 'OPTION' },
    ...{ ExpiryDate: longDate(one.expiry ?? ''), StrikePrice: one.strike ?? '0' },
    ...{ OptionType: one.right ?? 'XX', CALevel: 0, PermittedToTrade: 0, IssueCapital: 0 },
    ...{ WarningQty: 0, FreezeQty: 0, NormalMarketStatus: 0, MarginPercentage: 1000 },
    ...{ MinimumLotQty: 0, LotSize: one.lotSize, TickSize: one.tickPaise ?? 5 },
    ...{ CompanyName: one.name, LowPriceRange: band.lower, HighPriceRange: band.upper },
    ...{ MF: bse ? '0-XXX' : '1-Mon', ExAllowed: one.exchange },
    BasePrice: toNumber(multiply(decimal(one.basePrice), 100)),
    ExchangeCode: one.symbol,
  };
};

/** The currency segment of today's real file: spot rows alone, in rupees. */
const CURRENCY: readonly Row[] = ['USDINR', 'EURINR', 'GBPINR', 'JPYINR'].map((pair, index) => ({
  ...{ Token: String(index + 1), InstrumentName: 'UNDCUR', ShortName: pair, Series: 'SPOT' },
  ...{ ExpiryDate: '01-Jan-1980', StrikePrice: 0, OptionType: 'XX', MinimumLotQty: 1 },
  ...{ LotSize: 1000, TickSize: 0.0025, CompanyName: pair, BasePrice: 0, ExchangeCode: pair },
}));

const COMMODITIES = (expiry: string): readonly Row[] => [
  {
    ...{ Token: '568001', InstrumentName: 'FUTSTK', ShortName: 'GOLDTE', Series: 'FUTURE' },
    ...{ CompanyName: 'GOLDTEN', TickSize: 100, LotSize: 1, ExpiryDate: expiry },
    ...{ OptionType: 'XX', StrikePrice: 0, QuantityUnit: 'GRMS', ExchangeCode: 'GOLDTEN' },
  },
];

const FUNDS: readonly Row[] = [
  {
    ...{ CompanyCode: '1', SchemeCode: 'SAMP', AmfiCd: '100001', NAV: '10.0000' },
    ...{ SchemeName: 'Sample Large Cap Fund - Growth', Type: 'Mutual Fund', Direct_flag: 'N' },
  },
];

/** The seven files of the master by name, as the broker writes them: CRLF, and none after the last line. */
export const masterFiles = (
  instruments: readonly IciciInstrument[],
): Readonly<Record<string, string>> => {
  const on = (exchange: IciciInstrument['exchange']): readonly IciciInstrument[] =>
    instruments.filter((one) => one.exchange === exchange);
  const someExpiry = longDate(on('NFO')[0]?.expiry ?? '2030-01-01');
  return {
    'NSEScripMaster.txt': file(NSE_COLUMNS, [...NSE_TRAPS, ...on('NSE').map(nseRow)], ' '),
    'BSEScripMaster.txt': file(BSE_COLUMNS, on('BSE').map(bseRow)),
    'FONSEScripMaster.txt': file(CONTRACT_COLUMNS, on('NFO').map(contractRow)),
    'FOBSEScripMaster.txt': file(CONTRACT_COLUMNS, on('BFO').map(contractRow)),
    'CDNSEScripMaster.txt': file(CONTRACT_COLUMNS, CURRENCY),
    'MCXScripMaster.txt': file(MCX_COLUMNS, COMMODITIES(someExpiry)),
    'MFScripMaster.txt': file(MF_COLUMNS, FUNDS, ' '),
  };
};
