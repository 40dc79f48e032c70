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
  /** The same by file, for a master of several; absent for one of a single file. */
  readonly files?: readonly MasterPart[];
}

/** What became of the rows of one file. */
export interface MasterPart {
  readonly name: string;
  readonly listed: number;
  readonly skipped: ReadonlyMap<string, number>;
}

/** Where a broker publishes its master each trading day, and how a whole one is told from anything else. */
export interface MasterSource {
  readonly broker: BrokerId;
  readonly url: string;
  /** A smaller answer is no master. */
  readonly leastBytes: number;
  /** The day on which the file was made. @throws Error with the reason when the bytes are no such file, or not all of it */
  readonly dayOf: (bytes: Uint8Array) => IsoDate;
}
