import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';

/**
 * Whether what is installed differs from the lock file. Both are parsed lock files; the installed one
 * leaves out optional packages of other systems.
 */
export const needsInstall = (lock, installed) => {
  if (installed === null) return true;
  for (const [name, wanted] of Object.entries(lock.packages)) {
    if (name === '') continue;
    const present = installed.packages[name];
    if (present === undefined ? wanted.optional !== true : present.version !== wanted.version) {
      return true;
    }
  }
  return Object.keys(installed.packages).some((name) => lock.packages[name] === undefined);
};

/** The sentence for a failed `npm ci`, from what npm wrote. */
export const installFault = (output) => {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET/.test(output)) {
    return 'The dependencies could not be downloaded: connect this machine to the npm registry, or check `npm config get registry`, and run the command again.';
  }
  if (/EROFS/.test(output)) {
    return 'The dependencies could not be installed on a read-only disk: run Toran from a folder that can be written.';
  }
  if (/EACCES|EPERM/.test(output)) {
    return 'The dependencies could not be installed: give this user the right to write to the folder of Toran and to the npm cache.';
  }
  if (/ENOSPC/.test(output)) {
    return 'The dependencies could not be installed because the disk is full: free about 500 MB and run the command again.';
  }
  if (/EUSAGE|in sync/.test(output)) {
    return 'package.json and package-lock.json do not agree: restore both from the repository and run the command again.';
  }
  const line = output.split('\n').find((text) => /^npm (error|ERR!)/.test(text)) ?? '';
  return `The dependencies could not be installed${line === '' ? '' : ` (${line.replace(/^npm (error|ERR!) ?/, '')})`}: run \`npm ci\` to see why.`;
};

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
};

/** Installs the dependencies when they are missing or out of date; touches no network otherwise. */
export const ensureDependencies = (root, say) => {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (lock === null) {
    throw new Fault('package-lock.json is missing or damaged: restore it from the repository.');
  }
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  const whole = Object.keys(lock.packages['']?.dependencies ?? {}).every((name) =>
    existsSync(path.join(root, 'node_modules', name, 'package.json')),
  );
  if (whole && !needsInstall(lock, installed)) return;
  say('Installing the dependencies (once) …');
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ];
  const npm = process.env.npm_execpath;
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const run =
    npm !== undefined && /npm-cli\.[cm]?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (run.error?.code === 'ENOENT') {
    throw new Fault('npm is not on the PATH: install npm and run the command again.');
  }
  if (run.status !== 0) throw new Fault(installFault(`${run.stdout ?? ''}\n${run.stderr ?? ''}`));
};
