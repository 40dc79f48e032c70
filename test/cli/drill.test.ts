import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(__dirname, '..', '..');

/** Command lines of live processes that mention `text`. */
const processesWith = (text: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(text) ? [line] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });

describe('toran drill', () => {
  it('shows both kills with their proof, leaves the data folder alone and nothing behind', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-drill-test-'));
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          '--require',
          path.join(ROOT, 'test', 'support', 'swc-register.cjs'),
          path.join(ROOT, 'src', 'cli', 'main.ts'),
          'drill',
        ],
        {
          cwd: folder,
          env: {
            PATH: process.env['PATH'],
            TMPDIR: folder,
            TORAN_DATA: path.join(folder, 'mine'),
            // Neither may reach the gateways of the drill.
            REDIS_URL: 'redis://127.0.0.1:1',
            TORAN_PORT: '1',
          },
        },
      );
      const acts = stdout.split(/^\d\. /m).slice(1);
      expect(acts).toHaveLength(2);
      expect(acts[0]).toMatch(/placements in the simulator's log: 1\n.*: filled\n +holds/);
      expect(acts[1]).toMatch(/simulator's log: 0\n.*: denied \(NOT_AT_BROKER\)\n +holds/);
      for (const act of acts) {
        expect(act).toMatch(/got no answer\n.*by SIGKILL\n(.*\n)+.*asked 2 times/);
        expect(act).toContain('the one of before');
      }
      expect(stdout).toContain('The proof holds');
      // The loader of the sources may leave a folder of its own there.
      expect(readdirSync(folder).filter((name) => /^mine$|drill/.test(name))).toEqual([]);
      expect(processesWith(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
  }, 90_000);
});
