import { GatewayError } from '../../core/domain/errors';
import type { IntentFacts } from '../../core/ports/ledger';
import { audit } from './administration';
import type { LedgerTables } from './tables';

/** Read for every new order, so the statement is compiled once for each open file. */
const statements = new WeakMap<LedgerTables, () => readonly { readonly value: string }[]>();

/** Whether the analyzer is on. */
export const analyzing = (t: LedgerTables): boolean => {
  const known = statements.get(t);
  const read =
    known ??
    t.file.prepare(() =>
      t.sql.selectFrom('settings').select('value').where('name', '=', 'analyzing'),
    );
  if (known === undefined) statements.set(t, read);
  return read()[0]?.value === 'on';
};

/** Turns the analyzer, and writes who did. */
export const setAnalyzing = (t: LedgerTables, on: boolean, at: number, actor: string): void => {
  const value = on ? 'on' : 'off';
  t.file.run(
    t.sql
      .insertInto('settings')
      .values({ name: 'analyzing', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );
  audit(t, at, actor, 'analyzer.toggle', { analyze: on });
};

/** Lets new orders of an account go to the real market or no longer, and writes who did. */
export const setLive = (
  t: LedgerTables,
  account: string,
  live: boolean,
  at: number,
  actor: string,
): void => {
  const changed = t.file.run(
    t.sql
      .updateTable('accounts')
      .set({ live: live ? 1 : 0 })
      .where('account_id', '=', account)
      .where('twin_of', 'is', null),
  );
  if (changed !== 1) throw new GatewayError('ACCOUNT_UNKNOWN', `no account ${account}`);
  audit(t, at, actor, 'account.live', { account, live });
};

/** How many orders were accepted as practice. */
export const practiceOrders = (t: LedgerTables): number =>
  t.file.all(
    t.sql
      .selectFrom('orders')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('practice', '=', 1),
  )[0]?.count ?? 0;

/** Where new orders of the account (of a twin: of the one it stands for) may go at this moment. */
export const switchesOf = (
  t: LedgerTables,
  account: string,
): Pick<IntentFacts, 'tradesLive' | 'analyzing'> => {
  const row = t.account(account);
  const twinOf = row?.twin_of ?? null;
  const owner = twinOf === null ? row : t.account(twinOf);
  const on = analyzing(t);
  return { tradesLive: owner?.live === 1 && !on, analyzing: on };
};
