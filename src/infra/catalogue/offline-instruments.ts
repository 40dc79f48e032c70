import type { IsoDate } from '../../core/domain/ids';
import type { InstrumentLookup } from '../../core/ports/broker';
import { readSeed, seedCatalogue } from '../seed-catalogue';
import { MasterFiles } from './master-files';
import { cataloguePath } from './replace';
import { SqliteCatalogue } from './sqlite-catalogue';

/**
 * The instruments that a gateway over this data folder trades on `today`, for a command beside it: the
 * catalogue once a master was imported, else those of the seed. Opened at the first look.
 */
export const offlineInstruments = (
  dataDirectory: string,
  seedDirectory: string,
  today: IsoDate,
): InstrumentLookup & { close(): void } => {
  let open: InstrumentLookup | null = null;
  let catalogue: SqliteCatalogue | null = null;
  const opened = (): InstrumentLookup => {
    if (new MasterFiles(dataDirectory).inUse().length === 0) {
      return seedCatalogue(readSeed(seedDirectory), today);
    }
    // Not there or not readable: said, instead of judged by instruments that nobody trades.
    catalogue = new SqliteCatalogue(cataloguePath(dataDirectory));
    return catalogue;
  };
  return {
    find: (id) => (open ??= opened()).find(id),
    close: () => {
      catalogue?.close();
    },
  };
};
