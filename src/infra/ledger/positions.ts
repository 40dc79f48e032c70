import { epochMs } from '../../core/domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../../core/domain/time';
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

/** Signed quantity by key of what was filled today; runs inside a transaction. */
const filledToday = (
  t: LedgerTables,
  account: string,
  at: number,
): Map<string, Key & { quantity: number }> => {
  const since = startOfIstDay(istDate(epochMs(at)));
  const rows = t.file.all(
    t.sql
      .selectFrom('fills')
      .innerJoin('orders', 'orders.order_id', 'fills.order_id')
      .select([
        'orders.exchange',
        'orders.symbol',
        'orders.product',
        'orders.side',
        'fills.quantity',
      ])
      .where('fills.account_id', '=', account)
      .where('fills.filled_at', '>=', since)
      .where('fills.filled_at', '<', since + DAY_MS),
  );
  const sums = new Map<string, Key & { quantity: number }>();
  for (const row of rows) {
    const signed = row.side === 'BUY' ? row.quantity : -row.quantity;
    const sum = sums.get(text(row));
    if (sum === undefined) sums.set(text(row), { ...row, quantity: signed });
    else sum.quantity += signed;
  }
  return sums;
};

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
  const fills = filledToday(t, account, readAt);
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
  const opening = baselines(t, account, day);
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
  const from = startOfIstDay(day);
  return t.netBetween(account, key, day, from, from + DAY_MS);
};

/** Forgets the opening positions of the day. */
export const clearBaseline = (t: LedgerTables, account: string, at: number): void => {
  const day = istDate(epochMs(at));
  for (const table of ['position_days', 'position_baselines'] as const) {
    t.file.run(t.sql.deleteFrom(table).where('account_id', '=', account).where('day', '=', day));
  }
};

const baselines = (
  t: LedgerTables,
  account: string,
  day: string,
): Map<string, Key & { quantity: number }> =>
  new Map(
    t.file
      .all(
        t.sql
          .selectFrom('position_baselines')
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
