import { accountId, epochMs, orderId } from '../../core/domain/ids';
import type { AccountId, EpochMs, IsoDate, OrderId } from '../../core/domain/ids';
import { GatewayError } from '../../core/domain/errors';
import type { Clock, Random } from '../../core/ports/clock';
import type {
  HookRow,
  HookTokenRow,
  SquareOffRow,
  WebhookStore,
} from '../../core/ports/webhook-store';
import { SqliteFile, sqlFor } from './sqlite-file';

/**
 * The webhooks' part of the ledger file, which SqliteLedger has brought to the newest schema. One
 * connection syncs on every commit; the other, for what calls were answered, leaves that to the next
 * synced one.
 */
export class SqliteWebhooks implements WebhookStore {
  readonly #file: SqliteFile;
  readonly #relaxed: SqliteFile;
  readonly #sql = sqlFor();

  constructor(path: string, clock: Clock, random: Random) {
    this.#file = new SqliteFile(path, clock, random, { durable: true });
    this.#relaxed = new SqliteFile(path, clock, random, { durable: false });
  }

  hooks(): Promise<readonly HookRow[]> {
    return this.#read(() => {
      const tokens = this.#file.all(
        this.#sql.selectFrom('webhook_tokens').selectAll().orderBy('created_at'),
      );
      const rows = this.#file.all(
        this.#sql
          .selectFrom('webhooks')
          .selectAll()
          .where('removed_at', 'is', null)
          .orderBy('created_at'),
      );
      return rows.map((row) => ({
        hookId: row.hook_id,
        label: row.label,
        kind: row.kind,
        accountId: accountId(row.account_id),
        active: row.active === 1,
        settings: JSON.parse(row.settings) as unknown,
        createdAt: epochMs(row.created_at),
        tokens: tokens
          .filter((token) => token.hook_id === row.hook_id)
          .map((token) => ({
            tokenId: token.token_id,
            hash: token.hash,
            createdAt: epochMs(token.created_at),
            expiresAt: token.expires_at === null ? null : epochMs(token.expires_at),
          })),
      }));
    });
  }

  addHook(hook: HookRow): Promise<void> {
    return this.#file.write(() => {
      const taken = this.#file.all(
        this.#sql
          .selectFrom('webhooks')
          .select('hook_id')
          .where('label', '=', hook.label)
          .where('removed_at', 'is', null),
      );
      if (taken.length > 0) {
        throw new GatewayError('ALREADY_EXISTS', `label: a webhook is called ${hook.label}.`, {
          field: 'label',
        });
      }
      this.#file.insert('webhooks', {
        hook_id: hook.hookId,
        label: hook.label,
        kind: hook.kind,
        account_id: hook.accountId,
        active: hook.active ? 1 : 0,
        settings: JSON.stringify(hook.settings),
        created_at: hook.createdAt,
        removed_at: null,
      });
      for (const token of hook.tokens) this.#insertToken(hook.hookId, token);
    });
  }

  updateHook(
    hookId: string,
    change: { readonly active?: boolean; readonly settings?: unknown },
  ): Promise<boolean> {
    const { active, settings } = change;
    const columns = {
      ...(active === undefined ? {} : { active: active ? 1 : 0 }),
      ...(settings === undefined ? {} : { settings: JSON.stringify(settings) }),
    };
    return this.#file.write(() => this.#change(hookId, columns));
  }

  removeHook(hookId: string, at: EpochMs): Promise<boolean> {
    return this.#file.write(() => {
      this.#endOthers(hookId, at);
      return this.#change(hookId, { removed_at: at, active: 0 });
    });
  }

  rotateToken(hookId: string, token: HookTokenRow, othersUntil: EpochMs): Promise<boolean> {
    return this.#file.write(() => {
      if (!this.#lives(hookId)) return false;
      this.#endOthers(hookId, othersUntil);
      this.#insertToken(hookId, token);
      return true;
    });
  }

  endToken(hookId: string, tokenId: string, at: EpochMs): Promise<boolean> {
    return this.#file.write(
      () =>
        this.#file.run(
          this.#sql
            .updateTable('webhook_tokens')
            .set({ expires_at: at })
            .where('hook_id', '=', hookId)
            .where('token_id', '=', tokenId)
            .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', at)])),
        ) === 1,
    );
  }

  markAnswered(callId: string, status: number, at: EpochMs): Promise<void> {
    return this.#relaxed.write(() => {
      this.#relaxed.update(
        'received_calls',
        { answered_status: status, answered_at: at },
        { call_id: callId },
      );
    });
  }

  squareOff(hookId: string, day: IsoDate): Promise<SquareOffRow | null> {
    return this.#read(() => {
      const row = this.#file.all(
        this.#sql
          .selectFrom('webhook_square_offs')
          .selectAll()
          .where('hook_id', '=', hookId)
          .where('day', '=', day),
      )[0];
      if (row === undefined) return null;
      return { hookId, day, state: row.state, attempts: row.attempts, at: epochMs(row.at) };
    });
  }

  saveSquareOff(row: SquareOffRow): Promise<void> {
    const { state, attempts, at } = row;
    return this.#file.write(() => {
      this.#file.run(
        this.#sql
          .insertInto('webhook_square_offs')
          .values({ hook_id: row.hookId, day: row.day, state, attempts, at })
          .onConflict((conflict) =>
            conflict.columns(['hook_id', 'day']).doUpdateSet({ state, attempts, at }),
          ),
      );
    });
  }

  ordersMade(
    account: AccountId,
    caller: string,
    from: EpochMs,
    until: EpochMs,
  ): Promise<readonly OrderId[]> {
    return this.#read(() =>
      this.#file
        .all(
          this.#sql
            .selectFrom('orders')
            .select('order_id')
            // By the index of updates: an order is never updated before it is made.
            .where('account_id', '=', account)
            .where('updated_at', '>=', from)
            .where('api_key_id', '=', caller)
            .where('created_at', '>=', from)
            .where('created_at', '<', until),
        )
        .map((row) => orderId(row.order_id)),
    );
  }

  close(): void {
    this.#file.close();
    this.#relaxed.close();
  }

  #lives(hookId: string): boolean {
    const found = this.#file.all(
      this.#sql
        .selectFrom('webhooks')
        .select('hook_id')
        .where('hook_id', '=', hookId)
        .where('removed_at', 'is', null),
    );
    return found.length > 0;
  }

  #change(
    hookId: string,
    columns: { active?: number; settings?: string; removed_at?: number },
  ): boolean {
    return this.#lives(hookId) && this.#file.update('webhooks', columns, { hook_id: hookId }) === 1;
  }

  #insertToken(hookId: string, token: HookTokenRow): void {
    this.#file.insert('webhook_tokens', {
      token_id: token.tokenId,
      hook_id: hookId,
      hash: token.hash,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
    });
  }

  /** Tokens that would live longer end at `at`. */
  #endOthers(hookId: string, at: EpochMs): void {
    this.#file.run(
      this.#sql
        .updateTable('webhook_tokens')
        .set({ expires_at: at })
        .where('hook_id', '=', hookId)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', at)])),
    );
  }

  // Asynchronous because the port is: another store may have to wait.
  #read<T>(work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
