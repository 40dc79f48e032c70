import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '../../src/api/routes';
import { coreDumps } from '../../src/infra/core-dumps';
import { startNeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';
import { redisOf, redisPid } from '../chaos/processes';
import { runCli, withCredentialBroker } from '../support/cli-process';
import { filesBelow, MarkedGateway, redisContent } from '../support/marked-gateway';
import { base32Mark, found, mark } from '../support/marks';
import { until } from '../support/until';

/** A broker with credentials, and how the marks for its fields are made. */
interface MarkedBroker {
  readonly broker: string;
  /** Arguments of a `node` that runs the gateway with this broker among the others. */
  readonly node: readonly string[];
  /** The field that the simulator takes as its token. */
  readonly token: string;
  /** A value of each field that its schema takes; none like another, or like anything else. */
  readonly values: () => Readonly<Record<string, string>>;
  /** The seed of one-time codes. */
  readonly totp: string;
}

const BROKERS: readonly MarkedBroker[] = [
  {
    broker: 'vaulted',
    node: withCredentialBroker('main.ts'),
    token: 'apiKey',
    totp: 'totpSecret',
    values: () => ({
      apiKey: mark('key'),
      apiSecret: mark('secret'),
      userId: mark('user'),
      password: mark('password'),
      totpSecret: base32Mark(),
    }),
  },
];

describe.each(BROKERS)('secrets at $broker', (marked) => {
  const data = mkdtempSync(path.join(os.tmpdir(), 'toran-secrets-'));
  const first = marked.values();
  const second = { ...marked.values(), [marked.token]: first[marked.token] ?? '' };
  const masterKey = randomBytes(32);
  const secrets = new Map<string, string>([
    ...Object.entries(first).map(([name, value]) => [`first ${name}`, value] as const),
    ...Object.entries(second).map(([name, value]) => [`second ${name}`, value] as const),
    ['master key in base64', masterKey.toString('base64')],
    ['master key in hex', masterKey.toString('hex')],
    ['misplaced', mark('misplaced')],
  ]);
  const misplaced = secrets.get('misplaced') ?? '';
  /** All that came back from anywhere. */
  const heard: string[] = [];
  const env = { TORAN_DATA: data, TORAN_MASTER_KEY: masterKey.toString('base64') };
  let simulator: NeutralSimulator;
  let gateway: MarkedGateway;
  let account = '';

  const key = (): string => readFileSync(path.join(data, 'first-api-key'), 'utf8').trim();
  const call = async (
    method: string,
    to: string,
    body: string | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await fetch(`${gateway.base}${to}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': key(), ...headers },
      ...(body === null || method === 'GET' ? {} : { body }),
    });
    const text = await answer.text();
    heard.push(`${method} ${to} ${String(answer.status)} ${text}`);
    heard.push(JSON.stringify([...answer.headers]));
    return { status: answer.status, text };
  };
  const admin = (method: string, to: string, body: object | null = null) =>
    call(method, `/api/admin/${to}`, body === null ? null : JSON.stringify(body));
  const credentials = (method: string, body: object | null = null) =>
    admin(method, `accounts/${account}/credentials`, body);
  const toran = async (args: readonly string[], input = ''): Promise<void> => {
    const { code, out, err } = await runCli(args, env, input);
    heard.push(`toran ${args.join(' ')}: ${String(code)} ${out} ${err}`);
  };
  const order = (): string =>
    JSON.stringify({
      ...{ apikey: key(), account, strategy: 's', exchange: 'NSE', symbol: 'SBIN', action: 'BUY' },
      ...{ quantity: '1', pricetype: 'MARKET', product: 'MIS' },
    });
  const placements = (): number =>
    simulator.log.since().filter((event) => event.operation === 'place').length;

  beforeAll(async () => {
    simulator = await startNeutralSimulator({ token: first[marked.token] ?? '' });
    gateway = await MarkedGateway.start(marked.node, {
      ...env,
      TORAN_PORT: '0',
      TORAN_LOG_LEVEL: 'debug',
      TORAN_NEUTRAL_URL: simulator.url,
      TORAN_ORDER_WAIT_MS: '2000',
    });
    const made = await admin('POST', 'accounts', {
      broker: marked.broker,
      login: 'visible-login',
      label: 'visible-label',
    });
    account = (JSON.parse(made.text) as { account: { account: string } }).account.account;
  }, 120_000);
  afterAll(async () => {
    await gateway.end();
    await simulator.close();
    rmSync(data, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
  });

  it('go to their broker: without a restart orders go out by the first, fail by wrong ones, and go out again', async () => {
    for (const [name, value] of Object.entries(first)) {
      await credentials('PUT', { [name]: `${value} ${value}` });
      await credentials('PUT', { [name]: [value] });
      await credentials('PUT', { [value]: name });
      await credentials('PUT', { [name]: value, [misplaced]: value });
    }
    expect((await credentials('PUT', first)).status).toBe(200);
    await until(async () => {
      await call('POST', '/api/v1/placeorder', order());
      return placements() > 0;
    }, 30_000);
    const before = placements();
    // A login that fails: the simulator knows another key.
    await credentials('PUT', { [marked.token]: misplaced });
    expect((await call('POST', '/api/v1/funds', order())).status).toBeGreaterThanOrEqual(400);
    await call('POST', '/api/v1/placeorder', order());
    expect(placements()).toBe(before);
    expect((await credentials('PUT', second)).status).toBe(200);
    await until(async () => {
      await call('POST', '/api/v1/placeorder', order());
      return placements() > before;
    }, 30_000);
  }, 90_000);

  it('are looked for everywhere: all routes, right and wrong', async () => {
    for (const route of ROUTES) {
      if (['forgetCredentials', 'revokeKey'].includes(route.name)) continue;
      const to = route.path.replace(/:id/, account).replace(/:\w+/g, 'x');
      const method = route.method.toUpperCase();
      const example = { ...route.examples.request, apikey: key(), account };
      await call(method, to, JSON.stringify(example));
      await call(method, to, `{"${misplaced}": "${misplaced}`);
      await call(method, to, JSON.stringify({ apikey: misplaced, token: misplaced }), {
        'x-api-key': misplaced,
        authorization: `Bearer ${misplaced}`,
      });
    }
    const made = await admin('POST', 'webhooks', {
      label: 'hook',
      account,
      settings: {
        ...{ kind: 'alert', symbols: ['NSE:SBIN'], products: ['MIS'], actions: ['BUY', 'SELL'] },
        ...{ pricetypes: ['MARKET'], max_quantity: 5 },
      },
    });
    const { secret } = JSON.parse(made.text) as { secret?: { path: string; token: string } };
    const alert = { ...JSON.parse(order()), token: secret?.token, apikey: undefined };
    await call('POST', secret?.path ?? '/', JSON.stringify(alert));
    await call('POST', secret?.path ?? '/', JSON.stringify({ ...alert, token: misplaced }));
    const book = await call('POST', '/api/v1/orderbook', order());
    const orderId = /"orderid":"(\d+)"/.exec(book.text)?.[1] ?? '';
    expect(orderId).not.toBe('');
    await admin('GET', `orders/${orderId}/explain`);
    await toran(['explain', orderId]);
    expect((await call('GET', '/metrics', null)).text).toContain('toran_');
    expect((await credentials('GET')).text).toContain('"present":true');
  }, 120_000);

  it('are kept by the command line too, also while the gateway runs and the master key changes', async () => {
    const file = path.join(data, '..', `${path.basename(data)}.env`);
    writeFileSync(file, `BROKER_API_KEY='${second[marked.token] ?? ''}'\n`);
    const lines = Object.entries(second).map(([name, value]) => `${name}=${value}\n`);
    try {
      await toran(['accounts', 'credentials', account], lines.join(''));
      await toran(['accounts', 'credentials', account], `${misplaced}\n`);
      await toran(['accounts', 'credentials', account], `${misplaced}=x\n`);
      await toran(['accounts', 'import', file, '--broker', marked.broker]);
      await toran(['totp', 'test', account, '--show']);
      await toran(['accounts', 'list']);
      await toran(['vault', 'rotate', '--to', 'key'], `${misplaced}\n`);
    } finally {
      rmSync(file);
    }
    // What the command line stores the gateway uses: a wrong one, then the right one again.
    const funds = async (): Promise<boolean> =>
      (await call('POST', '/api/v1/funds', order())).status === 200;
    await runCli(['accounts', 'credentials', account], env, `${marked.token}=${misplaced}\n`);
    await until(async () => !(await funds()), 20_000);
    const right = `${marked.token}=${second[marked.token] ?? ''}\n`;
    await runCli(['accounts', 'credentials', account], env, right);
    await until(funds, 20_000);
    await toran(['vault', 'rotate', '--to', 'file']);
    expect(heard.at(-1)).toContain(': 0 ');
    // The master key is another now; the gateway that runs has what it had, and can store more.
    expect((await credentials('PUT', { [marked.totp]: second[marked.totp] ?? '' })).status).toBe(
      200,
    );
    const before = placements();
    await until(async () => {
      await call('POST', '/api/v1/placeorder', order());
      return placements() > before;
    }, 30_000);
    // The key of before opens nothing any more, and the refusal does not repeat it.
    await toran(['accounts', 'credentials', account], '');
    expect(heard.at(-1)).toMatch(/: 1 .*The master key is not /);
    for (const wrong of [
      { TORAN_MASTER_KEY: misplaced },
      { TORAN_MASTER_PASSPHRASE: `${misplaced} ${misplaced}` },
    ]) {
      const { code, out, err } = await runCli(['accounts', 'credentials', account], {
        TORAN_DATA: data,
        ...wrong,
      });
      expect(code).toBe(1);
      heard.push(out + err);
    }
  }, 120_000);

  it('are in no file, in no key of Redis, and in no answer, and core dumps are off', async () => {
    const redis = await redisContent(data);
    const files = filesBelow(data, 'keys');
    const answers = heard.join('\n');
    // What is looked through does hold what it should.
    expect(redis).toContain('toran:');
    for (const text of [files, answers, gateway.said]) {
      expect(text.includes(account)).toBe(true);
    }
    expect(files.includes('ledger.sqlite-wal\n') && files.includes('credentials')).toBe(true);
    expect({
      redis: found(redis, secrets),
      files: found(files, secrets),
      answers: found(answers, secrets),
      output: found(gateway.said, secrets),
    }).toEqual({ redis: [], files: [], answers: [], output: [] });
    if (process.platform === 'linux') {
      // Children do not inherit the master key. Redis writes over its own environment; the shell above it does not.
      const stat = readFileSync(`/proc/${String(await redisPid(redisOf(data)))}/stat`, 'utf8');
      const shell = /\) \w (\d+)/.exec(stat)?.[1] ?? '';
      const environment = readFileSync(`/proc/${shell}/environ`, 'latin1');
      expect(environment).toContain('TORAN_DATA');
      expect(found(environment, secrets)).toEqual([]);
      expect(coreDumps(`/proc/${String(gateway.pid)}/limits`)).toBe('off');
    }
  }, 60_000);

  it('are not printed by a fault that nobody catches, and are gone from the ledger once forgotten', async () => {
    const sealed = /s1\.[0-9a-f]{16}\.[\w-]+/.exec(filesBelow(data, 'keys'))?.[0] ?? '';
    expect(sealed).not.toBe('');
    expect((await credentials('DELETE')).text).not.toContain('"present":true');
    expect((await call('POST', '/api/v1/funds', order())).status).toBeGreaterThanOrEqual(400);
    await gateway.throwUncaught();
    expect(gateway.said).toContain('thrown on purpose');
    expect(found(gateway.said + heard.join('\n'), secrets)).toEqual([]);
    const files = filesBelow(data, 'keys');
    expect(found(files, secrets)).toEqual([]);
    expect(files.includes(sealed)).toBe(false);
    expect(readdirSync(process.cwd()).filter((name) => /^core(\.\d+)?$/.test(name))).toEqual([]);
  }, 60_000);

  it('that are missing hold up no start: the other accounts are served', async () => {
    gateway = await MarkedGateway.start(marked.node, {
      TORAN_DATA: data,
      TORAN_PORT: '0',
      TORAN_NEUTRAL_URL: simulator.url,
    });
    await until(() => gateway.said.includes('account not served'));
    expect(gateway.said.match(/account not served/g)).toHaveLength(1);
    expect(gateway.said).toContain('credentials are missing');
    const paper = { ...JSON.parse(order()), account: 'paper-main' };
    const placed = await call('POST', '/api/v1/placeorder', JSON.stringify(paper));
    expect(placed.status).toBe(200);
  }, 90_000);
});
