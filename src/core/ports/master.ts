import type { BrokerId, IsoDate } from '../domain/ids';
import type { Instrument } from '../domain/instrument';

/** One instrument as one broker lists it on one day. */
export interface ListedInstrument {
  readonly instrument: Instrument;
  /** The broker's own symbol: what its order call wants, or shows, for this instrument. */
  readonly brokerSymbol: string;
  /** The broker's own exchange or segment code. */
  readonly brokerExchange: string;
  /** The broker's instrument token; tokens are used again after expiry, so it names nothing beyond its day. */
  readonly token: string;
}

/** A whole master file (or set of files) of one broker, read: every row is in `listed` or counted in `skipped`. */
export interface MasterReading {
  readonly broker: BrokerId;
  /** The day the file speaks of. */
  readonly asOf: IsoDate;
  readonly listed: readonly ListedInstrument[];
  /** Rows that are no instrument of ours, by named reason. */
  readonly skipped: ReadonlyMap<string, number>;
}
