import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/core/domain/errors';
import { brokerOrderId, epochMs } from '../../../src/core/domain/ids';
import type { IdempotencyKey } from '../../../src/core/ports/ledger';
import { ACCOUNT, LedgerBench } from '../../support/gateway-ledger';
import { limitTerms, terms } from '../../support/gateway-orders';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

const key = (changes: Partial<IdempotencyKey> = {}): IdempotencyKey => ({
  apiKeyId: 'key-1',
  clientOrderId: 'mine-1',
  requestHash: 'hash-1',
  ...changes,
});

describe('an accepted intent', () => {
  it('reads back exactly as it was written', async () => {
    const intent = bench.intent({ terms: limitTerms('812.55', { side: 'SELL' }) });
    await bench.ledger.recordIntents([intent]);
    expect(await bench.order(intent.order.orderId)).toEqual(intent.order);
    expect(await bench.command(intent.order.orderId)).toEqual(intent.command);
  });

  it('is the same order again for the same key and request', async () => {
    const first = bench.intent({}, {}, key());
    const again = bench.intent({}, {}, key());
    expect(await bench.ledger.recordIntents([first])).toEqual({ kind: 'recorded' });
    expect(await bench.ledger.recordIntents([again])).toEqual({
      kind: 'replay',
      orderIds: [first.order.orderId],
    });
    expect(await bench.ledger.order(again.order.orderId)).toBeNull();
  });

  it('conflicts when the key comes with another request, and writes nothing', async () => {
    await bench.ledger.recordIntents([bench.intent({}, {}, key())]);
    const other = bench.intent({}, {}, key({ requestHash: 'hash-2' }));
    expect(await bench.ledger.recordIntents([other])).toEqual({ kind: 'conflict' });
    expect(await bench.ledger.order(other.order.orderId)).toBeNull();
  });

  it('keeps the client ids of two API keys apart', async () => {
    await bench.ledger.recordIntents([bench.intent({}, {}, key())]);
    const other = bench.intent({}, {}, key({ apiKeyId: 'key-2' }));
    expect(await bench.ledger.recordIntents([other])).toEqual({ kind: 'recorded' });
  });

  it('is protected for thirty days and no longer', async () => {
    await bench.ledger.recordIntents([bench.intent({}, {}, key())]);
    const day = 86_400_000;
    bench.clock.setWall(bench.now() + 30 * day - 1);
    expect((await bench.ledger.recordIntents([bench.intent({}, {}, key())])).kind).toBe('replay');
    bench.clock.setWall(bench.now() + 1);
    const late = bench.intent({}, {}, key({ requestHash: 'hash-2' }));
    expect(await bench.ledger.recordIntents([late])).toEqual({ kind: 'recorded' });
    expect(
      await bench.ledger.recordIntents([bench.intent({}, {}, key({ requestHash: 'hash-2' }))]),
    ).toEqual({
      kind: 'replay',
      orderIds: [late.order.orderId],
    });
  });

  it('is written with all its legs, and a replay gives all of them back', async () => {
    const legs = [bench.intent({}, {}, key()), bench.intent({}, {}, key())];
    const ids = legs.map((leg) => leg.order.orderId);
    await bench.ledger.recordIntents(legs);
    expect(await bench.ledger.recordIntents([bench.intent({}, {}, key())])).toEqual({
      kind: 'replay',
      orderIds: ids,
    });
  });

  it('is refused as a whole when the last word refuses one leg, and its key stays free', async () => {
    const legs = [bench.intent({}, {}, key()), bench.intent({}, {}, key())];
    const refusing = bench.ledger.recordIntents(legs, (draft) => {
      if (draft.order.orderId === legs[1]?.order.orderId) {
        throw new GatewayError('ACCOUNT_STOPPED', 'stopped');
      }
      return draft;
    });
    await expect(refusing).rejects.toMatchObject({ code: 'ACCOUNT_STOPPED' });
    for (const leg of legs) expect(await bench.ledger.order(leg.order.orderId)).toBeNull();
    expect((await bench.ledger.recordIntents([bench.intent({}, {}, key())])).kind).toBe('recorded');
  });

  it('is judged with the earlier legs of its own request in sight', async () => {
    const legs = [bench.intent(), bench.intent()];
    const seen: number[] = [];
    await bench.ledger.recordIntents(legs, (draft, facts) => {
      seen.push(facts.openOrders.length);
      return draft;
    });
    expect(seen).toEqual([0, 1]);
  });
});

describe('a queued order', () => {
  it('is cancelled in one step, and can no longer be claimed', async () => {
    const made = await bench.queued();
    expect(await bench.ledger.cancelQueued(made.orderId, bench.now(), 'asked', 'c-2')).toBe(true);
    expect(await bench.claim(made.orderId)).toBeNull();
    expect(await bench.order(made.orderId)).toMatchObject({ state: 'canceled', reason: 'asked' });
    expect(await bench.ledger.commands(ACCOUNT, ['queued', 'submitted'])).toEqual([]);
  });

  it('can no longer be cancelled or changed without a call once it was claimed', async () => {
    const made = await bench.submitted();
    const at = bench.now();
    expect(await bench.ledger.cancelQueued(made.orderId, at, 'asked', 'c-2')).toBe(false);
    expect(await bench.ledger.modifyQueued(made.orderId, limitTerms('800'), at, 'c-2')).toBe(false);
    expect(await bench.order(made.orderId)).toEqual(made);
  });

  it('takes a change in one step, and is sent as changed', async () => {
    const made = await bench.queued({ terms: limitTerms('812.55') });
    const change = limitTerms('800', { quantity: 7 });
    expect(await bench.ledger.modifyQueued(made.orderId, change, bench.now(), 'c-2')).toBe(true);
    const taken = await bench.claim(made.orderId);
    expect(taken?.order.terms).toMatchObject({ limitPrice: '800', quantity: 7 });
  });
});

describe('a held command', () => {
  it('is queued once the order has an id at the broker', async () => {
    const made = await bench.submitted();
    const cancel = await bench.change(made, null, 'held');
    expect(cancel.n).toBe(2);
    expect(await bench.ledger.releaseHeld(ACCOUNT, bench.now())).toEqual([]);
    await bench.settle(made.orderId, { kind: 'accepted', brokerOrderId: brokerOrderId('B1') });
    const released = await bench.ledger.releaseHeld(ACCOUNT, bench.now());
    expect(released).toMatchObject([{ n: 2, state: 'queued' }]);
  });

  it('is denied once the order is finished', async () => {
    const made = await bench.submitted();
    await bench.change(made, null, 'held');
    await bench.settle(made.orderId, { kind: 'rejected', code: 'X', message: 'no' });
    const ended = await bench.ledger.releaseHeld(ACCOUNT, bench.now());
    expect(ended).toMatchObject([{ n: 2, state: 'denied', reasonCode: 'ORDER_CLOSED' }]);
  });
});

describe('the SELL leg of a basket', () => {
  const basket = async (): Promise<readonly [string, string]> => {
    const buy = bench.intent({ batch: { id: 'b-1', leg: 1 } });
    const sell = bench.intent(
      { batch: { id: 'b-1', leg: 2 }, terms: terms({ side: 'SELL' }) },
      { state: 'held' },
    );
    await bench.ledger.recordIntents([buy, sell]);
    return [buy.order.orderId, sell.order.orderId];
  };

  it('waits while the BUY leg is queued, on the wire or in doubt', async () => {
    const [buy] = await basket();
    const release = (): Promise<unknown> => bench.ledger.releaseHeld(ACCOUNT, bench.now());
    expect(await release()).toEqual([]);
    await bench.claim(buy as never);
    expect(await release()).toEqual([]);
    await bench.settle(buy as never, { kind: 'unknown', why: 'timeout' });
    expect(await release()).toEqual([]);
  });

  it('goes once the BUY leg is accepted', async () => {
    const [buy, sell] = await basket();
    await bench.claim(buy as never);
    await bench.settle(buy as never, { kind: 'accepted', brokerOrderId: brokerOrderId('B1') });
    const released = await bench.ledger.releaseHeld(ACCOUNT, bench.now());
    expect(released).toMatchObject([{ orderId: sell, state: 'queued' }]);
  });

  it('is denied once the BUY leg was refused', async () => {
    const [buy, sell] = await basket();
    await bench.claim(buy as never);
    await bench.settle(buy as never, { kind: 'rejected', code: 'X', message: 'no' });
    await bench.ledger.releaseHeld(ACCOUNT, bench.now());
    expect(await bench.order(sell as never)).toMatchObject({
      state: 'denied',
      reasonCode: 'BATCH_LEG_REFUSED',
    });
  });

  it('expires with its deadline like any other', async () => {
    const [, sell] = await basket();
    await bench.ledger.expireOverdue(ACCOUNT, epochMs(bench.now() + 30_000));
    expect(await bench.order(sell as never)).toMatchObject({ state: 'expired' });
  });
});
