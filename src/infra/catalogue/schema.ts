/** A file of another version is built anew, never migrated: all of it can be made again. */
export const CATALOGUE_VERSION = 1;

/**
 * Rows are in the order in which a search shows them. `words` holds words that many instruments share,
 * `codes` those that name one: apart, so that a short word does not walk through every symbol. `vocabulary`
 * has each shared word once, because the index reads a whole word faster than the beginning of one.
 */
export const TABLES = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE instruments (
  id INTEGER PRIMARY KEY,
  exchange TEXT NOT NULL,
  symbol TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  underlying TEXT NOT NULL,
  expiry TEXT,
  strike TEXT,
  right TEXT,
  lot_size INTEGER NOT NULL,
  tick_size TEXT NOT NULL,
  freeze_quantity INTEGER
) STRICT;
CREATE UNIQUE INDEX instruments_symbol ON instruments (symbol, exchange);
CREATE INDEX instruments_spot ON instruments (symbol, exchange) WHERE expiry IS NULL;
CREATE INDEX instruments_exchange ON instruments (exchange);
CREATE INDEX instruments_underlying ON instruments (underlying, exchange, expiry, kind);
CREATE TABLE listings (
  id INTEGER NOT NULL,
  broker TEXT NOT NULL,
  broker_exchange TEXT NOT NULL,
  broker_symbol TEXT NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY (id, broker)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_symbol ON listings (broker, broker_symbol, broker_exchange);
CREATE TABLE codes (code TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (code, id)) STRICT, WITHOUT ROWID;
CREATE TABLE vocabulary (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  text, content='', columnsize=0, detail=none, prefix='1 2', tokenize="ascii tokenchars '.'"
);
CREATE TABLE changes (
  n INTEGER PRIMARY KEY,
  day TEXT NOT NULL,
  exchange TEXT NOT NULL,
  symbol TEXT NOT NULL,
  kind TEXT NOT NULL,
  before TEXT,
  after TEXT
) STRICT;
`;
