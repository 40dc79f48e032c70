import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errnoOf, isError } from './errno';

/**
 * Makes the folder that holds everything Toran writes, for this user only, and proves that it can be
 * written. @throws the system's own error (EROFS, EACCES, ENOTDIR, ENOSPC …) with the path at fault
 */
export const prepareDataDirectory = (directory: string): void => {
  makeEach(directory);
  const probe = path.join(directory, '.write-test');
  try {
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    // The folder is what a person can do something about.
    throw isError(error) ? Object.assign(error, { path: directory }) : error;
  }
};

/** One folder after the other: the system's recursive call reports a read-only disk as a missing folder. */
const makeEach = (directory: string): void => {
  try {
    statSync(directory);
    return;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  const parent = path.dirname(directory);
  if (parent !== directory) makeEach(parent);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error; // another process was faster
  }
};
