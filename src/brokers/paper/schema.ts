/** The tables of a paper account's file. Money and prices are decimal text, times epoch milliseconds. */
export const PAPER_SCHEMA = `
CREATE TABLE IF NOT EXISTS account (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  birth TEXT NOT NULL,
  last_order INTEGER NOT NULL,
  last_trade INTEGER NOT NULL,
  cash TEXT NOT NULL,
  market TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS orders (
  seq INTEGER PRIMARY KEY,
  broker_order_id TEXT NOT NULL UNIQUE,
  live INTEGER NOT NULL,
  placed_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS orders_live ON orders (seq) WHERE live = 1;
CREATE INDEX IF NOT EXISTS orders_updated ON orders (updated_at);
CREATE TABLE IF NOT EXISTS fills (
  seq INTEGER PRIMARY KEY,
  trade_id TEXT NOT NULL UNIQUE,
  order_seq INTEGER NOT NULL REFERENCES orders (seq),
  quantity INTEGER NOT NULL,
  price TEXT NOT NULL,
  filled_at INTEGER NOT NULL,
  market_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS fills_at ON fills (filled_at);
CREATE TABLE IF NOT EXISTS positions (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS pools (
  key TEXT PRIMARY KEY,
  level INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS holdings (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS charges (
  fill_seq INTEGER PRIMARY KEY REFERENCES fills (seq),
  total TEXT NOT NULL,
  lines TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS days (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  market_day TEXT NOT NULL,
  book_day TEXT NOT NULL,
  charges TEXT NOT NULL
) STRICT;
`;
