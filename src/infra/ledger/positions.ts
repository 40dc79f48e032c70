import { epochMs } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import type { PositionReport } from '../../core/ports/broker';
import type { PositionMismatch } from '../../core/ports/ledger';
import type { Product } from '../../core/domain/order';
import type { LedgerTables } from './tables';

interface Key {
  readonly exchange: string;
  readonly symbol: string;
  readonly product: Product;
}

const text = (key: Key): string => `${key.exchange} ${key.symbol} ${key.product}`;

/** Signed quantity by key of what was filled on `day`. */
const filledOn = (t: LedgerTables, account: string, day: string): DayRows =>
  dayRows(t, 'day_nets', account, day);

/**
 * Stores one positions reading. The day's first sets the opening positions (what the day's fills do
 * not explain); a later one that opening position and fills do not add up to is a mismatch.
 */
export const savePositions = (
  t: LedgerTables,
  account: string,
  positions: readonly PositionReport[],
  readAt: number,
): PositionMismatch[] => {
  storeSnapshot(t, account, positions, readAt);
  const day = istDate(epochMs(readAt));
  const fills = filledOn(t, account, day);
  const reported = new Map<string, Key & { quantity: number }>();
  for (const { instrument, product, quantity } of positions) {
    const key = { exchange: instrument.exchange, symbol: instrument.symbol, product };
    reported.set(text(key), { ...key, quantity });
  }
  const keys = new Map<string, Key>([...fills, ...reported]);
  if (!t.openingsTaken(account, day)) {
    t.file.run(
      t.sql.insertInto('position_days').values({ account_id: account, day, taken_at: readAt }),
    );
    for (const [name, key] of keys) {
      const quantity = (reported.get(name)?.quantity ?? 0) - (fills.get(name)?.quantity ?? 0);
      t.file.run(
        t.sql.insertInto('position_baselines').values({
          account_id: account,
          day,
          exchange: key.exchange,
          symbol: key.symbol,
          product: key.product,
          quantity,
        }),
      );
    }
    return [];
  }
  const opening = dayRows(t, 'position_baselines', account, day);
  for (const [name, row] of opening) keys.set(name, row);
  const mismatches: PositionMismatch[] = [];
  for (const [name, { exchange, symbol, product }] of keys) {
    const byFills = (opening.get(name)?.quantity ?? 0) + (fills.get(name)?.quantity ?? 0);
    const atBroker = reported.get(name)?.quantity ?? 0;
    if (byFills !== atBroker) mismatches.push({ exchange, symbol, product, atBroker, byFills });
  }
  return mismatches;
};

/** Today's net of one instrument and product; null before the day's first reading. */
export const netPosition = (
  t: LedgerTables,
  account: string,
  key: Key,
  at: number,
): number | null => {
  const day = istDate(epochMs(at));
  if (!t.openingsTaken(account, day)) return null;
  return t.netOn(account, key, day);
};

/** Forgets the opening positions of the day. */
export const clearBaseline = (t: LedgerTables, account: string, at: number): void => {
  const day = istDate(epochMs(at));
  for (const table of ['position_days', 'position_baselines'] as const) {
    t.file.run(t.sql.deleteFrom(table).where('account_id', '=', account).where('day', '=', day));
  }
};

type DayRows = Map<string, Key & { quantity: number }>;

const dayRows = (
  t: LedgerTables,
  table: 'day_nets' | 'position_baselines',
  account: string,
  day: string,
): DayRows =>
  new Map(
    t.file
      .all(
        t.sql
          .selectFrom(table)
          .selectAll()
          .where('account_id', '=', account)
          .where('day', '=', day),
      )
      .map((row) => [text(row), row]),
  );

const storeSnapshot = (
  t: LedgerTables,
  account: string,
  positions: readonly PositionReport[],
  readAt: number,
): void => {
  t.file.run(
    t.sql.deleteFrom('positions').where('account_id', '=', account).where('as_of', '<=', readAt),
  );
  for (const position of positions) {
    t.file.run(
      t.sql
        .insertInto('positions')
        .values({
          account_id: account,
          exchange: position.instrument.exchange,
          symbol: position.instrument.symbol,
          product: position.product,
          quantity: position.quantity,
          average_price: position.averagePrice,
          as_of: readAt,
        })
        // A newer reading is already there.
        .onConflict((conflict) => conflict.doNothing()),
    );
  }
};
