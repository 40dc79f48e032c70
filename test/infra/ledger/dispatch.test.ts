import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerOrderId, epochMs } from '../../../src/core/domain/ids';
import type { Order } from '../../../src/core/domain/order';
import type { CommandSettlement } from '../../../src/core/ports/ledger';
import { ACCOUNT, LedgerBench, SEND_BY_MS } from '../../support/gateway-ledger';
import { limitTerms } from '../../support/gateway-orders';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

const ACCEPTED: CommandSettlement = { kind: 'accepted', brokerOrderId: brokerOrderId('B1') };
const UNKNOWN: CommandSettlement = { kind: 'unknown', why: 'timeout' };
const NOT_SENT: CommandSettlement = { kind: 'not-sent', why: 'no-connection' };
const REJECTED: CommandSettlement = { kind: 'rejected', code: 'RMS', message: 'no margin' };

describe('the compare-and-set before a send', () => {
  it('has one winner among two connections and many repeats', async () => {
    const made = await bench.queued();
    const other = bench.second();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        bench.claim(made.orderId, 1, 1, null, i % 2 === 0 ? bench.ledger : other),
      ),
    );
    await other.close();
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
  });

  it('has one winner per order when two threads claim the same orders at once', async () => {
    const orders: Order[] = [];
    for (let i = 0; i < 60; i += 1) orders.push(await bench.queued());
    const ids = orders.map((one) => one.orderId);
    const gate = new SharedArrayBuffer(4);
    const racer = (): Promise<readonly string[]> =>
      new Promise((resolve, reject) => {
        const support = path.join(__dirname, '..', '..', 'support');
        const worker = new Worker(path.join(support, 'gateway-claim-race.ts'), {
          execArgv: ['--require', path.join(support, 'swc-register.cjs')],
          workerData: { path: bench.path, orderIds: ids, at: bench.now(), gate },
        });
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    const [a, b] = await Promise.all([racer(), racer()]);
    expect([...a, ...b].sort()).toEqual([...ids].sort());
    const calls = await bench.ledger.callsSince(ACCOUNT, epochMs(0));
    expect(calls).toHaveLength(ids.length);
  });

  it('books the send time under the name of its drop', async () => {
    const made = await bench.submitted();
    expect(await bench.ledger.callsSince(ACCOUNT, epochMs(0))).toEqual([
      { callId: `${made.orderId}-1-1`, callClass: 'order', at: made.createdAt },
    ]);
    expect(await bench.command(made.orderId)).toMatchObject({
      state: 'submitted',
      submittedAt: made.createdAt,
      sendBy: made.createdAt + SEND_BY_MS,
    });
    expect(made.state).toBe('submitted');
  });

  it('fails from the deadline on', async () => {
    const made = await bench.queued();
    bench.clock.setWall(made.createdAt + 30_000);
    expect(await bench.claim(made.orderId)).toBeNull();
    bench.clock.setWall(made.createdAt + 29_999);
    expect(await bench.claim(made.orderId)).not.toBeNull();
  });

  it('fails for another attempt, another number and an order that is not there', async () => {
    const made = await bench.queued();
    expect(await bench.claim(made.orderId, 1, 2)).toBeNull();
    expect(await bench.claim(made.orderId, 2, 1)).toBeNull();
    expect(await bench.claim('260108999999999' as never)).toBeNull();
    expect((await bench.command(made.orderId)).state).toBe('queued');
    expect(await bench.ledger.callsSince(ACCOUNT, epochMs(0))).toEqual([]);
  });

  it('holds a cancel of an order without an id at the broker back', async () => {
    const made = await bench.submitted();
    await bench.change(made, null, 'queued');
    expect(await bench.claim(made.orderId, 2)).toBeNull();
    expect((await bench.command(made.orderId, 2)).state).toBe('held');
  });

  it('ends a cancel of a finished order without a call', async () => {
    const made = await bench.submitted();
    await bench.change(made, null, 'queued');
    await bench.settle(made.orderId, REJECTED);
    expect(await bench.claim(made.orderId, 2)).toBeNull();
    expect(await bench.command(made.orderId, 2)).toMatchObject({
      state: 'denied',
      reasonCode: 'ORDER_CLOSED',
    });
  });

  it('sends one unacknowledged order of a kind at a time where tags may be lost', async () => {
    await bench.submitted({}, []);
    const twin = await bench.queued();
    const other = await bench.queued({ terms: limitTerms('800', { quantity: 11 }) });
    expect(await bench.claim(twin.orderId, 1, 1, [])).toBeNull();
    expect((await bench.command(twin.orderId)).state).toBe('queued');
    expect(await bench.claim(other.orderId, 1, 1, [])).not.toBeNull();
  });
});

describe('how a place ends', () => {
  it.each([
    ['accepted', ACCEPTED, 'accepted', 'accepted', false],
    ['rejected', REJECTED, 'rejected', 'rejected', false],
    ['not sent', NOT_SENT, 'queued', 'queued', false],
    ['unknown', UNKNOWN, 'submitted', 'in_doubt', true],
  ] as const)('%s', async (_name, settlement, state, command, doubt) => {
    const made = await bench.submitted();
    const ended = await bench.settle(made.orderId, settlement);
    expect(ended?.order.state).toBe(state);
    expect(ended?.command.state).toBe(command);
    expect(ended?.order.inDoubtSince !== null).toBe(doubt);
    expect(await bench.order(made.orderId)).toEqual(ended?.order);
  });

  it('keeps the code and words of a refusal', async () => {
    const made = await bench.submitted();
    await bench.settle(made.orderId, REJECTED);
    expect(await bench.order(made.orderId)).toMatchObject({
      reasonCode: 'RMS',
      reason: 'no margin',
    });
  });

  it('goes again under the next attempt after a send that never left, and under no other', async () => {
    const made = await bench.submitted();
    await bench.settle(made.orderId, NOT_SENT);
    expect(await bench.claim(made.orderId, 1, 1)).toBeNull();
    expect(await bench.claim(made.orderId, 1, 2)).toMatchObject({ command: { attempt: 2 } });
  });

  it('is not sent again after an unknown end, whatever comes', async () => {
    const made = await bench.doubtful();
    for (const attempt of [1, 2]) expect(await bench.claim(made.orderId, 1, attempt)).toBeNull();
    await bench.ledger.releaseHeld(ACCOUNT, bench.now());
    await bench.ledger.expireOverdue(ACCOUNT, epochMs(bench.now() + 86_400_000));
    expect((await bench.command(made.orderId)).state).toBe('in_doubt');
    expect(await bench.ledger.deny(made.orderId, 1, 'X', 'x', bench.now())).toBe(false);
  });

  it('ignores the end of an attempt that is over', async () => {
    const made = await bench.submitted();
    await bench.settle(made.orderId, NOT_SENT);
    await bench.claim(made.orderId, 1, 2);
    for (const late of [NOT_SENT, REJECTED, UNKNOWN]) await bench.settle(made.orderId, late);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'submitted',
      inDoubtSince: null,
    });
    expect(await bench.command(made.orderId)).toMatchObject({ state: 'submitted', attempt: 2 });
  });

  it('believes a late acceptance of an order that was thought absent', async () => {
    const made = await bench.doubtful();
    expect((await bench.ledger.concludeAbsent(made.orderId, bench.now()))?.state).toBe('denied');
    await bench.settle(made.orderId, ACCEPTED);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'accepted',
      brokerOrderId: 'B1',
      reasonCode: null,
      reason: null,
      inDoubtSince: null,
    });
    expect(await bench.command(made.orderId)).toMatchObject({
      state: 'accepted',
      reasonCode: null,
    });
  });

  it('believes no late refusal or not-sent of an order that was ended', async () => {
    const made = await bench.doubtful();
    await bench.ledger.concludeAbsent(made.orderId, bench.now());
    await bench.settle(made.orderId, NOT_SENT);
    await bench.settle(made.orderId, REJECTED);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'denied',
      reasonCode: 'NOT_AT_BROKER',
    });
    expect(await bench.ledger.commands(ACCOUNT, ['queued'])).toEqual([]);
  });

  it('keeps the first id when the broker answers with another one, and notes it', async () => {
    const made = await bench.working('B1');
    await bench.settle(made.orderId, { kind: 'accepted', brokerOrderId: brokerOrderId('B2') });
    expect((await bench.order(made.orderId)).brokerOrderId).toBe('B1');
    expect(await bench.eventKinds(made.orderId)).toContain('id-conflict');
  });
});

describe('how a cancel or modify ends', () => {
  const under = async (kind: 'cancel' | 'modify', end: CommandSettlement): Promise<Order> => {
    const made = await bench.working('B1', { terms: limitTerms('800') });
    await bench.change(made, kind === 'cancel' ? null : limitTerms('790'), 'queued');
    await bench.claim(made.orderId, 2);
    expect((await bench.order(made.orderId)).state).toBe(
      kind === 'cancel' ? 'pending_cancel' : 'pending_update',
    );
    await bench.settle(made.orderId, end, 2);
    return bench.order(made.orderId);
  };

  it.each([
    ['cancel', ACCEPTED, 'pending_cancel', 'accepted', false],
    ['cancel', REJECTED, 'accepted', 'rejected', false],
    ['cancel', NOT_SENT, 'accepted', 'queued', false],
    ['cancel', UNKNOWN, 'pending_cancel', 'in_doubt', true],
    ['modify', ACCEPTED, 'pending_update', 'accepted', false],
    ['modify', REJECTED, 'accepted', 'rejected', false],
    ['modify', NOT_SENT, 'accepted', 'queued', false],
    ['modify', UNKNOWN, 'pending_update', 'in_doubt', true],
  ] as const)('%s, %p: the order shows %s', async (kind, end, state, command, doubt) => {
    const after = await under(kind, end);
    expect(after.state).toBe(state);
    expect((await bench.command(after.orderId, 2)).state).toBe(command);
    expect(after.inDoubtSince !== null).toBe(doubt);
    expect(after.terms.limitPrice).toBe('800');
    expect(after.brokerOrderId).toBe('B1');
  });

  it('leaves the order its reason and state when only the cancel was refused', async () => {
    const after = await under('cancel', REJECTED);
    expect(after).toMatchObject({ state: 'accepted', reasonCode: null, reason: null });
  });
});

describe('time', () => {
  it('expires what is queued or held past its deadline, and a place takes its order with it', async () => {
    const late = await bench.queued();
    const sent = await bench.submitted();
    const cancel = await bench.change(sent, null, 'held');
    const early = await bench.ledger.expireOverdue(ACCOUNT, epochMs(late.createdAt + 29_999));
    expect(early).toEqual([]);
    const ended = await bench.ledger.expireOverdue(ACCOUNT, cancel.deadlineAt);
    expect(ended.map(({ orderId, n, state }) => [orderId, n, state]).sort()).toEqual([
      [late.orderId, 1, 'expired'],
      [sent.orderId, 2, 'expired'],
    ]);
    expect(await bench.order(late.orderId)).toMatchObject({
      state: 'expired',
      reasonCode: 'DEADLINE',
    });
    expect((await bench.order(sent.orderId)).state).toBe('submitted');
    expect(await bench.ledger.expireOverdue(ACCOUNT, cancel.deadlineAt)).toEqual([]);
  });

  it('puts a sent command without an answer in doubt only after its last send time', async () => {
    const made = await bench.submitted();
    const at = made.createdAt + SEND_BY_MS;
    expect(await bench.ledger.markDoubtful(ACCOUNT, epochMs(at))).toEqual([]);
    const moved = await bench.ledger.markDoubtful(ACCOUNT, epochMs(at + 1));
    expect(moved).toMatchObject([{ orderId: made.orderId, state: 'in_doubt' }]);
    expect((await bench.order(made.orderId)).inDoubtSince).toBe(at + 1);
    expect(await bench.ledger.markDoubtful(ACCOUNT, epochMs(at + 2))).toEqual([]);
  });

  it('lets an answer that comes after all end the doubt', async () => {
    const made = await bench.submitted();
    await bench.ledger.markDoubtful(ACCOUNT, epochMs(made.createdAt + SEND_BY_MS + 1));
    await bench.settle(made.orderId, ACCEPTED);
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'accepted',
      inDoubtSince: null,
    });
  });

  it('touches no other account', async () => {
    await bench.queued();
    const other = 'paper-other' as typeof ACCOUNT;
    const late = epochMs(bench.now() + 86_400_000);
    expect(await bench.ledger.expireOverdue(other, late)).toEqual([]);
    expect(await bench.ledger.commands(other, ['queued'])).toEqual([]);
    expect(await bench.ledger.commands(ACCOUNT, ['queued'])).toHaveLength(1);
  });
});

describe('a queued command that must not be sent', () => {
  it('is denied with its order, once', async () => {
    const made = await bench.queued();
    expect(await bench.ledger.deny(made.orderId, 1, 'UNKNOWN_SYMBOL', 'gone', bench.now())).toBe(
      true,
    );
    expect(await bench.order(made.orderId)).toMatchObject({
      state: 'denied',
      reasonCode: 'UNKNOWN_SYMBOL',
    });
    expect(await bench.ledger.deny(made.orderId, 1, 'UNKNOWN_SYMBOL', 'gone', bench.now())).toBe(
      false,
    );
  });
});
