import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decimal } from '../../../src/core/domain/decimal';
import type { Order } from '../../../src/core/domain/order';
import { LedgerBench, ACCOUNT } from '../../support/gateway-ledger';
import { limitTerms, terms } from '../../support/gateway-orders';

const DELIVERY = { product: 'DELIVERY' } as const;

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(() => bench.close());

const hold = (quantity: number, product: 'DELIVERY' | 'INTRADAY' = 'DELIVERY'): Promise<unknown> =>
  bench.ledger.savePositions(
    ACCOUNT,
    [
      {
        instrument: { exchange: 'NSE', symbol: 'SBIN' },
        product,
        quantity,
        averagePrice: decimal('800'),
      } as never, // the rest of a report says nothing here
    ],
    bench.now(),
  );
const aim = async (position: number, changes: Parameters<typeof terms>[0]): Promise<Order> => {
  const smart = await bench.queued({
    terms: terms({ side: 'SELL', quantity: 1, ...changes }),
    smart: { position, flatQuantity: 0 },
  });
  await bench.claim(smart.orderId);
  return bench.order(smart.orderId);
};
const buying = (quantity: number, changes: Parameters<typeof terms>[0]): Promise<Order> =>
  bench.working('b-1', { terms: limitTerms('700', { side: 'BUY', quantity, ...changes }) });

describe('a smart order of a DELIVERY position, beside an open purchase', () => {
  it('sells what is held, and not what is not bought yet', async () => {
    await hold(100);
    await buying(50, DELIVERY);
    expect(await aim(0, DELIVERY)).toMatchObject({
      state: 'submitted',
      terms: { side: 'SELL', quantity: 100 },
    });
  });

  it('waits while there is nothing but the purchase', async () => {
    await hold(0);
    await buying(30, DELIVERY);
    expect((await aim(0, DELIVERY)).state).toBe('queued');
  });

  it('counts sales that are under way', async () => {
    await hold(100);
    await buying(50, DELIVERY);
    await bench.working('s-1', {
      terms: limitTerms('900', { side: 'SELL', quantity: 40, ...DELIVERY }),
    });
    expect((await aim(0, DELIVERY)).terms).toMatchObject({ side: 'SELL', quantity: 60 });
  });

  it('may sell from holdings when the target says so', async () => {
    await hold(0);
    await buying(5, DELIVERY);
    expect((await aim(-10, DELIVERY)).terms).toMatchObject({ side: 'SELL', quantity: 15 });
  });
});

describe('a smart order of an INTRADAY position', () => {
  it('counts the purchase, because it may sell short', async () => {
    await hold(100, 'INTRADAY');
    await buying(50, { product: 'INTRADAY' });
    expect((await aim(0, { product: 'INTRADAY' })).terms).toMatchObject({
      side: 'SELL',
      quantity: 150,
    });
  });
});
