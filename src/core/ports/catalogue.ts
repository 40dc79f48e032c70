import type { BrokerId, EpochMs, IsoDate } from '../domain/ids';
import type { Exchange, Instrument, InstrumentId } from '../domain/instrument';
import type { InstrumentLookup } from './broker';

/** How one broker names an instrument on the day of its master. */
export interface Listing {
  readonly broker: BrokerId;
  readonly brokerSymbol: string;
  readonly brokerExchange: string;
  /** Names nothing beyond its day: tokens are used again after expiry. */
  readonly token: string;
}

/** One instrument and every broker's name for it: what a catalogue is made of. */
export interface CatalogueRow {
  readonly instrument: Instrument;
  readonly listings: readonly Listing[];
}

/** One instrument as the catalogue holds it, with the name of one broker. */
export interface CatalogueEntry {
  /** Number of the row; another one after each build. */
  readonly rowId: number;
  readonly instrument: Instrument;
  /** Null: the broker's master does not list it, or no broker was asked for. */
  readonly listing: Listing | null;
}

export const CHANGE_KINDS = [
  'added',
  'removed',
  'lot',
  'tick',
  'freeze',
  'expiry',
  'symbol',
] as const;
/** What became different from one build to the next. `symbol`: renamed, `expiry`: the contract's day moved. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface InstrumentChange extends InstrumentId {
  readonly day: IsoDate;
  readonly kind: ChangeKind;
  /** As text; null for what was not there, and for an unknown freeze quantity. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What one build changed against the one before it. */
export interface CatalogueDiff {
  /** The day of the newer content. */
  readonly day: IsoDate;
  /** False: there was nothing to compare with, and `counts` are all 0. */
  readonly compared: boolean;
  readonly counts: Readonly<Record<ChangeKind, number>>;
}

/** Where the content came from, and when. */
export interface CatalogueFacts {
  /** `practice`: made from the seed; `masters`: what brokers list. */
  readonly source: 'practice' | 'masters';
  /** The day the content speaks of. */
  readonly asOf: IsoDate;
  readonly builtAt: EpochMs;
  /** Number of instruments. */
  readonly count: number;
  /** Brokers whose masters are in it. */
  readonly brokers: readonly string[];
}

/**
 * The instruments that this instance knows. Says what exists, not whether it may be ordered: indices and
 * expired contracts are found too. Every call answers from one whole build, never from a part of one.
 * `broker` null in a call: no broker's names are wanted.
 *
 * @throws GatewayError STORE_UNAVAILABLE from every call when the file cannot be read
 */
export interface Catalogue extends InstrumentLookup {
  entry(id: InstrumentId, broker: BrokerId | null): CatalogueEntry | null;
  /**
   * Up to `limit` entries, best first: the very symbol, symbols that begin with the text (shares and indices
   * before contracts), then those where every word begins a word of the symbol, name, strike, expiry, or a
   * code of any broker. Any text is fine; one without a letter or digit finds nothing.
   */
  search(
    text: string,
    exchange: Exchange | null,
    limit: number,
    broker: BrokerId | null,
  ): readonly CatalogueEntry[];
  /** Days from `from` on, ascending. */
  expiries(
    underlying: string,
    exchange: Exchange,
    kind: 'futures' | 'options',
    from: IsoDate,
  ): readonly IsoDate[];
  /** All entries in pieces of a few hundred, from one build even when it is replaced meanwhile. */
  list(
    exchange: Exchange | null,
    broker: BrokerId | null,
  ): IterableIterator<readonly CatalogueEntry[]>;
  /** Null when no instrument or more than one has this name: an ambiguous name names nothing. */
  fromBroker(broker: BrokerId, brokerExchange: string, brokerSymbol: string): Instrument | null;
  facts(): CatalogueFacts;
  lastDiff(): CatalogueDiff;
  /** Changes of the last 90 days, newest first. */
  changes(limit: number): readonly InstrumentChange[];
}
