import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';

const parts = (version) => version.replace(/^v/, '').split('.').map(Number);

/** Whether `version` is at least `least`; both like `22.12.0`. */
export const isAtLeast = (version, least) => {
  const [have, want] = [parts(version), parts(least)];
  for (let index = 0; index < want.length; index += 1) {
    if ((have[index] ?? 0) !== want[index]) return (have[index] ?? 0) > want[index];
  }
  return true;
};

/**
 * Which Node runs Toran: the one that came with the dependencies, else the running one when it will do.
 * Candidates are `{ file, version }`, version null when the file does not run on this machine.
 */
export const chooseNode = (bundled, running) => {
  if (bundled !== null && bundled.version !== null && isAtLeast(bundled.version, '22.12.0')) {
    return bundled.file;
  }
  if (isAtLeast(running.version, '22.12.0')) return running.file;
  throw new Fault(
    `Toran runs on Node 24 and none came with the dependencies for this machine (Node here is ${running.version}): install Node 24 and run the command again.`,
  );
};

const versionOf = (file) => {
  const run = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : null;
};

/** The file of the Node to run, resolved through links. */
export const findNode = (root) => {
  const link = path.join(root, 'node_modules', '.bin', 'node');
  const running = { file: realpathSync(process.execPath), version: process.version };
  const bundled = existsSync(link) ? realpathSync(link) : null;
  if (bundled === running.file) return running.file;
  return chooseNode(
    bundled === null ? null : { file: bundled, version: versionOf(bundled) },
    running,
  );
};
