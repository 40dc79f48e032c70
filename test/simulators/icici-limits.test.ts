import { afterEach, describe, expect, it } from '@jest/globals';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator, IciciSimulatorOptions } from '../../src/simulators/icici/simulator';
import { cashOrder, headersOf, IciciCaller, send, signature } from '../support/icici-calls';

const NOON = Date.parse('2026-11-16T06:30:00.000Z');

describe('limits of the Breeze simulator', () => {
  let simulator: IciciSimulator | null = null;
  let now = NOON;
  afterEach(async () => {
    await simulator?.close();
    simulator = null;
  });

  const open = async (options: IciciSimulatorOptions = {}): Promise<() => Promise<unknown>> => {
    now = NOON;
    const started = await startIciciSimulator({ clock: () => now, ...options });
    simulator = started;
    const { token } = await IciciCaller.open(started);
    // The exchange of the login counted too: the window begins afresh.
    now += 60_000;
    return () =>
      send(
        `${started.apiUrl}funds`,
        'GET',
        '{}',
        headersOf(signature('{}', started.user, token, now)),
      );
  };
  const MINUTE = {
    status: 401,
    json: { Status: 5, Error: expect.stringContaining('Limit exceed: API call per minute') },
  };

  it('refuses the call after a hundred in any sixty seconds', async () => {
    const call = await open();
    for (let n = 0; n < 100; n += 1) {
      expect(await call()).toMatchObject({ status: 200 });
      now += 100;
    }
    expect(await call()).toMatchObject(MINUTE);
    now += 49_900;
    expect(await call()).toMatchObject(MINUTE);
    now += 101;
    expect(await call()).toMatchObject({ status: 200 });
    expect(simulator?.stats().rates).toMatchObject([{ name: 'minute', refused: 2 }, {}, {}]);
  });

  it('goes on refusing for the time told', async () => {
    const call = await open({ cooldownMs: 180_000 });
    for (let n = 0; n < 100; n += 1) await call();
    expect(await call()).toMatchObject(MINUTE);
    now += 179_000;
    expect(await call()).toMatchObject(MINUTE);
    now += 2_000;
    expect(await call()).toMatchObject({ status: 200 });
  });

  it('counts the day of India and begins again at its midnight', async () => {
    const call = await open({
      limits: [
        {
          name: 'day',
          classes: ['order', 'query'],
          limit: 3,
          windowMs: 86_400_000,
          window: 'calendar',
        },
      ],
    });
    await call();
    await call();
    expect(await call()).toMatchObject({
      status: 401,
      json: { Status: 5, Error: 'Limit exceed: API call per day:' },
    });
    now = Date.parse('2026-11-16T18:29:59.000Z');
    expect(await call()).toMatchObject({ status: 401 });
    now = Date.parse('2026-11-16T18:30:00.000Z');
    // The session ended too.
    expect(await call()).toMatchObject({ json: { Error: expect.stringContaining('Checksum') } });
    simulator?.sessions.login(simulator.user.apps[0]?.appKey ?? '', '55599999');
    const fresh = await send(
      `${simulator?.apiUrl ?? ''}customerdetails`,
      'GET',
      JSON.stringify({ SessionToken: '55599999', AppKey: simulator?.user.apps[0]?.appKey }),
      {},
    );
    expect(fresh).toMatchObject({ status: 200, json: { Status: 200 } });
  });

  it('counts placing, changing and cancelling together, ten in a second', async () => {
    simulator = await startIciciSimulator({ clock: () => now });
    const caller = await IciciCaller.open(simulator);
    const ids: string[] = [];
    const signed = async (method: 'POST' | 'PUT' | 'DELETE', body: object): Promise<unknown> => {
      const text = JSON.stringify(body);
      if (simulator === null) throw new Error('closed');
      const headers = headersOf(signature(text, simulator.user, caller.token, now));
      return send(`${simulator.apiUrl}order`, method, text, headers);
    };
    for (let n = 0; n < 5; n += 1) await signed('POST', cashOrder());
    ids.push(...simulator.book.orders().map((order) => order.orderId));
    for (const id of ids.slice(0, 3)) {
      await signed('PUT', { exchange_code: 'NSE', order_id: id, price: '901' });
    }
    for (const id of ids.slice(0, 2))
      await signed('DELETE', { exchange_code: 'NSE', order_id: id });
    expect(simulator.log.since()).toHaveLength(10);
    expect(await signed('POST', cashOrder())).toMatchObject({ status: 401, json: { Status: 5 } });
    expect(simulator.log.since()).toHaveLength(10);
    now += 1_001;
    expect(await signed('POST', cashOrder())).toMatchObject({ json: { Status: 200 } });
  });
});
