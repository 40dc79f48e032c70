import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { findNode } from './node.mjs';
import { ensureRedis } from './redis.mjs';
import { runForeground } from './run.mjs';

/** The folder of the repository. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Makes everything ready that a script needs. Returns false when the script has been run to its end by
 * another Node, with the exit code set; the caller then has nothing left to do.
 */
export const prepare = async ({ redis = false, build = false, envFile = false, quiet = false }) => {
  const say = quiet ? () => undefined : (text) => console.error(text);
  ensureDependencies(ROOT, say);
  const node = findNode(ROOT);
  putFirst(path.join(ROOT, 'node_modules', '.bin'));
  putFirst(path.dirname(node));
  if (node !== realpathSync(process.execPath)) {
    process.exitCode = await runForeground(node, process.argv.slice(1));
    return false;
  }
  const file = path.join(ROOT, '.env');
  if (envFile && existsSync(file)) process.loadEnvFile(file);
  if (redis && (process.env.REDIS_URL ?? '') === '') ensureRedis(say);
  if (build) ensureBuild(ROOT, say);
  return true;
};

const putFirst = (folder) => {
  const rest = (process.env.PATH ?? '').split(path.delimiter).filter((part) => part !== folder);
  process.env.PATH = [folder, ...rest].join(path.delimiter);
};
