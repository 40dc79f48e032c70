import { CRASH_POINTS } from '../core/orders/dispatcher';
import type { CrashPoint } from '../core/orders/dispatcher';
import { StartupError } from './startup-error';

const PARTS = /^([a-z-]+)(?::(kill|stop))?(?::(\d{1,3}))?(:armed)?$/;

/**
 * Ends or stops this process at one named instant of an order's way; only fault tests ask for it.
 * `after-submitted` kills at the first such instant, `after-submitted:stop:2` stops at the second, and
 * `:armed` at the end counts only those after a SIGUSR2. @throws StartupError for a name or form that is unknown
 */
export const crashAt = (wanted: string | null): ((name: CrashPoint) => void) => {
  if (wanted === null) return () => undefined;
  const parts = PARTS.exec(wanted);
  const point = CRASH_POINTS.find((name) => name === parts?.[1]);
  const nth = parts?.[3] === undefined ? 1 : Number(parts[3]);
  if (parts === null || point === undefined || nth < 1) {
    throw new StartupError(
      `TORAN_CRASH_POINT must be one of ${CRASH_POINTS.join(', ')}, with :kill or :stop, a number and :armed behind it if wanted.`,
    );
  }
  let left = nth;
  let armed = parts[4] === undefined;
  if (!armed) {
    process.on('SIGUSR2', () => {
      armed = true;
    });
  }
  return (name) => {
    if (!armed || name !== point || left === 0) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, parts[2] === 'stop' ? 'SIGSTOP' : 'SIGKILL');
  };
};
