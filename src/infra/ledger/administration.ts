import type { Account } from '../../core/domain/account';
import { epochMs } from '../../core/domain/ids';
import type { ApiKeyRow, RecordedCall } from '../../core/ports/ledger';
import { GatewayError } from '../../core/domain/errors';
import { toAccount } from './rows';
import type { LedgerTables } from './tables';

const SCOPES = ['read', 'trade', 'admin'] as const;

export const accounts = (t: LedgerTables): Account[] =>
  t.file.all(t.sql.selectFrom('accounts').selectAll().orderBy('created_at')).map(toAccount);

export const addAccount = (t: LedgerTables, account: Account, at: number): void => {
  const taken = t.file.all(
    t.sql
      .selectFrom('accounts')
      .select('account_id')
      .where((eb) =>
        eb.or([eb('account_id', '=', account.accountId), eb('label', '=', account.label)]),
      ),
  );
  if (taken.length > 0) {
    throw new GatewayError('ALREADY_EXISTS', `account ${account.label} exists`, { field: 'label' });
  }
  t.file.run(
    t.sql.insertInto('accounts').values({
      account_id: account.accountId,
      broker: account.broker,
      login: account.login,
      label: account.label,
      is_default: 0,
      stopped_reason: account.stoppedReason,
      live: account.live ? 1 : 0,
      twin_of: account.twinOf,
      created_at: at,
    }),
  );
  if (account.isDefault) setDefaultAccount(t, account.accountId);
};

export const setDefaultAccount = (t: LedgerTables, account: string): void => {
  if ((t.account(account)?.twin_of ?? null) !== null) {
    throw new GatewayError(
      'UNSUPPORTED',
      `${account} is a practice twin and cannot be the default`,
    );
  }
  t.file.run(t.sql.updateTable('accounts').set({ is_default: 0 }));
  const changed = t.file.run(
    t.sql.updateTable('accounts').set({ is_default: 1 }).where('account_id', '=', account),
  );
  if (changed !== 1) throw new GatewayError('ACCOUNT_UNKNOWN', `no account ${account}`);
};

export const setStopped = (t: LedgerTables, account: string, reason: string | null): void => {
  const changed = t.file.run(
    t.sql.updateTable('accounts').set({ stopped_reason: reason }).where('account_id', '=', account),
  );
  if (changed !== 1) throw new GatewayError('ACCOUNT_UNKNOWN', `no account ${account}`);
};

export const apiKeys = (t: LedgerTables): ApiKeyRow[] =>
  t.file.all(t.sql.selectFrom('api_keys').selectAll().orderBy('created_at')).map((row) => ({
    keyId: row.key_id,
    label: row.label,
    hash: row.hash,
    scopes: SCOPES.filter((scope) => row.scopes.split(',').includes(scope)),
    ratePerSecond: row.rate_per_second,
    createdAt: epochMs(row.created_at),
    revokedAt: row.revoked_at === null ? null : epochMs(row.revoked_at),
  }));

export const addApiKey = (t: LedgerTables, key: ApiKeyRow): void => {
  t.file.run(
    t.sql.insertInto('api_keys').values({
      key_id: key.keyId,
      label: key.label,
      hash: key.hash,
      scopes: key.scopes.join(','),
      rate_per_second: key.ratePerSecond,
      created_at: key.createdAt,
      revoked_at: key.revokedAt,
    }),
  );
};

export const revokeApiKey = (t: LedgerTables, keyId: string, at: number): boolean =>
  t.file.run(
    t.sql
      .updateTable('api_keys')
      .set({ revoked_at: at })
      .where('key_id', '=', keyId)
      .where('revoked_at', 'is', null),
  ) === 1;

export const audit = (
  t: LedgerTables,
  at: number,
  actor: string,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): void => {
  t.file.run(
    t.sql
      .insertInto('audit')
      .values({ at, actor, action, detail: JSON.stringify(detail) } as never), // seq is given by SQLite
  );
};

export const callsSince = (t: LedgerTables, account: string, since: number): RecordedCall[] =>
  t.file
    .all(
      t.sql
        .selectFrom('calls')
        .selectAll()
        .where('account_id', '=', account)
        .where('at', '>=', since)
        .orderBy('at'),
    )
    .map((row) => ({ callId: row.call_id, callClass: row.call_class, at: epochMs(row.at) }));

export const recordCall = (t: LedgerTables, account: string, call: RecordedCall): void => {
  t.recordCall(call.callId, account, call.callClass, call.at);
};
