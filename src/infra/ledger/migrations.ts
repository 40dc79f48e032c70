/** Forward only: a released entry is never edited, a new one is added. */
export const MIGRATIONS: readonly {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}[] = [
  {
    id: 1,
    name: 'orders, commands, events, fills, positions, accounts, keys, audit, calls',
    sql: `
CREATE TABLE accounts (
  account_id TEXT PRIMARY KEY, broker TEXT NOT NULL, login TEXT NOT NULL, label TEXT NOT NULL UNIQUE,
  is_default INTEGER NOT NULL, stopped_reason TEXT, created_at INTEGER NOT NULL,
  UNIQUE (broker, login)
) STRICT;
CREATE TABLE orders (
  order_id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts, origin TEXT NOT NULL,
  exchange TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, product TEXT NOT NULL,
  time_in_force TEXT NOT NULL, order_type TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0),
  disclosed_quantity INTEGER NOT NULL, limit_price TEXT, trigger_price TEXT,
  base_state TEXT NOT NULL, pending TEXT, filled_quantity INTEGER NOT NULL, average_price TEXT,
  broker_order_id TEXT, exchange_order_id TEXT, client_tag TEXT, client_order_id TEXT,
  strategy TEXT NOT NULL, api_key_id TEXT, reason_code TEXT, reason TEXT, in_doubt_since INTEGER,
  is_exit INTEGER NOT NULL, batch_id TEXT, leg INTEGER, target_position INTEGER, flat_quantity INTEGER,
  correlation_id TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  UNIQUE (account_id, broker_order_id), UNIQUE (account_id, client_tag)
) STRICT;
CREATE INDEX orders_by_batch ON orders (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX orders_by_update ON orders (account_id, updated_at);
CREATE INDEX orders_open ON orders (account_id, base_state)
  WHERE base_state NOT IN ('filled', 'canceled', 'rejected', 'denied', 'expired');
CREATE TABLE commands (
  order_id TEXT NOT NULL REFERENCES orders, n INTEGER NOT NULL, account_id TEXT NOT NULL,
  kind TEXT NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL, change TEXT, attempt INTEGER NOT NULL,
  deadline_at INTEGER NOT NULL, submitted_at INTEGER, send_by INTEGER, answered_at INTEGER,
  settled_at INTEGER, book_before TEXT, reason_code TEXT, reason TEXT,
  correlation_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (order_id, n)
) STRICT;
CREATE INDEX commands_open ON commands (account_id, state)
  WHERE state IN ('queued', 'held', 'submitted', 'in_doubt');
CREATE INDEX commands_unsettled ON commands (account_id) WHERE settled_at IS NULL;
CREATE TABLE order_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL, n INTEGER, at INTEGER NOT NULL,
  kind TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX order_events_by_order ON order_events (order_id, seq);
CREATE TRIGGER order_events_append_only BEFORE UPDATE ON order_events
  BEGIN SELECT RAISE(ABORT, 'order_events is append-only'); END;
CREATE TRIGGER order_events_no_delete BEFORE DELETE ON order_events
  BEGIN SELECT RAISE(ABORT, 'order_events is append-only'); END;
CREATE TABLE fills (
  account_id TEXT NOT NULL, trade_id TEXT NOT NULL, order_id TEXT NOT NULL REFERENCES orders,
  broker_order_id TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0), price TEXT NOT NULL,
  filled_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, trade_id)
) STRICT;
CREATE INDEX fills_by_order ON fills (order_id);
CREATE INDEX fills_by_time ON fills (account_id, filled_at);
CREATE TABLE positions (
  account_id TEXT NOT NULL, exchange TEXT NOT NULL, symbol TEXT NOT NULL, product TEXT NOT NULL,
  quantity INTEGER NOT NULL, average_price TEXT NOT NULL, as_of INTEGER NOT NULL,
  PRIMARY KEY (account_id, exchange, symbol, product)
) STRICT;
CREATE TABLE position_days (
  account_id TEXT NOT NULL, day TEXT NOT NULL, taken_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, day)
) STRICT;
CREATE TABLE position_baselines (
  account_id TEXT NOT NULL, day TEXT NOT NULL, exchange TEXT NOT NULL, symbol TEXT NOT NULL,
  product TEXT NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (account_id, day, exchange, symbol, product)
) STRICT;
CREATE TABLE idempotency (
  api_key_id TEXT NOT NULL, client_order_id TEXT NOT NULL, request_hash TEXT NOT NULL,
  order_ids TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (api_key_id, client_order_id)
) STRICT;
CREATE TABLE api_keys (
  key_id TEXT PRIMARY KEY, label TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
  rate_per_second INTEGER NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER
) STRICT;
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_append_only BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TABLE calls (
  call_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, call_class TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_by_time ON calls (account_id, at);
`,
  },
  {
    id: 2,
    name: 'what an order costs does not grow with the day: its net as a row, waiting commands in order',
    sql: `
DROP INDEX commands_open;
CREATE INDEX commands_open ON commands (account_id, state, created_at, order_id, n)
  WHERE state IN ('queued', 'held', 'submitted', 'in_doubt');
CREATE TABLE day_nets (
  account_id TEXT NOT NULL, day TEXT NOT NULL, exchange TEXT NOT NULL, symbol TEXT NOT NULL,
  product TEXT NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (account_id, day, exchange, symbol, product)
) STRICT;
INSERT INTO day_nets
  SELECT f.account_id, date((f.filled_at + 19800000) / 1000, 'unixepoch'), o.exchange, o.symbol, o.product,
    sum(CASE o.side WHEN 'BUY' THEN f.quantity ELSE -f.quantity END)
  FROM fills f JOIN orders o ON o.order_id = f.order_id GROUP BY 1, 2, 3, 4, 5;
`,
  },
  {
    id: 3,
    name: 'live switch, practice twins, settings',
    sql: `
ALTER TABLE accounts ADD COLUMN live INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN twin_of TEXT REFERENCES accounts;
CREATE UNIQUE INDEX accounts_twin ON accounts (twin_of) WHERE twin_of IS NOT NULL;
ALTER TABLE orders ADD COLUMN practice INTEGER NOT NULL DEFAULT 0;
CREATE INDEX orders_practice ON orders (practice) WHERE practice = 1;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`,
  },
  {
    id: 4,
    name: 'webhooks, their tokens, received calls, square-offs',
    sql: `
CREATE TABLE webhooks (
  hook_id TEXT PRIMARY KEY, label TEXT NOT NULL, kind TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts, active INTEGER NOT NULL, settings TEXT NOT NULL,
  created_at INTEGER NOT NULL, removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX webhooks_by_label ON webhooks (label) WHERE removed_at IS NULL;
CREATE TABLE webhook_tokens (
  token_id TEXT PRIMARY KEY, hook_id TEXT NOT NULL REFERENCES webhooks, hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, expires_at INTEGER
) STRICT;
CREATE TABLE received_calls (
  call_id TEXT PRIMARY KEY, call_key TEXT NOT NULL, source TEXT NOT NULL, received_at INTEGER NOT NULL,
  order_ids TEXT NOT NULL, answered_status INTEGER, answered_at INTEGER
) STRICT;
CREATE INDEX received_calls_by_key ON received_calls (call_key, received_at);
CREATE INDEX received_calls_by_time ON received_calls (received_at);
CREATE TABLE webhook_square_offs (
  hook_id TEXT NOT NULL REFERENCES webhooks, day TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (hook_id, day)
) STRICT;
`,
  },
  {
    id: 5,
    name: 'vault, data keys, credentials',
    sql: `
CREATE TABLE vault (
  id INTEGER PRIMARY KEY CHECK (id = 1), master_key_id TEXT NOT NULL, kind TEXT NOT NULL, scrypt TEXT,
  key_check TEXT NOT NULL, public_key TEXT NOT NULL, wrapped_private_key TEXT NOT NULL,
  founded_at INTEGER NOT NULL, rotated_at INTEGER
) STRICT;
CREATE TABLE data_keys (
  account_id TEXT PRIMARY KEY REFERENCES accounts, key_id TEXT NOT NULL UNIQUE, wrapped TEXT NOT NULL,
  master_key_id TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE credentials (
  account_id TEXT NOT NULL REFERENCES accounts, field TEXT NOT NULL, secrecy TEXT NOT NULL,
  sealed TEXT NOT NULL, key_id TEXT NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, field)
) STRICT;
CREATE TABLE credential_revisions (
  account_id TEXT PRIMARY KEY REFERENCES accounts, revision INTEGER NOT NULL
) STRICT;
`,
  },
  {
    id: 6,
    name: 'the sealed session of each account',
    sql: `
CREATE TABLE session_tokens (
  account_id TEXT PRIMARY KEY REFERENCES accounts, sealed TEXT NOT NULL, expires_at INTEGER NOT NULL,
  identity TEXT NOT NULL, started_at INTEGER NOT NULL, died_at INTEGER, died_words TEXT
) STRICT;
`,
  },
];
