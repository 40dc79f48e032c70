import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errnoOf } from './errno';

/** A process id with the time it started, because ids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text; null when the system does not tell. */
  readonly startedAt: string | null;
}

/** The identity of a live process. */
export const processIdentity = (pid: number): ProcessIdentity => ({
  pid,
  startedAt: startTime(pid),
});

/** Whether the process that was written down is still alive. */
export const isSameProcess = (written: ProcessIdentity): boolean => {
  try {
    process.kill(written.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (errnoOf(error) !== 'EPERM') return false;
  }
  return startTime(written.pid) === written.startedAt;
};

const startTime = (pid: number): string | null => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The command name may hold spaces and brackets; fields are counted after the last bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    // A zombie is dead: it only waits to be collected.
    if (fields?.[0] === 'Z') return null;
    return `${boot}:${fields?.[19] ?? ''}`;
  } catch {
    return startTimeFromPs(pid);
  }
};

const startTimeFromPs = (pid: number): string | null => {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
};
