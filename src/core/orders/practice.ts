import type { Account } from '../domain/account';
import { GatewayError } from '../domain/errors';
import type { AccountId } from '../domain/ids';
import type { Clock } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Accounts } from '../sessions/accounts';

/** Open orders on both sides of the live switch: no switch moves an order that exists. */
export interface OpenOrders {
  readonly practice: number;
  readonly live: number;
}

/** The two switches that decide whether a new order is practice: one for all accounts, one for each. */
export interface Practice {
  /** Whether the analyzer is on, and how many orders were ever accepted as practice. */
  analyzer(): Promise<{ readonly on: boolean; readonly orders: number }>;
  /** Turns the analyzer; audited. Gives back the orders that stay where they are. */
  setAnalyzer(on: boolean, actor: string): Promise<OpenOrders>;
  /** Sets an account live, or no longer; audited. @throws GatewayError ACCOUNT_UNKNOWN, UNSUPPORTED for one that needs no switch */
  setLive(account: AccountId, live: boolean, actor: string): Promise<OpenOrders>;
}

export const createPractice = (ledger: Ledger, accounts: Accounts, clock: Clock): Practice => {
  const count = async (some: readonly Account[]): Promise<number> => {
    const open = await Promise.all(some.map((one) => ledger.openOrders(one.accountId)));
    return open.reduce((sum, orders) => sum + orders.length, 0);
  };
  const openOrders = async (of: (account: Account) => boolean): Promise<OpenOrders> => {
    const all = (await accounts.list()).filter(of);
    return {
      practice: await count(all.filter((one) => one.twinOf !== null)),
      live: await count(all.filter((one) => accounts.needsLive(one))),
    };
  };
  return {
    analyzer: async () => ({
      on: await ledger.analyzing(),
      orders: await ledger.practiceOrders(),
    }),
    setAnalyzer: async (on, actor) => {
      await ledger.setAnalyzing(on, clock.now(), actor);
      return openOrders(() => true);
    },
    setLive: async (id, live, actor) => {
      const account = (await accounts.list()).find((one) => one.accountId === id);
      if (account === undefined) {
        throw new GatewayError('ACCOUNT_UNKNOWN', `There is no account ${id}.`);
      }
      if (!accounts.needsLive(account)) {
        throw new GatewayError(
          'UNSUPPORTED',
          `${id} trades no real money, so it has no live switch.`,
        );
      }
      await ledger.setLive(id, live, clock.now(), actor);
      return openOrders((one) => one.accountId === id || one.twinOf === id);
    },
  };
};
