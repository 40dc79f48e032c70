import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { EmbeddedRedisEvent } from '../../src/infra/embedded-redis';
import { EmbeddedRedis, findRedisServer } from '../../src/infra/embedded-redis';
import { until } from '../support/until';

const server = findRedisServer(process.env['PATH'] ?? '') ?? 'redis-server';
let root: string;
let directory: string;
let events: EmbeddedRedisEvent[];
const redises: EmbeddedRedis[] = [];
const clients: Redis[] = [];
const children: ChildProcess[] = [];
const stoppedGroups: number[] = [];

const start = async (): Promise<EmbeddedRedis> => {
  const redis = await EmbeddedRedis.start({
    directory,
    server,
    onEvent: (event) => events.push(event),
  });
  redises.push(redis);
  return redis;
};
const connect = (url: string): Redis => {
  const client = new Redis(url, { maxRetriesPerRequest: null, disconnectTimeout: 50 });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
/** A process that has ended but was not collected by its parent counts as ended. */
const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'toran redis "quoted" '));
  directory = path.join(root, 'redis');
  events = [];
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const redis of redises.splice(0)) await redis.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const group of stoppedGroups.splice(0)) process.kill(-group, 'SIGKILL');
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

describe('an embedded Redis', () => {
  it('runs on loopback with a password, an append-only file and no eviction', async () => {
    const redis = await start();
    const client = connect(redis.url);
    const settings = await client.config('GET', 'bind', 'appendonly', 'appendfsync', 'save');
    expect(settings).toEqual(
      expect.arrayContaining(['bind', '127.0.0.1', 'appendonly', 'yes', 'appendfsync', 'everysec']),
    );
    expect(await client.config('GET', 'maxmemory-policy')).toEqual([
      'maxmemory-policy',
      'noeviction',
    ]);
    const stranger = connect(`redis://127.0.0.1:${redis.port}`);
    await expect(stranger.get('anything')).rejects.toThrow(/NOAUTH/);
  });

  it('shows its password neither on the command line nor to other users', async () => {
    const redis = await start();
    const password = new URL(redis.url).password;
    const processes = await readdir('/proc');
    for (const id of processes.filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      expect(line).not.toContain(password);
    }
    for (const file of ['redis.conf', 'instance.json', 'redis.log']) {
      expect((await stat(path.join(directory, file))).mode & 0o077).toBe(0);
    }
    expect((await stat(directory)).mode & 0o077).toBe(0);
  });

  it('keeps its data over a stop and a new start, and leaves no process', async () => {
    const first = await start();
    await connect(first.url).set('kept', 'yes');
    const pid = first.pid;
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start();
    expect(await connect(second.url).get('kept')).toBe('yes');
  });

  it('comes back on the same port with its data when it is killed', async () => {
    const redis = await start();
    const client = connect(redis.url);
    await client.set('kept', 'yes');
    const [port, pid] = [redis.port, redis.pid];
    process.kill(pid, 'SIGKILL');
    await until(() => events.some((event) => event.kind === 'restarted'));
    expect(events.map((event) => event.kind)).toEqual(['down', 'restarted']);
    expect(redis.port).toBe(port);
    expect(redis.pid).not.toBe(pid);
    expect(await client.get('kept')).toBe('yes');
  });

  it('does not outlive a process that is killed, and the next one starts cleanly', async () => {
    const { child, pid, url } = await startInAnotherProcess();
    await connect(url).set('kept', 'yes');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const next = await start();
    await until(() => !isAlive(pid));
    expect(await connect(next.url).get('kept')).toBe('yes');
  });

  it('refuses a folder that another live process uses, and leaves that one alone', async () => {
    const { pid, url } = await startInAnotherProcess();
    await expect(start()).rejects.toThrow(/Another Toran \(process \d+\) uses .*TORAN_DATA/);
    expect(isAlive(pid)).toBe(true);
    expect(await connect(url).ping()).toBe('PONG');
  });

  it('ends a server that its keeper left behind', async () => {
    const { child, pid } = await startInAnotherProcess();
    const keeper = Number(
      (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[1],
    );
    stoppedGroups.push(keeper);
    child.kill('SIGSTOP');
    process.kill(-keeper, 'SIGSTOP');
    process.kill(pid, 'SIGCONT');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(pid)).toBe(true);
    const next = await start();
    expect(isAlive(pid)).toBe(false);
    expect(next.pid).not.toBe(pid);
  });

  it('starts empty beside a damaged append-only file and says where the file went', async () => {
    const first = await start();
    const client = connect(first.url);
    for (let n = 0; n < 20; n += 1) await client.set(`key-${n}`, 'x'.repeat(50));
    await first.stop();
    const folder = path.join(directory, 'appendonlydir');
    const name = (await readdir(folder)).find((file) => file.endsWith('.incr.aof')) ?? '';
    const text = await readFile(path.join(folder, name));
    text.fill(0x21, 40, 200);
    await writeFile(path.join(folder, name), text);
    const second = await start();
    expect(await connect(second.url).dbsize()).toBe(0);
    const aside = events.find((event) => event.kind === 'set-aside');
    expect(aside !== undefined && existsSync(aside.path)).toBe(true);
  });

  it('says in one sentence why the server did not start', async () => {
    const broken = path.join(root, 'redis-server');
    await writeFile(broken, '#!/bin/sh\nexit 3\n');
    await chmod(broken, 0o755);
    await expect(
      EmbeddedRedis.start({ directory, server: broken, onEvent: () => undefined }),
    ).rejects.toThrow(/Redis did not start \(exit code 3\)/);
  });

  it('refuses a damaged note about a predecessor', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'instance.json'), '{');
    await expect(start()).rejects.toThrow(/instance\.json is damaged/);
  });
});

/** A process of its own that starts a Redis in `directory` and waits. */
const startInAnotherProcess = async (): Promise<{
  child: ChildProcess;
  pid: number;
  url: string;
}> => {
  const code = `
    require(${JSON.stringify(path.join(__dirname, '../support/swc-register.cjs'))});
    const { EmbeddedRedis } = require(${JSON.stringify(path.join(__dirname, '../../src/infra/embedded-redis.ts'))});
    EmbeddedRedis.start({ directory: ${JSON.stringify(directory)}, server: ${JSON.stringify(server)}, onEvent() {} })
      .then((redis) => { process.send({ pid: redis.pid, url: redis.url }); setInterval(() => {}, 1000); });
  `;
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      NODE_PATH: createRequire(__filename).resolve.paths('x')?.[0],
    },
  });
  children.push(child);
  const [message] = await once(child, 'message');
  return { child, ...(message as { pid: number; url: string }) };
};
