import { epochMs } from '../domain/ids';
import type { Decimal } from '../domain/ids';
import type { Account } from '../domain/account';
import { istDate, startOfIstDay } from '../domain/time';
import type { CallContext } from '../ports/broker';
import type { Clock } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Accounts } from '../sessions/accounts';
import type { BookedFill, Books } from './books-types';
import { routeOf } from './order-route';

const READ_TIMEOUT_MS = 10_000;

/** Orders and fills from the ledger, which the reconciler keeps true; money and positions from the broker. */
export const createBooks = (ledger: Ledger, accounts: Accounts, clock: Clock): Books => {
  const today = (): ReturnType<typeof startOfIstDay> => startOfIstDay(istDate(clock.now()));
  const context = (account: Account): CallContext => ({
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    deadlineAt: epochMs(clock.now() + READ_TIMEOUT_MS),
    sendBy: null,
    correlationId: `books-${account.accountId}`,
  });
  const open = async (
    selector: string | null,
  ): Promise<{
    account: Account;
    reports: Awaited<ReturnType<Accounts['open']>>['client']['reports'];
  }> => {
    const account = await accounts.resolve(selector);
    return { account, reports: (await accounts.open(account)).client.reports };
  };
  /**
   * What each of today's fills cost, by trade id. Asked of practice brokers only: they keep it at hand,
   * while at a real one it would cost a call for something that its contract note says better.
   */
  const chargesOf = async (account: Account): Promise<ReadonlyMap<string, Decimal>> => {
    if (!accounts.module(account).capabilities.simulated) return new Map();
    const { client } = await accounts.open(account);
    if (client.practice === undefined) return new Map();
    const fills = await client.reports.fills(context(account));
    return new Map(
      fills.flatMap(({ tradeId, charges }) =>
        charges === undefined ? [] : [[tradeId, charges] as const],
      ),
    );
  };
  return {
    account: (selector) => accounts.resolve(selector),
    shown: async (selector) => {
      const { account, switched } = await routeOf({ ledger, accounts }, selector);
      const practice = account.twinOf !== null || (!switched && (await ledger.analyzing()));
      return { account, practice };
    },
    orders: async (selector) =>
      ledger.orders((await accounts.resolve(selector)).accountId, today()),
    fills: async (selector) => {
      const account = await accounts.resolve(selector);
      const charges = await chargesOf(account);
      const booked: BookedFill[] = [];
      for (const fill of await ledger.fills(account.accountId, today())) {
        const order = await ledger.order(fill.orderId);
        const charged = charges.get(fill.tradeId);
        if (order === null) continue;
        booked.push(charged === undefined ? { fill, order } : { fill, order, charges: charged });
      }
      return booked;
    },
    positions: async (selector) => {
      const { account, reports } = await open(selector);
      return reports.positions(context(account));
    },
    holdings: async (selector) => {
      const { account, reports } = await open(selector);
      return reports.holdings(context(account));
    },
    funds: async (selector) => {
      const { account, reports } = await open(selector);
      return reports.funds(context(account));
    },
  };
};
