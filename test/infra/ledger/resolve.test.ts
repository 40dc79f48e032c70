import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerOrderId } from '../../../src/core/domain/ids';
import type { Order } from '../../../src/core/domain/order';
import { ACCOUNT, fill, LedgerBench, report } from '../../support/gateway-ledger';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

const adopt = (id: Order['orderId'], broker: string): Promise<Order> =>
  bench.ledger.resolveDoubt(id, { adopt: brokerOrderId(broker) }, bench.now(), 'asha');

const audited = (): readonly unknown[] => {
  const db = new DatabaseSync(bench.path);
  try {
    return db
      .prepare('SELECT actor, action, detail FROM audit')
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
};

describe('a person’s word on an order in doubt', () => {
  it('binds it to an order at the broker, with a line in the audit', async () => {
    const made = await bench.doubtful();
    expect(await adopt(made.orderId, 'B9')).toMatchObject({
      state: 'accepted',
      brokerOrderId: 'B9',
      inDoubtSince: null,
    });
    await bench.read([report('B9', { status: 'filled', filledQuantity: 10 })]);
    expect((await bench.order(made.orderId)).state).toBe('filled');
    expect(audited()).toEqual([
      {
        actor: 'asha',
        action: 'orders.resolve',
        detail: JSON.stringify({ orderId: made.orderId, adopt: 'B9' }),
      },
    ]);
  });

  it('ends it as never placed, with the reason', async () => {
    const made = await bench.doubtful();
    const verdict = { notPlaced: 'looked at the broker’s own page' };
    await bench.ledger.resolveDoubt(made.orderId, verdict, bench.now(), 'asha');
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'denied',
      reasonCode: 'NOT_AT_BROKER',
      reason: verdict.notPlaced,
      inDoubtSince: null,
    });
    expect(audited()).toHaveLength(1);
  });

  it('takes over a row that was imported as placed elsewhere, with its fills', async () => {
    const made = await bench.doubtful();
    const row = report('X1', { status: 'filled', filledQuantity: 10 });
    await bench.read([row], [fill('T1', 'X1', 10, '812', bench.now())]);
    await adopt(made.orderId, 'X1');
    await bench.read([row], [fill('T1', 'X1', 10, '812', bench.now())]);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'filled',
      filledQuantity: 10,
      averagePrice: '812',
    });
    expect(await bench.ledger.fillsOf(made.orderId)).toHaveLength(1);
    expect(await bench.ledger.orders(ACCOUNT, made.createdAt)).toHaveLength(1);
  });

  it('takes over an imported row that was cancelled through Toran', async () => {
    const made = await bench.doubtful();
    await bench.read([report('X1')]);
    await bench.change(await bench.at('X1'), null, 'queued');
    expect((await adopt(made.orderId, 'X1')).brokerOrderId).toBe('X1');
  });

  it('does not take an order of ours away from another', async () => {
    const made = await bench.doubtful();
    const other = await bench.working('B1');
    await expect(adopt(made.orderId, 'B1')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect((await bench.order(other.orderId)).brokerOrderId).toBe('B1');
    expect((await bench.command(made.orderId)).state).toBe('in_doubt');
    expect(audited()).toEqual([]);
  });

  it('is not taken about an order that is not in doubt, or not there', async () => {
    const made = await bench.working('B1');
    await expect(adopt(made.orderId, 'B2')).rejects.toMatchObject({ code: 'ORDER_CLOSED' });
    await expect(adopt('260108999999999' as never, 'B2')).rejects.toMatchObject({
      code: 'ORDER_NOT_FOUND',
    });
  });
});

describe('an order that several readings do not show', () => {
  it('is denied once, and only while it is in doubt without an id', async () => {
    const made = await bench.doubtful();
    expect(await bench.ledger.concludeAbsent(made.orderId, bench.now())).toMatchObject({
      state: 'denied',
      reasonCode: 'NOT_AT_BROKER',
    });
    expect(await bench.ledger.concludeAbsent(made.orderId, bench.now())).toBeNull();
    const sent = await bench.submitted();
    expect(await bench.ledger.concludeAbsent(sent.orderId, bench.now())).toBeNull();
    expect((await bench.order(sent.orderId)).state).toBe('submitted');
  });
});
