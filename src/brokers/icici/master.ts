import { strFromU8, unzipSync } from 'fflate';
import { csvTable } from '../../core/instruments/csv';
import { ReadingBuilder } from '../../core/instruments/reading-builder';
import { brokerId } from '../../core/domain/ids';
import type { IsoDate } from '../../core/domain/ids';
import type { MasterReading } from '../../core/ports/master';
import { readBse, readNse } from './master-cash';
import { readContracts } from './master-contracts';
import type { ContractFile } from './master-contracts';
import type { IciciSkip } from './master-skips';

const PAISE = { tickScale: 100, lotMayBeZero: false };
/** The files of contracts by name. Currency ticks are in rupees, and some of its lots are 0. */
const CONTRACT_FILES: ReadonlyMap<string, ContractFile> = new Map([
  ['FONSEScripMaster.txt', { exchange: 'NFO', brokerExchange: 'NFO', ...PAISE }],
  ['FOBSEScripMaster.txt', { exchange: 'BFO', brokerExchange: 'BFO', ...PAISE }],
  ['MCXScripMaster.txt', { exchange: 'MCX', brokerExchange: 'MCX', ...PAISE }],
  [
    'CDNSEScripMaster.txt',
    { exchange: 'CDS', brokerExchange: 'NDX', tickScale: 1, lotMayBeZero: true },
  ],
]);
/** Without these the zip is not whole; older zips have no MCX and no MF file. */
const NEEDED = ['NSEScripMaster.txt', 'BSEScripMaster.txt', 'FONSEScripMaster.txt'] as const;
/** The largest file of 2026 unpacks to 20 MB. */
const MOST_BYTES = 200_000_000;

const countRows = (text: string, file: string): number => {
  let rows = 0;
  for (const cells of csvTable(text, file, []).rows) if (cells.length > 0) rows += 1;
  return rows;
};

/**
 * The reading of files of the Security Master, texts by file name; not all need be there.
 * @throws Error that names the file and the column that is missing.
 */
export const readIciciFiles = (
  files: Iterable<readonly [name: string, text: string]>,
  asOf: IsoDate,
): MasterReading => {
  const builder = new ReadingBuilder<IciciSkip>(brokerId('icici'), asOf);
  for (const [name, text] of files) {
    builder.part(name);
    const contracts = CONTRACT_FILES.get(name);
    if (contracts !== undefined) readContracts(builder, text, name, contracts);
    else if (name === 'NSEScripMaster.txt') readNse(builder, text, name);
    else if (name === 'BSEScripMaster.txt') readBse(builder, text, name);
    else if (name === 'MFScripMaster.txt') builder.skip('mutual-fund', countRows(text, name));
    else builder.skip('file-unknown', countRows(text, name));
  }
  return builder.finish();
};

/**
 * The reading of ICICI's SecurityMaster.zip. Shares have no tick (`TICK_NOT_STATED`): the one of the file
 * is wrong for many. `brokerSymbol` is the stock code of a share and the contract code of a contract.
 * @throws Error when it is no zip, or lacks a file or a column that every such zip has.
 */
export const readIciciMaster = (zip: Uint8Array, asOf: IsoDate): MasterReading => {
  const entries = unzipSync(zip, {
    filter: ({ name, originalSize }) => {
      if (originalSize > MOST_BYTES) throw new Error(`${name}: ${originalSize} bytes are too many`);
      return true;
    },
  });
  const missing = NEEDED.find((name) => entries[name] === undefined);
  if (missing !== undefined) throw new Error(`ICICI Security Master: ${missing} is not in the zip`);
  const texts = function* (): Generator<readonly [string, string]> {
    // One text at a time: they are large, and none is needed after its rows were read.
    for (const [name, bytes] of Object.entries(entries)) yield [name, strFromU8(bytes)];
  };
  return readIciciFiles(texts(), asOf);
};
