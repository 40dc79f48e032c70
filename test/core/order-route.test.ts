import { describe, expect, it } from '@jest/globals';
import { accountId, brokerId } from '../../src/core/domain/ids';
import type { Account } from '../../src/core/domain/account';
import { onRoute, requireRoute } from '../../src/core/orders/order-route';
import type { RouteDeps } from '../../src/core/orders/order-route';
import type { IntentFacts } from '../../src/core/ports/ledger';

const account = (id: string, twinOf: string | null = null): Account => ({
  accountId: accountId(id),
  broker: brokerId('any'),
  login: id,
  label: id,
  isDefault: false,
  stoppedReason: null,
  live: false,
  twinOf: twinOf === null ? null : accountId(twinOf),
});
const REAL = account('real');
const TWIN = account('twin', 'real');

/** The switch as each look at it finds it; the last word stays. */
const deps = (looks: readonly boolean[], needsLive = true): RouteDeps => {
  const waiting = [...looks];
  // Only what a route reads; the cast stands for the rest of the accounts.
  return {
    ledger: {
      tradesLive: () =>
        Promise.resolve((waiting.length > 1 ? waiting.shift() : waiting[0]) ?? false),
    },
    accounts: {
      resolve: () => Promise.resolve(REAL),
      needsLive: () => needsLive,
      twin: () => Promise.resolve(TWIN),
    },
  } as unknown as RouteDeps;
};
const facts = (tradesLive: boolean): IntentFacts => ({
  net: null,
  openOrders: [],
  stoppedReason: null,
  tradesLive,
  analyzing: false,
});

describe('the route of new orders', () => {
  it.each([
    [true, 'real'],
    [false, 'twin'],
  ])('follows the live switch (%p)', async (live, home) => {
    await onRoute(deps([live]), null, (route) => {
      expect(route.account.accountId).toBe(home);
      requireRoute(route, facts(live));
      return Promise.resolve();
    });
  });

  it.each([
    ['turned to practice', [true, false], false, ['real', 'twin']],
    ['turned live', [false, true], true, ['twin', 'real']],
  ])('is taken anew when the switch was %s before the write', async (_how, looks, truth, homes) => {
    const taken: string[] = [];
    await onRoute(deps(looks), null, (route) => {
      taken.push(route.account.accountId);
      requireRoute(route, facts(truth));
      return Promise.resolve();
    });
    expect(taken).toEqual(homes);
  });

  it('gives up, with nothing stored, on a switch that never rests', async () => {
    const never = onRoute(deps([true]), null, (route) => {
      requireRoute(route, facts(false));
      return Promise.resolve();
    });
    await expect(never).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('does not look at the switch of an account that needs none', async () => {
    await onRoute(deps([false], false), null, (route) => {
      expect(route.account).toBe(REAL);
      requireRoute(route, facts(false));
      return Promise.resolve();
    });
  });
});
