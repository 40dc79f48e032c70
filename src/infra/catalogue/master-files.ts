import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isoDate } from '../../core/domain/ids';
import type { IsoDate } from '../../core/domain/ids';
import type { CatalogueRow } from '../../core/ports/catalogue';
import type { MasterReading } from '../../core/ports/master';
import type { CatalogueContent } from './build';

/** Reads one master file of one broker, whole. @throws Error when it is not such a file */
export type MasterReader = (bytes: Uint8Array, asOf: IsoDate) => MasterReading;
/** Readings of several brokers, all of one day, as rows: one for each exchange and symbol. */
export type JoinMasters = (readings: readonly MasterReading[]) => {
  readonly rows: Iterable<CatalogueRow>;
  /** What a person should know of the result, with how often it was so. */
  readonly remarks: ReadonlyMap<string, number>;
};

/** How masters become a catalogue: by broker name, and all together. */
export interface MasterKinds {
  readonly readers: Readonly<Record<string, MasterReader>>;
  readonly join: JoinMasters;
}

const KEPT_PER_BROKER = 2;
const noteSchema = z.object({
  broker: z.string(),
  asOf: z.string().transform(isoDate),
  listed: z.int(),
  skipped: z.record(z.string(), z.int()),
  sha256: z.string(),
});
/** What is known of an imported master without reading it. */
export type MasterNote = z.output<typeof noteSchema>;

const ofDay = (a: MasterNote, b: MasterNote): number =>
  a.asOf === b.asOf ? (a.broker < b.broker ? -1 : 1) : a.asOf < b.asOf ? 1 : -1;

/** The folder of imported masters: `<broker>/<day>.master`, the bytes as imported, with a note beside them. */
export class MasterFiles {
  readonly #directory: string;

  constructor(dataDirectory: string) {
    this.#directory = path.join(dataDirectory, 'masters');
  }

  /** Notes of all masters, the newest day first. */
  notes(): MasterNote[] {
    const notes: MasterNote[] = [];
    for (const broker of namesIn(this.#directory)) {
      for (const name of namesIn(path.join(this.#directory, broker))) {
        if (!name.endsWith('.json')) continue;
        const text = readFileSync(path.join(this.#directory, broker, name), 'utf8');
        notes.push(noteSchema.parse(JSON.parse(text)));
      }
    }
    return notes.sort(ofDay);
  }

  /** Those that a catalogue is made of: all of the newest day, because days are never mixed. */
  inUse(notes = this.notes()): MasterNote[] {
    const sorted = notes.toSorted(ofDay);
    return sorted.filter(({ asOf }) => asOf === sorted[0]?.asOf);
  }

  bytes({ broker, asOf }: Pick<MasterNote, 'broker' | 'asOf'>): Uint8Array {
    return readFileSync(this.#file(broker, asOf, 'master'));
  }

  /** Keeps a master and drops all but the newest two of its broker. The note comes last: without it a master counts for nothing. */
  async add(note: MasterNote, bytes: Uint8Array): Promise<void> {
    const folder = path.join(this.#directory, note.broker);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await writeWhole(this.#file(note.broker, note.asOf, 'master'), bytes);
    const text = Buffer.from(`${JSON.stringify(note, null, 2)}\n`);
    await writeWhole(this.#file(note.broker, note.asOf, 'json'), text);
    // A note that a loss of power takes away would make the next start build the practice catalogue.
    for (const name of [folder, this.#directory, path.dirname(this.#directory)]) await sync(name);
    const own = this.notes().filter(({ broker }) => broker === note.broker);
    for (const { broker, asOf } of own.slice(KEPT_PER_BROKER)) {
      rmSync(this.#file(broker, asOf, 'json'), { force: true });
      rmSync(this.#file(broker, asOf, 'master'), { force: true });
    }
  }

  #file(broker: string, asOf: IsoDate, ending: string): string {
    return path.join(this.#directory, broker, `${asOf}.${ending}`);
  }
}

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return []; // not made yet, or a file somebody put there
  }
};

const writeWhole = async (file: string, bytes: Uint8Array): Promise<void> => {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
};

/** Puts the names in a folder on disk. */
const sync = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The note of a reading that was just made from `bytes`. */
export const noteOf = (reading: MasterReading, bytes: Uint8Array): MasterNote => ({
  broker: reading.broker,
  asOf: reading.asOf,
  listed: reading.listed.length,
  skipped: Object.fromEntries(reading.skipped),
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** Names the masters in use; another text means another catalogue. */
export const fingerprintOf = (notes: readonly MasterNote[]): string =>
  `masters ${notes.map(({ broker, asOf, sha256 }) => `${broker} ${asOf} ${sha256}`).join(', ')}`;

type Rank = readonly [number, string, string, string, string, number, string];
const rank = ({ instrument: one }: CatalogueRow): Rank => [
  one.expiry === null ? 0 : 1,
  one.underlying,
  one.exchange,
  one.expiry ?? '',
  one.kind,
  Number(one.strike ?? 0),
  one.symbol,
];

const byRank = (left: Rank, right: Rank): number => {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
};

/** Shares and indices, then contracts by underlying, expiry, kind and strike. */
const inOrder = (rows: Iterable<CatalogueRow>): CatalogueRow[] =>
  // Ranks are made once: there are two million comparisons.
  [...rows]
    .map((row) => ({ row, rank: rank(row) }))
    .sort((a, b) => byRank(a.rank, b.rank))
    .map(({ row }) => row);

/** The catalogue that readings of one day make. */
export const masterContent = (
  readings: readonly MasterReading[],
  notes: readonly MasterNote[],
  join: JoinMasters,
): CatalogueContent => {
  const [first] = notes;
  if (first === undefined) throw new Error('catalogue: no master to make it of');
  const { rows, remarks } = join(readings);
  return {
    rows: inOrder(rows),
    remarks,
    source: 'masters',
    asOf: first.asOf,
    brokers: notes.map(({ broker }) => broker),
    fingerprint: fingerprintOf(notes),
  };
};

/** An imported master, read again. @throws Error when its broker has no reader any more */
export const readMaster = (
  files: MasterFiles,
  note: MasterNote,
  kinds: MasterKinds,
): MasterReading => {
  const reader = kinds.readers[note.broker];
  if (reader === undefined) throw new Error(`no reader for masters of ${note.broker}`);
  return reader(files.bytes(note), note.asOf);
};
