import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerOrderId, clientTag, epochMs } from '../../../src/core/domain/ids';
import type { Order } from '../../../src/core/domain/order';
import { ACCOUNT, fill, LedgerBench, report } from '../../support/gateway-ledger';
import { limitTerms, terms } from '../../support/gateway-orders';
import { decimal } from '../../../src/core/domain/decimal';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

const ACCEPTED = { kind: 'accepted', brokerOrderId: brokerOrderId('B1') } as const;

describe('finding an order in the book', () => {
  it('matches an order in doubt by its tag, and ends the doubt', async () => {
    const made = await bench.doubtful();
    const applied = await bench.read([report('B1', { clientTag: made.clientTag })]);
    expect(applied).toEqual({ changed: [made.orderId], imported: [], notes: [], orphanFills: [] });
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'accepted',
      brokerOrderId: 'B1',
      inDoubtSince: null,
    });
    expect((await bench.command(made.orderId)).state).toBe('accepted');
  });

  it('matches by the broker id when the tag does not come back', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { status: 'canceled', message: 'by the exchange' })]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'canceled',
      reason: 'by the exchange',
    });
  });

  it('never sends a queued place that the book already has', async () => {
    const made = await bench.submitted();
    await bench.settle(made.orderId, { kind: 'not-sent', why: 'rate-limit' });
    await bench.read([report('B1', { clientTag: made.clientTag })]);
    expect(await bench.claim(made.orderId, 1, 2)).toBeNull();
    expect((await bench.order(made.orderId)).state).toBe('accepted');
  });

  it('revives an order that was thought absent', async () => {
    const made = await bench.doubtful();
    await bench.ledger.concludeAbsent(made.orderId, bench.now());
    await bench.read([report('B1', { clientTag: made.clientTag })]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'accepted',
      reasonCode: null,
      reason: null,
    });
  });

  it('changes nothing when the same reading comes again', async () => {
    const made = await bench.doubtful();
    const row = report('B1', {
      clientTag: made.clientTag,
      status: 'filled',
      filledQuantity: 10,
      averagePrice: decimal('812'),
    });
    const trade = fill('T1', 'B1', 10, '812', bench.now());
    await bench.read([row], [trade]);
    const once = await bench.order(made.orderId);
    const events = await bench.eventKinds(made.orderId);
    expect(await bench.read([row], [trade])).toEqual({
      changed: [],
      imported: [],
      notes: [],
      orphanFills: [],
    });
    expect(await bench.order(made.orderId)).toEqual(once);
    expect(await bench.eventKinds(made.orderId)).toEqual(events);
  });

  it('notes a second order with a tag of ours, and imports it so that nobody overlooks it', async () => {
    const made = await bench.working('B1');
    const applied = await bench.read([
      report('B1', { clientTag: made.clientTag }),
      report('B2', { clientTag: made.clientTag }),
    ]);
    expect(applied.notes).toEqual([expect.stringMatching(/^DUPLICATE_AT_BROKER: B2 .*B1$/)]);
    expect(applied.imported).toHaveLength(1);
    expect(await bench.order(made.orderId)).toMatchObject({ brokerOrderId: 'B1' });
    expect(await bench.ledger.findOrder(ACCOUNT, 'B2')).toMatchObject({ origin: 'foreign' });
  });
});

describe('an order placed elsewhere', () => {
  it('gets an id of ours, its state and its fills', async () => {
    const row = report('X1', {
      status: 'filled',
      filledQuantity: 10,
      averagePrice: decimal('500'),
    });
    const applied = await bench.read([row], [fill('T1', 'X1', 10, '500', bench.now())]);
    expect(applied.imported).toHaveLength(1);
    const found = await bench.ledger.findOrder(ACCOUNT, 'X1');
    expect(found).toMatchObject({
      origin: 'foreign',
      state: 'filled',
      filledQuantity: 10,
      averagePrice: '500',
      clientTag: null,
    });
    expect(await bench.ledger.fillsOf(found?.orderId ?? ('' as never))).toHaveLength(1);
    expect((await bench.read([row])).imported).toEqual([]);
  });

  it('can be cancelled like any other', async () => {
    await bench.read([report('X1')]);
    const cancel = await bench.change(await bench.at('X1'), null, 'queued');
    expect(cancel.n).toBe(1);
    expect(await bench.claim(cancel.orderId, 1)).not.toBeNull();
  });
});

describe('fills and quantities', () => {
  it('never let the filled quantity fall, or the order go back', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { filledQuantity: 6 })]);
    await bench.read([report('B1', { filledQuantity: 4 })]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'partially_filled',
      filledQuantity: 6,
    });
  });

  it('do not take the word "filled" for it without the quantity', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { status: 'filled', filledQuantity: 4 })]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'partially_filled',
      filledQuantity: 4,
    });
  });

  it('show no part fill when "filled" comes without any quantity', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { status: 'filled', filledQuantity: 0 })]);
    expect(await bench.order(made.orderId)).toMatchObject({ state: 'accepted', filledQuantity: 0 });
  });

  it('count each trade once and work out the exact average', async () => {
    const made = await bench.working('B1');
    const at = bench.now();
    await bench.read([report('B1')], [fill('T1', 'B1', 3, '812.55', at)]);
    await bench.read(
      [report('B1')],
      [fill('T2', 'B1', 7, '812.6', at), fill('T1', 'B1', 3, '812.55', at)],
    );
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'filled',
      filledQuantity: 10,
      averagePrice: '812.585',
    });
    expect((await bench.ledger.fillsOf(made.orderId)).map((one) => one.tradeId)).toEqual([
      'T1',
      'T2',
    ]);
  });

  it('keep the price of the broker until all fills are booked', async () => {
    const made = await bench.working('B1');
    await bench.read(
      [report('B1', { filledQuantity: 6, averagePrice: decimal('812') })],
      [fill('T1', 'B1', 3, '811', bench.now())],
    );
    expect(await bench.order(made.orderId)).toMatchObject({
      filledQuantity: 6,
      averagePrice: '812',
    });
  });

  it('complete a cancelled order when they prove it', async () => {
    const made = await bench.working('B1');
    await bench.read([report('B1', { status: 'canceled' })]);
    await bench.read([], [fill('T1', 'B1', 10, '812', bench.now())]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'filled',
      reason: null,
      reasonCode: null,
    });
  });

  it('note a fill without an order, and book it once the order is there', async () => {
    const trade = fill('T1', 'X1', 10, '812', bench.now());
    const first = await bench.read([], [trade]);
    expect(first.notes).toEqual([expect.stringContaining('T1')]);
    await bench.read([report('X1')], [trade]);
    expect((await bench.ledger.findOrder(ACCOUNT, 'X1'))?.filledQuantity).toBe(10);
  });

  it('do not end an order whose larger quantity is on its way to the broker', async () => {
    const made = await bench.working('B1', { terms: limitTerms('800') });
    await bench.change(made, limitTerms('800', { quantity: 20 }), 'queued');
    await bench.claim(made.orderId, 2);
    await bench.settle(made.orderId, { kind: 'unknown', why: 'timeout' }, 2);
    // The order book was read before the change took effect, the trade book after it.
    await bench.read(
      [report('B1', { terms: limitTerms('800') })],
      [fill('T1', 'B1', 10, '800', bench.now())],
      { provesSentBefore: epochMs(0) },
    );
    await bench.read([
      report('B1', { terms: limitTerms('800', { quantity: 20 }), filledQuantity: 10 }),
    ]);
    const after = await bench.order(made.orderId);
    expect(after.terms.quantity).toBe(20);
    expect(after.state).toBe('partially_filled');
  });
});

describe('a modify', () => {
  const modified = async (end: 'accepted' | 'unknown'): Promise<Order> => {
    const made = await bench.working('B1', { terms: limitTerms('800') });
    await bench.change(made, limitTerms('790', { quantity: 20 }), 'queued');
    await bench.claim(made.orderId, 2);
    await bench.settle(
      made.orderId,
      end === 'accepted' ? ACCEPTED : { kind: 'unknown', why: 'reset' },
      2,
    );
    bench.clock.setWall(bench.now() + 20_000);
    return bench.order(made.orderId);
  };
  const before = report('B1', { terms: limitTerms('800') });
  const after = report('B1', { terms: limitTerms('790', { quantity: 20 }) });

  it.each(['accepted', 'unknown'] as const)(
    'that ended %s is confirmed by the new values',
    async (end) => {
      const made = await modified(end);
      await bench.read([after]);
      const now = await bench.order(made.orderId);
      expect(now).toMatchObject({ state: 'accepted', inDoubtSince: null });
      expect(now.terms).toMatchObject({ limitPrice: '790', quantity: 20 });
      expect((await bench.command(made.orderId, 2)).settledAt).not.toBeNull();
    },
  );

  it.each(['accepted', 'unknown'] as const)(
    'that ended %s goes again when the book still shows the old values',
    async (end) => {
      const made = await modified(end);
      await bench.read([before]);
      expect(await bench.command(made.orderId, 2)).toMatchObject({
        state: 'queued',
        attempt: 2,
        sendBy: null,
      });
      const now = await bench.order(made.orderId);
      expect(now).toMatchObject({ state: 'accepted', inDoubtSince: null });
      expect(now.terms.limitPrice).toBe('800');
    },
  );

  it('is not judged by a reading that is too early for it', async () => {
    const made = await modified('unknown');
    await bench.read([before], [], { provesSentBefore: epochMs(made.createdAt) });
    expect((await bench.command(made.orderId, 2)).state).toBe('in_doubt');
  });

  it('is refused after four attempts that did nothing', async () => {
    const made = await modified('unknown');
    for (const attempt of [2, 3, 4]) {
      await bench.read([before]);
      expect(await bench.claim(made.orderId, 2, attempt)).not.toBeNull();
      await bench.settle(made.orderId, { kind: 'unknown', why: 'reset' }, 2, attempt);
      bench.clock.setWall(bench.now() + 10_000);
    }
    await bench.read([before]);
    expect(await bench.command(made.orderId, 2)).toMatchObject({
      state: 'rejected',
      reasonCode: 'NOT_APPLIED',
    });
    expect((await bench.order(made.orderId)).state).toBe('accepted');
  });

  it('shows in the terms also when the order was filled before the change was seen', async () => {
    const made = await modified('unknown');
    await bench.read([
      report('B1', {
        terms: limitTerms('790', { quantity: 20 }),
        status: 'filled',
        filledQuantity: 20,
        averagePrice: decimal('790'),
      }),
    ]);
    const now = await bench.order(made.orderId);
    expect(now).toMatchObject({ state: 'filled', filledQuantity: 20 });
    expect(now.terms).toMatchObject({ quantity: 20, limitPrice: '790' });
  });

  it('made at the broker itself is taken over', async () => {
    const made = await bench.working('B1', { terms: limitTerms('800') });
    bench.clock.setWall(bench.now() + 1_000);
    await bench.read([report('B1', { terms: limitTerms('795') })]);
    expect((await bench.order(made.orderId)).terms.limitPrice).toBe('795');
    expect(await bench.eventKinds(made.orderId)).toContain('changed-elsewhere');
  });
});

describe('a cancel', () => {
  const canceled = async (end: 'accepted' | 'unknown'): Promise<Order> => {
    const made = await bench.working('B1');
    await bench.change(made, null, 'queued');
    await bench.claim(made.orderId, 2);
    await bench.settle(
      made.orderId,
      end === 'accepted' ? ACCEPTED : { kind: 'unknown', why: 'reset' },
      2,
    );
    bench.clock.setWall(bench.now() + 20_000);
    return bench.order(made.orderId);
  };

  it.each(['accepted', 'unknown'] as const)(
    'that ended %s goes again when the order is still open',
    async (end) => {
      const made = await canceled(end);
      await bench.read([report('B1')]);
      expect(await bench.command(made.orderId, 2)).toMatchObject({ state: 'queued', attempt: 2 });
      expect((await bench.order(made.orderId)).state).toBe('accepted');
      expect(await bench.claim(made.orderId, 2, 2)).not.toBeNull();
    },
  );

  it('is confirmed when the order is cancelled', async () => {
    const made = await canceled('unknown');
    await bench.read([report('B1', { status: 'canceled' })]);
    expect((await bench.order(made.orderId)).state).toBe('canceled');
    expect((await bench.command(made.orderId, 2)).state).toBe('accepted');
  });

  it('came too late when the order was filled', async () => {
    const made = await canceled('accepted');
    await bench.read([report('B1', { status: 'filled', filledQuantity: 10 })]);
    expect((await bench.order(made.orderId)).state).toBe('filled');
    expect(await bench.command(made.orderId, 2)).toMatchObject({
      state: 'rejected',
      reasonCode: 'ORDER_CLOSED',
    });
  });
});

describe('a broker that loses tags', () => {
  const LOSES = { tagsMayBeEmpty: true };

  it('has a row that may be ours kept back instead of imported', async () => {
    const made = await bench.submitted({}, []);
    const applied = await bench.read([report('X1')], [], LOSES);
    expect(applied.imported).toEqual([]);
    expect((await bench.order(made.orderId)).brokerOrderId).toBeNull();
  });

  it('has a row that cannot be ours imported', async () => {
    await bench.submitted({}, ['X0']);
    const others = [
      report('X0'),
      report('X1', { terms: terms({ side: 'SELL' }) }),
      report('X2', { terms: terms({ quantity: 11 }) }),
      report('X3', { clientTag: clientTag('SOMEBODY') }),
    ];
    expect((await bench.read(others, [], LOSES)).imported).toHaveLength(others.length);
  });

  it('has the only row that can be it adopted once the send is long over', async () => {
    const made = await bench.doubtful({}, ['X0']);
    await bench.read([report('X0'), report('X1', { filledQuantity: 4 })], [], LOSES);
    expect(await bench.order(made.orderId)).toMatchObject({
      brokerOrderId: 'X1',
      state: 'partially_filled',
      inDoubtSince: null,
    });
  });

  it('leaves an order in doubt when no row or two rows could be it', async () => {
    const made = await bench.doubtful({}, []);
    await bench.read([], [], LOSES);
    const applied = await bench.read([report('X1'), report('X2')], [], LOSES);
    expect(applied.notes).toEqual([expect.stringContaining('2 rows could be it')]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'submitted',
      brokerOrderId: null,
    });
    expect((await bench.command(made.orderId)).state).toBe('in_doubt');
  });

  it('does not adopt while the send may still be under way', async () => {
    const made = await bench.submitted({}, []);
    await bench.read([report('X1')], [], LOSES);
    expect((await bench.order(made.orderId)).brokerOrderId).toBeNull();
  });

  it('has the row found by tag when the tag does come back', async () => {
    const made = await bench.doubtful({}, []);
    await bench.read([report('X1'), report('X2', { clientTag: made.clientTag })], [], LOSES);
    expect((await bench.order(made.orderId)).brokerOrderId).toBe('X2');
  });
});

describe('an order of an earlier day', () => {
  it('has expired when the book of today does not list it', async () => {
    const made = await bench.working('B1');
    bench.clock.setWall(bench.now() + 86_400_000);
    await bench.read([]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'expired',
      reasonCode: 'DAY_ENDED',
    });
  });

  it('lives on when the book lists it, and one of today lives on when it does not', async () => {
    const old = await bench.working('B1');
    await bench.read([]);
    expect((await bench.order(old.orderId)).state).toBe('accepted');
    bench.clock.setWall(bench.now() + 86_400_000);
    await bench.read([report('B1')]);
    expect((await bench.order(old.orderId)).state).toBe('accepted');
  });

  it('stays in doubt when it was in doubt', async () => {
    const made = await bench.doubtful();
    bench.clock.setWall(bench.now() + 86_400_000);
    await bench.read([]);
    expect((await bench.command(made.orderId)).state).toBe('in_doubt');
  });
});
