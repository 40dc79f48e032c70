import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { coreDumps } from '../../src/infra/core-dumps';
import { until } from '../support/until';

const ROOT = path.resolve(__dirname, '..', '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'toran-dumps-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const onLinux = existsSync('/proc/self/limits') ? it : it.skip;

describe('core dumps', () => {
  onLinux(
    'are off in the gateway that `npm start` runs, whatever the shell allowed',
    async () => {
      const child = spawn(
        '/bin/sh',
        ['-c', 'ulimit -S -c "$(ulimit -H -c)"; exec "$0" scripts/start.mjs', process.execPath],
        {
          cwd: ROOT,
          env: { PATH: process.env['PATH'], HOME: folder, TORAN_DATA: folder, TORAN_PORT: '0' },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      try {
        await until(() => said.includes('Toran listens') || child.exitCode !== null, 60_000);
        expect(child.exitCode).toBeNull();
        // The start script became the gateway: its process is the one that was started.
        const limits = `/proc/${String(child.pid)}/limits`;
        expect(readFileSync(`/proc/${String(child.pid)}/cmdline`, 'utf8')).toContain('main.js');
        expect(readFileSync(limits, 'utf8')).toMatch(/^Max core file size +0 /m);
        expect(coreDumps(limits)).toBe('off');
        expect(said).not.toContain('core dumps');
      } finally {
        if (child.exitCode === null) {
          child.kill('SIGTERM');
          await once(child, 'exit');
        }
      }
    },
    90_000,
  );

  it('are told from what the system says', () => {
    const file = path.join(folder, 'limits');
    const line = (soft: string): string =>
      `Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        ${soft.padEnd(20)} unlimited            bytes     \n`;
    writeFileSync(file, line('unlimited'));
    expect(coreDumps(file)).toBe('on');
    writeFileSync(file, line('0'));
    expect(coreDumps(file)).toBe('off');
    expect(coreDumps(path.join(folder, 'none'))).toBe('unknown');
  });
});
