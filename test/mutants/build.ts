import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = path.resolve(__dirname, '..', '..');
/** What a patch takes out may leave something unused behind. */
const LOOSE = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
const PARTS = ['src', 'seed', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** A copy of the sources in a temporary folder, with the patch `name` applied; null applies none. @throws Error when it does not fit */
export const patchedCopy = async (name: string | null): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'toran-mutant-'));
  for (const part of PARTS) {
    await cp(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  if (name !== null) {
    const patch = path.join(__dirname, `${name}.patch`);
    try {
      await run('git', ['apply', '--whitespace=nowarn', patch], { cwd: folder });
    } catch (error) {
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
      throw error;
    }
  }
  return folder;
};

/** Compiles that copy; the folder of the build. */
export const compile = async (folder: string): Promise<string> => {
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...LOOSE], {
    cwd: folder,
  });
  // What is not TypeScript goes along unchanged.
  await cp(path.join(folder, 'src'), path.join(folder, 'dist'), {
    recursive: true,
    filter: (file) => !file.endsWith('.ts'),
  });
  return path.join(folder, 'dist');
};
