import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/simulators/core/faults';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import { cashOrder, IciciCaller } from '../support/icici-calls';
import type { IciciAnswer } from '../support/icici-calls';
import { until } from '../support/until';

describe('faults of the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let caller: IciciCaller;
  beforeEach(async () => {
    simulator = await startIciciSimulator();
    caller = await IciciCaller.open(simulator);
  });
  afterEach(async () => {
    await simulator.close();
  });

  const placements = (): number =>
    simulator.log.since().filter((event) => event.operation === 'place').length;
  const place = (timeoutMs?: number): Promise<IciciAnswer> =>
    caller.call('POST', 'order', cashOrder(), timeoutMs);
  const strike = (fault: Fault, operation = 'place'): void => {
    simulator.plan.next(operation, fault);
  };
  const list = (): Promise<IciciAnswer> => caller.call('GET', 'order', { exchange_code: 'NSE' });

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
  });

  const TIMEOUT = { Success: null, Status: 500, Error: 'TPETIME - timeout occured (T2:176)' };
  const LIMIT = { Status: 5, Error: expect.stringContaining('API call per minute') };
  const CHECKSUM = { Status: 5, Error: 'Authentication Fail :: Invalid Checksum.' };
  it.each([
    [{ kind: 'refuse', code: '', message: 'no' }, 200, { Status: 500, Error: 'no' }, 0],
    [{ kind: 'refused-but-done' }, 500, { Message: 'An error has occurred.' }, 1],
    [{ kind: 'ok-but-not-done' }, 200, { Status: 200 }, 0],
    [{ kind: 'html', status: 502, applied: true }, 502, null, 1],
    [{ kind: 'html', status: 404, applied: false }, 404, null, 0],
    [{ kind: 'truncated' }, 200, null, 1],
    [{ kind: 'error-in-200', applied: true }, 200, TIMEOUT, 1],
    [{ kind: 'error-in-200', applied: false }, 200, TIMEOUT, 0],
    [{ kind: 'throttle', retryAfterMs: 1 }, 401, LIMIT, 0],
    [{ kind: 'undocumented-429', applied: true }, 429, null, 1],
    [{ kind: 'token-death' }, 401, CHECKSUM, 0],
    [{ kind: 'slow', delayMs: 20, effect: 'before' }, 200, { Status: 200 }, 1],
    [{ kind: 'slow', delayMs: 20, effect: 'after' }, 200, { Status: 200 }, 1],
  ] as const)('%j answers %i %j and leaves %i placement', async (fault, status, json, made) => {
    strike(fault);
    expect(await place()).toMatchObject({ status, json });
    expect(placements()).toBe(made);
  });

  it('hangs without an answer, and places late or never', async () => {
    strike({ kind: 'hang', effectAfterMs: null });
    expect(await place(60)).toHaveProperty('broken');
    strike({ kind: 'hang', effectAfterMs: 100 });
    expect(await place(60)).toHaveProperty('broken');
    expect(placements()).toBe(0);
    await until(() => placements() === 1, 2_000);
  });

  it('stays dead after the token died, until a login', async () => {
    strike({ kind: 'token-death' }, 'orders');
    expect(await list()).toMatchObject({ status: 401, json: CHECKSUM });
    expect(await place()).toMatchObject({ status: 401 });
    simulator.sessions.login(simulator.user.apps[0]?.appKey ?? '', '55599999');
    caller = await IciciCaller.open(simulator, '55599999');
    expect(await place()).toMatchObject({ status: 200 });
  });

  it('says a cancel or change is done that it does not do', async () => {
    const id = await caller.place();
    const named = { exchange_code: 'NSE', order_id: id };
    strike({ kind: 'ok-but-not-done' }, 'cancel');
    await caller.success('DELETE', 'order', named);
    strike({ kind: 'ok-but-not-done' }, 'modify');
    await caller.success('PUT', 'order', { ...named, price: '905' });
    expect(await caller.order(id)).toMatchObject({ status: 'Ordered', price: '900.00' });
    expect(simulator.log.since().map((event) => event.operation)).toEqual(['place']);
  });

  it('loses a tag in the book but not in the log, once or for good', async () => {
    strike({ kind: 'empty-tag' });
    expect(await caller.order(await caller.place())).toMatchObject({ user_remark: '' });
    expect(await caller.order(await caller.place())).toMatchObject({ user_remark: 'tag-1' });
    simulator.broker.setQuirks({ neverTags: true });
    expect(await caller.order(await caller.place())).toMatchObject({ user_remark: '' });
    expect(simulator.log.since().map((event) => event.tag)).toEqual(['tag-1', 'tag-1', 'tag-1']);
  });

  it('accepts and then shows the refusal of the exchange', async () => {
    strike({ kind: 'reject-later', message: 'circuit' });
    expect(await caller.order(await caller.place())).toMatchObject({ status: 'Rejected' });
  });

  it('reads an empty, an old or a strange book when told, and the true one after', async () => {
    await caller.place();
    strike({ kind: 'empty-read' }, 'orders');
    expect(await list()).toMatchObject({ json: { Status: 500, Error: 'No Data Found' } });
    await caller.place();
    strike({ kind: 'stale-read' }, 'orders');
    expect(await list()).toMatchObject({ json: { Success: { length: 1 } } });
    strike({ kind: 'unknown-word' }, 'orders');
    expect(await list()).toMatchObject({ json: { Success: [{ status: 'Parked' }, {}] } });
    expect(await list()).toMatchObject({ json: { Success: [{ status: 'Ordered' }, {}] } });
  });

  it('tells the list of a book from one order of it', async () => {
    const id = await caller.place();
    strike({ kind: 'html', status: 502, applied: true }, 'order');
    expect(await list()).toMatchObject({ status: 200 });
    const one = { exchange_code: 'NSE', order_id: id };
    expect(await caller.call('GET', 'order', one)).toMatchObject({ status: 502 });
  });

  it('writes codes with spaces and numbers as text when told', async () => {
    simulator.broker.setQuirks({ trailingSpaces: true, numbersAsText: true });
    const id = await caller.place();
    expect(await caller.order(id)).toMatchObject({ stock_code: 'STABAN ', strike_price: '0' });
    expect(await list()).toMatchObject({ json: { Status: 200 } });
  });

  it('lets customerdetails fail like on the mornings of an outage', async () => {
    simulator.plan.next('customerdetails', { kind: 'refuse', code: '', message: 'Down' }, null);
    await expect(IciciCaller.open(simulator)).rejects.toThrow();
    simulator.plan.clear();
    await expect(IciciCaller.open(simulator)).resolves.toBeDefined();
  });
});
