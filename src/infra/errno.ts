import { types } from 'node:util';

/** Whether a thrown value is an Error, also one made by another realm (Jest runs tests in their own). */
export const isError = (fault: unknown): fault is Error =>
  // Error.isError, its successor, is absent from Node 22, which serves where no Node 24 fits.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  types.isNativeError(fault);

/** The system's code of a fault, for example `ENOENT`; null when it has none. */
export const errnoOf = (fault: unknown): string | null =>
  isError(fault) && 'code' in fault && typeof fault.code === 'string' ? fault.code : null;

/** What a thrown value says. */
export const messageOf = (fault: unknown): string =>
  isError(fault) ? fault.message : String(fault);
