import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(__dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'toran-masters-'));
  writeFileSync(path.join(folder, 'file'), 'x');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `toran masters` as a process of its own over an empty data folder. */
const masters = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--require',
        path.join(ROOT, 'test', 'support', 'swc-register.cjs'),
        path.join(ROOT, 'src', 'cli', 'main.ts'),
        '--json',
        'masters',
        ...args,
      ],
      { env: { PATH: process.env['PATH'], TORAN_DATA: path.join(folder, 'data') } },
      (fault, out, err) => {
        resolve({ code: typeof fault?.code === 'number' ? fault.code : 0, out, err });
      },
    );
  });

describe('toran masters', () => {
  it('lists nothing before the first import, without a gateway', async () => {
    expect(await masters('list')).toEqual({ code: 0, out: '[]\n', err: '' });
  });

  it('refuses a day that is none, a missing file and an unknown broker, each in one sentence', async () => {
    const file = path.join(folder, 'file');
    const wrong = await masters('import', 'moon', file, '--date', '2026-02-30');
    expect([wrong.code, wrong.err]).toEqual([2, '--date: 2026-02-30 is no day YYYY-MM-DD\n']);
    const missing = await masters('import', 'moon', `${file}s`, '--date', '2026-02-28');
    expect([missing.code, missing.err]).toEqual([2, expect.stringMatching(/^file: ENOENT/)]);
    const unknown = await masters('import', 'moon', file, '--date', '2026-02-28');
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringMatching(/^broker: no masters of moon can be read/),
    ]);
    expect(readdirSync(path.join(folder, 'data'))).not.toContain('masters');
  });
});
