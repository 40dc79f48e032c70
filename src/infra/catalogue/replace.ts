import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/domain/ids';
import { buildSteps } from './build';
import type { BuildReport, CatalogueContent } from './build';
import { CatalogueFile } from './catalogue-file';

const FILE = 'catalogue.sqlite';
const FRESH = `${FILE}.new-`;

/** Where the catalogue of a data folder is. */
export const cataloguePath = (directory: string): string => path.join(directory, FILE);

/**
 * Runs `work` while no other process builds; the system drops the lock of a process that dies.
 * Null when another one builds and still does after `waitMs`, for which this thread stands still.
 */
export const whileLocked = async <T>(
  directory: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T | null> => {
  const lock = new DatabaseSync(path.join(directory, 'catalogue.lock'), { timeout: waitMs });
  try {
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch {
      return null;
    }
    return await work();
  } finally {
    lock.close();
  }
};

/** What the file in place says of itself; null when there is none that this version can read. */
export const currentFile = (
  directory: string,
): Pick<CatalogueFile['meta'], 'source' | 'fingerprint' | 'count' | 'asOf'> | null => {
  try {
    const file = new CatalogueFile(cataloguePath(directory));
    file.retire();
    return file.meta;
  } catch {
    return null;
  }
};

const sync = async (name: string): Promise<void> => {
  const handle = await open(name, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const removeLeftovers = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) {
    if (name.startsWith(FRESH)) await rm(path.join(directory, name), { force: true });
  }
};

/**
 * Builds a catalogue beside the one in place, checks it, syncs it and puts it there by one rename: at every
 * instant the file in place is whole. To be called inside `whileLocked`. `breathe` is awaited between steps
 * of a few milliseconds; `beforeSwap` runs when the new file is ready.
 * @throws whatever went wrong; then the old file is as it was
 */
export const replaceCatalogue = async (
  directory: string,
  content: CatalogueContent,
  builtAt: EpochMs,
  breathe: () => Promise<void> | null,
  beforeSwap: (report: BuildReport) => Promise<void> = () => Promise.resolve(),
): Promise<BuildReport> => {
  await removeLeftovers(directory);
  const fresh = path.join(directory, `${FRESH}${String(process.pid)}`);
  const old = currentFile(directory);
  const previous = old === null ? null : { file: cataloguePath(directory), source: old.source };
  try {
    const steps = buildSteps(fresh, content, previous, builtAt);
    let step = steps.next();
    while (step.done !== true) {
      const pause = breathe();
      if (pause !== null) await pause;
      step = steps.next();
    }
    await sync(fresh);
    await beforeSwap(step.value);
    await rename(fresh, cataloguePath(directory));
    await sync(directory);
    return step.value;
  } finally {
    await rm(fresh, { force: true });
  }
};
