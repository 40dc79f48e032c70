import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config';
import { GatewayError } from '../core/domain/errors';
import { isoDate } from '../core/domain/ids';
import type { IsoDate } from '../core/domain/ids';
import { istTime } from '../core/domain/time';
import { prepareDataDirectory } from '../infra/data-directory';
import { DownloadNotes } from '../infra/catalogue/download-notes';
import type { DownloadNote } from '../infra/catalogue/download-notes';
import { importMaster } from '../infra/catalogue/import-master';
import { MasterFiles } from '../infra/catalogue/master-files';
import { readSeed, seedFreezeLimits } from '../infra/seed-catalogue';
import { SystemClock } from '../infra/system-clock';
import { masterKinds, masterSources } from '../master-kinds';
import type { Row } from './render-table';

const SEED = path.join(__dirname, '..', '..', 'seed');

const readDate = (text: string): IsoDate => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return isoDate(text);
  throw new GatewayError('VALIDATION', `--date: ${text} is no day YYYY-MM-DD`);
};

const readBytes = (file: string): Uint8Array => {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError('VALIDATION', `file: ${reason}`, { cause: error });
  }
};

const runImport = async (
  broker: string,
  file: string,
  options: { readonly date: string; readonly force?: boolean },
): Promise<readonly Row[]> => {
  const { dataDirectory } = loadConfig(process.env);
  const asOf = readDate(options.date);
  const bytes = readBytes(file);
  prepareDataDirectory(dataDirectory);
  const force = options.force === true;
  const at = new SystemClock().now();
  const kinds = masterKinds(seedFreezeLimits(readSeed(SEED)));
  const report = await importMaster({ dataDirectory, broker, bytes, asOf, force, at }, kinds);
  const { note, diff } = report;
  const counts = Object.entries(diff.counts).filter(([, n]) => n > 0);
  return [
    { what: 'listed', count: note.listed },
    ...Object.entries(note.skipped).map(([reason, count]) => ({
      what: `skipped: ${reason}`,
      count,
    })),
    { what: 'instruments in the catalogue', count: report.count },
    ...[...report.remarks].map(([what, count]) => ({ what, count })),
    ...(diff.compared
      ? counts.map(([kind, count]) => ({ what: `changed: ${kind}`, count }))
      : [{ what: 'changed: nothing to compare with', count: 0 }]),
    ...report.leftOut.map((one) => ({
      what: `left out, of an earlier day: ${one.broker} ${one.asOf}`,
      count: one.listed,
    })),
  ];
};

/** What is in the way of a download, in one line. */
const failed = ({ wanted, attempts, failedAt, why, nextAt }: DownloadNote): string =>
  `none of ${wanted}: ${why} (${attempts} attempts, last ${istTime(failedAt)}, next ${istTime(nextAt)} IST)`;

const list = (): readonly Row[] => {
  const { dataDirectory, masters } = loadConfig(process.env);
  const files = new MasterFiles(dataDirectory);
  const notes = files.notes();
  const used = files.inUse(notes);
  const downloads = new DownloadNotes(dataDirectory);
  const missing = masterSources(masters.urls).flatMap(({ broker }) => {
    const note = downloads.read(broker);
    return note === null
      ? []
      : [{ broker, date: note.wanted, listed: 0, skipped: 0, 'in use': failed(note) }];
  });
  const imported = notes.map((note) => ({
    broker: note.broker,
    date: note.asOf,
    listed: note.listed,
    skipped: Object.values(note.skipped).reduce((sum, n) => sum + n, 0),
    'in use': used.includes(note) ? 'yes' : '',
  }));
  return [...missing, ...imported];
};

/** Adds `toran masters`; `print` shows rows as the caller wants them. */
export const addMasters = (program: Command, print: (rows: readonly Row[]) => void): void => {
  const masters = program
    .command('masters')
    .description('instrument masters of brokers: what the catalogue is made of');
  masters
    .command('list', { isDefault: true })
    .description('all imported masters, and what is in the way of a download')
    .action(() => {
      print(list());
    });
  masters
    .command('import <broker> <file>')
    .description("takes a broker's master file and builds the catalogue anew")
    .requiredOption('--date <day>', 'the day that the file speaks of, YYYY-MM-DD')
    .option('--force', 'take it although it lists nothing or less than half of before')
    .action(async (broker: string, file: string, options: { date: string; force?: boolean }) => {
      print(await runImport(broker, file, options));
    });
};
