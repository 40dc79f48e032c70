import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strFromU8, strToU8, unzipSync } from 'fflate';
import { readAngelMaster } from '../../../src/brokers/angel/master';
import { readIciciFiles, readIciciMaster } from '../../../src/brokers/icici/master';
import { readKiteMaster } from '../../../src/brokers/zerodha/master';
import { isoDate } from '../../../src/core/domain/ids';
import type { MasterReading } from '../../../src/core/ports/master';

const root = process.env['TORAN_TEST_DATA'];
if (root === undefined)
  throw new Error('TORAN_TEST_DATA must name the folder of the full data files');

/** The bytes of a data file, unpacked. */
export const bytesOf = (name: string): Uint8Array => {
  const bytes = readFileSync(join(root, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};
export const textOf = (name: string): string => strFromU8(bytesOf(name));

export const ICICI_ZIP = 'icici/SecurityMaster-2026-07-30.zip';
let unzipped: ReadonlyMap<string, string> | null = null;
/** The texts of the ICICI zip by file name. */
export const iciciTexts = (): ReadonlyMap<string, string> => {
  unzipped ??= new Map(
    Object.entries(unzipSync(bytesOf(ICICI_ZIP))).map(([name, bytes]) => [name, strFromU8(bytes)]),
  );
  return unzipped;
};

/** Lines that are not blank, without the header: counted here without the reader's own parser. */
export const bodyLines = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(1);
const csvRowCount = (text: string): number => bodyLines(text).length;
const jsonRowCount = (text: string): number => text.split('"token":').length - 1;

/** One master file of the data folder. */
export interface MasterFile {
  readonly name: string;
  /** Rows that its README states. */
  readonly rows: number;
  readonly countRows: () => number;
  readonly read: () => MasterReading;
  /** What is left out, by reason; everything else is listed. */
  readonly skipped: Readonly<Record<string, number>>;
}

const kite = (
  file: string,
  day: string,
  rows: number,
  skipped: MasterFile['skipped'] = {},
): MasterFile => ({
  name: `zerodha/${file}`,
  rows,
  countRows: () => csvRowCount(textOf(`zerodha/${file}`)),
  read: () => readKiteMaster(bytesOf(`zerodha/${file}`), isoDate(day)),
  skipped,
});

const angel = (
  file: string,
  day: string,
  rows: number,
  skipped: MasterFile['skipped'] = {},
): MasterFile => ({
  name: `angel/${file}`,
  rows,
  countRows: () => jsonRowCount(textOf(`angel/${file}`)),
  read: () => readAngelMaster(bytesOf(`angel/${file}`), isoDate(day)),
  skipped,
});

const icici = (file: string, rows: number, skipped: MasterFile['skipped'] = {}): MasterFile => {
  const text = (): string => iciciTexts().get(file) ?? '';
  return {
    name: `icici/SecurityMaster-2026-07-30.zip/${file}`,
    rows,
    countRows: () => csvRowCount(text()),
    read: () => readIciciFiles([[file, text()]], isoDate('2026-07-30')),
    skipped,
  };
};

const CDNSE_2025 = 'icici/CDNSEScripMaster-2025-09-01.txt.gz';

/** Every ICICI, Kite and Angel master in the folder. */
export const MASTER_FILES: readonly MasterFile[] = [
  icici('NSEScripMaster.txt', 5687, {
    'no-exchange-token': 138,
    'renamed-index': 4,
    'foreign-index': 3,
    'token-not-unique': 2,
  }),
  icici('BSEScripMaster.txt', 13_357, {
    'no-exchange-token': 299,
    'no-exchange-symbol': 925,
    'symbol-not-unique': 63,
  }),
  icici('FONSEScripMaster.txt', 70_950),
  icici('FOBSEScripMaster.txt', 4439),
  icici('CDNSEScripMaster.txt', 4, { 'currency-spot': 4 }),
  icici('MCXScripMaster.txt', 37_408),
  icici('MFScripMaster.txt', 7014, { 'mutual-fund': 7014 }),
  {
    name: ICICI_ZIP,
    rows: 5687 + 13_357 + 70_950 + 4439 + 4 + 37_408 + 7014,
    countRows: () => [...iciciTexts().values()].reduce((sum, text) => sum + csvRowCount(text), 0),
    read: () => readIciciMaster(bytesOf(ICICI_ZIP), isoDate('2026-07-30')),
    skipped: {
      'no-exchange-token': 437,
      'no-exchange-symbol': 925,
      'symbol-not-unique': 63,
      'token-not-unique': 2,
      'renamed-index': 4,
      'foreign-index': 3,
      'currency-spot': 4,
      'mutual-fund': 7014,
    },
  },
  {
    name: CDNSE_2025,
    rows: 1818,
    countRows: () => csvRowCount(textOf(CDNSE_2025)),
    read: () =>
      readIciciFiles([['CDNSEScripMaster.txt', textOf(CDNSE_2025)]], isoDate('2025-09-01')),
    skipped: { 'currency-spot': 4 },
  },
  kite('instruments-NSE-2026-07-30.csv.gz', '2026-07-30', 9985),
  kite('instruments-NFO-BFO-2026-08-17.csv.gz', '2026-08-17', 39_941),
  kite('instruments-MCX-2019-10.csv.gz', '2019-10-31', 2371, { 'calendar-spread': 21 }),
  kite('instruments-BSE-2019-10.csv.gz', '2019-10-31', 13_033, {
    'symbol-characters': 6,
    'token-not-unique': 4,
  }),
  angel('OpenAPIScripMaster-nifty-family-2025-04.json.gz', '2025-04-08', 4692, {
    'old-index-row': 4,
    'currency-index': 4,
  }),
  angel('OpenAPIScripMaster-slice-2026-08.json.gz', '2026-08-31', 39),
  angel('OpenAPIScripMaster-nfo-rows-quoted.json.gz', '2026-07-30', 7),
  {
    name: 'angel/OpenAPIScripMaster-nifty-family-2025-04.csv.gz',
    rows: 4692,
    countRows: () => csvRowCount(textOf('angel/OpenAPIScripMaster-nifty-family-2025-04.csv.gz')),
    // Angel itself serves JSON only: the rows are put into that form.
    read: (): MasterReading => {
      const text = textOf('angel/OpenAPIScripMaster-nifty-family-2025-04.csv.gz');
      const names = (text.split('\n')[0] ?? '').trim().split(',');
      const rows = bodyLines(text).map((line) => {
        const cells = line.trim().split(',');
        return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
      });
      return readAngelMaster(strToU8(JSON.stringify(rows)), isoDate('2025-04-08'));
    },
    skipped: { 'old-index-row': 4, 'currency-index': 4 },
  },
];
