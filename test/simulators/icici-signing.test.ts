import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import {
  cashOrder,
  details,
  headersOf,
  IciciCaller,
  send,
  signature,
} from '../support/icici-calls';
import type { IciciAnswer, Method } from '../support/icici-calls';

const DENIED = {
  status: 401,
  json: { Status: 5, Error: 'Authentication Fail :: Invalid Checksum.' },
};

describe('signing at the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let caller: IciciCaller;
  beforeEach(async () => {
    simulator = await startIciciSimulator();
    caller = await IciciCaller.open(simulator);
  });
  afterEach(async () => {
    await simulator.close();
  });

  const signed = (
    body: string,
    change: (headers: Record<string, string>) => Record<string, string> = (headers) => headers,
    sent = body,
    method: Method = 'GET',
    now?: number,
  ): Promise<IciciAnswer> => {
    const headers = headersOf(signature(body, simulator.user, caller.token, now));
    return send(`${simulator.apiUrl}margin`, method, sent, change(headers));
  };
  const without =
    (name: string) =>
    (headers: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
  const BODY = '{"exchange_code":"NSE"}';

  it('takes a call whose checksum is over the very bytes sent', async () => {
    expect(await signed(BODY)).toMatchObject({ status: 200, json: { Status: 200, Error: null } });
    expect(await signed('{ "exchange_code" : "NSE" }')).toMatchObject({ json: { Status: 200 } });
    expect(await signed('{"exchange_code":"NSE","x":"₹"}')).toMatchObject({
      json: { Status: 200 },
    });
  });

  it('agrees with the worked example of the documents', async () => {
    const at = Date.parse('2026-11-16T03:45:07.000Z');
    expect(signature(BODY, simulator.user, '', at).checksum).toBe(
      '9475abd8ebbd9e55177dde4a12c54d1ac65187c2d5b4012e7518f831bc45609b',
    );
    const then = await startIciciSimulator({ clock: () => at });
    const { token } = await IciciCaller.open(then);
    const headers = {
      ...headersOf({ ...signature(BODY, then.user, token, at) }),
      'x-checksum': 'token 9475abd8ebbd9e55177dde4a12c54d1ac65187c2d5b4012e7518f831bc45609b',
    };
    expect(await send(`${then.apiUrl}margin`, 'GET', BODY, headers)).toMatchObject({
      json: { Status: 200 },
    });
    // The same with a space after the colon, and with nothing, as a wrong client signs it.
    for (const wrong of [
      'de0ab586594aecba90c9133b1f3b19003fc88dd7d46dd1e90fb07263bc44b1da',
      'fece571f116a9c793f415f2f465a3a9a980aaca08d3ec3f37a190d63343190ec',
    ]) {
      const changed = { ...headers, 'x-checksum': `token ${wrong}` };
      expect(await send(`${then.apiUrl}margin`, 'GET', BODY, changed)).toMatchObject(DENIED);
    }
    await then.close();
  });

  it.each(['x-checksum', 'x-timestamp', 'x-appkey', 'x-sessiontoken'])(
    'refuses a call without %s',
    async (name) => {
      expect(await signed(BODY, without(name))).toMatchObject(DENIED);
    },
  );

  it('refuses a checksum without its word, of other bytes, with another secret or in capitals', async () => {
    const set =
      (value: (text: string) => string) =>
      (headers: Record<string, string>): Record<string, string> => ({
        ...headers,
        'x-checksum': value(headers['x-checksum'] ?? ''),
      });
    const plain = set((text) => text.slice(6));
    expect(await signed(BODY, plain)).toMatchObject(DENIED);
    expect(
      await signed(
        BODY,
        set((text) => `token ${text.slice(6).toUpperCase()}`),
      ),
    ).toMatchObject(DENIED);
    expect(await signed(BODY, undefined, '{"exchange_code": "NSE"}')).toMatchObject(DENIED);
    expect(await signed('', undefined, '{}')).toMatchObject(DENIED);
    const other = createHash('sha256').update(`${BODY}other-secret`).digest('hex');
    expect(
      await signed(
        BODY,
        set(() => `token ${other}`),
      ),
    ).toMatchObject(DENIED);
  });

  it('refuses a wrong app, a wrong token and a token of another app', async () => {
    const change =
      (name: string, value: string) =>
      (headers: Record<string, string>): Record<string, string> => ({ ...headers, [name]: value });
    expect(await signed(BODY, change('x-appkey', 'nobody'))).toMatchObject(DENIED);
    expect(await signed(BODY, change('x-sessiontoken', 'QUI6MQ=='))).toMatchObject(DENIED);
  });

  it('refuses a timestamp of another form or outside the window', async () => {
    const change = (headers: Record<string, string>): Record<string, string> => {
      const timestamp = (headers['x-timestamp'] ?? '').replace('.000Z', 'Z');
      const [app] = simulator.user.apps;
      const checksum = createHash('sha256')
        .update(`${timestamp}${BODY}${app?.secretKey ?? ''}`)
        .digest('hex');
      return { ...headers, 'x-timestamp': timestamp, 'x-checksum': `token ${checksum}` };
    };
    expect(await signed(BODY, change)).toMatchObject(DENIED);
    const off = (ms: number): Promise<IciciAnswer> =>
      signed(BODY, undefined, BODY, 'GET', Date.now() + ms);
    expect(await off(-290_000)).toMatchObject({ status: 200 });
    expect(await off(-310_000)).toMatchObject(DENIED);
    expect(await off(310_000)).toMatchObject(DENIED);
    simulator.market.set({ skewMs: 310_000 });
    expect(await off(310_000)).toMatchObject({ status: 200 });
  });

  it('takes any age when the window is off', async () => {
    const loose = await startIciciSimulator({ timestampWindowMs: null });
    const { token } = await IciciCaller.open(loose);
    const old = headersOf(signature('{}', loose.user, token, Date.parse('2020-01-01T00:00:00Z')));
    expect(await send(`${loose.apiUrl}funds`, 'GET', '{}', old)).toMatchObject({ status: 200 });
    await loose.close();
  });

  it('refuses a dead token, and tells of it at the exchange of its number', async () => {
    simulator.sessions.end();
    expect(await signed(BODY)).toMatchObject(DENIED);
    expect(await details(simulator, '55512345')).toMatchObject({
      status: 200,
      json: { Success: null, Status: 500, Error: 'Resource not available.' },
    });
  });

  it('ends a session at midnight in India', async () => {
    let now = Date.parse('2026-11-16T18:29:50.000Z');
    const late = await startIciciSimulator({ clock: () => now });
    const { token } = await IciciCaller.open(late);
    const funds = (): Promise<IciciAnswer> =>
      send(`${late.apiUrl}funds`, 'GET', '{}', headersOf(signature('{}', late.user, token, now)));
    expect(await funds()).toMatchObject({ status: 200 });
    now += 10_000;
    expect(await funds()).toMatchObject(DENIED);
    await late.close();
  });

  it('gives the token for a login, and says what is wrong with another number or app', async () => {
    const answer = await details(simulator, '55512345');
    expect(answer).toMatchObject({
      status: 200,
      json: { Success: { idirect_userid: 'AB123456', session_token: caller.token } },
    });
    expect(Buffer.from(caller.token, 'base64').toString()).toMatch(/^AB123456:\d+$/);
    expect(await details(simulator, '1234')).toMatchObject({
      status: 200,
      json: { Success: null, Status: 500, Error: 'Invalid session.' },
    });
    expect(await details(simulator, '55512345', 'nobody')).toMatchObject({
      json: { Status: 500, Error: 'Public Key does not exist.' },
    });
  });

  it('answers a page to paths and verbs that it does not have, whatever their case', async () => {
    const url = simulator.apiUrl;
    expect(await send(`${url}nothing`, 'GET', '{}', {})).toMatchObject({ status: 404, json: null });
    expect(await send(`${url}customerdetails`, 'POST', '{}', {})).toMatchObject({ status: 405 });
    const headers = headersOf(signature('{}', simulator.user, caller.token));
    expect(await send(`${url}FUNDS`, 'GET', '{}', headers)).toMatchObject({ status: 200 });
  });

  it('takes orders from registered addresses alone when it is told which, and reads from all', async () => {
    simulator.broker.setAddresses(['203.0.113.7']);
    expect(await caller.call('POST', 'order', cashOrder())).toMatchObject({
      status: 200,
      json: { Success: null, Status: 500 },
    });
    expect(simulator.log.since()).toEqual([]);
    expect(await caller.call('GET', 'funds')).toMatchObject({ json: { Status: 200 } });
    simulator.broker.setAddresses(['127.0.0.1']);
    expect(await caller.call('POST', 'order', cashOrder())).toMatchObject({
      json: { Status: 200 },
    });
  });
});
