import type { RateRule } from '../../src/core/ports/broker';
import type { Logger } from '../../src/core/ports/logger';

/** The rules of the bench: what the counter enforces, with `entryLimit` of the second for entries. */
export const benchRules = (entryLimit: number): readonly RateRule[] => {
  const common = { scope: 'account', classes: ['order'], resets: 'rolling' } as const;
  const source = 'the counter of this bench';
  return [
    { ...common, name: 'second', limit: 10, entryLimit, windowMs: 1_000, source },
    { ...common, name: 'minute', limit: 400, entryLimit: 400, windowMs: 60_000, source },
  ];
};

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
