import { instrumentKey } from '../domain/instrument';
import type { CatalogueRow, Listing } from '../ports/catalogue';
import type { MasterReading } from '../ports/master';

/**
 * Readings of one day side by side, by exchange and symbol: the first reading's facts, every broker's name.
 * @throws Error when the readings are of several days, or one lists a symbol twice
 */
export const catalogueRows = (readings: readonly MasterReading[]): Iterable<CatalogueRow> => {
  const days = new Set(readings.map(({ asOf }) => asOf));
  if (days.size > 1) throw new Error(`masters of several days: ${[...days].join(', ')}`);
  const rows = new Map<string, CatalogueRow & { readonly listings: Listing[] }>();
  for (const { broker, listed } of readings) {
    for (const { instrument, brokerSymbol, brokerExchange, token } of listed) {
      const key = instrumentKey(instrument);
      const row = rows.get(key) ?? { instrument, listings: [] };
      if (row.listings.some((listing) => listing.broker === broker)) {
        throw new Error(`${key} is there twice in the master of ${broker}`);
      }
      row.listings.push({ broker, brokerSymbol, brokerExchange, token });
      rows.set(key, row);
    }
  }
  return rows.values();
};
