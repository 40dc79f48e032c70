import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';

const SERVERS = ['redis-server', 'valkey-server'];
/** Where package managers put it although it may not be on the PATH. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The package manager's own service is kept from starting: Toran runs a server of its own. */
const APT = `set -e
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
  trap 'rm -f "$guard"' EXIT HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$guard"
  chmod 755 "$guard"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends redis-server
if [ -d /run/systemd/system ]; then systemctl disable --now redis-server || true; fi
`;

/** How each package manager installs it: what we run, what we tell a person to run. */
const MANAGERS = [
  { program: 'apt-get', script: APT, advice: 'sudo apt-get install -y redis-server', root: true },
  { program: 'dnf', script: 'dnf install -y redis || dnf install -y valkey', root: true },
  { program: 'yum', script: 'yum install -y redis', root: true },
  { program: 'apk', script: 'apk add --no-cache redis', root: true },
  { program: 'pacman', script: 'pacman -S --noconfirm --needed valkey', root: true },
  { program: 'zypper', script: 'zypper --non-interactive install redis', root: true },
  { program: 'brew', script: 'brew install redis', root: false },
];

const isExecutable = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first of `names` in the folders of `searchPath`, or null. */
export const findProgram = (names, searchPath) => {
  for (const name of names) {
    for (const folder of searchPath.split(path.delimiter)) {
      if (folder !== '' && isExecutable(path.join(folder, name))) return path.join(folder, name);
    }
  }
  return null;
};

/**
 * What to do about a missing Redis: `{ run: [program, ...args] }`, or `{ advice: sentence }` when this
 * user may not install.
 */
export const installPlan = ({ has, isRoot, canSudo }) => {
  const manager = MANAGERS.find(({ program }) => has(program));
  const otherwise = 'or set REDIS_URL to a Redis of your own, and run the command again.';
  if (manager === undefined) {
    return { advice: `Redis is missing: install redis-server 6.2 or later, ${otherwise}` };
  }
  const shell = ['/bin/sh', '-c', manager.script];
  if (isRoot !== manager.root && !manager.root) {
    return { advice: `Redis is missing: run \`${manager.script}\` as your own user, ${otherwise}` };
  }
  if (!manager.root || isRoot) return { run: shell };
  if (canSudo) return { run: ['sudo', '-n', ...shell] };
  return {
    advice: `Redis is missing and this user may not install it: run \`${manager.advice ?? `sudo ${manager.script}`}\`, ${otherwise}`,
  };
};

/** Makes sure that a Redis server is on the PATH; installs one where this user may. */
export const ensureRedis = (say, usualFolders = USUAL_FOLDERS) => {
  if (lookForServer(usualFolders)) return;
  const has = (program) => findProgram([program], process.env.PATH ?? '') !== null;
  const plan = installPlan({
    has,
    isRoot: process.getuid?.() === 0,
    canSudo: has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0,
  });
  if (plan.advice !== undefined) throw new Fault(plan.advice);
  say('Installing Redis (once) …');
  const [program, ...args] = plan.run;
  spawnSync(program, args, { stdio: 'ignore' });
  if (lookForServer(usualFolders)) return;
  throw new Fault(
    'Redis could not be installed: connect this machine to its package source and run the command again, install redis-server yourself, or set REDIS_URL to a Redis of your own.',
  );
};

const lookForServer = (usualFolders) => {
  const searchPath = process.env.PATH ?? '';
  if (findProgram(SERVERS, searchPath) !== null) return true;
  const elsewhere = findProgram(SERVERS, usualFolders.join(path.delimiter));
  if (elsewhere === null) return false;
  process.env.PATH = `${searchPath}${path.delimiter}${path.dirname(elsewhere)}`;
  return true;
};
