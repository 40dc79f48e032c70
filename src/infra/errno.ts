/** Whether a thrown value is an Error, also one made by another realm (Jest runs tests in their own). */
export const isError = (fault: unknown): fault is Error =>
  Object.prototype.toString.call(fault) === '[object Error]';

/** The system's code of a fault, for example `ENOENT`; null when it has none. */
export const errnoOf = (fault: unknown): string | null =>
  isError(fault) && 'code' in fault && typeof fault.code === 'string' ? fault.code : null;

/** What a thrown value says. */
export const messageOf = (fault: unknown): string =>
  isError(fault) ? fault.message : String(fault);
