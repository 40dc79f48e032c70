import type { BrokerId, IsoDate } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { Exchange, Instrument, InstrumentId } from '../domain/instrument';
import type {
  Catalogue,
  CatalogueDiff,
  CatalogueEntry,
  CatalogueFacts,
  InstrumentChange,
} from '../ports/catalogue';
import { allBegin, codeWords, searchTerms, sharedWords } from './search-words';

/**
 * A catalogue in which the instruments of replayed files stand in for its own of the same name, so that
 * tick and lot fit the recorded prices; those it lacks are added. They are few and stay in memory.
 */
export class RecordedCatalogue implements Catalogue {
  readonly #base: Catalogue;
  readonly #recorded: ReadonlyMap<string, CatalogueEntry>;

  constructor(base: Catalogue, recorded: readonly Instrument[]) {
    this.#base = base;
    // Numbers that no row of the base has.
    this.#recorded = new Map(
      recorded.map((instrument, index) => [
        instrumentKey(instrument),
        { rowId: -1 - index, instrument, listing: null },
      ]),
    );
  }

  find(id: InstrumentId): Instrument | null {
    return this.#recorded.get(instrumentKey(id))?.instrument ?? this.#base.find(id);
  }

  entry(id: InstrumentId, broker: BrokerId | null): CatalogueEntry | null {
    const entry = this.#base.entry(id, broker);
    return entry === null ? (this.#recorded.get(instrumentKey(id)) ?? null) : this.#over(entry);
  }

  search(
    text: string,
    exchange: Exchange | null,
    limit: number,
    broker: BrokerId | null,
  ): readonly CatalogueEntry[] {
    const terms = searchTerms(text);
    if (terms === null || terms.length === 0) return [];
    const added = this.#added(exchange).filter(({ instrument }) =>
      allBegin(terms, [...sharedWords(instrument), ...codeWords(instrument, [])]),
    );
    const found = this.#base.search(text, exchange, limit, broker).map((one) => this.#over(one));
    return [...added, ...found].slice(0, limit);
  }

  expiries(
    underlying: string,
    exchange: Exchange,
    kind: 'futures' | 'options',
    from: IsoDate,
  ): readonly IsoDate[] {
    const wanted = kind === 'futures' ? 'future' : 'option';
    const days = new Set(this.#base.expiries(underlying, exchange, kind, from));
    for (const { instrument } of this.#added(exchange)) {
      const { expiry } = instrument;
      const fits = instrument.underlying === underlying && instrument.kind === wanted;
      if (fits && expiry !== null && expiry >= from) days.add(expiry);
    }
    return [...days].sort();
  }

  *list(
    exchange: Exchange | null,
    broker: BrokerId | null,
  ): Generator<readonly CatalogueEntry[], void, undefined> {
    const added = this.#added(exchange);
    if (added.length > 0) yield added;
    for (const piece of this.#base.list(exchange, broker))
      yield piece.map((one) => this.#over(one));
  }

  fromBroker(broker: BrokerId, brokerExchange: string, brokerSymbol: string): Instrument | null {
    const found = this.#base.fromBroker(broker, brokerExchange, brokerSymbol);
    return found === null ? null : this.find(found);
  }

  facts(): CatalogueFacts {
    const facts = this.#base.facts();
    return { ...facts, count: facts.count + this.#added(null).length };
  }

  lastDiff(): CatalogueDiff {
    return this.#base.lastDiff();
  }

  changes(limit: number): readonly InstrumentChange[] {
    return this.#base.changes(limit);
  }

  #over(entry: CatalogueEntry): CatalogueEntry {
    const recorded = this.#recorded.get(instrumentKey(entry.instrument));
    return recorded === undefined ? entry : { ...entry, instrument: recorded.instrument };
  }

  /** Recorded instruments that the base lacks. */
  #added(exchange: Exchange | null): CatalogueEntry[] {
    return [...this.#recorded.values()].filter(
      ({ instrument }) =>
        (exchange === null || instrument.exchange === exchange) &&
        this.#base.find(instrument) === null,
    );
  }
}
