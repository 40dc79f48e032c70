import type { EpochMs } from '../../core/domain/ids';
import { isLive } from './book';
import type { PaperDays, PaperFill, PaperHolding, PaperOrder, PaperPosition } from './book';
import type { AccountRow } from './rows';

/** Rows of which all that changed at or after `since` are there, oldest first. */
interface Recent<T> {
  readonly since: EpochMs;
  readonly rows: T;
}

/**
 * What the store has read and not seen changed by another process. A part that is null was not read
 * yet. Rows are immutable, so a reader may keep them.
 */
export class PaperCache {
  account: AccountRow | null = null;
  days: PaperDays | null = null;
  positions: Map<string, PaperPosition> | null = null;
  holdings: Map<string, PaperHolding> | null = null;
  pools: Map<string, { level: number; at: number }> | null = null;
  live: Map<number, PaperOrder> | null = null;
  orders: Recent<Map<number, PaperOrder>> | null = null;
  fills: Recent<PaperFill[]> | null = null;

  /** Takes an order as it is now. New orders have the highest number, so that the maps stay in order. */
  putOrder(order: PaperOrder): void {
    this.orders?.rows.set(order.seq, order);
    if (isLive(order.status)) this.live?.set(order.seq, order);
    else this.live?.delete(order.seq);
  }

  /** Live orders and those changed since `since`; null when older ones would have to be read. */
  ordersSince(since: EpochMs): PaperOrder[] | null {
    if (this.orders === null || since < this.orders.since) return null;
    const found: PaperOrder[] = [];
    for (const order of this.orders.rows.values()) {
      if (order.updatedAt >= since || isLive(order.status)) found.push(order);
    }
    // A new day: what is older is not asked for again.
    if (since > this.orders.since) {
      this.orders = { since, rows: new Map(found.map((order) => [order.seq, order])) };
    }
    return found;
  }

  fillsSince(since: EpochMs): PaperFill[] | null {
    if (this.fills === null || since < this.fills.since) return null;
    if (since > this.fills.since) {
      this.fills = { since, rows: this.fills.rows.filter(({ filledAt }) => filledAt >= since) };
    }
    return [...this.fills.rows];
  }
}
