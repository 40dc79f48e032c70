import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { must } from './calls';
import { startGateway, startSimulator, waitGone, redisOf, redisPid } from './processes';
import type { Hook } from './sender';

/** A data folder that was prepared once and is copied for each run. */
export interface Template {
  readonly dist: string;
  readonly data: string;
  readonly key: string;
  readonly accounts: Readonly<Record<'neutral' | 'neutral-tagless', string>>;
  /** The webhook of the account. */
  readonly hook: Hook;
  readonly remove: () => Promise<void>;
}

/** Starts the gateway of `dist` once: its first key, one account of `broker` as the default. */
export const makeTemplate = async (
  dist: string,
  broker: 'neutral' | 'neutral-tagless',
): Promise<Template> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'toran-chaos-template-'));
  const data = path.join(folder, 'data');
  await mkdir(data);
  const simulator = await startSimulator(dist, folder);
  const log = path.join(folder, 'gateway.log');
  const gateway = await startGateway({ dist, data, log, simulatorUrl: simulator.url, env: {} });
  const redis = await redisPid(redisOf(data));
  try {
    await gateway.child.said(/(Your first API key is in)/, 0);
    const key = (await readFile(path.join(data, 'first-api-key'), 'utf8')).trim();
    const admin = `${gateway.base}/api/admin/accounts`;
    await must(admin, { broker, login: 'chaos', label: 'chaos' }, { key });
    await must(`${admin}/${broker}-chaos/default`, {}, { key });
    const settings = {
      kind: 'alert',
      symbols: 'any',
      products: ['MIS'],
      actions: ['BUY', 'SELL'],
      pricetypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
      max_quantity: 10,
      smart: false,
      rate_per_minute: 6000,
    };
    const added = await must(
      `${gateway.base}/api/admin/webhooks`,
      { label: 'chaos', account: `${broker}-chaos`, settings },
      { key },
    );
    const { secret: hook } = added as { secret: Hook }; // the documented shape
    gateway.child.signal('SIGTERM');
    await gateway.child.ended;
    await rm(path.join(data, 'redis'), { recursive: true, force: true });
    const accounts = { neutral: 'neutral-chaos', 'neutral-tagless': 'neutral-tagless-chaos' };
    const remove = (): Promise<void> =>
      rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    return { dist, data, key, accounts, hook, remove };
  } finally {
    await gateway.child.end();
    await simulator.child.end();
    await waitGone(redis);
  }
};
