import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerBench, report } from '../../support/gateway-ledger';
import { limitTerms } from '../../support/gateway-orders';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

/** What the book shows of a market order for ten shares: the limit that it was sent as. */
const asLimit = limitTerms('103');

describe('a market order that the book shows as the limit it was sent as', () => {
  it('stays a market order, and nobody is said to have changed it', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { terms: asLimit })]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'accepted',
      terms: { orderType: 'MARKET', limitPrice: null },
    });
    expect(await bench.eventKinds(made.orderId)).not.toContain('changed-elsewhere');
  });

  it('is filled by what the book shows', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { terms: asLimit, status: 'filled', filledQuantity: 10 })]);
    expect(await bench.order(made.orderId)).toMatchObject({ state: 'filled', filledQuantity: 10 });
  });

  it('is found without its tag and its answer', async () => {
    const made = await bench.doubtful({}, ['B0']);
    const rows = [report('B0', { terms: asLimit }), report('B1', { terms: asLimit })];
    await bench.read(rows, [], { tagsMayBeEmpty: true });
    expect(await bench.order(made.orderId)).toMatchObject({
      brokerOrderId: 'B1',
      state: 'accepted',
      inDoubtSince: null,
    });
  });

  it('is cancelled once the book shows it', async () => {
    const made = await bench.working('B1');
    await bench.change(made, null, 'accepted');
    await bench.read([report('B1', { terms: asLimit })]);
    expect(await bench.order(made.orderId)).not.toMatchObject({ state: 'canceled' });
    await bench.read([report('B1', { terms: asLimit, status: 'canceled' })]);
    expect(await bench.order(made.orderId)).toMatchObject({ state: 'canceled' });
  });
});
