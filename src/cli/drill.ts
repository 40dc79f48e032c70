import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { GatewayError } from '../core/domain/errors';
import type { CrashPoint } from '../core/orders/dispatcher';
import { DrillProcess } from './drill-processes';

const ACCOUNT = 'neutral-drill';
/** Short times, so that ten seconds show what else takes a minute. */
const TIMES = {
  TORAN_SEND_BY_MS: '1000',
  TORAN_NEUTRAL_TIMEOUT_MS: '1000',
  TORAN_ORDER_WAIT_MS: '1000',
} as const;
const CALL_LIMIT_MS = 10_000;
const SETTLE_LIMIT_MS = 30_000;
const POLL_MS = 100;

/** One act: where Toran ends itself. */
interface Act {
  readonly at: CrashPoint;
  readonly title: string;
}

const ACTS: readonly Act[] = [
  {
    at: 'after-answer',
    title: 'killed after the broker took the order, before that was written down',
  },
  {
    at: 'after-submitted',
    title: 'killed after "about to send" was written down, before the first byte left',
  },
];

/** How an order ended, by the gateway. */
interface End {
  readonly state: string;
  readonly reasonCode: string | null;
}

/** What the end of an order must be, by the placements that the simulator truly made; null for more than one. */
const truth = (placements: number): (End & { readonly meaning: string }) | null => {
  if (placements === 1) {
    const meaning = "found in the broker's book by its tag; not sent again";
    return { state: 'filled', reasonCode: null, meaning };
  }
  if (placements > 1) return null;
  const meaning =
    'not sent by the next process; ended once several late reads of the book lacked it';
  return { state: 'denied', reasonCode: 'NOT_AT_BROKER', meaning };
};

interface Stage {
  readonly folder: string;
  readonly simulatorUrl: string;
  readonly trueLog: string;
  readonly running: DrillProcess[];
}

/** One gateway that listens. */
interface Running {
  readonly process: DrillProcess;
  readonly base: string;
  readonly key: string;
}

type Body = Readonly<Record<string, unknown>>;
const answerSchema = z.record(z.string(), z.unknown());
const lifeSchema = z.object({
  explanation: z.object({
    order: z.object({ state: z.string(), reasonCode: z.string().nullable() }),
  }),
});

/**
 * Kills a gateway of its own twice in the middle of an order, in a temporary folder and against a
 * simulator, and says line by line what became of the orders. True when the proof holds.
 */
export const drill = async (say: (line: string) => void): Promise<boolean> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-drill-'));
  const running: DrillProcess[] = [];
  const killAll = (): void => {
    for (const process of running) process.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    process.exit(130);
  };
  process.once('SIGINT', killAll);
  process.once('SIGTERM', killAll);
  try {
    say(
      'A drill: Toran ends itself in the middle of an order, twice. It uses a broker simulator and',
    );
    say('a folder of its own; your data and your gateway are not touched.');
    const trueLog = path.join(folder, 'true.jsonl');
    const args = ['neutral', '--token', 'practice', '--log', trueLog];
    const simulator = new DrillProcess('simulators/main', args, path.join(folder, 'sim.log'), {});
    running.push(simulator);
    const simulatorUrl = await simulator.said(/"url":"([^"]+)"/);
    mkdirSync(path.join(folder, 'data'), { mode: 0o700 });
    return await perform({ folder, simulatorUrl, trueLog, running }, say);
  } finally {
    process.off('SIGINT', killAll);
    process.off('SIGTERM', killAll);
    for (const process of running.reverse()) await process.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
};

const perform = async (stage: Stage, say: (line: string) => void): Promise<boolean> => {
  let holds = true;
  let gateway = await startGateway(stage, ACTS[0]?.at ?? null);
  await expectOk(`${gateway.base}/api/admin/accounts`, gateway.key, {
    broker: 'neutral',
    login: 'drill',
    label: 'drill',
  });
  for (const [index, act] of ACTS.entries()) {
    say('');
    say(`${String(index + 1)}. Toran is ${act.title}`);
    const order = orderOf(index + 1, gateway.key);
    const before = placements(stage.trueLog);
    const first = await post(`${gateway.base}/api/v1/placeorder`, order).catch(() => null);
    const signal = await gateway.process.death(CALL_LIMIT_MS);
    const heard = first === null ? 'no answer' : JSON.stringify(first);
    say(
      `   asked      BUY 1 SBIN, client_order_id drill-${String(index + 1)}; the caller got ${heard}`,
    );
    say(`   died       process ${String(gateway.process.pid)} by ${String(signal)}`);
    gateway = await startGateway(stage, ACTS[index + 1]?.at ?? null);
    const again = await expectOk(`${gateway.base}/api/v1/placeorder`, null, {
      ...order,
      apikey: gateway.key,
    });
    const replayed = again['replayed'] === true;
    const id = String(again['orderid']);
    say(`   restarted  process ${String(gateway.process.pid)}; the caller asks the same again:`);
    say(`              order ${id}, ${replayed ? 'the one of before' : 'A SECOND ORDER'}`);
    const end = await ended(gateway, id);
    const made = placements(stage.trueLog) - before;
    const why = end.reasonCode === null ? '' : ` (${end.reasonCode})`;
    say(`   proof      asked 2 times, placements in the simulator's log: ${String(made)}`);
    say(`              state after the restart: ${end.state}${why}`);
    const must = truth(made);
    const right =
      first === null &&
      signal === 'SIGKILL' &&
      replayed &&
      must !== null &&
      end.state === must.state &&
      end.reasonCode === must.reasonCode;
    say(
      right ? `   holds      ${must.meaning}` : '   FAILED     the state is not what the log shows',
    );
    holds &&= right;
  }
  say('');
  say(holds ? 'The proof holds: nothing doubled, nothing lost.' : 'THE PROOF FAILED.');
  return holds;
};

const startGateway = async (stage: Stage, crashPoint: CrashPoint | null): Promise<Running> => {
  const data = path.join(stage.folder, 'data');
  const log = path.join(stage.folder, `gateway-${String(stage.running.length)}.log`);
  const process = new DrillProcess('main', [], log, {
    TORAN_DATA: data,
    TORAN_HOST: '127.0.0.1',
    TORAN_PORT: '0',
    TORAN_LOG_LEVEL: 'silent',
    TORAN_NEUTRAL_URL: stage.simulatorUrl,
    ...TIMES,
    ...(crashPoint === null ? {} : { TORAN_CRASH_POINT: crashPoint }),
  });
  stage.running.push(process);
  const base = await process.said(/Toran listens on (http:\S+)/);
  // Said last, when the key is in its file.
  await process.said(/(Your first paper order)/);
  return { process, base, key: readFileSync(path.join(data, 'first-api-key'), 'utf8').trim() };
};

const orderOf = (number: number, key: string): Body => ({
  apikey: key,
  strategy: 'drill',
  account: ACCOUNT,
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'BUY',
  quantity: 1,
  pricetype: 'MARKET',
  product: 'MIS',
  client_order_id: `drill-${String(number)}`,
});

/** Placements that the simulator truly made, by its log. */
const placements = (trueLog: string): number =>
  existsSync(trueLog)
    ? readFileSync(trueLog, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"operation":"place"')).length
    : 0;

/** How the order ended, or as it is when the time is over. */
const ended = async (gateway: Running, id: string): Promise<End> => {
  const limit = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const url = `${gateway.base}/api/admin/orders/${id}/explain`;
    const response = await fetch(url, {
      headers: { 'x-api-key': gateway.key },
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
    const { order } = lifeSchema.parse(await response.json()).explanation;
    if (isFinal(order.state) || Date.now() > limit) return order;
    await pause(POLL_MS);
  }
};

const isFinal = (state: string): boolean => state === 'filled' || state === 'denied';

const post = async (url: string, body: Body, key: string | null = null): Promise<Body> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'x-api-key': key }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  });
  return { httpStatus: response.status, ...answerSchema.parse(await response.json()) };
};

/** An answer of success. @throws GatewayError with what was said instead, except for a refused order */
const expectOk = async (url: string, key: string | null, body: Body): Promise<Body> => {
  const answer = await post(url, body, key);
  if (answer['httpStatus'] === 200 || 'orderid' in answer) return answer;
  throw new GatewayError('INTERNAL', `${new URL(url).pathname}: ${JSON.stringify(answer)}`);
};
