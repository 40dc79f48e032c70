import { describe, expect, it } from '@jest/globals';
import type { OrderTerms, SmartTarget } from '../../src/core/domain/order';
import type { OrderServiceDeps } from '../../src/core/orders/order-service';
import { createOrderService } from '../../src/core/orders/order-service';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { share, terms } from '../support/gateway-orders';
import { OPEN_GATE } from '../support/open-gate';

const caller = { apiKeyId: 'k-1', correlationId: 'c-1', waitMs: 0 };
let written = 0;

// Only what a check reads before anything is written; a write is counted and fails. The cast stands
// for the ports that are not reached.
const service = createOrderService({
  clock: new FakeClock(),
  accounts: {
    resolve: () => Promise.resolve({ accountId: 'paper-main' }),
    needsLive: () => false,
    module: () => ({
      capabilities: {
        orderTypes: { MARKET: 'native' },
        products: ['INTRADAY'],
        timesInForce: ['DAY'],
      },
    }),
  },
  instruments: {
    find: (id: { symbol: string }) => (id.symbol === 'SBIN' ? share({ lotSize: 5 }) : null),
  },
  random: new SeededRandom(7),
  sessions: OPEN_GATE,
  ledger: {
    recordIntents: () => {
      written += 1;
      return Promise.reject(new Error('written'));
    },
  },
} as unknown as OrderServiceDeps);

const leg = (changes: Partial<OrderTerms> = {}, smart: SmartTarget | null = null) => ({
  // Spread over a union: the prices stay those of a market order.
  terms: { ...terms({ product: 'INTRADAY', quantity: 5 }), ...changes } as OrderTerms,
  strategy: 's',
  smart,
});
const basket = (...legs: ReturnType<typeof leg>[]) =>
  service.placeBasket({ account: null, clientOrderId: null, sellsAfterBuys: false, legs }, caller);

describe('a basket', () => {
  it.each([
    ['orders[1].quantity', leg({ quantity: 6 })],
    ['orders[1].symbol', leg({ instrument: { exchange: 'NSE', symbol: 'NOPE' } })],
    ['orders[1].product', leg({ product: 'DELIVERY' })],
  ])('is refused as a whole, naming %s, and writes nothing', async (field, bad) => {
    await expect(basket(leg(), bad)).rejects.toMatchObject({
      field,
      message: expect.stringMatching(/^orders\[1\]\.\w+: /),
    });
    expect(written).toBe(0);
  });

  it('of one leg names the leg too; a single order names the field alone', async () => {
    const bad = leg({ quantity: 6 });
    await expect(basket(bad)).rejects.toMatchObject({ field: 'orders[0].quantity' });
    const single = { account: null, clientOrderId: null, strategy: 's', terms: bad.terms };
    await expect(service.place(single, caller)).rejects.toMatchObject({ field: 'quantity' });
    expect(written).toBe(0);
  });

  it('lets a smart order past whose placeholder is no lot, and stops one whose target is none', async () => {
    const smart = (position: number) =>
      service.place(
        {
          account: null,
          clientOrderId: null,
          strategy: 's',
          terms: leg({ quantity: 1 }).terms,
          smart: { position, flatQuantity: 0 },
        },
        caller,
      );
    await expect(smart(7)).rejects.toMatchObject({ code: 'LOT_SIZE', field: 'position_size' });
    expect(written).toBe(0);
    await expect(smart(0)).rejects.toThrow('written');
    expect(written).toBe(1);
  });
});
