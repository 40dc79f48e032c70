import { readFileSync } from 'node:fs';

/** Whether the system would write this process' memory to a file when it crashes; `unknown` where it does not say. */
export const coreDumps = (limits = '/proc/self/limits'): 'off' | 'on' | 'unknown' => {
  try {
    const soft = /^Max core file size\s+(\S+)/m.exec(readFileSync(limits, 'utf8'))?.[1];
    return soft === undefined ? 'unknown' : soft === '0' ? 'off' : 'on';
  } catch {
    return 'unknown';
  }
};
