import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Fault } from '../../src/simulators/core/faults';
import { startNeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';
import { call, wireOrder } from '../support/simulator-calls';
import type { Answer } from '../support/simulator-calls';
import { until } from '../support/until';

const updateSchema = z.object({
  order_id: z.string(),
  status: z.string(),
  filled_quantity: z.number(),
});

describe('faults of the neutral simulator', () => {
  let simulator: NeutralSimulator;
  beforeEach(async () => {
    simulator = await startNeutralSimulator();
  });
  afterEach(async () => {
    await simulator.close();
  });

  const placements = (): number =>
    simulator.log.since().filter((event) => event.operation === 'place').length;
  const place = (changes = {}, timeoutMs?: number): Promise<Answer> =>
    call(simulator, 'POST', '/orders', wireOrder(changes), timeoutMs);
  const strike = (fault: Fault, operation = 'place'): void => {
    simulator.plan.next(operation, fault);
  };

  it('places and answers when nothing is planned', async () => {
    expect(await place()).toMatchObject({
      status: 200,
      json: { status: 'ok', data: { order_id: 'N000001' } },
    });
    expect(simulator.log.since()).toMatchObject([
      { seq: 1, operation: 'place', brokerOrderId: 'N000001', tag: 'tag-1', quantity: 10 },
    ]);
  });

  it.each([
    [{ kind: 'reset', when: 'before' }, 0],
    [{ kind: 'reset', when: 'during' }, 0],
    [{ kind: 'reset', when: 'after' }, 1],
    [{ kind: 'reset', when: 'body' }, 1],
    [{ kind: 'answer-lost' }, 1],
  ] as const)('%j breaks the call and leaves %i placement', async (fault, made) => {
    strike(fault);
    expect(await place()).toHaveProperty('broken');
    expect(placements()).toBe(made);
    expect(simulator.stats().requests).toEqual({ place: 1 });
  });

  it.each([
    [{ kind: 'refused-but-done' }, 400, 1],
    [{ kind: 'ok-but-not-done' }, 200, 0],
    [{ kind: 'html', status: 502, applied: true }, 502, 1],
    [{ kind: 'html', status: 502, applied: false }, 502, 0],
    [{ kind: 'truncated' }, 200, 1],
    [{ kind: 'error-in-200', applied: true }, 200, 1],
    [{ kind: 'error-in-200', applied: false }, 200, 0],
    [{ kind: 'throttle', retryAfterMs: 5 }, 429, 0],
    [{ kind: 'undocumented-429', applied: true }, 429, 1],
    [{ kind: 'refuse', code: 'RISK_REJECTED', message: 'no' }, 400, 0],
    [{ kind: 'token-death' }, 401, 0],
    [{ kind: 'slow', delayMs: 20, effect: 'before' }, 200, 1],
    [{ kind: 'slow', delayMs: 20, effect: 'after' }, 200, 1],
  ] as const)('%j answers %i and leaves %i placement', async (fault, status, made) => {
    strike(fault);
    expect(await place()).toMatchObject({ status });
    expect(placements()).toBe(made);
  });

  it('cuts the JSON of a truncated answer', async () => {
    strike({ kind: 'truncated' });
    expect(await place()).toMatchObject({ status: 200, json: null });
  });

  it('hangs without an answer, and places late or never', async () => {
    strike({ kind: 'hang', effectAfterMs: null });
    expect(await place({ tag: 'never' }, 60)).toHaveProperty('broken');
    strike({ kind: 'hang', effectAfterMs: 100 });
    expect(await place({ tag: 'late' }, 60)).toHaveProperty('broken');
    expect(placements()).toBe(0);
    await until(() => placements() === 1, 2_000);
    expect(simulator.log.since()[0]?.tag).toBe('late');
  });

  it('answers 200 to a cancel that it does not do', async () => {
    await place();
    strike({ kind: 'ok-but-not-done' }, 'cancel');
    expect(await call(simulator, 'DELETE', '/orders/N000001')).toMatchObject({ status: 200 });
    expect(simulator.book.order('N000001')?.status).toBe('open');
    expect(simulator.log.since().map((event) => event.operation)).toEqual(['place']);
  });

  it('lets a token die for all later calls, until a login', async () => {
    strike({ kind: 'token-death' }, 'orders');
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({ status: 401 });
    expect(await place()).toMatchObject({ status: 401 });
    simulator.broker.renewToken(simulator.token);
    expect(await place()).toMatchObject({ status: 200 });
  });

  it('keeps a 429 storm up for as many calls as told', async () => {
    simulator.plan.next('*', { kind: 'throttle', retryAfterMs: 1 }, 3);
    const statuses: unknown[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await place());
    expect(statuses).toMatchObject([429, 429, 429, 200].map((status) => ({ status })));
    expect(placements()).toBe(1);
  });

  it('closes an idle socket after a good answer', async () => {
    strike({ kind: 'close-idle', delayMs: 0 });
    expect(await place()).toMatchObject({ status: 200 });
    await until(() => simulator.stats().openSockets === 0, 2_000);
  });

  it('loses the tag in the book but not in the log', async () => {
    strike({ kind: 'empty-tag' });
    await place();
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({
      json: { data: [{ tag: '' }] },
    });
    expect(simulator.log.since()[0]?.tag).toBe('tag-1');
  });

  it('accepts and then shows the refusal of the exchange', async () => {
    strike({ kind: 'reject-later', message: 'circuit' });
    expect(await place()).toMatchObject({ status: 200 });
    expect(simulator.book.order('N000001')).toMatchObject({
      status: 'rejected',
      message: 'circuit',
    });
  });

  it('reads an empty, an old or a strange book when told, and the true one after', async () => {
    await place({ tag: 'first' });
    await place({ tag: 'second' });
    strike({ kind: 'empty-read' }, 'orders');
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({ json: { data: [] } });
    strike({ kind: 'stale-read' }, 'orders');
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({
      json: { data: [{ tag: 'first' }] },
    });
    strike({ kind: 'unknown-word' }, 'orders');
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({
      json: { data: [{ type: 'iceberg' }, { type: 'iceberg' }] },
    });
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({
      json: { data: [{ tag: 'first' }, { tag: 'second' }] },
    });
  });

  it('shifts the clock of the broker, not of the log', async () => {
    simulator.market.set({ skewMs: -3_600_000 });
    await place();
    const shown = Date.parse(simulator.book.order('N000001')?.placed_at ?? '');
    const [event] = simulator.log.since();
    expect(Math.abs((event?.at ?? 0) - shown - 3_600_000)).toBeLessThan(1_000);
  });

  describe('on the stream', () => {
    let socket: WebSocket;
    let updates: z.infer<typeof updateSchema>[];
    beforeEach(async () => {
      updates = [];
      socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/updates`, {
        headers: { authorization: `Bearer ${simulator.token}` },
      });
      socket.on('message', (data: Buffer) =>
        updates.push(updateSchema.parse(JSON.parse(data.toString()))),
      );
      await until(() => simulator.feed.listeners === 1, 2_000);
    });
    afterEach(() => {
      socket.terminate();
    });
    const update = (how: Extract<Fault, { kind: 'update' }>['how'], operation = 'update'): void => {
      strike({ kind: 'update', how, delayMs: 40 }, operation);
    };
    const shown = (): string[] => updates.map((one) => `${one.order_id} ${one.status}`);

    it('duplicates an update', async () => {
      update('duplicate');
      await place();
      await until(() => updates.length === 2, 2_000);
      expect(shown()).toEqual(['N000001 open', 'N000001 open']);
    });

    it('reorders two updates', async () => {
      update('reorder');
      await place();
      await place();
      await until(() => updates.length === 2, 2_000);
      expect(shown()).toEqual(['N000002 open', 'N000001 open']);
    });

    it('delays an update behind later ones', async () => {
      update('late');
      await place();
      await place();
      await until(() => updates.length === 2, 2_000);
      expect(shown()).toEqual(['N000002 open', 'N000001 open']);
    });

    it('drops an update', async () => {
      update('drop');
      await place();
      await place();
      await until(() => updates.length === 1, 2_000);
      expect(shown()).toEqual(['N000002 open']);
    });

    it('sends the update before the answer of the place', async () => {
      update('before-answer', 'place');
      let answered = false;
      const placing = place().then(() => {
        answered = true;
      });
      await until(() => updates.length === 1, 2_000);
      expect(answered).toBe(false);
      await placing;
    });

    it('sends a partial fill after the complete one', async () => {
      await place();
      simulator.book.fill('N000001', 4, '90');
      update('stale-partial');
      simulator.book.fill('N000001', 6, '90');
      await until(() => updates.length === 4, 2_000);
      expect(updates.slice(2).map((one) => [one.status, one.filled_quantity])).toEqual([
        ['complete', 10],
        ['open', 4],
      ]);
    });

    it('refuses a stream without the token', async () => {
      const stranger = new WebSocket(`${simulator.url.replace('http', 'ws')}/updates`);
      const refused = new Promise((resolve) => stranger.once('error', resolve));
      expect(String(await refused)).toContain('401');
    });
  });
});
