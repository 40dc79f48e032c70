import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './errno';
import { StartupError } from './startup-error';
import { isSameProcess, processIdentity } from './process-identity';
import { probeRedis, shutdownRedis } from './redis-probe';
import { readInstance, writeInstance } from './redis-instance';
import type { RedisInstance } from './redis-instance';

/** What happened to the child after start-up. Its data may be gone after `restarted` and `set-aside`. */
export type EmbeddedRedisEvent =
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'restarted'; readonly pid: number }
  | { readonly kind: 'restart-failed'; readonly reason: string }
  /** The append-only file was unreadable and has been renamed; Redis began empty. */
  | { readonly kind: 'set-aside'; readonly path: string };

export interface EmbeddedRedisOptions {
  /** Holds the data, the log and the password file; made when absent, mode 0700. */
  readonly directory: string;
  /** Path of the program; see findRedisServer. */
  readonly server: string;
  readonly onEvent: (event: EmbeddedRedisEvent) => void;
}

const STARTUP_LIMIT_MS = 10_000;
const LOADING_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
const MAX_RESTART_PAUSE_MS = 5_000;
const PORT_ATTEMPTS = 5;

/**
 * Runs the server and ends it when standard input closes, which the kernel does even when the process
 * that holds the other end is killed. Ends with the server's own exit code.
 */
const KEEPER = `
exec 3<&0
"$1" "$2" </dev/null 3<&- &
server=$!
(while read -r line; do :; done; kill -TERM "$server" 2>/dev/null) <&3 &
exec 3<&-
wait "$server"
`;

/** The path of `redis-server` or `valkey-server` on the PATH given, or null. */
export const findRedisServer = (searchPath: string): string | null => {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of searchPath.split(path.delimiter)) {
      if (folder === '') continue;
      const candidate = path.join(folder, name);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return null;
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** A Redis of our own as a child process: loopback, random password, append-only file, no eviction. */
export class EmbeddedRedis {
  private readonly options: EmbeddedRedisOptions;
  private readonly directory: string;
  private readonly instance: RedisInstance;
  private child: ChildProcess | null = null;
  private serverPid = 0;
  private stopping = false;
  private readonly stopSignal = new AbortController();
  private restarting: Promise<void> | null = null;

  private constructor(options: EmbeddedRedisOptions, directory: string, instance: RedisInstance) {
    this.options = options;
    this.directory = directory;
    this.instance = instance;
  }

  /**
   * A server that answers. One that a killed predecessor left behind in the same folder is ended first.
   * @throws StartupError when another live process uses the folder or the server does not come up.
   */
  static async start(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const directory = await realpath(options.directory);
    await endPredecessor(directory);
    for (let attempt = 1; ; attempt += 1) {
      const instance: RedisInstance = {
        port: await freePort(),
        password: randomBytes(24).toString('hex'),
        ...processIdentity(process.pid),
      };
      const redis = new EmbeddedRedis(options, directory, instance);
      try {
        await writeInstance(directory, instance);
        await redis.launch();
        return redis;
      } catch (error) {
        await redis.endChild();
        // Between choosing the port and binding it another program may take it.
        const portTaken = /address already in use/i.test(messageOf(error));
        if (!portTaken || attempt >= PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** Where clients connect; contains the password, so it must not be logged. */
  get url(): string {
    return `redis://:${this.instance.password}@127.0.0.1:${this.instance.port}`;
  }

  get port(): number {
    return this.instance.port;
  }

  /** Process id of the server itself; changes with a restart. */
  get pid(): number {
    return this.serverPid;
  }

  /** Ends the server after it has written its file; safe to call twice. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopSignal.abort();
    await this.restarting;
    await this.endChild();
    await rm(path.join(this.directory, 'redis.conf'), { force: true });
    await rm(path.join(this.directory, 'instance.json'), { force: true });
  }

  private async launch(): Promise<void> {
    await this.launchOnce().catch(async (error: unknown) => {
      const setAside = await this.setDamagedDataAside();
      if (setAside === null) throw error;
      this.options.onEvent({ kind: 'set-aside', path: setAside });
      await this.launchOnce();
    });
  }

  private async launchOnce(): Promise<void> {
    const config = path.join(this.directory, 'redis.conf');
    await writeFile(config, this.configuration(), { mode: 0o600 });
    await writeFile(this.logFile, '', { mode: 0o600 });
    // Detached: Ctrl-C in the terminal must reach us alone, we end the server last.
    const child = spawn('/bin/sh', ['-c', KEEPER, 'toran-redis', this.options.server, config], {
      cwd: this.directory,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.child = child;
    const exit = new Promise<string>((resolve) => {
      child.once('error', (error) => {
        resolve(error.message);
      });
      child.once('exit', (code, signal) => {
        resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`);
      });
    });
    child.stdin.on('error', () => undefined);
    this.serverPid = await this.waitUntilReady(exit);
    child.unref();
    // The pipe stays open for as long as we live, but does not keep us alive.
    if (child.stdin instanceof Socket) child.stdin.unref();
    void exit.then((reason) => {
      if (!this.stopping) this.restarting = this.restart(reason);
    });
  }

  private async waitUntilReady(exit: Promise<string>): Promise<number> {
    const ended: { reason?: string } = {};
    void exit.then((reason) => {
      ended.reason = reason;
    });
    let limit = Date.now() + STARTUP_LIMIT_MS;
    for (;;) {
      const probe = await probeRedis(this.instance);
      if (probe.kind === 'ready' && probe.directory === this.directory) return probe.pid;
      if (probe.kind === 'loading') limit = Math.max(limit, Date.now() + LOADING_LIMIT_MS);
      if (ended.reason !== undefined || Date.now() > limit) {
        const last = await this.lastLogLine();
        throw new StartupError(
          `Redis did not start (${ended.reason ?? 'no answer'}): ${last} See ${this.logFile}.`,
        );
      }
      await delay(20);
    }
  }

  /** Same port, same password, same data, so that every client finds it again. */
  private async restart(reason: string): Promise<void> {
    this.options.onEvent({ kind: 'down', reason });
    for (let pause = 100; !this.stopping; pause = Math.min(pause * 2, MAX_RESTART_PAUSE_MS)) {
      try {
        await this.endChild();
        await this.launch();
        this.options.onEvent({ kind: 'restarted', pid: this.serverPid });
        return;
      } catch (error) {
        this.options.onEvent({ kind: 'restart-failed', reason: messageOf(error) });
      }
      await delay(pause, undefined, { signal: this.stopSignal.signal }).catch(() => undefined);
    }
  }

  /** Ends the keeper and with it the server; the server too when only the keeper has died. */
  private async endChild(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child !== null) {
      child.ref();
      child.stdin?.end();
      await exited(child, STOP_LIMIT_MS);
    }
    await endServer(this.instance, this.directory);
  }

  private async setDamagedDataAside(): Promise<string | null> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    if (!/bad file format reading the append only file|AOF .*(corrupt|manifest)/i.test(log)) {
      return null;
    }
    const data = path.join(this.directory, 'appendonlydir');
    const aside = `${data}.damaged-${Date.now()}`;
    return rename(data, aside).then(
      () => aside,
      () => null,
    );
  }

  private async lastLogLine(): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const lines = log.split('\n').filter((line) => line.trim() !== '');
    return (lines.findLast((line) => line.includes(' # ')) ?? lines.at(-1) ?? 'it said nothing.')
      .replace(/^.*? [#*] /, '')
      .trim();
  }

  private get logFile(): string {
    return path.join(this.directory, 'redis.log');
  }

  private configuration(): string {
    const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
    return [
      'bind 127.0.0.1',
      `port ${this.instance.port}`,
      'protected-mode yes',
      `requirepass ${this.instance.password}`,
      'daemonize no',
      'supervised no',
      `dir ${quoted(this.directory)}`,
      `logfile ${quoted(this.logFile)}`,
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      'maxmemory-policy noeviction',
      '',
    ].join('\n');
  }
}

/** Waits for `child` to end; kills its whole group when it takes longer than `limitMs`. */
const exited = async (child: ChildProcess, limitMs: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const group = -child.pid;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const timer = setTimeout(() => {
    try {
      process.kill(group, 'SIGKILL');
    } catch {
      // It ended in this very moment.
    }
  }, limitMs);
  await ended;
  clearTimeout(timer);
};

/** Ends what a killed process left behind in `directory`, after making sure that it is ours. */
const endPredecessor = async (directory: string): Promise<void> => {
  const instance = await readInstance(directory);
  if (instance === null) return;
  if (isSameProcess(instance)) {
    throw new StartupError(
      `Another Toran (process ${instance.pid}) uses ${directory}: stop it, or set TORAN_DATA to another folder.`,
    );
  }
  await endServer(instance, directory);
};

const endServer = async (instance: RedisInstance, directory: string): Promise<void> => {
  const limit = Date.now() + STOP_LIMIT_MS;
  let asked = false;
  for (;;) {
    const probe = await probeRedis(instance);
    // Nobody there, or someone else: the password or the folder is not ours.
    if (probe.kind === 'absent' || probe.kind === 'foreign') return;
    if (probe.kind === 'ready' && probe.directory !== directory) return;
    if (probe.kind === 'ready' && !asked) {
      asked = true;
      await shutdownRedis(instance);
    }
    if (Date.now() > limit) {
      throw new StartupError(
        `A Redis left in ${directory} does not end: stop the process on port ${instance.port} and start again; if that is another program, delete ${directory}/instance.json first.`,
      );
    }
    await delay(25);
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
