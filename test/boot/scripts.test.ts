import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { withScript } from '../support/script-module';

describe('the check of the Node that starts the scripts', () => {
  it('takes Node 20 and later and tells an older one what to install', async () => {
    const answers = await withScript(
      'node-version.mjs',
      'return ["v12.22.0", "v18.20.1", "v20.0.0", "v24.21.0", "v100.1.0"].map(m.startingNodeFault);',
    );
    expect(answers).toEqual([
      expect.stringMatching(/needs Node 20 or later .* this is v12\.22\.0: install Node 24/),
      expect.stringMatching(/this is v18\.20\.1/),
      null,
      null,
      null,
    ]);
  });
});

describe('the choice of the Node that runs Toran', () => {
  const choose = (bundled: unknown, running: unknown): Promise<unknown> =>
    withScript(
      'node.mjs',
      'try { return m.chooseNode(input.bundled, input.running); } catch (fault) { return { fault: fault.message }; }',
      { bundled, running },
    );

  it('prefers the one that came with the dependencies', async () => {
    expect(
      await choose({ file: '/b', version: 'v24.1.0' }, { file: '/r', version: 'v22.12.0' }),
    ).toBe('/b');
  });

  it('falls back to the running one from 22.12 when the bundled one does not run here', async () => {
    expect(await choose({ file: '/b', version: null }, { file: '/r', version: 'v22.12.0' })).toBe(
      '/r',
    );
  });

  it('says what to install when neither will do', async () => {
    expect(await choose(null, { file: '/r', version: 'v22.11.9' })).toEqual({
      fault: expect.stringMatching(/install Node 24/),
    });
  });
});

describe('the check of the installed dependencies', () => {
  const needs = (lock: object, installed: object | null): Promise<unknown> =>
    withScript('dependencies.mjs', 'return m.needsInstall(input.lock, input.installed);', {
      lock: { packages: { '': {}, ...lock } },
      installed: installed === null ? null : { packages: installed },
    });
  const a = { 'node_modules/a': { version: '1.0.0' } };

  it('asks for an install when nothing, another version, too little or too much is there', async () => {
    expect(await needs(a, null)).toBe(true);
    expect(await needs(a, { 'node_modules/a': { version: '1.0.1' } })).toBe(true);
    expect(await needs(a, {})).toBe(true);
    expect(await needs(a, { ...a, 'node_modules/b': { version: '1.0.0' } })).toBe(true);
  });

  it('asks for none when only optional packages of other systems are absent', async () => {
    expect(await needs({ ...a, 'node_modules/x': { version: '1.0.0', optional: true } }, a)).toBe(
      false,
    );
  });

  it('turns what npm says into one sentence that says what to do', async () => {
    const faults = await withScript('dependencies.mjs', 'return input.map(m.installFault);', [
      'npm error code EAI_AGAIN',
      'npm error code EROFS',
      'npm error code EACCES',
      'npm error code ENOSPC',
      'npm error code EUSAGE',
      'noise\nnpm error something odd',
    ]);
    expect(faults).toEqual([
      expect.stringMatching(/connect this machine to the npm registry/),
      expect.stringMatching(/read-only disk/),
      expect.stringMatching(/right to write/),
      expect.stringMatching(/disk is full/),
      expect.stringMatching(/restore both/),
      expect.stringMatching(/\(something odd\): run `npm ci`/),
    ]);
  });
});

describe('the plan for a missing Redis', () => {
  const plan = (programs: string[], isRoot: boolean, canSudo: boolean): Promise<unknown> =>
    withScript(
      'redis.mjs',
      'return m.installPlan({ ...input, has: (name) => input.programs.includes(name) });',
      { programs, isRoot, canSudo },
    );

  it('installs as root, or through sudo when that asks for no password', async () => {
    expect(await plan(['apt-get'], true, false)).toEqual({
      run: ['/bin/sh', '-c', expect.stringMatching(/policy-rc\.d[^]*apt-get install .*redis/)],
    });
    expect(await plan(['dnf'], false, true)).toEqual({
      run: ['sudo', '-n', '/bin/sh', '-c', expect.stringMatching(/^dnf install/)],
    });
  });

  it('names the exact command when this user may not install', async () => {
    expect(await plan(['apt-get'], false, false)).toEqual({
      advice: expect.stringMatching(/`sudo apt-get install -y redis-server`.*REDIS_URL/),
    });
    expect(await plan([], true, true)).toEqual({
      advice: expect.stringMatching(/install redis-server/),
    });
    expect(await plan(['brew'], true, true)).toEqual({
      advice: expect.stringMatching(/`brew install redis` as your own user/),
    });
  });
});

describe('the total of a test run', () => {
  const total = (results: object | null, code: number): Promise<unknown> =>
    withScript('jest-total.mjs', 'return m.totalOf(input.results, input.code);', { results, code });
  const counts = {
    numPassedTests: 7,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
  };

  it('is a plain line with the exit code of the run', async () => {
    expect(await total(counts, 0)).toEqual({ line: '7 passed, 0 failed', code: 0 });
    expect(await total({ ...counts, numFailedTests: 2, numPendingTests: 1 }, 1)).toEqual({
      line: '7 passed, 2 failed, 1 skipped',
      code: 1,
    });
  });

  it('never calls a broken run green', async () => {
    expect(await total(null, 0)).toEqual({ line: '0 passed, 1 failed', code: 1 });
    expect(await total({ ...counts, numRuntimeErrorTestSuites: 1 }, 0)).toEqual({
      line: '7 passed, 1 failed',
      code: 1,
    });
  });
});

describe('the check of the build', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'toran-build-'));
    await mkdir(path.join(root, 'src', 'core'), { recursive: true });
    for (const file of ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'src/a.ts']) {
      await writeFile(path.join(root, file), file);
    }
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  const fingerprint = (): Promise<unknown> =>
    withScript('build.mjs', 'return m.fingerprint(input);', root);

  it('notices a changed, a new and a renamed source, and nothing else', async () => {
    const seen = [await fingerprint()];
    expect(await fingerprint()).toBe(seen[0]);
    await writeFile(path.join(root, 'src', 'a.ts'), 'changed');
    seen.push(await fingerprint());
    await writeFile(path.join(root, 'src', 'core', 'b.lua'), 'new');
    seen.push(await fingerprint());
    await writeFile(path.join(root, 'package-lock.json'), 'newer');
    seen.push(await fingerprint());
    expect(new Set(seen).size).toBe(4);
  });
});

describe('the environment of a test run', () => {
  it('holds none of the settings of a person’s own gateway', async () => {
    expect(
      await withScript('jest.mjs', 'return m.testEnvironment(input);', {
        PATH: '/bin',
        REDIS_URL: 'redis://elsewhere',
        TORAN_PORT: '1',
        TORAN_TEST_DATA: '/data',
        REDIS_TEST_URL: 'redis://here',
      }),
    ).toEqual({ PATH: '/bin', TORAN_TEST_DATA: '/data', REDIS_TEST_URL: 'redis://here' });
  });
});
