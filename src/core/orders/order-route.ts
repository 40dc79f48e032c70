import type { Account } from '../domain/account';
import { GatewayError } from '../domain/errors';
import type { IntentFacts, Ledger } from '../ports/ledger';
import type { Accounts } from '../sessions/accounts';

export interface RouteDeps {
  readonly ledger: Pick<Ledger, 'tradesLive'>;
  readonly accounts: Accounts;
}

/** Where the new orders of a call go. */
export interface OrderRoute {
  /** The account that the caller named. */
  readonly asked: Account;
  /** That account, or its practice twin. */
  readonly account: Account;
  /** Whether the live switch decided; then it must still say so when the orders are written. */
  readonly switched: boolean;
}

/** How often a call may meet a switch that is being turned. */
const ATTEMPTS = 5;

/** The live switch was turned between the look at it and the write. */
class RouteMoved extends Error {}

/**
 * An account of real money trades live only once its owner set it live, and never while the analyzer
 * is on: until then its new orders go to its practice twin. A twin that is named itself, and an
 * account of a simulated broker, are taken as they are.
 */
export const routeOf = async (deps: RouteDeps, selector: string | null): Promise<OrderRoute> => {
  const asked = await deps.accounts.resolve(selector);
  if (!deps.accounts.needsLive(asked)) return { asked, account: asked, switched: false };
  const live = await deps.ledger.tradesLive(asked.accountId);
  return { asked, account: live ? asked : await deps.accounts.twin(asked), switched: true };
};

/** Inside the transaction that writes the orders: does the switch still say the same? */
export const requireRoute = (route: OrderRoute, facts: IntentFacts): void => {
  const live = route.account === route.asked;
  if (route.switched && live !== facts.tradesLive) throw new RouteMoved();
};

/** Runs `work` on the route of the account; anew when the switch was turned meanwhile. */
export const onRoute = async <T>(
  deps: RouteDeps,
  selector: string | null,
  work: (route: OrderRoute) => Promise<T>,
): Promise<T> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await work(await routeOf(deps, selector));
    } catch (error) {
      if (!(error instanceof RouteMoved)) throw error;
    }
  }
  throw new GatewayError(
    'STORE_UNAVAILABLE',
    'The live switch is being turned; nothing was stored, send again.',
  );
};
