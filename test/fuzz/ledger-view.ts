import { DatabaseSync } from 'node:sqlite';

/** An order of ours as the ledger has it; the columns that a request decides. */
export interface RecordedOrder {
  readonly row: number;
  readonly order_id: string;
  readonly account_id: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly side: string;
  readonly product: string;
  readonly order_type: string;
  readonly quantity: number;
  readonly limit_price: string | null;
  readonly target_position: number | null;
}

/** Reads the gateway's ledger file beside it. */
export class LedgerView {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { readOnly: true });
  }

  /** The newest order's row number; 0: there is none. */
  lastRow(): number {
    const row = this.#database.prepare('SELECT max(rowid) AS last FROM orders').get();
    return Number(row?.['last'] ?? 0);
  }

  /** Orders written after row `after` by calls; not those that a broker's book showed. */
  ordersAfter(after: number): readonly RecordedOrder[] {
    return (
      this.#database
        .prepare(
          `SELECT rowid AS row, order_id, account_id, exchange, symbol, side, product, order_type,
           quantity, limit_price, target_position
           FROM orders WHERE rowid > ? AND origin = 'toran' ORDER BY rowid`,
        )
        // The columns of the statement just above.
        .all(after) as unknown as readonly RecordedOrder[]
    );
  }

  /** Whether new orders of the account may go to its broker. */
  tradesLive(account: string): boolean {
    const analyzing = this.#database
      .prepare("SELECT value FROM settings WHERE name = 'analyzing'")
      .get();
    const row = this.#database
      .prepare('SELECT live FROM accounts WHERE account_id = ?')
      .get(account);
    return row?.['live'] === 1 && analyzing?.['value'] !== 'on';
  }

  /** Whether the hook was not removed. */
  hasHook(id: string): boolean {
    const row = this.#database
      .prepare('SELECT 1 AS lives FROM webhooks WHERE hook_id = ? AND removed_at IS NULL')
      .get(id);
    return row !== undefined;
  }

  close(): void {
    this.#database.close();
  }
}
