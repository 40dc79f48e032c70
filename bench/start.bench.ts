import { setTimeout as delay } from 'node:timers/promises';
import { addAccount, placeOrder } from './lib/calls';
import { residentMegabytes, startToran } from './lib/processes';
import type { StartedGateway } from './lib/processes';
import { bench, isFull, quantile, round } from './lib/report';

const GOAL_MS = 3_000;
const GOAL_MB = 300;
const STARTS = isFull ? 5 : 3;
const IDLE_MS = 10_000;
const ACCOUNTS = 10;
const ORDERS = 500;
/** Between two orders of one account, below the 7 entries a second of the shipped rules. */
const PACE_MS = 170;

/** 500 paper orders, spread over accounts so that no account meets its limits. */
const load = async (gateway: StartedGateway): Promise<void> => {
  const accounts: string[] = [];
  for (let n = 0; n < ACCOUNTS; n += 1) accounts.push(await addAccount(gateway, 'paper', `b${n}`));
  const one = async (account: string): Promise<void> => {
    for (let n = 0; n < ORDERS / ACCOUNTS; n += 1) {
      const { status, json } = await placeOrder(gateway, account);
      if (status !== 200)
        throw new Error(`an order was answered ${status} ${JSON.stringify(json)}`);
      await delay(PACE_MS);
    }
  };
  await Promise.all(accounts.map(one));
};

/** Installed and built, with an empty data folder and a Redis of its own to start: how long, how large. */
bench('start', async () => {
  const starts: number[] = [];
  for (let n = 1; n < STARTS; n += 1) {
    const gateway = await startToran();
    starts.push(gateway.startMs);
    await gateway.stop();
  }
  const gateway = await startToran();
  starts.push(gateway.startMs);
  try {
    await delay(IDLE_MS);
    const idle = residentMegabytes(gateway.pid);
    await load(gateway);
    const loaded = residentMegabytes(gateway.pid);
    const ms = quantile(starts, 0.5);
    const most = Math.max(idle.own + idle.children, loaded.own + loaded.children);
    return {
      figure: 'start, and resident memory',
      goal: `<= ${GOAL_MS / 1000} s; <= ${GOAL_MB} MB`,
      measured: `${round(ms / 1000)} s; ${idle.own} MB idle, ${loaded.own} MB after ${ORDERS} orders`,
      ratio: round(Math.max(ms / GOAL_MS, most / GOAL_MB)),
      startsMs: starts.map((value) => Math.round(value)),
      redisMb: { idle: idle.children, loaded: loaded.children },
    };
  } finally {
    await gateway.stop();
  }
});
