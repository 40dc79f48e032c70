import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { call, wireOrder } from '../support/simulator-calls';

const root = join(__dirname, '..', '..');
const hello = z.object({ broker: z.literal('neutral'), url: z.string(), controlUrl: z.string() });

describe('the simulator as a process', () => {
  let directory: string;
  let child: ChildProcess | null;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'toran-simulator-'));
    child = null;
  });
  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });

  const start = (...args: string[]): ChildProcess => {
    const register = join(root, 'test', 'support', 'swc-register.cjs');
    const main = join(root, 'src', 'simulators', 'main.ts');
    return spawn(process.execPath, ['-r', register, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const greeting = async (from: ChildProcess): Promise<z.infer<typeof hello>> => {
    if (from.stdout === null) throw new Error('no stdout');
    const lines = createInterface({ input: from.stdout });
    const [line] = z.tuple([z.string()]).parse(await once(lines, 'line'));
    return hello.parse(JSON.parse(line));
  };

  it('prints its ports, and its log survives its own kill', async () => {
    const log = join(directory, 'true.jsonl');
    child = start('neutral', '--log', log, '--token', 'secret');
    const { url, controlUrl } = await greeting(child);
    const answer = await call({ url, token: 'secret' }, 'POST', '/orders', wireOrder());
    expect(answer).toMatchObject({ status: 200 });
    const stats = await (await fetch(`${controlUrl}/_sim/stats`)).json();
    expect(stats).toMatchObject({ requests: { place: 1 } });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { seq: 1, operation: 'place', tag: 'tag-1' },
    ]);
  });

  it('ends on SIGTERM with open connections', async () => {
    child = start('neutral');
    const { url } = await greeting(child);
    await call({ url, token: 'simulated-token' }, 'GET', '/orders');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses a name or flag that it does not know', async () => {
    child = start('zerodha');
    expect(await once(child, 'exit')).toEqual([1, null]);
    child = start('neutral', '--limit', '5');
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
