import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { z } from 'zod';
import { call, wireOrder } from '../support/simulator-calls';

const root = join(__dirname, '..', '..');
const hello = z.object({ broker: z.literal('neutral'), url: z.string(), controlUrl: z.string() });

describe('the simulator as a process', () => {
  let directory: string;
  let child: ChildProcess | null;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'toran-simulator-'));
    child = null;
  });
  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });

  const start = (...args: string[]): ChildProcess => {
    const register = join(root, 'test', 'support', 'swc-register.cjs');
    const main = join(root, 'src', 'simulators', 'main.ts');
    return spawn(process.execPath, ['-r', register, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const lineOf = async (from: ChildProcess): Promise<unknown> => {
    if (from.stdout === null) throw new Error('no stdout');
    const lines = createInterface({ input: from.stdout });
    const [line] = z.tuple([z.string()]).parse(await once(lines, 'line'));
    return JSON.parse(line);
  };
  const greeting = async (from: ChildProcess): Promise<z.infer<typeof hello>> =>
    hello.parse(await lineOf(from));

  it('prints its ports, and its log survives its own kill', async () => {
    const log = join(directory, 'true.jsonl');
    child = start('neutral', '--log', log, '--token', 'secret');
    const { url, controlUrl } = await greeting(child);
    const answer = await call({ url, token: 'secret' }, 'POST', '/orders', wireOrder());
    expect(answer).toMatchObject({ status: 200 });
    const stats = await (await fetch(`${controlUrl}/_sim/stats`)).json();
    expect(stats).toMatchObject({ requests: { place: 1 } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { seq: 1, operation: 'place', tag: 'tag-1' },
    ]);
  });

  it('starts a Breeze with users of its own and names its addresses', async () => {
    const users = join(directory, 'users.json');
    const apps = [{ appKey: 'k', secretKey: 's', redirectUrl: 'http://127.0.0.1/back' }];
    const user = { userId: 'XY000001', name: 'X', password: 'p', totpSecret: 'JBSWY3DPEHPK3PXP' };
    await writeFile(users, JSON.stringify([{ ...user, apps }]));
    const said = z.object({
      broker: z.literal('icici'),
      apiUrl: z.url(),
      historyUrl: z.url(),
      feedsUrl: z.url(),
      masterUrl: z.url(),
      loginUrl: z.url(),
      controlUrl: z.url(),
    });
    child = start('icici', '--users', users, '--api-session', '12345678', '--skew-ms', '1000');
    const { apiUrl, controlUrl } = said.parse(await lineOf(child));
    const body = JSON.stringify({ SessionToken: '12345678', AppKey: 'k' });
    const answer = await request(`${apiUrl}customerdetails`, { method: 'GET', body });
    expect(await answer.body.json()).toMatchObject({ Success: { idirect_userid: 'XY000001' } });
    const stats = await (await fetch(`${controlUrl}/_sim/stats`)).json();
    expect(stats).toMatchObject({ requests: { customerdetails: 1 }, streams: { opened: 0 } });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('steers a Breeze over its control port', async () => {
    child = start('icici');
    const { controlUrl } = z.object({ controlUrl: z.url() }).parse(await lineOf(child));
    const control = async (name: string, body: object): Promise<unknown> => {
      const method = 'POST';
      const text = JSON.stringify(body);
      const answer = await fetch(`${controlUrl}/_sim/${name}`, { method, body: text });
      return { status: answer.status, json: await answer.json() };
    };
    const wire = {
      ...{ stock_code: 'ITC', exchange_code: 'NSE', product: 'cash', action: 'buy' },
      ...{ order_type: 'limit', quantity: '5', price: '300', validity: 'day', user_remark: 'me' },
    };
    const placed = { order_id: expect.any(String), tag: 'me', status: 'open', quantity: 5 };
    expect(await control('order', wire)).toEqual({
      status: 200,
      json: expect.objectContaining(placed),
    });
    expect(await control('order', { ...wire, product: 'nothing' })).toMatchObject({ status: 400 });
    expect(await control('market', { prices: { ITC: '299' } })).toMatchObject({ status: 200 });
    expect(await control('market', { price: '1' })).toMatchObject({ status: 400 });
    for (const [name, body] of [
      ['holdings', [{ stockCode: 'ITC', quantity: 1, averagePrice: '300' }]],
      ['quirks', { trailingSpaces: true }],
      ['addresses', { allowed: ['127.0.0.1'] }],
      ['login', { captcha: true, locked: false }],
      ['stream', { refusing: true }],
      ['stream', { send: ['x'] }],
      ['token', { token: '77777777' }],
      ['token', { token: null }],
      ['expire', { brokerOrderId: null }],
    ] as const) {
      expect([name, await control(name, body)]).toMatchObject([name, { status: 200 }]);
    }
    const orders = await (await fetch(`${controlUrl}/_sim/orders`)).json();
    expect(orders).toMatchObject([{ status: 'complete', filled_quantity: 5, user: 'AB123456' }]);
    const log = await (await fetch(`${controlUrl}/_sim/log`)).json();
    expect(log).toMatchObject([{ operation: 'foreign' }, { operation: 'fill', price: '299' }]);
  });

  it('ends on SIGTERM with open connections', async () => {
    child = start('neutral');
    const { url } = await greeting(child);
    await call({ url, token: 'simulated-token' }, 'GET', '/orders');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses a name or flag that it does not know', async () => {
    child = start('zerodha');
    expect(await once(child, 'exit')).toEqual([1, null]);
    child = start('neutral', '--limit', '5');
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
