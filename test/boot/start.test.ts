import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { withScript } from '../support/script-module';

const ROOT = path.resolve(__dirname, '..', '..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'toran-start-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

/** Runs `npm start`'s script to its end; what it says on standard error, line by line, and its code. */
const start = async (env: Record<string, string>): Promise<{ code: unknown; lines: string[] }> => {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts', 'start.mjs')], {
    env: { PATH: process.env['PATH'], HOME: folder, TORAN_DATA: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 25_000,
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = await once(child, 'close');
  const lines = text.split('\n').filter((line) => line !== '' && line !== 'Building …');
  return { code, lines };
};

describe('npm start', () => {
  it('names a misspelt variable in one sentence and ends', async () => {
    expect(await start({ TORAN_PROT: '5000' })).toEqual({
      code: 1,
      lines: ['There is no variable TORAN_PROT: did you mean TORAN_PORT?'],
    });
  });

  it('names a wrong variable in one sentence and ends', async () => {
    expect(await start({ TORAN_MARKET: 'real' })).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^The variable TORAN_MARKET must be simulated or replay/)],
    });
  });

  it('says in one sentence that the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect(await start({ TORAN_PORT: String(port) })).toEqual({
        code: 1,
        lines: [expect.stringMatching(`^Port ${port} is already in use: .*TORAN_PORT`)],
      });
    } finally {
      server.close();
    }
  });

  it('says in one sentence that its data folder is no folder', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const { code, lines } = await start({ TORAN_DATA: file });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/is a file where a folder is needed.*TORAN_DATA/),
    ]);
  });
});

describe('a missing Redis', () => {
  const ensure = (): Promise<unknown> =>
    withScript(
      'redis.mjs',
      `process.env.PATH = input;
       process.getuid = () => 1000;
       try { m.ensureRedis(() => {}, []); return 'found'; } catch (fault) { return fault.message; }`,
      folder,
    );

  it('ends in one sentence with the command when this user may not install it', async () => {
    const apt = path.join(folder, 'apt-get');
    await writeFile(apt, '#!/bin/sh\nexit 1\n');
    await chmod(apt, 0o755);
    expect(await ensure()).toMatch(
      /^Redis is missing .*`sudo apt-get install -y redis-server`[^\n]+$/,
    );
  });

  it('is not missing when valkey-server is there', async () => {
    const server = path.join(folder, 'valkey-server');
    await writeFile(server, '#!/bin/sh\n');
    await chmod(server, 0o755);
    expect(await ensure()).toBe('found');
  });
});
