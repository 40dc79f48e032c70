import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';

const INPUTS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

const sourcesOf = (root) =>
  readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();

/** A text that changes whenever what `dist` is made from changes. */
export const fingerprint = (root) => {
  const hash = createHash('sha256');
  for (const file of [...INPUTS, ...sourcesOf(root)]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
};

/** Builds `dist` when it does not match the sources; a failed build leaves the old one in place. */
export const ensureBuild = (root, say) => {
  const dist = path.join(root, 'dist');
  const mark = path.join(dist, '.fingerprint');
  const wanted = fingerprint(root);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  say('Building …');
  const fresh = path.join(root, 'node_modules', '.cache', `toran-build-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    compile(root, fresh);
    copyAssets(root, fresh);
    writeFileSync(path.join(fresh, '.fingerprint'), wanted);
    const old = `${fresh}-old`;
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
};

const compile = (root, outDir) => {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = spawnSync(
    process.execPath,
    [
      tsc,
      '-p',
      'tsconfig.build.json',
      '--outDir',
      outDir,
      '--tsBuildInfoFile',
      `${outDir}/.tsbuildinfo`,
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (run.status === 0) return;
  const first = (run.stdout ?? '').split('\n').find((line) => line.includes('error')) ?? '';
  throw new Fault(
    `The build failed${first === '' ? '' : ` (${first.trim()})`}: restore src from the repository, or run \`npx tsc -p tsconfig.json\` to see every error.`,
  );
};

/** What is not TypeScript (scripts for Redis, seed data) goes along unchanged. */
const copyAssets = (root, outDir) => {
  for (const file of sourcesOf(root)) {
    if (file.endsWith('.ts')) continue;
    const target = path.join(outDir, path.relative('src', file));
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(root, file), target);
  }
};
