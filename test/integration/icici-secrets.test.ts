import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '../../src/api/routes';
import { startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import { runCli, withCredentialBroker } from '../support/cli-process';
import { filesBelow, MarkedGateway, redisContent } from '../support/marked-gateway';
import { base32Mark, digitMark, found, mark } from '../support/marks';
import { until } from '../support/until';

const ACCOUNT = 'icici-ab123456';
const USER = 'AB123456';

const data = mkdtempSync(path.join(os.tmpdir(), 'toran-icici-secrets-'));
const masterKey = randomBytes(32).toString('base64');
const credentials = {
  apiKey: mark('key'),
  apiSecret: mark('secret'),
  password: mark('password'),
  totpSecret: base32Mark(),
};
/** Of the login in the morning, of a login that is none, and of one at noon. */
const [morning, nobody, noon] = [digitMark(), digitMark(), digitMark()];
const misplaced = mark('misplaced');
const secrets = new Map<string, string>([
  ...Object.entries(credentials),
  ...Object.entries({ morning, nobody, noon, misplaced, masterKey }),
]);
/** All that came back from anywhere. */
const heard: string[] = [];
const env = { TORAN_DATA: data, TORAN_MASTER_KEY: masterKey };

let simulator: IciciSimulator;
let gateway: MarkedGateway;

const key = (): string => readFileSync(path.join(data, 'first-api-key'), 'utf8').trim();
const call = async (
  method: string,
  to: string,
  body: object | string | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const answer = await fetch(`${gateway.base}${to}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-api-key': key(), ...headers },
    ...(body === null || method === 'GET'
      ? {}
      : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  heard.push(`${method} ${to} ${String(answer.status)} ${await answer.text()}`);
  heard.push(JSON.stringify([...answer.headers]));
  return answer.status;
};
const admin = (method: string, to: string, body: object | null = null): Promise<number> =>
  call(method, `/api/admin/${to}`, body);
const enter = (body: object): Promise<number> =>
  admin('PUT', `accounts/${ACCOUNT}/credentials`, body);
const paste = (pasted: string): Promise<number> =>
  admin('POST', `accounts/${ACCOUNT}/login`, { pasted });
const ask = (name: string, fields: object = {}): Promise<number> =>
  call('POST', `/api/v1/${name}`, { apikey: key(), account: ACCOUNT, strategy: 's', ...fields });
const place = (): Promise<number> =>
  ask('placeorder', {
    ...{ exchange: 'NSE', symbol: 'SBIN', action: 'BUY', quantity: '1' },
    ...{ pricetype: 'LIMIT', price: '1001', product: 'CNC' },
  });
const toran = async (args: readonly string[], input = ''): Promise<number | null> => {
  const port = new URL(gateway.base).port;
  const { code, out, err } = await runCli(args, { ...env, TORAN_PORT: port }, input);
  heard.push(`toran ${args.join(' ')}: ${String(code)} ${out} ${err}`);
  return code;
};
/** Notes what a login of today made, so that it is looked for too. */
const note = (name: string): void => {
  const session = simulator.sessions.newest();
  if (session === null) throw new Error('nobody is logged in');
  secrets.set(`${name} session token`, session.token);
  secrets.set(`${name} session token, decoded`, `${USER}:${session.socketToken}`);
  secrets.set(`${name} token of the stream`, session.socketToken);
};

beforeAll(async () => {
  const app = {
    appKey: credentials.apiKey,
    secretKey: credentials.apiSecret,
    redirectUrl: 'http://127.0.0.1/callback',
  };
  const { password, totpSecret } = credentials;
  const user = { userId: USER, name: 'ASHA RAO', password, totpSecret, apps: [app] };
  simulator = await startIciciSimulator({ users: [user], apiSession: morning, limits: [] });
  gateway = await MarkedGateway.start(withCredentialBroker('main.ts'), {
    ...env,
    TORAN_PORT: '0',
    TORAN_LOG_LEVEL: 'debug',
    TORAN_ORDER_WAIT_MS: '2000',
    TORAN_MASTER_TIME: '00:00',
    TORAN_ICICI_API_URL: simulator.apiUrl,
    TORAN_ICICI_HISTORY_URL: simulator.historyUrl,
    TORAN_ICICI_LOGIN_URL: simulator.loginUrl,
    TORAN_ICICI_FEEDS_URL: simulator.feedsUrl,
    TORAN_ICICI_MASTER_URL: simulator.masterUrl,
  });
  await admin('POST', 'accounts', { broker: 'icici', login: USER, label: 'Main' });
  await admin('POST', `accounts/${ACCOUNT}/live`, { live: true, confirm: 'Main' });
  note('morning');
}, 120_000);
afterAll(async () => {
  await gateway.end();
  await simulator.close();
  rmSync(data, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
});

describe('secrets at icici', () => {
  it('are entered, also wrongly, and a login fails and succeeds with them', async () => {
    for (const [name, value] of Object.entries(credentials)) {
      await enter({ [name]: `${value} ${value}%26` });
      await enter({ [name]: [value] });
      await enter({ [value]: name });
    }
    expect(await enter(credentials)).toBe(200);
    const lines = Object.entries(credentials).map(([name, value]) => `${name}=${value}\n`);
    expect(await toran(['accounts', 'credentials', ACCOUNT], lines.join(''))).toBe(0);
    await toran(['totp', 'test', ACCOUNT]);
    for (const wrong of [misplaced, nobody, `https://x/?apisession=${nobody}`, `?a=${misplaced}`]) {
      expect(await paste(wrong)).toBeGreaterThanOrEqual(400);
      expect(await toran(['login', ACCOUNT, '--paste'], wrong)).not.toBe(0);
    }
    simulator.plan.next('customerdetails', { kind: 'html', status: 502, applied: false });
    expect(await paste(morning)).toBeGreaterThanOrEqual(400);
    expect(await toran(['login', ACCOUNT, '--paste'], `/?apisession=${morning}`)).toBe(0);
  }, 90_000);

  it('serve orders, books and the stream, over faults and a session that dies', async () => {
    await until(async () => (await place()) === 200, 30_000);
    await until(() => simulator.stats().streams.listening === 1);
    for (const name of ['orderbook', 'tradebook', 'positionbook', 'holdings', 'funds']) {
      expect(await ask(name)).toBe(200);
    }
    expect(await ask('quotes', { exchange: 'NSE', symbol: 'SBIN' })).toBe(200);
    simulator.plan.next('funds', { kind: 'html', status: 502, applied: false });
    await ask('funds');
    await simulator.server.setListening(false);
    await ask('funds');
    await place();
    await simulator.server.setListening(true);
    simulator.sessions.end();
    await until(async () => (await ask('funds')) === 403);
    expect(await place()).toBe(403);
    simulator.sessions.login(credentials.apiKey, noon);
    note('noon');
    expect(await paste(noon)).toBe(200);
    await until(async () => (await ask('funds')) === 200);
    await until(() => simulator.stats().streams.listening === 1);
  }, 90_000);

  it('are in no answer, log line, file or key of Redis, whatever is asked', async () => {
    for (const route of ROUTES) {
      if (['forgetCredentials', 'revokeKey'].includes(route.name)) continue;
      const to = route.path.replace(/:id/, ACCOUNT).replace(/:\w+/g, 'x');
      const method = route.method.toUpperCase();
      await call(method, to, { ...route.examples.request, apikey: key(), account: ACCOUNT });
      await call(method, to, `{"${misplaced}": "${misplaced}`);
    }
    // The address of ICICI's login page is made of the API key, and is the one place where it shows.
    const page = `${simulator.loginUrl}${encodeURIComponent(credentials.apiKey)}`;
    expect(heard.join('\n')).toContain(page);
    const answers = heard.join('\n').replaceAll(page, '');
    // What is looked through does hold what it should.
    expect(answers.length).toBeGreaterThan(10_000);
    const redis = await redisContent(data);
    const files = filesBelow(data, 'keys');
    for (const text of [redis, files, gateway.said]) expect(text.includes(ACCOUNT)).toBe(true);
    expect(redis).toContain('toran:session:');
    expect({
      redis: found(redis, secrets),
      files: found(files, secrets),
      answers: found(answers, secrets),
      output: found(gateway.said, secrets),
    }).toEqual({ redis: [], files: [], answers: [], output: [] });
    await gateway.throwUncaught();
    expect(gateway.said).toContain('thrown on purpose');
    expect(found(gateway.said, secrets)).toEqual([]);
  }, 90_000);
});
