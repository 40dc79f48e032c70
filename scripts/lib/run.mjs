import { spawn } from 'node:child_process';
import os from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Runs a program in the foreground, hands it our signals, and returns its exit code. */
export const runForeground = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    // A Ctrl-C in a terminal reaches the child too; a second copy of it does no harm.
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    const finish = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(signal === null ? code : 128 + (os.constants.signals[signal] ?? 0));
    });
  });

/** Node cannot set limits of its own process; the shell can, and then becomes the program. */
const WITHOUT_DUMPS = 'ulimit -c 0; exec "$0" "$@"';

/**
 * Becomes `program` where the system can do that, so that no process stands between it and its
 * signals; runs it in the foreground elsewhere. Its core dumps are off: they would hold what it has
 * decrypted.
 */
export const become = (program, args) => {
  if (process.platform === 'win32') return runForeground(program, args);
  const words = ['-c', WITHOUT_DUMPS, program, ...args];
  if (typeof process.execve === 'function') {
    process.execve('/bin/sh', ['/bin/sh', ...words], process.env);
  }
  return runForeground('/bin/sh', words);
};
