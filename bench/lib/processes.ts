import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { request } from './calls';

const ROOT = path.resolve(__dirname, '..', '..');
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 20_000;

/** A gateway or simulator that this bench started and ends. */
export interface Started {
  readonly url: string;
  readonly pid: number;
  /** Asks the process to end, by its own id, and waits; kills it after 20 s. */
  stop(): Promise<void>;
}
export interface StartedGateway extends Started {
  /** A key with every scope and 1,000 calls a second. */
  readonly apiKey: string;
  /** Milliseconds from the start of the process to its first 200. */
  readonly startMs: number;
}

/** Nothing of the person's own settings reaches what is measured. */
const environment = (own: Readonly<Record<string, string>>): Record<string, string | undefined> => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TORAN_') && name !== 'REDIS_URL',
  );
  return { ...Object.fromEntries(inherited), ...own };
};

const running = new Set<ChildProcess>();
// Whatever breaks a bench off, what it started does not outlive it.
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const remember = (child: ChildProcess): void => {
  running.add(child);
  child.once('exit', () => running.delete(child));
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exit;
  clearTimeout(timer);
};

/** Ends what a bench that broke off left running: an open pipe of theirs would keep it from ending. */
export const endStarted = async (): Promise<void> => {
  await Promise.all([...running].map(ended));
};

/** A TCP port of loopback that was free a moment ago. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });

const hello = z.object({ url: z.string() });

/** Starts a simulator; the line with which it greets is read by `schema`. */
const simulate = async <T extends { readonly url: string }>(
  args: readonly string[],
  schema: z.ZodType<T>,
): Promise<T & Started> => {
  const file = path.join(ROOT, 'dist', 'simulators', 'main.js');
  const child = spawn(process.execPath, [file, ...args], {
    env: environment({}),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  remember(child);
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error('the simulator did not start'));
    });
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
  });
  const greeting = schema.parse(JSON.parse(line));
  return { ...greeting, pid: child.pid ?? 0, stop: () => ended(child) };
};

/** A neutral simulator, without limits when told so, taking the token that practice accounts send. */
export const startSimulator = (options: { readonly limits: boolean }): Promise<Started> => {
  const limits = options.limits ? [] : ['--limits', '[]'];
  return simulate(['neutral', '--token', 'practice', ...limits], hello);
};

const iciciHello = z.object({
  ...{ url: z.string(), apiUrl: z.string(), historyUrl: z.string(), loginUrl: z.string() },
  ...{ feedsUrl: z.string(), masterUrl: z.string() },
});
/** A Breeze that runs, and the number of the login that it has from the start. */
export type StartedIcici = Started & z.infer<typeof iciciHello> & { readonly apiSession: string };

/** A Breeze without limits, where its made-up user is logged in. */
export const startIcici = async (): Promise<StartedIcici> => {
  const apiSession = '5551234567';
  const args = ['icici', '--limits', '[]', '--api-session', apiSession];
  return { ...(await simulate(args, iciciHello)), apiSession };
};

const newKey = z.object({ apikey: z.string() });

/** `node dist/main.js` with its own data folder and its own Redis, once it answers; the folder goes with it. */
export const startToran = async (
  variables: Readonly<Record<string, string>> = {},
  data = mkdtempSync(path.join(os.tmpdir(), 'toran-bench-')),
): Promise<StartedGateway> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begun = performance.now();
  const child = spawn(process.execPath, [...profiling(), path.join(ROOT, 'dist', 'main.js')], {
    cwd: data,
    env: environment({
      TORAN_DATA: data,
      TORAN_PORT: String(port),
      TORAN_LOG_LEVEL: 'error',
      ...variables,
    }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  remember(child);
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    await firstAnswer(url, child, begun);
    const startMs = performance.now() - begun;
    const first = await firstKey(path.join(data, 'first-api-key'));
    const body = { label: 'bench', scopes: ['read', 'trade', 'admin'], rate_per_second: 1000 };
    const made = await request(url, 'POST', '/api/admin/keys', body, { 'x-api-key': first });
    return { url, pid: child.pid ?? 0, stop, startMs, apiKey: newKey.parse(made.json).apikey };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** For looking into a missed goal: the folder that takes the gateway's CPU profile. */
const profiling = (): readonly string[] => {
  const folder = process.env['BENCH_CPU_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
};

const firstAnswer = async (url: string, child: ChildProcess, begun: number): Promise<void> => {
  for (;;) {
    const answer = await request(url, 'GET', '/health/status', null, {}).catch(() => null);
    if (answer?.status === 200) return;
    if (child.exitCode !== null) throw new Error('the gateway ended while it started');
    if (performance.now() - begun > START_LIMIT_MS) throw new Error('the gateway does not answer');
    await delay(5);
  }
};

/** The gateway writes it just after it begins to listen. */
const firstKey = async (file: string): Promise<string> => {
  for (let left = 200; left > 0; left -= 1) {
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text !== '') return text;
    } catch {
      // Not written yet.
    }
    await delay(10);
  }
  throw new Error('the gateway wrote no first key');
};

/** Megabytes that `pid` itself and its children hold resident. */
export const residentMegabytes = (pid: number): { own: number; children: number } => {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const sum = (parent: number): number =>
    rows
      .filter(([, ppid]) => ppid === parent)
      // `ps` itself is our child, never the gateway's.
      .reduce((total, [child = 0, , rss = 0]) => total + rss + sum(child), 0);
  const own = rows.find(([row]) => row === pid)?.[2];
  if (own === undefined) throw new Error(`process ${pid} is gone`);
  return { own: Math.round(own / 1024), children: Math.round(sum(pid) / 1024) };
};
