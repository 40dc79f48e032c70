import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultPlan, ordinaryMisbehaviour } from '../../src/simulators/core/faults';
import type { Fault } from '../../src/simulators/core/faults';
import { RateMeter } from '../../src/simulators/core/rate-meter';
import type { RateLimit } from '../../src/simulators/core/rate-meter';
import { startNeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';
import { call, wireOrder } from '../support/simulator-calls';

const HANG: Fault = { kind: 'hang', effectAfterMs: null };

describe('FaultPlan', () => {
  it('strikes the nth call of the operation and no other', () => {
    const plan = new FaultPlan();
    plan.add([{ match: { operation: 'place', nth: 2 }, fault: HANG, times: 1 }]);
    const struck = ['place', 'cancel', 'place', 'place'].map((name) => plan.pick(name).length);
    expect(struck).toEqual([0, 0, 1, 0]);
  });

  it('strikes without end when times is null, until cleared', () => {
    const plan = new FaultPlan();
    plan.next('*', HANG, null);
    expect([plan.pick('a'), plan.pick('b')]).toEqual([[HANG], [HANG]]);
    plan.clear();
    expect(plan.pick('a')).toEqual([]);
  });

  it('repeats itself for the same seed and differs for another', () => {
    const run = (seed: number): string => {
      const plan = new FaultPlan();
      plan.chance(ordinaryMisbehaviour(seed));
      return JSON.stringify(Array.from({ length: 300 }, () => plan.pick('place')));
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
    expect(run(7)).toContain('answer-lost');
  });
});

describe('RateMeter', () => {
  const limit = (window: RateLimit['window']): RateLimit => ({
    name: window,
    classes: ['order'],
    limit: 2,
    windowMs: 1_000,
    window,
  });

  it('refuses by the rolling window and says when the next call would pass', () => {
    const meter = new RateMeter([limit('rolling')]);
    expect([0, 900, 950, 1_001, 1_100].map((at) => meter.arrive('order', at))).toEqual([
      null,
      null,
      50,
      null,
      800,
    ]);
    expect(meter.stats()).toEqual([{ name: 'rolling', refused: 2, peak: 4 }]);
  });

  it('refuses by the calendar window, which starts anew at each full second', () => {
    const meter = new RateMeter([limit('calendar')]);
    expect([900, 950, 990, 1_000, 1_010, 1_020].map((at) => meter.arrive('order', at))).toEqual([
      null,
      null,
      10,
      null,
      null,
      980,
    ]);
  });

  it('leaves other classes of call alone', () => {
    const meter = new RateMeter([limit('rolling')]);
    expect([1, 2, 3].map((at) => meter.arrive('query', at))).toEqual([null, null, null]);
  });
});

describe('the control port', () => {
  let simulator: NeutralSimulator;
  beforeEach(async () => {
    simulator = await startNeutralSimulator({
      limits: [{ name: 'one', classes: ['order'], limit: 1, windowMs: 60_000, window: 'rolling' }],
    });
  });
  afterEach(async () => {
    await simulator.close();
  });
  const steer = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${simulator.controlUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('is untouched by faults of the broker port', async () => {
    await steer('POST', '/_sim/faults', {
      script: [
        { match: { operation: '*' }, fault: { kind: 'reset', when: 'before' }, times: null },
      ],
    });
    expect(await call(simulator, 'GET', '/orders')).toHaveProperty('broken');
    expect(await (await steer('GET', '/_sim/log')).json()).toEqual([]);
    await steer('POST', '/_sim/faults', { clear: true });
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({ status: 200 });
  });

  it('refuses a fault that it does not know instead of planning nothing', async () => {
    const answer = await steer('POST', '/_sim/faults', {
      script: [{ match: { operation: 'place' }, fault: { kind: 'explode' } }],
    });
    expect(answer.status).toBe(400);
    const misspelt = await steer('POST', '/_sim/faults', { scripts: [] });
    expect(misspelt.status).toBe(400);
  });

  it('counts requests and refusals of the limit', async () => {
    expect(await call(simulator, 'POST', '/orders', wireOrder())).toMatchObject({ status: 200 });
    expect(await call(simulator, 'POST', '/orders', wireOrder())).toMatchObject({ status: 429 });
    expect(await (await steer('GET', '/_sim/stats')).json()).toMatchObject({
      requests: { place: 2 },
      rates: [{ name: 'one', refused: 1, peak: 2 }],
      trueEvents: 1,
    });
  });

  it('fills orders, moves prices and places foreign orders', async () => {
    await call(simulator, 'POST', '/orders', wireOrder());
    await steer('POST', '/_sim/fill', { brokerOrderId: 'N000001', quantity: 4, price: '90' });
    const stop = wireOrder({ type: 'stop_market', price: null, trigger_price: '110' });
    await steer('POST', '/_sim/order', stop);
    await steer('POST', '/_sim/market', { prices: { SBIN: '111' } });
    expect(simulator.book.orders()).toMatchObject([
      { status: 'open', filled_quantity: 4, average_price: '90' },
      { status: 'complete', filled_quantity: 10, average_price: '111' },
    ]);
    expect(simulator.log.since().map((event) => event.operation)).toEqual([
      'place',
      'fill',
      'foreign',
      'fill',
    ]);
    const tooMuch = { brokerOrderId: 'N000001', quantity: 40, price: '90' };
    expect((await steer('POST', '/_sim/fill', tooMuch)).status).toBe(400);
  });

  it('kills and renews the token, and stops and starts listening', async () => {
    await steer('POST', '/_sim/token', { token: null });
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({ status: 401 });
    await steer('POST', '/_sim/token', { token: simulator.token });
    await steer('POST', '/_sim/listen', { listening: false });
    expect(await call(simulator, 'GET', '/orders')).toHaveProperty('broken');
    await steer('POST', '/_sim/listen', { listening: true });
    expect(await call(simulator, 'GET', '/orders')).toMatchObject({ status: 200 });
  });
});
