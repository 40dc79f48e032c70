import { afterAll, describe, expect, it } from '@jest/globals';
import { contractCode, parseContractCode } from '../../src/brokers/icici/contract-code';
import { decimal } from '../../src/core/domain/decimal';
import { isoDate } from '../../src/core/domain/ids';
import { instrumentKey, isDerivative } from '../../src/core/domain/instrument';
import { joinMasters } from '../../src/core/instruments/join';
import { contractFacts } from '../../src/core/instruments/symbol';
import type { ListedInstrument, MasterReading } from '../../src/core/ports/master';
import { ICICI_ZIP, MASTER_FILES, bodyLines, iciciTexts, textOf } from './masters/files';

const readings = new Map<string, MasterReading>();
/** The reading of one file; read once. */
const readingOf = (name: string): MasterReading => {
  const known = readings.get(name);
  if (known !== undefined) return known;
  const file = MASTER_FILES.find((one) => one.name === name);
  if (file === undefined) throw new Error(`no such file: ${name}`);
  const reading = file.read();
  readings.set(name, reading);
  return reading;
};

const MONTHS = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC';
/** `30-JUL-2026` in any case as 2026-07-30, without the code under test. */
const isoOf = (text: string): string => {
  const [day = '', month = '', year = ''] = text.toUpperCase().split('-');
  return `${year}-${String(MONTHS.indexOf(month) / 3 + 1).padStart(2, '0')}-${day}`;
};
/** 2026-07-30 as 30JUL26. */
const symbolDateOf = (date: string): string => {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}${MONTHS.slice(Number(month) * 3 - 3, Number(month) * 3)}${year.slice(2)}`;
};
const cellsOf = (line: string): string[] => line.trim().replaceAll('"', '').split(',');

const summary: string[] = [];
afterAll(() => {
  process.stderr.write(`\n${summary.join('\n')}\n`);
});

describe.each(MASTER_FILES)('$name', (file) => {
  it('lists every row, or counts it under a reason', () => {
    const started = performance.now();
    const { listed, skipped } = readingOf(file.name);
    const ms = Math.round(performance.now() - started);
    const left = Object.fromEntries(skipped);
    const reasons = Object.entries(left).map(([reason, count]) => `${reason} ${String(count)}`);
    summary.push(
      `${file.name}: ${file.rows} rows, ${listed.length} listed, ${ms} ms; ${reasons.join(', ')}`,
    );
    expect(file.countRows()).toBe(file.rows);
    expect(left).toEqual(file.skipped);
    expect(listed.length + [...skipped.values()].reduce((a, b) => a + b, 0)).toBe(file.rows);
  });

  it('leads from each symbol to one broker symbol and back', () => {
    const { listed } = readingOf(file.name);
    const there = new Map(
      listed.map((one) => [
        instrumentKey(one.instrument),
        `${one.brokerExchange}:${one.brokerSymbol}`,
      ]),
    );
    const back = new Map(
      listed.map((one) => [
        `${one.brokerExchange}:${one.brokerSymbol}`,
        instrumentKey(one.instrument),
      ]),
    );
    expect(there.size).toBe(listed.length);
    expect(back.size).toBe(listed.length);
    const astray = [...there].filter(([key, code]) => back.get(code) !== key);
    expect(astray).toEqual([]);
  });

  it('spells in each symbol what the instrument says, and nothing in that of a share', () => {
    const wrong = readingOf(file.name).listed.filter(({ instrument }) => {
      const facts = contractFacts(instrument.symbol);
      if (!isDerivative(instrument)) return facts !== null;
      return (
        facts?.kind !== instrument.kind ||
        facts.base !== instrument.underlying ||
        facts.expiry !== instrument.expiry ||
        facts.strike !== instrument.strike ||
        facts.right !== instrument.right
      );
    });
    expect(wrong).toEqual([]);
  });

  it('has lots, ticks and texts of the shape that the domain wants', () => {
    const wrong = readingOf(file.name).listed.filter(({ instrument, brokerSymbol, token }) => {
      const { lotSize, tickSize, strike, symbol } = instrument;
      const plain = [tickSize, strike ?? '1'].every((text) => decimal(text) === text);
      return (
        !Number.isSafeInteger(lotSize) ||
        lotSize < 0 ||
        !plain ||
        !/^[A-Z0-9&.-]+$/.test(symbol) ||
        brokerSymbol === '' ||
        token === ''
      );
    });
    expect(wrong).toEqual([]);
  });
});

const KITE_NSE = 'zerodha/instruments-NSE-2026-07-30.csv.gz';
const KITE_FNO = 'zerodha/instruments-NFO-BFO-2026-08-17.csv.gz';
const ANGEL_2025 = 'angel/OpenAPIScripMaster-nifty-family-2025-04.json.gz';

describe('rows told apart by hand', () => {
  const find = (file: string, key: string): ListedInstrument | undefined =>
    readingOf(file).listed.find(({ instrument }) => instrumentKey(instrument) === key);

  it.each([
    [ICICI_ZIP, 'NSE:RELIANCE', 'RELIND', '2885', 1, '0'],
    [ICICI_ZIP, 'NSE:SBIN', 'STABAN', '3045', 1, '0'],
    [ICICI_ZIP, 'NSE_INDEX:BANKNIFTY', 'CNXBAN', 'NIFTY BANK', 1, '0'],
    [ICICI_ZIP, 'NSE_INDEX:INDIAVIX', 'INDVIX', 'INDIA VIX', 1, '0'],
    [ICICI_ZIP, 'BSE_INDEX:SENSEX', 'BSESEN', 'SENSEX', 1, '0'],
    [ICICI_ZIP, 'NFO:NIFTY11AUG2622350CE', 'OPT-NIFTY-11-Aug-2026-22350-CE', '40921', 65, '0.05'],
    [ICICI_ZIP, 'BFO:SENSEX27AUG26FUT', 'FUT-BSESEN-27-Aug-2026', '825622', 20, '0.05'],
    [ICICI_ZIP, 'MCX:ZINC23OCT26425PE', 'OPT-ZINC-23-Oct-2026-425-PE', '581370', 5, '0.01'],
    [KITE_NSE, 'NSE_INDEX:MIDCPNIFTY', 'NIFTY MID SELECT', '288009', 1, '0'],
    [KITE_NSE, 'NSE:782GJ32-SG', '782GJ32-SG', '2610177', 100, '0.01'],
    [KITE_FNO, 'NFO:NIFTY25AUG26FUT', 'NIFTY26AUGFUT', '14866434', 65, '0.1'],
    [KITE_FNO, 'BFO:SENSEX5029OCT2626850PE', 'SENSEX5026OCT26850PE', '226392069', 75, '0.05'],
    [ANGEL_2025, 'NSE_INDEX:NIFTY', 'Nifty 50', '99926000', 1, '0'],
    [ANGEL_2025, 'NFO:NIFTY25JUN2623000CE', 'NIFTY25JUN2623000CE', '37799', 75, '0.05'],
  ])('%s %s', (file, key, brokerSymbol, token, lotSize, tickSize) => {
    expect(find(file, key)).toMatchObject({
      brokerSymbol,
      token,
      instrument: { lotSize, tickSize },
    });
  });

  it('has names with digits and punctuation from every side', () => {
    for (const key of ['NSE:M&M', 'NSE:BAJAJ-AUTO', 'NSE:360ONE', 'NSE_INDEX:NIFTYNXT50']) {
      expect([key, find(ICICI_ZIP, key)?.instrument.symbol]).toEqual([key, key.split(':')[1]]);
      expect(find(KITE_NSE, key)?.instrument.symbol).toBe(key.split(':')[1]);
    }
    const bases = new Set(
      readingOf(KITE_FNO).listed.map(({ instrument }) => instrument.underlying),
    );
    for (const base of [
      'M&M',
      'BAJAJ-AUTO',
      'NAM-INDIA',
      'GVT&D',
      '360ONE',
      'NIFTYNXT50',
      'SENSEX50',
    ]) {
      expect(bases.has(base)).toBe(true);
    }
  });
});

describe('every row against its raw line, cut here with other means', () => {
  it('Kite contracts', () => {
    const byCode = new Map(
      readingOf(KITE_FNO).listed.map((one) => [one.brokerSymbol, one.instrument]),
    );
    const wrong = bodyLines(textOf(KITE_FNO)).filter((line) => {
      const [, , code = '', name = '', , expiry = '', strike, , lot, type, , exchange] =
        cellsOf(line);
      const tail = type === 'FUT' ? 'FUT' : `${String(Number(strike))}${type ?? ''}`;
      const found = byCode.get(code);
      return (
        found?.symbol !== `${name}${symbolDateOf(expiry)}${tail}` ||
        found.exchange !== exchange ||
        found.lotSize !== Number(lot)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('ICICI contracts', () => {
    const byToken = new Map(
      readingOf(ICICI_ZIP).listed.map((one) => [`${one.brokerExchange}:${one.token}`, one]),
    );
    const wrong: string[] = [];
    let seen = 0;
    for (const [exchange, file] of [
      ['NFO', 'FONSEScripMaster.txt'],
      ['BFO', 'FOBSEScripMaster.txt'],
    ] as const) {
      for (const line of bodyLines(iciciTexts().get(file) ?? '')) {
        const [token = '', , short, , expiry = '', strike, type] = cellsOf(line);
        const lot = Number(cellsOf(line)[27]);
        const found = byToken.get(`${exchange}:${token}`);
        const kind = type === 'XX' ? 'FUT' : `${String(Number(strike))}${type ?? ''}`;
        const tail = `${symbolDateOf(isoOf(expiry))}${kind}`;
        const parts = parseContractCode(found?.brokerSymbol ?? '');
        const good =
          found?.instrument.symbol === `${found?.instrument.underlying ?? ''}${tail}` &&
          found.instrument.lotSize === lot &&
          parts !== null &&
          parts.stockCode === short &&
          contractCode(parts) === found.brokerSymbol &&
          parts.expiry === found.instrument.expiry &&
          parts.strike === found.instrument.strike &&
          parts.right === found.instrument.right;
        seen += 1;
        if (!good) wrong.push(line);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBe(70_950 + 4439);
  });

  // Other brokers' files of other days, as evidence only: never joined.
  it('agrees with the Shoonya master of BFO, two days younger, in every contract', () => {
    const theirs = new Map(
      bodyLines(textOf('shoonya/BFO_symbols-2026-08-19.txt.gz')).map((line) => {
        const [, token, lot, , symbol = '', expiry = '', , , strike, tick] = cellsOf(line);
        return [symbol, [token, Number(lot), isoOf(expiry), Number(strike), Number(tick)]];
      }),
    );
    const ours = readingOf(KITE_FNO).listed.filter((one) => one.brokerExchange === 'BFO');
    const differ = ours.filter(({ instrument, brokerSymbol, token }) => {
      const row = theirs.get(brokerSymbol);
      const strike = instrument.strike === null ? (row?.[3] ?? 0) : Number(instrument.strike);
      const said = [
        String(Number(token) >>> 8),
        instrument.lotSize,
        instrument.expiry,
        strike,
        Number(instrument.tickSize),
      ];
      return JSON.stringify(said) !== JSON.stringify(row);
    });
    expect(ours).toHaveLength(4258);
    expect(differ).toEqual([]);
  });

  it('agrees with the Shoonya master of MCX, 19 days younger, on lot and tick of all shared contracts', () => {
    const theirs = new Map(
      bodyLines(textOf('shoonya/MCX_symbols-2026-08-18.txt.gz')).map((line) => {
        const [, , lot, , base = '', , expiry = '', , type = '', strike, tick] = cellsOf(line);
        const tail = type === 'XX' ? 'FUT' : `${String(Number(strike))}${type}`;
        return [`${base}${symbolDateOf(isoOf(expiry))}${tail}`, [Number(lot), Number(tick)]];
      }),
    );
    const shared = readingOf(ICICI_ZIP).listed.filter(
      ({ instrument }) => instrument.exchange === 'MCX' && theirs.has(instrument.symbol),
    );
    expect(shared).toHaveLength(14_218);
    const differ = shared.filter(
      ({ instrument: { symbol, lotSize, tickSize } }) =>
        JSON.stringify([lotSize, Number(tickSize)]) !== JSON.stringify(theirs.get(symbol)),
    );
    expect(differ).toEqual([]);
  });
});

describe('ICICI and Kite of one day', () => {
  const joined = () => joinMasters([readingOf(KITE_NSE), readingOf(ICICI_ZIP)]);

  it('share 3,992 instruments of NSE, by symbol, without a conflict', () => {
    const { instruments, conflicts, withoutLot, withoutTick } = joined();
    const both = instruments.filter(({ listings }) => listings.length === 2);
    expect(both).toHaveLength(3992);
    expect(both.filter(({ instrument }) => instrument.kind === 'index')).toHaveLength(12);
    expect(conflicts).toEqual([]);
    expect(withoutLot).toEqual([]);
    // Lot and tick that ICICI does not state come from Kite.
    const reliance = both.find(({ instrument }) => instrument.symbol === 'RELIANCE');
    expect(reliance?.instrument.tickSize).toBe('0.1');
    const shares = both.filter(({ instrument }) => instrument.kind === 'equity');
    expect(shares.every(({ instrument }) => instrument.tickSize !== '0')).toBe(true);
    expect(instruments).toHaveLength(9985 + 130_407 - 3992);
    summary.push(
      `joined: ${instruments.length}, in both ${both.length}, tick unknown ${withoutTick}`,
    );
  });

  it('would have been joined wrongly by token on 65 of 4,039 rows', () => {
    const kite = new Map(
      bodyLines(textOf(KITE_NSE)).map((line) => {
        const [, token = '', symbol = ''] = cellsOf(line);
        return [token, symbol];
      }),
    );
    const shared = bodyLines(iciciTexts().get('NSEScripMaster.txt') ?? '')
      .map((line) => {
        const cells = cellsOf(line);
        return { token: cells[0] ?? '', symbol: cells.at(-1) ?? '' };
      })
      .filter(({ token }) => kite.has(token));
    const strangers = shared.filter(({ token, symbol }) => {
      const theirs = kite.get(token) ?? '';
      return theirs !== symbol && !theirs.startsWith(`${symbol}-`);
    });
    expect(new Set(shared.map(({ token }) => token)).size).toBe(4039);
    expect(strangers).toHaveLength(65);
    // One of them: the token of GRUH, which is gone, is that of an index value of a fund today.
    expect(strangers).toContainEqual({ token: expect.any(String), symbol: 'GRUH' });
    const { instruments } = joined();
    const listers = new Map(
      instruments.map(({ instrument, listings }) => [
        instrumentKey(instrument),
        listings.map(({ broker }) => broker).join(),
      ]),
    );
    expect(listers.get('NSE:GRUH')).toBe('icici');
    expect(listers.get('NSE:HDFCLVINAV')).toBe('zerodha');
    // What the join put together has none of these tokens on both sides.
    const tokens = new Set(strangers.map(({ token }) => token));
    const mixed = instruments.filter(({ listings: [kites, icicis] }) => {
      const token = String(Number(kites?.token) >>> 8);
      return icicis !== undefined && tokens.has(token) && icicis.token === token;
    });
    expect(mixed).toEqual([]);
  });

  it('is refused for masters of two days', () => {
    expect(() => joinMasters([readingOf(ICICI_ZIP), readingOf(KITE_FNO)])).toThrow(
      'join: icici is of 2026-07-30 and zerodha of 2026-08-17; masters of one day only',
    );
  });

  it('meets the Angel rows that public code quotes', () => {
    const angel = readingOf('angel/OpenAPIScripMaster-nfo-rows-quoted.json.gz');
    expect(angel.asOf).toBe(isoDate('2026-07-30'));
    const { instruments, conflicts } = joinMasters([readingOf(ICICI_ZIP), angel]);
    const both = instruments.filter(({ listings }) => listings.length === 2);
    expect(both.map(({ instrument }) => instrument.symbol)).toEqual(['NIFTY11AUG2622350CE']);
    expect(both[0]?.listings.map(({ token }) => token)).toEqual(['40921', '40921']);
    expect(conflicts).toEqual([]);
  });
});
