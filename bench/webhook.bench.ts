import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { addAccount, request } from './lib/calls';
import type { Answered } from './lib/calls';
import { startSimulator, startToran } from './lib/processes';
import type { StartedGateway } from './lib/processes';
import { bench, isFull, quantile, round } from './lib/report';

const GOAL_P99_MS = 50;
const PER_SECOND = 200;
const SECONDS = isFull ? 30 : 6;
const WARM_UP_SECONDS = 1;
/** What one person or family has; a broker's rules let few orders a second through each, the rest waits on disk. */
const ACCOUNTS = 3;
const SYMBOLS = ['SBIN', 'INFY', 'TCS', 'RELIANCE', 'HDFCBANK'];

const made = z.object({ secret: z.object({ path: z.string(), token: z.string().optional() }) });

interface Target {
  readonly path: string;
  readonly body: (n: number) => object;
}

const addHook = async (
  gateway: StartedGateway,
  account: string,
  label: string,
  settings: object,
): Promise<z.output<typeof made>['secret']> => {
  const body = { label, account, settings: { ...settings, rate_per_minute: 6000 } };
  const headers = { 'x-api-key': gateway.apiKey };
  const { status, json } = await request(gateway.url, 'POST', '/api/admin/webhooks', body, headers);
  const parsed = made.safeParse(json);
  if (!parsed.success) throw new Error(`webhook not made: ${status} ${JSON.stringify(json)}`);
  return parsed.data.secret;
};

const strategyOf = async (gateway: StartedGateway, account: string): Promise<Target> => {
  const symbols = SYMBOLS.map((symbol) => ({
    symbol,
    exchange: 'NSE',
    product: 'MIS',
    quantity: 1,
  }));
  const settings = { kind: 'strategy', symbols, trading_mode: 'LONG', max_quantity: 10 };
  const { path } = await addHook(gateway, account, `strategy ${account}`, settings);
  return {
    path,
    // No client_order_id: equal alerts, each of them meant.
    body: (n) => ({ symbol: SYMBOLS[n % SYMBOLS.length], action: 'BUY' }),
  };
};

const alertOf = async (gateway: StartedGateway, account: string): Promise<Target> => {
  const settings = {
    kind: 'alert',
    symbols: 'any',
    products: ['MIS'],
    actions: ['BUY', 'SELL'],
    pricetypes: ['MARKET'],
    max_quantity: 10,
    smart: false,
  };
  const { path, token } = await addHook(gateway, account, `alert ${account}`, settings);
  return {
    path,
    body: (n) => ({
      token,
      exchange: 'NSE',
      symbol: SYMBOLS[n % SYMBOLS.length],
      action: 'buy',
      quantity: '1',
      pricetype: 'MARKET',
      product: 'MIS',
      client_order_id: `n-${n}`,
    }),
  };
};

const idOf = z.object({ orderid: z.string() });

interface Run {
  readonly delays: readonly number[];
  readonly ids: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Posts on a fixed schedule whatever the answers do, and counts each delay from the time at which the
 * call was due: a gateway that stalls cannot make the schedule wait for it.
 */
const openLoop = async (
  gateway: StartedGateway,
  targets: readonly Target[],
  seconds: number,
  perSecond: number,
  first: number,
): Promise<Run> => {
  const delays: number[] = [];
  const ids: string[] = [];
  const refused: string[] = [];
  const calls: Promise<void>[] = [];
  const begun = performance.now();
  const send = async (n: number, due: number): Promise<void> => {
    const target = targets[n % targets.length];
    if (target === undefined) throw new Error('no targets');
    const answer: Answered = await request(
      gateway.url,
      'POST',
      target.path,
      target.body(first + n),
      {},
    );
    delays.push(performance.now() - due);
    const parsed = idOf.safeParse(answer.json);
    if (answer.status === 200 && parsed.success) ids.push(parsed.data.orderid);
    else refused.push(`${answer.status} ${JSON.stringify(answer.json)}`);
  };
  for (let n = 0; n < seconds * perSecond; n += 1) {
    const due = begun + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0.5) await pause(early);
    calls.push(send(n, due));
  }
  await Promise.all(calls);
  return { delays, ids, refused };
};

bench('webhook', async () => {
  const simulator = await startSimulator({ limits: false });
  const gateway = await startToran({
    TORAN_NEUTRAL_URL: simulator.url,
    // Alerts of a burst wait for their slots on disk; none may end meanwhile.
    TORAN_ORDER_DEADLINE_MS: '600000',
  });
  try {
    const accounts: string[] = [];
    for (let n = 0; n < ACCOUNTS; n += 1) {
      accounts.push(await addAccount(gateway, 'neutral', `bench-${n}`));
    }
    const strategies: Target[] = [];
    const alerts: Target[] = [];
    for (const account of accounts) {
      strategies.push(await strategyOf(gateway, account));
      alerts.push(await alertOf(gateway, account));
    }
    // This kind waits for the broker's word, so it is measured before any order waits for a slot.
    const waiting = await openLoop(gateway, alerts, isFull ? 10 : 3, ACCOUNTS, 2_000_000);
    await openLoop(gateway, strategies, WARM_UP_SECONDS, PER_SECOND, 1_000_000);
    const run = await openLoop(gateway, strategies, SECONDS, PER_SECOND, 0);
    if (run.refused.length > 0 || new Set(run.ids).size !== SECONDS * PER_SECOND) {
      throw new Error(`${run.refused.length} refused, the first ${run.refused[0] ?? 'none'}`);
    }
    const p99 = quantile(run.delays, 0.99);
    return {
      figure: 'webhook acknowledged, durable',
      goal: `p99 <= ${GOAL_P99_MS} ms at ${PER_SECOND}/s`,
      measured: `p50 ${round(quantile(run.delays, 0.5))} ms, p99 ${round(p99)} ms`,
      ratio: round(p99 / GOAL_P99_MS),
      seconds: SECONDS,
      calls: run.delays.length,
      maxMs: round(Math.max(...run.delays)),
      alertP50Ms: round(quantile(waiting.delays, 0.5)),
      alertP99Ms: round(quantile(waiting.delays, 0.99)),
      alertRefused: waiting.refused.length,
      accounts: ACCOUNTS,
    };
  } finally {
    await gateway.stop();
    await simulator.stop();
  }
});
