import { instrumentKey } from '../../src/core/domain/instrument';
import type { ListedInstrument, MasterReading } from '../../src/core/ports/master';

/** The listed instrument of `EXCHANGE:SYMBOL`. @throws Error with all symbols when there is none. */
export const listedAs = (reading: MasterReading, key: string): ListedInstrument => {
  const found = reading.listed.find(({ instrument }) => instrumentKey(instrument) === key);
  if (found === undefined) throw new Error(`no ${key} in ${keysOf(reading).join(' ')}`);
  return found;
};

/** `EXCHANGE:SYMBOL` of all that is listed, in the order of the file. */
export const keysOf = (reading: MasterReading): string[] =>
  reading.listed.map(({ instrument }) => instrumentKey(instrument));

export const skippedOf = (reading: MasterReading): Record<string, number> =>
  Object.fromEntries(reading.skipped);
