import { GatewayError, isGatewayError } from '../../core/domain/errors';
import type { BrokerId, IsoDate } from '../../core/domain/ids';
import type { Exchange, Instrument, InstrumentId } from '../../core/domain/instrument';
import type {
  Catalogue,
  CatalogueDiff,
  CatalogueEntry,
  CatalogueFacts,
  InstrumentChange,
} from '../../core/ports/catalogue';
import { CatalogueFile, fileStamp } from './catalogue-file';
import type { CatalogueMeta } from './rows';

const guarded = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (isGatewayError(error)) throw error;
    throw new GatewayError('STORE_UNAVAILABLE', 'the catalogue cannot be read', { cause: error });
  }
};

/** The catalogue in a file that other processes may replace at any time. */
export class SqliteCatalogue implements Catalogue {
  readonly #path: string;
  #file: CatalogueFile;

  /** @throws GatewayError STORE_UNAVAILABLE when there is no whole catalogue of this version */
  constructor(path: string) {
    this.#path = path;
    this.#file = guarded(() => new CatalogueFile(path));
  }

  get meta(): CatalogueMeta {
    return this.#file.meta;
  }

  /** Goes over to a newer build, when there is one; whether it did. @throws as the constructor; the old one stays */
  refresh(): boolean {
    const stamp = fileStamp(this.#path);
    if (stamp === null || stamp === this.#file.stamp) return false;
    const newer = guarded(() => new CatalogueFile(this.#path));
    this.#file.retire();
    this.#file = newer;
    return true;
  }

  find(id: InstrumentId): Instrument | null {
    return guarded(() => this.#file.find(id));
  }
  entry(id: InstrumentId, broker: BrokerId | null): CatalogueEntry | null {
    return guarded(() => this.#file.entry(id, broker));
  }
  search(
    text: string,
    exchange: Exchange | null,
    limit: number,
    broker: BrokerId | null,
  ): readonly CatalogueEntry[] {
    return guarded(() => this.#file.search(text, exchange, limit, broker));
  }
  expiries(
    underlying: string,
    exchange: Exchange,
    kind: 'futures' | 'options',
    from: IsoDate,
  ): readonly IsoDate[] {
    return guarded(() => this.#file.expiries(underlying, exchange, kind, from));
  }
  list(
    exchange: Exchange | null,
    broker: BrokerId | null,
  ): IterableIterator<readonly CatalogueEntry[]> {
    return this.#file.list(exchange, broker);
  }
  fromBroker(broker: BrokerId, brokerExchange: string, brokerSymbol: string): Instrument | null {
    return guarded(() => this.#file.fromBroker(broker, brokerExchange, brokerSymbol));
  }
  facts(): CatalogueFacts {
    const { source, asOf, builtAt, count, brokers } = this.#file.meta;
    return { source, asOf, builtAt, count, brokers };
  }
  lastDiff(): CatalogueDiff {
    return this.#file.meta.diff;
  }
  changes(limit: number): readonly InstrumentChange[] {
    return guarded(() => this.#file.changes(limit));
  }

  close(): void {
    this.#file.retire();
  }
}
