import { GatewayError } from '../../core/domain/errors';
import type { EpochMs, IsoDate } from '../../core/domain/ids';
import type { MasterPart, MasterReading } from '../../core/ports/master';
import type { BuildReport } from './build';
import { MasterFiles, masterContent, noteOf, readMaster } from './master-files';
import type { MasterKinds, MasterNote } from './master-files';
import { currentFile, replaceCatalogue, whileLocked } from './replace';

const LOCK_WAIT_MS = 60_000;

export interface ImportRequest {
  readonly dataDirectory: string;
  readonly broker: string;
  readonly bytes: Uint8Array;
  /** The day that the file speaks of. */
  readonly asOf: IsoDate;
  /** Takes it although it lists nothing or far less than before. */
  readonly force: boolean;
  /** Refuses a file that lists less than this part of the broker's last one; half unless told. */
  readonly leastShare?: number;
  readonly at: EpochMs;
}

export interface ImportReport extends BuildReport {
  readonly note: MasterNote;
  /** By file of the master; empty for one of a single file. */
  readonly files: readonly MasterPart[];
  /** Masters of earlier days, which the catalogue leaves out until they are imported for this day too. */
  readonly leftOut: readonly MasterNote[];
  /** What joining the masters showed, with how often. */
  readonly remarks: ReadonlyMap<string, number>;
}

const refuse = (why: string): GatewayError => new GatewayError('VALIDATION', why);

const read = (request: ImportRequest, kinds: MasterKinds): MasterReading => {
  const reader = kinds.readers[request.broker];
  if (reader === undefined) {
    const known = Object.keys(kinds.readers).join(', ');
    throw refuse(
      `broker: no masters of ${request.broker} can be read; known: ${known === '' ? 'none' : known}`,
    );
  }
  try {
    return reader(request.bytes, request.asOf);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError('VALIDATION', `the file is no master of ${request.broker}: ${reason}`, {
      cause: error,
    });
  }
};

/** Whether too little is left: more likely a cut-off download than the market. */
const collapsed = (now: number, before: number, leastShare = 0.5): boolean =>
  now < before * leastShare;

/**
 * Takes a master file into the data folder and builds the catalogue anew from all masters of its day. A
 * running gateway goes over to it by itself. @throws GatewayError VALIDATION with the reason when the file
 * cannot be trusted, STORE_UNAVAILABLE when another build does not end; then nothing was changed
 */
export const importMaster = async (
  request: ImportRequest,
  kinds: MasterKinds,
): Promise<ImportReport> => {
  const { dataDirectory, force } = request;
  const reading = read(request, kinds);
  const note = noteOf(reading, request.bytes);
  const files = new MasterFiles(dataDirectory);
  const done = await whileLocked(dataDirectory, LOCK_WAIT_MS, async () => {
    const others = files.notes().filter((one) => one.broker !== note.broker);
    const before = files.notes().find((one) => one.broker === note.broker);
    if (before !== undefined && before.asOf > note.asOf) {
      throw refuse(`--date: a master of ${note.broker} of ${before.asOf} is imported already`);
    }
    const newest = others[0]?.asOf;
    if (newest !== undefined && newest > note.asOf) {
      throw refuse(
        `--date: the catalogue is of ${newest} already, and days are not mixed; import a master of that day`,
      );
    }
    if (!force && note.listed === 0)
      throw refuse('the file lists no instrument (--force takes it)');
    if (
      !force &&
      before !== undefined &&
      collapsed(note.listed, before.listed, request.leastShare)
    ) {
      throw refuse(
        `the file lists ${note.listed} instruments, that of ${before.asOf} ${before.listed} (--force takes it)`,
      );
    }
    const used = files.inUse([note, ...others]);
    const readings = used.map((one) => (one === note ? reading : readMaster(files, one, kinds)));
    const content = masterContent(readings, used, kinds.join);
    const current = currentFile(dataDirectory);
    const report = await replaceCatalogue(
      dataDirectory,
      content,
      request.at,
      () => null,
      async ({ count }) => {
        if (!force && current?.source === 'masters' && collapsed(count, current.count)) {
          throw refuse(
            `the catalogue would shrink from ${current.count} to ${count} instruments (--force takes it)`,
          );
        }
        await files.add(note, request.bytes);
      },
    );
    return {
      ...report,
      note,
      files: reading.files ?? [],
      leftOut: others.filter((one) => !used.includes(one)),
      remarks: content.remarks ?? new Map(),
    };
  });
  if (done !== null) return done;
  throw new GatewayError('STORE_UNAVAILABLE', 'another process builds the catalogue: try again');
};
