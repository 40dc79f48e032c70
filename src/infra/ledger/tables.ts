import type { Kysely } from 'kysely';
import type { Command } from '../../core/domain/command';
import type { BaseState, OrderEvent } from '../../core/domain/order-state';
import { nextState } from '../../core/domain/order-state';
import type { CommandRow, OrderRow, Tables } from './schema';
import type { SqliteFile } from './sqlite-file';
import { toCommand } from './rows';

/** Row access that every ledger operation shares; runs inside the caller's transaction. */
export class LedgerTables {
  readonly file: SqliteFile;
  readonly sql: Kysely<Tables>;

  constructor(file: SqliteFile, sql: Kysely<Tables>) {
    this.file = file;
    this.sql = sql;
  }

  order(orderId: string): OrderRow | null {
    return (
      this.file.all(this.sql.selectFrom('orders').selectAll().where('order_id', '=', orderId))[0] ??
      null
    );
  }

  command(orderId: string, n: number): CommandRow | null {
    const query = this.sql
      .selectFrom('commands')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('n', '=', n);
    return this.file.all(query)[0] ?? null;
  }

  /** Commands of one order that are not final, oldest first. */
  openCommands(orderId: string): CommandRow[] {
    const query = this.sql
      .selectFrom('commands')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('state', 'in', ['queued', 'held', 'submitted', 'in_doubt'])
      .orderBy('n');
    return this.file.all(query);
  }

  updateOrder(orderId: string, change: Partial<OrderRow>, at: number): void {
    this.file.run(
      this.sql
        .updateTable('orders')
        .set({ ...change, updated_at: at })
        .where('order_id', '=', orderId),
    );
  }

  updateCommand(orderId: string, n: number, change: Partial<CommandRow>): Command {
    this.file.run(
      this.sql
        .updateTable('commands')
        .set(change)
        .where('order_id', '=', orderId)
        .where('n', '=', n),
    );
    const row = this.command(orderId, n);
    if (row === null) throw new Error(`ledger: command ${orderId}/${String(n)} vanished`);
    return toCommand(row);
  }

  event(orderId: string, n: number | null, at: number, kind: string, detail: object): void {
    this.file.run(
      this.sql
        .insertInto('order_events')
        .values({ order_id: orderId, n, at, kind, detail: JSON.stringify(detail) } as never), // seq is given by SQLite
    );
  }

  /** The base state after `event`; writes a line of history when it is a move. */
  move(row: OrderRow, event: OrderEvent, at: number, detail: object = {}): BaseState {
    const next = nextState(row.base_state, event);
    if (next === null) return row.base_state;
    if (next !== row.base_state) {
      this.event(row.order_id, null, at, 'state', {
        from: row.base_state,
        to: next,
        event,
        ...detail,
      });
    }
    return next;
  }

  /** Re-derives what shows beside the state from the commands that are still under way. */
  refreshOverlay(orderId: string, at: number): void {
    const query = this.sql
      .selectFrom('commands')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('state', 'in', ['submitted', 'in_doubt', 'accepted'])
      .orderBy('n');
    const commands = this.file.all(query);
    // A cancel or modify that the broker accepted is under way until the book shows its effect.
    const underWay = commands.filter(
      (c) => c.kind !== 'place' && (c.state !== 'accepted' || c.settled_at === null),
    );
    const pending = underWay.some((c) => c.kind === 'cancel')
      ? 'cancel'
      : underWay.length > 0
        ? 'update'
        : null;
    const doubtful = commands.filter((c) => c.state === 'in_doubt');
    const row = this.order(orderId);
    if (row === null) return;
    const inDoubtSince = doubtful.length === 0 ? null : (row.in_doubt_since ?? at);
    if (row.pending !== pending || row.in_doubt_since !== inDoubtSince) {
      this.updateOrder(orderId, { pending, in_doubt_since: inDoubtSince }, at);
    }
  }
}
