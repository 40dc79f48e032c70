import { catalogueRows } from './core/instruments/catalogue-rows';
import type { MasterKinds } from './infra/catalogue/master-files';

/** Every broker whose instrument master can be imported, and how masters of one day become one list. */
export const masterKinds: MasterKinds = {
  // By the name of the broker's folder: its reader, from src/brokers/<name>/master.ts.
  readers: {},
  join: catalogueRows,
};
