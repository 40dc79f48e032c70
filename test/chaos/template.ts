import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BREEZE, habitsOf } from './brokers';
import type { Broker } from './brokers';
import { call, must } from './calls';
import { startGateway, startSimulator, waitGone, redisOf, redisPid } from './processes';
import type { Hook } from './sender';

/** A data folder that was prepared once and is copied for each run. */
export interface Template {
  readonly dist: string;
  readonly data: string;
  readonly key: string;
  readonly account: string;
  /** The webhook of the account. */
  readonly hook: Hook;
  readonly remove: () => Promise<void>;
}

/** Starts the gateway of `dist` once: its first key, one account of `broker` as the default. */
export const makeTemplate = async (dist: string, broker: Broker): Promise<Template> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'toran-chaos-template-'));
  const data = path.join(folder, 'data');
  await mkdir(data);
  const simulator = await startSimulator(dist, folder, broker);
  const log = path.join(folder, 'gateway.log');
  const gateway = await startGateway({ dist, data, log, simulator, env: {} });
  const redis = await redisPid(redisOf(data));
  try {
    await gateway.child.said(/(Your first API key is in)/, 0);
    const key = (await readFile(path.join(data, 'first-api-key'), 'utf8')).trim();
    const admin = `${gateway.base}/api/admin/accounts`;
    const login = broker === 'icici' ? BREEZE.login : 'chaos';
    const account = `${broker}-${login.toLowerCase()}`;
    await must(admin, { broker, login, label: 'chaos' }, { key });
    await must(`${admin}/${account}/default`, {}, { key });
    if (broker === 'icici') await openBreeze(gateway.base, account, key);
    const { product, priceTypes } = habitsOf(broker);
    const settings = {
      kind: 'alert',
      symbols: 'any',
      products: [product],
      actions: ['BUY', 'SELL'],
      pricetypes: [...new Set(priceTypes)],
      max_quantity: 10,
      smart: false,
      rate_per_minute: 6000,
    };
    const added = await must(
      `${gateway.base}/api/admin/webhooks`,
      { label: 'chaos', account, settings },
      { key },
    );
    const { secret: hook } = added as { secret: Hook }; // the documented shape
    gateway.child.signal('SIGTERM');
    await gateway.child.ended;
    await rm(path.join(data, 'redis'), { recursive: true, force: true });
    const remove = (): Promise<void> =>
      rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    return { dist, data, key, account, hook, remove };
  } finally {
    await gateway.child.end();
    await simulator.child.end();
    await waitGone(redis);
  }
};

const CATALOGUE_LIMIT_MS = 60_000;

/** Gives the account its credentials, waits until the master lists what is traded, and sets it live. */
const openBreeze = async (base: string, account: string, key: string): Promise<void> => {
  const admin = `${base}/api/admin/accounts/${account}`;
  await must(`${admin}/credentials`, BREEZE.credentials, { key, method: 'PUT' });
  const sbin = { apikey: key, account, exchange: 'NSE', symbol: 'SBIN' };
  const limit = Date.now() + CATALOGUE_LIMIT_MS;
  for (;;) {
    const answer = await call(`${base}/api/v1/symbol`, sbin);
    const { brsymbol } = (answer?.json['data'] ?? {}) as { brsymbol?: string }; // the documented shape
    if (brsymbol !== undefined && brsymbol !== '') break;
    if (Date.now() > limit) throw new Error(`no SBIN of Breeze: ${JSON.stringify(answer)}`);
    await pause(200);
  }
  await must(`${admin}/live`, { live: true, confirm: 'chaos' }, { key });
};
