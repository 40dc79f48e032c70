import type { DatabaseSync } from 'node:sqlite';
import type { IsoDate } from '../../core/domain/ids';
import type { ChangeKind } from '../../core/ports/catalogue';
import { addDays } from '../../core/instruments/expiries';

const KEPT_DAYS = 90;
const SLICE = 100;
/** Copying a line costs less than comparing an instrument. */
const COPY_SLICE = 2_000;

type Row = Readonly<Record<string, unknown>>;

const ADDED = `
SELECT n.id, n.exchange, n.symbol, n.kind, n.name, n.underlying, n.expiry, n.strike, n.right,
  n.lot_size, n.tick_size, n.freeze_quantity, o.id AS old_id, o.lot_size AS old_lot_size,
  o.tick_size AS old_tick_size, o.freeze_quantity AS old_freeze_quantity, o.expiry AS old_expiry
FROM instruments n LEFT JOIN old.instruments o ON o.symbol = n.symbol AND o.exchange = n.exchange
WHERE n.id > ? AND n.id <= ? AND (o.id IS NULL OR o.lot_size <> n.lot_size OR o.tick_size <> n.tick_size
  OR o.freeze_quantity IS NOT n.freeze_quantity OR o.expiry IS NOT n.expiry)`;
const REMOVED = `
SELECT o.id, o.exchange, o.symbol, o.kind, o.name, o.underlying, o.expiry, o.strike, o.right
FROM old.instruments o LEFT JOIN instruments n ON n.symbol = o.symbol AND n.exchange = o.exchange
WHERE o.id > ? AND o.id <= ? AND n.id IS NULL`;

const maxOf = (db: DatabaseSync, table: string, column: string): number =>
  Number(db.prepare(`SELECT max(${column}) AS n FROM ${table}`).get()?.['n'] ?? 0);

/** Finds what the brokers call a row: texts that are equal for one token of one broker. */
const listingsOf = (db: DatabaseSync, schema: 'main' | 'old'): ((id: unknown) => string[]) => {
  const find = db.prepare(
    `SELECT broker, broker_exchange, token FROM ${schema}.listings WHERE id = ?`,
  );
  return (id) =>
    find
      .all(Number(id))
      .map((row) => [row['broker'], row['broker_exchange'], row['token']].join('\0'));
};

/** Whether a vanished and a new row are one instrument under another name; the token alone proves nothing. */
const sameInstrument = (gone: Row, fresh: Row, today: IsoDate): 'symbol' | 'expiry' | null => {
  if (gone['exchange'] !== fresh['exchange'] || gone['kind'] !== fresh['kind']) return null;
  const expiry = gone['expiry'];
  if (typeof expiry !== 'string') return gone['name'] === fresh['name'] ? 'symbol' : null;
  const contract = ['underlying', 'strike', 'right'].every((name) => gone[name] === fresh[name]);
  // The token of an expired contract is given to another one.
  return contract && expiry >= today ? 'expiry' : null;
};

/**
 * Writes into `changes` what the open build differs in from the file attached as `old`, and copies the
 * lines of the last 90 days. Yields between slices of a few milliseconds.
 */
export function* compareSteps(
  db: DatabaseSync,
  day: IsoDate,
  compared: boolean,
): Generator<undefined, Record<ChangeKind, number>> {
  const counts = { added: 0, removed: 0, lot: 0, tick: 0, freeze: 0, expiry: 0, symbol: 0 };
  const last = maxOf(db, 'old.changes', 'n');
  const copy = db.prepare(
    'INSERT INTO changes (day, exchange, symbol, kind, before, after) SELECT day, exchange, symbol, kind, ' +
      'before, after FROM old.changes WHERE n > ? AND n <= ? AND day > ? ORDER BY n',
  );
  for (let n = 0; n < last; n += COPY_SLICE) {
    copy.run(n, n + COPY_SLICE, addDays(day, -KEPT_DAYS));
    yield;
  }
  if (!compared) return counts;
  const insert = db.prepare(
    'INSERT INTO changes (day, exchange, symbol, kind, before, after) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const write = (row: Row, kind: ChangeKind, before: unknown, after: unknown): void => {
    const value = (given: unknown): string | null =>
      typeof given === 'string' || typeof given === 'number' ? String(given) : null;
    const { exchange, symbol } = row;
    insert.run(day, String(exchange), String(symbol), kind, value(before), value(after));
    counts[kind] += 1;
  };
  const fresh = new Map<number, Row>();
  const freshByListing = new Map<string, Row>();
  const freshListings = listingsOf(db, 'main');
  const goneListings = listingsOf(db, 'old');
  const newest = maxOf(db, 'main.instruments', 'id');
  const findAdded = db.prepare(ADDED);
  for (let id = 0; id < newest; id += SLICE) {
    for (const row of findAdded.all(id, id + SLICE)) {
      if (row['old_id'] === null) {
        fresh.set(Number(row['id']), row);
        for (const key of freshListings(row['id'])) freshByListing.set(key, row);
        continue;
      }
      if (row['old_lot_size'] !== row['lot_size']) {
        write(row, 'lot', row['old_lot_size'], row['lot_size']);
      }
      if (row['old_tick_size'] !== row['tick_size']) {
        write(row, 'tick', row['old_tick_size'], row['tick_size']);
      }
      if (row['old_freeze_quantity'] !== row['freeze_quantity']) {
        write(row, 'freeze', row['old_freeze_quantity'], row['freeze_quantity']);
      }
      if (row['old_expiry'] !== row['expiry']) {
        write(row, 'expiry', row['old_expiry'], row['expiry']);
      }
    }
    yield;
  }
  const oldest = maxOf(db, 'old.instruments', 'id');
  const findRemoved = db.prepare(REMOVED);
  for (let id = 0; id < oldest; id += SLICE) {
    for (const gone of findRemoved.all(id, id + SLICE)) {
      const named = new Set(goneListings(gone['id']).map((key) => freshByListing.get(key) ?? null));
      // Every broker that listed the old name must point to the same new one.
      const [only] = named;
      const renamed = named.size === 1 && only !== null && only !== undefined ? only : null;
      const kind = renamed === null ? null : sameInstrument(gone, renamed, day);
      if (renamed === null || kind === null || !fresh.delete(Number(renamed['id']))) {
        write(gone, 'removed', gone['name'], null);
      } else {
        const what = kind === 'symbol' ? 'symbol' : 'expiry';
        write(renamed, kind, gone[what], renamed[what]);
      }
    }
    yield;
  }
  let n = 0;
  for (const row of fresh.values()) {
    write(row, 'added', null, row['name']);
    n += 1;
    if (n % SLICE === 0) yield;
  }
  return counts;
}
