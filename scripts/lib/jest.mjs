import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { totalOf } from './jest-total.mjs';
import { runForeground } from './run.mjs';

/** Runs Jest with `config`, prints the total as the last line and returns the exit code. */
export const runJest = async (root, config, args) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-jest-'));
  const outputFile = path.join(folder, 'results.json');
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  try {
    const code = await runForeground(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        jest,
        '--config',
        path.join(root, config),
        '--json',
        `--outputFile=${outputFile}`,
        ...args,
      ],
      // With --json Jest writes its report to standard error and the JSON, again, to standard output.
      { cwd: root, env: testEnvironment(process.env), stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const total = totalOf(readResults(outputFile), code);
    console.log(total.line);
    return total.code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Settings of the person's own gateway do not reach the tests. */
export const testEnvironment = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        name === 'TORAN_TEST_DATA' || (!name.startsWith('TORAN_') && name !== 'REDIS_URL'),
    ),
  );

const readResults = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
};
