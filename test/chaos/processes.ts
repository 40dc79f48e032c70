import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BREEZE_HASTE, BREEZE_LIMITS } from './brokers';
import type { Broker } from './brokers';

/** Hundreds of starts of the same program: its compiled code is kept. */
const CACHE = path.join(os.tmpdir(), 'toran-chaos-compiled');
const STARTUP_LIMIT_MS = 30_000;
const POLL_MS = 15;

/** Every child that has not ended yet: none may outlive this process. */
const living = new Set<ChildProcess>();

/** Ends whatever is still running, by its own id. */
export const endAll = (): void => {
  for (const child of living) child.kill('SIGKILL');
};

/** One child process whose output goes to a file. */
export class Child {
  readonly process: ChildProcess;
  readonly log: string;
  readonly ended: Promise<void>;
  #over = false;

  constructor(args: readonly string[], log: string, env: Readonly<Record<string, string>>) {
    const file = openSync(log, 'a');
    this.log = log;
    this.process = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: ['ignore', file, file],
      env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: CACHE, ...env },
    });
    closeSync(file);
    living.add(this.process);
    this.ended = new Promise((resolve) => {
      this.process.once('exit', () => {
        this.#over = true;
        living.delete(this.process);
        resolve();
      });
    });
  }

  get over(): boolean {
    return this.#over;
  }
  get pid(): number {
    if (this.process.pid === undefined) throw new Error('the process did not start');
    return this.process.pid;
  }
  /** Whether a SIGSTOP holds it. */
  get stopped(): boolean {
    return !this.#over && stateOf(this.pid) === 'T';
  }
  signal(name: NodeJS.Signals): void {
    if (!this.#over) this.process.kill(name);
  }
  async end(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
  text(): string {
    return readFileSync(this.log, 'utf8');
  }

  /** What `pattern` finds in the output after `from`. @throws Error when the process ends or takes too long */
  async said(pattern: RegExp, from: number): Promise<string> {
    const limit = Date.now() + STARTUP_LIMIT_MS;
    for (;;) {
      const found = pattern.exec(this.text().slice(from))?.[1];
      if (found !== undefined) return found;
      if (this.#over || Date.now() > limit) {
        throw new Error(`no ${String(pattern)} in ${this.log}: ${this.text().slice(-400)}`);
      }
      await pause(POLL_MS);
    }
  }
}

const stateOf = (pid: number): string | null => {
  try {
    return (
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')
        .at(-1)?.[0] ?? null
    );
  } catch {
    return null;
  }
};

export interface GatewayOptions {
  /** Folder of the build. */
  readonly dist: string;
  readonly data: string;
  readonly log: string;
  /** Also as the variables that lead the gateway there. */
  readonly simulator: Pick<RunningSimulator, 'url' | 'env'>;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningGateway {
  readonly child: Child;
  readonly base: string;
}

/** A gateway process that listens. */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const env = {
    TORAN_DATA: options.data,
    TORAN_PORT: '0',
    TORAN_LOG_LEVEL: 'warn',
    TORAN_NEUTRAL_URL: options.simulator.url,
    ...options.simulator.env,
    ...options.env,
  };
  const child = new Child([path.join(options.dist, 'main.js')], options.log, env);
  const before = child.text().length;
  return { child, base: await child.said(/Toran listens on (http:\S+)/, before) };
};

export interface RunningSimulator {
  readonly child: Child;
  readonly url: string;
  readonly controlUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A simulator process for `broker` with its log of what truly happened in `folder`. */
export const startSimulator = async (
  dist: string,
  folder: string,
  broker: Broker = 'neutral',
): Promise<RunningSimulator> => {
  const truth = path.join(folder, 'true.jsonl');
  const main = path.join(dist, 'simulators', 'main.js');
  const own =
    broker === 'icici'
      ? ['icici', '--limits', JSON.stringify(BREEZE_LIMITS)]
      : ['neutral', '--token', 'practice'];
  const args = [main, ...own, '--log', truth];
  const child = new Child(args, path.join(folder, 'simulator.log'), {});
  const controlUrl = await child.said(/"controlUrl":"([^"]+)"/, 0);
  const url = await child.said(/"url":"([^"]+)"/, 0);
  const env = broker === 'icici' ? await breezeVariables(child) : {};
  return { child, url, controlUrl, env };
};

/** What leads a gateway to a Breeze simulator instead of the broker, in its haste. */
const breezeVariables = async (child: Child): Promise<Record<string, string>> => {
  const said = (name: string): Promise<string> => child.said(new RegExp(`"${name}":"([^"]+)"`), 0);
  return {
    TORAN_ICICI_API_URL: await said('apiUrl'),
    TORAN_ICICI_HISTORY_URL: await said('historyUrl'),
    TORAN_ICICI_LOGIN_URL: await said('loginUrl'),
    TORAN_ICICI_FEEDS_URL: await said('feedsUrl'),
    TORAN_ICICI_MASTER_URL: await said('masterUrl'),
    TORAN_MASTER_TIME: '00:00',
    TORAN_ICICI_HASTE: String(BREEZE_HASTE),
  };
};

interface RedisInstance {
  readonly port: number;
  readonly password: string;
}

/** The Redis that the gateway of `data` runs. */
export const redisOf = (data: string): RedisInstance =>
  // Written by the gateway under test.
  JSON.parse(readFileSync(path.join(data, 'redis', 'instance.json'), 'utf8')) as RedisInstance;

/** Says `command` to that Redis; what came back, as text. */
export const tellRedis = (redis: RedisInstance, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(redis.port, '127.0.0.1');
    let text = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error('Redis does not answer')));
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    socket.on('close', () => {
      resolve(text);
    });
    socket.on('error', reject);
    socket.end(`AUTH ${redis.password}\r\n${command}\r\nQUIT\r\n`);
  });

/** Sends a signal; a Redis that ended with its killed gateway in the meantime needs none. */
export const signalIfThere = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/** The process id of that Redis. */
export const redisPid = async (redis: RedisInstance): Promise<number> => {
  const pid = /process_id:(\d+)/.exec(await tellRedis(redis, 'INFO server'))?.[1];
  if (pid === undefined) throw new Error('Redis does not say its process id');
  return Number(pid);
};

/** Waits until the process is gone; ends it when it is not within five seconds. */
export const waitGone = async (pid: number): Promise<void> => {
  const limit = Date.now() + 5_000;
  const gone = (): boolean => [null, 'Z'].includes(stateOf(pid));
  while (!gone() && Date.now() < limit) await pause(POLL_MS);
  if (!gone()) process.kill(pid, 'SIGKILL');
};
