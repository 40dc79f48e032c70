import { DatabaseSync } from 'node:sqlite';
import type { EpochMs, IsoDate } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import { codeWords, scopeWord, sharedWords } from '../../core/instruments/search-words';
import type { CatalogueDiff, CatalogueFacts, CatalogueRow } from '../../core/ports/catalogue';
import { compareSteps } from './compare';
import { INSTRUMENT_COLUMNS, inRows, oneRow, readMeta, toInstrument, writeMeta } from './rows';
import { TABLES } from './schema';

/** What a catalogue is made from. */
export interface CatalogueContent {
  /** In the order in which a search shows them; no two with one exchange and symbol. */
  readonly rows: Iterable<CatalogueRow>;
  readonly source: CatalogueFacts['source'];
  readonly asOf: IsoDate;
  readonly brokers: readonly string[];
  readonly fingerprint: string;
  /** What a person should know of it; none of practice content. */
  readonly remarks?: ReadonlyMap<string, number>;
}

export interface BuildReport {
  readonly count: number;
  readonly diff: CatalogueDiff;
}

/** About 3 ms of work on a small machine. */
const SLICE = 100;
/** One row in so many is read back before the file counts as whole. */
const SAMPLE_STEP = 997;
/** Pages that one step of joining the word index may write. */
const MERGE_PAGES = 50;
const WORD_BYTES = 200_000;
const NO_CHANGES = { added: 0, removed: 0, lot: 0, tick: 0, freeze: 0, expiry: 0, symbol: 0 };

function* insertRows(
  db: DatabaseSync,
  rows: Iterable<CatalogueRow>,
): Generator<undefined, Sampled> {
  const instrument = db.prepare(
    'INSERT INTO instruments (id, exchange, symbol, kind, name, underlying, expiry, strike, right, ' +
      'lot_size, tick_size, freeze_quantity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const words = db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  const code = db.prepare('INSERT INTO codes (code, id) VALUES (?, ?)');
  const listing = db.prepare(
    'INSERT INTO listings (id, broker, broker_exchange, broker_symbol, token) VALUES (?, ?, ?, ?, ?)',
  );
  const vocable = db.prepare('INSERT INTO vocabulary (word) VALUES (?)');
  const vocabulary = new Set<string>();
  const sample: CatalogueRow[] = [];
  let id = 0;
  // One transaction over all steps: each commit would begin another part of the word index.
  db.exec('BEGIN');
  for (const row of rows) {
    id += 1;
    const one = row.instrument;
    try {
      instrument.run(
        id,
        one.exchange,
        one.symbol,
        one.kind,
        one.name,
        one.underlying,
        one.expiry,
        one.strike,
        one.right,
        one.lotSize,
        one.tickSize,
        one.freezeQuantity,
      );
      for (const each of row.listings) {
        listing.run(id, each.broker, each.brokerExchange, each.brokerSymbol, each.token);
      }
    } catch (error) {
      throw new Error(`catalogue: ${instrumentKey(one)} is there twice`, { cause: error });
    }
    const shared = [...sharedWords(one), scopeWord(one.exchange)];
    words.run(id, shared.join(' '));
    for (const word of shared) {
      if (vocabulary.has(word)) continue;
      vocabulary.add(word);
      vocable.run(word);
    }
    for (const word of codeWords(one, row.listings)) code.run(word, id);
    if (id % SAMPLE_STEP === 1) sample.push(row);
    if (id % SLICE === 0) {
      yield;
    }
  }
  db.exec('COMMIT');
  return { count: id, sample };
}

interface Sampled {
  readonly count: number;
  readonly sample: readonly CatalogueRow[];
}

/** Joins the parts of the word index, so that a search reads one. */
function* joinWordIndex(db: DatabaseSync): Generator<undefined> {
  const merge = db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
  const changes = db.prepare('SELECT total_changes() AS n');
  const written = (): number => Number(changes.get()?.['n'] ?? 0);
  // The negative first call asks for one part in the end; a step that writes less than two rows found nothing.
  for (let pages = -MERGE_PAGES; ; pages = MERGE_PAGES) {
    const before = written();
    merge.run(pages);
    if (written() - before < 2) return;
    yield;
  }
}

/** @throws Error when what was written is not what is read back */
const verify = (file: string, { count, sample }: Sampled): void => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    readMeta(db);
    const counted = Number(db.prepare('SELECT count(*) AS n FROM instruments').get()?.['n']);
    if (counted !== count) throw new Error(`catalogue: ${counted} of ${count} rows were written`);
    const find = inRows(
      db.prepare(
        `SELECT ${INSTRUMENT_COLUMNS} FROM instruments i WHERE i.symbol = ? AND i.exchange = ?`,
      ),
    );
    for (const { instrument } of sample) {
      const row = oneRow(find, instrument.symbol, instrument.exchange);
      const same =
        row !== undefined &&
        JSON.stringify(toInstrument(row)) === JSON.stringify(ordered(instrument));
      if (!same)
        throw new Error(`catalogue: ${instrumentKey(instrument)} is not as it was written`);
    }
  } finally {
    db.close();
  }
};

/** The same facts with their keys in the order of `toInstrument`. */
const ordered = (one: CatalogueRow['instrument']): CatalogueRow['instrument'] => ({
  exchange: one.exchange,
  symbol: one.symbol,
  kind: one.kind,
  name: one.name,
  underlying: one.underlying,
  expiry: one.expiry,
  strike: one.strike,
  right: one.right,
  lotSize: one.lotSize,
  tickSize: one.tickSize,
  freezeQuantity: one.freezeQuantity,
});

/**
 * Writes `content` into the new file `target` and compares it with `previous`; yields between steps of a
 * few milliseconds, so that it can share the event loop with orders. Not synced: nobody may use the file
 * before it was, and was renamed. @throws Error on a repeated instrument or a file that reads back otherwise
 */
export function* buildSteps(
  target: string,
  content: CatalogueContent,
  previous: { readonly file: string; readonly source: CatalogueFacts['source'] } | null,
  builtAt: EpochMs,
): Generator<undefined, BuildReport> {
  const db = new DatabaseSync(target);
  let sampled: Sampled;
  let diff: CatalogueDiff;
  try {
    // A broken build is thrown away, so it needs no journal.
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000');
    db.exec(TABLES);
    // Words gathered before they are written: more would make that step long.
    db.exec(`INSERT INTO words (words, rank) VALUES ('hashsize', ${WORD_BYTES})`);
    sampled = yield* insertRows(db, content.rows);
    yield* joinWordIndex(db);
    const compared = previous?.source === content.source;
    if (previous !== null) db.prepare('ATTACH ? AS old').run(previous.file);
    const counts = previous === null ? NO_CHANGES : yield* compareSteps(db, content.asOf, compared);
    diff = { day: content.asOf, compared, counts };
    const { source, asOf, brokers, fingerprint } = content;
    const { count } = sampled;
    writeMeta(db, { source, asOf, brokers, fingerprint, builtAt, count, diff });
  } finally {
    db.close();
  }
  yield;
  verify(target, sampled);
  return { count: sampled.count, diff };
}
