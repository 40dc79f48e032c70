import { describe, expect, it } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { contractCode, parseContractCode } from '../../../src/brokers/icici/contract-code';
import { readIciciFiles, readIciciMaster } from '../../../src/brokers/icici/master';
import { decimal } from '../../../src/core/domain/decimal';
import { isoDate } from '../../../src/core/domain/ids';
import { keysOf, listedAs, skippedOf } from '../../support/master-readings';

const DAY = isoDate('2026-07-30');

/** In the broker's form: CRLF, none after the last line, text quoted, numbers bare. */
const file = (head: string, rows: readonly string[]): string => [head, ...rows].join('\r\n');

// The real headers have more columns; these are in the real order. NSE has a blank after each comma.
const NSE_HEAD =
  '"Token", "ShortName", "Series", "CompanyName", "ticksize", "Lotsize", "ISINCode", "ExchangeCode"';
const nse = (token: string, short: string, series: string, name: string, code: string): string =>
  `"${token}","${short}","${series}","${name}",0.01,1,"INE000A01001","${code}"`;
const BSE_HEAD = '"Token","ShortName","Series","CompanyName","TickSize","LotSize","ExchangeCode"';
const bse = (token: string, short: string, name: string, code: string): string =>
  `"${token}","${short}","DR","${name}",1450.55,1,"${code}"`;
const FO_HEAD =
  '"Token","InstrumentName","ShortName","Series","ExpiryDate","StrikePrice","OptionType","MinimumLotQty","LotSize","TickSize","CompanyName","ExchangeCode"';
interface Contract {
  readonly token?: string;
  readonly kind: string;
  readonly short: string;
  readonly expiry?: string;
  readonly strike?: string;
  readonly type?: string;
  readonly lot?: number;
  readonly tick?: string;
  readonly code: string;
}
const fo = (row: Contract): string => {
  const { token = '35084', kind, short, expiry = '29-Sep-2026', strike = '"0"', code } = row;
  const { type = 'XX', lot = 65, tick = '5' } = row;
  const series = type === 'XX' ? 'FUTURE' : 'OPTION';
  return `"${token}","${kind}","${short}","${series}","${expiry}",${strike},"${type}",0,${lot},${tick},"${short} LTD","${code}"`;
};
const MCX_HEAD =
  '"Token","InstrumentName","ShortName","Series","CompanyName","TickSize","LotSize","ExpiryDate","OptionType","StrikePrice","ExchangeCode"';

const read = (name: string, text: string) => readIciciFiles([[name, text]], DAY);
const readNse = (...rows: string[]) => read('NSEScripMaster.txt', file(NSE_HEAD, rows));
const readBse = (...rows: string[]) => read('BSEScripMaster.txt', file(BSE_HEAD, rows));
const readFonse = (...rows: Contract[]) =>
  read('FONSEScripMaster.txt', file(FO_HEAD, rows.map(fo)));

describe('the NSE file', () => {
  it('gives shares under the symbol of the exchange, ICICI’s own code beside it', () => {
    const reading = readNse(
      nse('2885', 'RELIND', 'EQ', 'RELIANCE INDUSTRIES', 'RELIANCE'),
      nse('2031', 'MAHMAH', 'EQ', 'MAHINDRA & MAHINDRA', 'M&M'),
    );
    expect(keysOf(reading)).toEqual(['NSE:RELIANCE', 'NSE:M&M']);
    expect(reading).toMatchObject({ broker: 'icici', asOf: DAY });
    expect(listedAs(reading, 'NSE:RELIANCE')).toEqual({
      instrument: {
        exchange: 'NSE',
        symbol: 'RELIANCE',
        kind: 'equity',
        name: 'RELIANCE INDUSTRIES',
        underlying: 'RELIANCE',
        expiry: null,
        strike: null,
        right: null,
        lotSize: 1,
        // The file says 0.01 here, as in every row; that is not the tick.
        tickSize: '0',
        freezeQuantity: null,
      },
      brokerSymbol: 'RELIND',
      brokerExchange: 'NSE',
      token: '2885',
    });
  });

  it('counts rows without a token of the exchange', () => {
    const reading = readNse(
      nse('0', 'ACRTEC', 'BE', 'ACROPETAL', 'ACROPETAL'),
      nse('00', 'OLDCO', 'EQ', 'OLD CO', 'OLDCO'),
      nse('NA', 'FLOIND', 'EQ', 'FLOAT GLASS', 'FLOATGLASS'),
      nse('nul', 'SGBT15', 'GB', '2.50% SOV. GOLD BOND', 'SGBNOV258'),
      nse('X5572', 'IIFNIF', 'EQ', 'IIFL NIFTY ETF', 'IIFLNIFTY'),
      nse('NTPOFS', 'NTPOFS', 'EQ', 'NTPC LTD OFS', 'NTPOFS'),
    );
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({ 'no-exchange-token': 6 });
  });

  it('knows indices by series 0 and takes the name that is not cut short', () => {
    const reading = readNse(
      nse('NIFTY 50', 'NIFTY', '0', 'NIFTY 50', 'NIFTY 50'),
      nse('NIFTY BANK', 'CNXBAN', '0', 'NIFTY BANK', 'NIFTY BANK'),
      nse('NIFTY FIN SERVICE', 'NIFFIN', '0', 'NIFTY FINANCIAL SERVICES', 'NIFTY FINANCIAL'),
      nse('NIFTY MID SELECT', 'NIFSEL', '0', 'NIFTY MIDCAP SELECT', 'NIFTY MIDCAP'),
      nse('INDIA VIX', 'INDVIX', '0', 'INDIA VIX VOLATILITY INDEX', 'INDVIX'),
      nse('NIFTY TOTAL MKT', 'NIFTOM', '0', 'Nifty Total Market', 'NIFTY TOTAL'),
      nse('CNX NIFTY JUNIOR', 'CNXNIF', '0', 'CNX NIFTY JUNIOR', 'CNX Nifty Junior'),
      nse('S&P500', 'SNP500', '0', 'S&P 500 INDEX', 'S&P500'),
    );
    expect(keysOf(reading)).toEqual([
      'NSE_INDEX:NIFTY',
      'NSE_INDEX:BANKNIFTY',
      'NSE_INDEX:FINNIFTY',
      'NSE_INDEX:MIDCPNIFTY',
      'NSE_INDEX:INDIAVIX',
      'NSE_INDEX:NIFTYTOTALMKT',
    ]);
    expect(skippedOf(reading)).toEqual({ 'renamed-index': 1, 'foreign-index': 1 });
    expect(listedAs(reading, 'NSE_INDEX:BANKNIFTY')).toMatchObject({
      brokerSymbol: 'CNXBAN',
      token: 'NIFTY BANK',
      instrument: { kind: 'index' },
    });
  });

  it('keeps bonds of an issuer apart from its share', () => {
    const reading = readNse(
      nse('11224', 'UGRND7', 'N5', '10.15% UGRO', 'UGROCAP'),
      nse('5313', 'CHOSEC', 'EQ', 'UGRO CAPITAL LIMITED', 'UGROCAP'),
    );
    expect(listedAs(reading, 'NSE:UGROCAP').brokerSymbol).toBe('CHOSEC');
    expect(listedAs(reading, 'NSE:UGROCAP-N5').brokerSymbol).toBe('UGRND7');
  });

  it('lists neither of two rows with one token', () => {
    const reading = readNse(
      nse('21325', 'ARTGLO', 'EQ', 'ART GLOBAL', 'AGLSL'),
      nse('21325', 'CHON37', 'NI', '8.40% CHOLA', '840CIFCL27'),
      nse('3045', 'STABAN', 'EQ', 'STATE BANK OF INDIA', 'SBIN'),
    );
    expect(keysOf(reading)).toEqual(['NSE:SBIN']);
    expect(skippedOf(reading)).toEqual({ 'token-not-unique': 2 });
  });
});

describe('the BSE file', () => {
  it('gives scrips of six digits, and no tick: the column holds a price', () => {
    const reading = readBse(
      bse('SENSEX', 'BSESEN', 'BSE SENSEX', 'SENSEX'),
      bse('500325', 'RELIND', 'RELIANCE INDUSTRIES', 'RELIANCE'),
      bse('51005', 'ADAOFS', 'ADANI POWER OFS', 'ADANIPOWER'),
      bse('000000', 'BSEMET', 'BSE Metals', '000000'),
      bse('523511', 'AANGRA', 'AANKIT GRANITES', ''),
      bse('500001', 'STARCO', 'STAR CO', 'ACE*'),
      bse('500002', 'BUDBUD', 'BUDGE BUDGE CO', 'BUDGE BUDGE'),
    );
    expect(keysOf(reading)).toEqual(['BSE_INDEX:SENSEX', 'BSE:RELIANCE', 'BSE:BUDGEBUDGE']);
    expect(listedAs(reading, 'BSE:RELIANCE').instrument.tickSize).toBe('0');
    expect(skippedOf(reading)).toEqual({
      'no-exchange-token': 2,
      'no-exchange-symbol': 1,
      'symbol-characters': 1,
    });
  });

  it('lists neither of two companies of one symbol', () => {
    const reading = readBse(
      bse('531247', 'ALPHIT', 'ALPHA HI-TECH FUEL LTD', 'ALPHA'),
      bse('590154', 'KOTN50', 'KOTAK NIFTY ALPHA 50 ETF', 'ALPHA'),
    );
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({ 'symbol-not-unique': 2 });
  });
});

describe('the files of contracts', () => {
  it('give options and futures with ticks in paise and strikes as printed', () => {
    const reading = readFonse(
      { kind: 'OPTIDX', short: 'NIFTY', strike: '"29150"', type: 'CE', code: 'NIFTY 50' },
      { token: '2', kind: 'FUTIDX', short: 'CNXBAN', lot: 30, tick: '20', code: 'NIFTY BANK' },
      { token: '3', kind: 'FUTIDX', short: 'NIFSEL', lot: 120, code: 'NIFTY MIDCAP' },
      {
        token: '4',
        kind: 'OPTSTK',
        short: 'ASHLEY',
        strike: '"227.5"',
        type: 'PE',
        tick: '1',
        code: 'ASHOKLEY',
      },
    );
    expect(keysOf(reading)).toEqual([
      'NFO:NIFTY29SEP2629150CE',
      'NFO:BANKNIFTY29SEP26FUT',
      'NFO:MIDCPNIFTY29SEP26FUT',
      'NFO:ASHOKLEY29SEP26227.5PE',
    ]);
    expect(listedAs(reading, 'NFO:NIFTY29SEP2629150CE')).toMatchObject({
      instrument: { lotSize: 65, tickSize: '0.05', strike: '29150', right: 'CE' },
      brokerSymbol: 'OPT-NIFTY-29-Sep-2026-29150-CE',
      brokerExchange: 'NFO',
    });
    expect(listedAs(reading, 'NFO:BANKNIFTY29SEP26FUT')).toMatchObject({
      instrument: { lotSize: 30, tickSize: '0.2', underlying: 'BANKNIFTY' },
      brokerSymbol: 'FUT-CNXBAN-29-Sep-2026',
    });
    expect(listedAs(reading, 'NFO:ASHOKLEY29SEP26227.5PE').instrument.tickSize).toBe('0.01');
  });

  it('of BSE say FUTIND and OPTIND, and the exchange’s own names', () => {
    const row = fo({
      kind: 'OPTIND',
      short: 'BSESEN',
      strike: '"80000"',
      type: 'PE',
      lot: 20,
      code: 'SENSEX',
    });
    const reading = read('FOBSEScripMaster.txt', file(FO_HEAD, [row]));
    expect(keysOf(reading)).toEqual(['BFO:SENSEX29SEP2680000PE']);
  });

  it('of the currency segment have rupee ticks, spot rows, and lots that are not stated', () => {
    const common = { short: 'EURINR', tick: '0.0025', code: 'EURINR' };
    const rows = [
      fo({ ...common, kind: 'UNDCUR', expiry: '01-Jan-1980', strike: '0', lot: 1000 }),
      fo({ ...common, token: '2', kind: 'OPTCUR', strike: '97.7500', type: 'CE', lot: 1000 }),
      fo({ ...common, token: '3', kind: 'FUTCUR', strike: '0', lot: 0 }),
    ];
    const reading = read('CDNSEScripMaster.txt', file(FO_HEAD, rows));
    expect(keysOf(reading)).toEqual(['CDS:EURINR29SEP2697.75CE', 'CDS:EURINR29SEP26FUT']);
    expect(listedAs(reading, 'CDS:EURINR29SEP2697.75CE')).toMatchObject({
      instrument: { lotSize: 1000, tickSize: '0.0025', strike: '97.75' },
      brokerExchange: 'NDX',
    });
    expect(listedAs(reading, 'CDS:EURINR29SEP26FUT').instrument.lotSize).toBe(0);
    expect(skippedOf(reading)).toEqual({ 'currency-spot': 1 });
    // Since 2026 there are only spot rows: an empty segment is a normal one.
    const empty = read('CDNSEScripMaster.txt', file(FO_HEAD, rows.slice(0, 1)));
    expect(empty.listed).toEqual([]);
  });

  it('of MCX say FUTSTK for commodities and have their columns in another order', () => {
    const reading = read(
      'MCXScripMaster.txt',
      file(MCX_HEAD, [
        '"562057","FUTSTK","CRUDE","FUTURE","CRUDEOIL",100,100,"19-Aug-2026","XX",0,"CRUDEOIL"',
        '"562058","OPTSTK","NATGAS","OPTION","NATURALGAS",5,1250,"26-Aug-2026","CE",327.5,"NATURALGAS"',
      ]),
    );
    expect(keysOf(reading)).toEqual(['MCX:CRUDEOIL19AUG26FUT', 'MCX:NATURALGAS26AUG26327.5CE']);
    expect(listedAs(reading, 'MCX:CRUDEOIL19AUG26FUT').instrument).toMatchObject({
      lotSize: 100,
      tickSize: '1',
    });
  });

  it('count every row that cannot be read under what is wrong with it', () => {
    const good = { kind: 'OPTSTK', short: 'TCS', strike: '"3000"', type: 'CE', code: 'TCS' };
    const text = file(FO_HEAD, [
      fo({ ...good, expiry: '31-Sep-2026' }),
      fo({ ...good, strike: '"0"' }),
      fo({ ...good, strike: '"3e3"' }),
      fo({ ...good, type: 'XX' }),
      fo({ ...good, kind: 'SPREAD' }),
      fo({ ...good, lot: 0 }),
      fo({ ...good, tick: '-5' }),
      fo({ ...good, token: 'NA' }),
      fo({ ...good, code: 'TCS LTD' }),
      fo({ ...good, code: '' }),
      fo({ ...good, kind: 'OPTIDX', short: 'NEWIDX', code: 'NIFTY SOMETHING' }),
      '"1","OPTSTK"',
    ]);
    const reading = read('FONSEScripMaster.txt', text);
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({
      'bad-expiry': 1,
      'bad-strike': 2,
      'instrument-type-unknown': 2,
      'bad-lot': 1,
      'bad-tick': 1,
      'no-exchange-token': 1,
      'symbol-characters': 1,
      'no-exchange-symbol': 1,
      'index-unknown': 1,
      'ragged-row': 1,
    });
  });
});

describe('the zip', () => {
  const whole = {
    'NSEScripMaster.txt': strToU8(
      file(NSE_HEAD, [nse('3045', 'STABAN', 'EQ', 'STATE BANK OF INDIA', 'SBIN')]),
    ),
    'BSEScripMaster.txt': strToU8(file(BSE_HEAD, [bse('500112', 'STABAN', 'STATE BANK', 'SBIN')])),
    'FONSEScripMaster.txt': strToU8(
      file(FO_HEAD, [fo({ kind: 'FUTSTK', short: 'STABAN', code: 'SBIN' })]),
    ),
  };

  it('gives all files in one reading; funds and unknown files are counted', () => {
    const zip = zipSync({
      'MFScripMaster.txt': strToU8('"CompanyCode", "SchemeCode"\r\n"21","103D"\r\n"10","MCOD"'),
      ...whole,
      'NewScripMaster.txt': strToU8('"a"\r\n"1"'),
    });
    const reading = readIciciMaster(zip, DAY);
    expect(keysOf(reading)).toEqual(['NSE:SBIN', 'BSE:SBIN', 'NFO:SBIN29SEP26FUT']);
    expect(skippedOf(reading)).toEqual({ 'mutual-fund': 2, 'file-unknown': 1 });
  });

  it('is refused when it is cut short, lacks a file, or a file lacks a column', () => {
    const zip = zipSync(whole);
    expect(() => readIciciMaster(zip.slice(0, zip.length / 2), DAY)).toThrow();
    const { 'FONSEScripMaster.txt': contracts, ...rest } = whole;
    expect(contracts.length).toBeGreaterThan(0);
    expect(() => readIciciMaster(zipSync(rest), DAY)).toThrow(
      'ICICI Security Master: FONSEScripMaster.txt is not in the zip',
    );
    const html = zipSync({ ...whole, 'NSEScripMaster.txt': strToU8('<html>not found</html>') });
    expect(() => readIciciMaster(html, DAY)).toThrow(
      'NSEScripMaster.txt: there is no column "Token"',
    );
  });
});

describe('a contract code', () => {
  it('is written and read', () => {
    const contract = {
      stockCode: 'CNXBAN',
      expiry: isoDate('2026-09-29'),
      strike: decimal('57700'),
      right: 'CE' as const,
    };
    expect(contractCode(contract)).toBe('OPT-CNXBAN-29-Sep-2026-57700-CE');
    expect(parseContractCode('OPT-CNXBAN-29-Sep-2026-57700-CE')).toEqual(contract);
    const future = { ...contract, strike: null, right: null };
    expect(contractCode(future)).toBe('FUT-CNXBAN-29-Sep-2026');
    expect(parseContractCode('FUT-CNXBAN-29-Sep-2026')).toEqual(future);
  });

  it.each(['RELIND', 'FUT-CNXBAN-31-Sep-2026', 'OPT-CNXBAN-29-Sep-2026', 'FUT-X-29-Sep-2026-5-CE'])(
    '%s is none',
    (code) => {
      expect(parseContractCode(code)).toBeNull();
    },
  );
});
