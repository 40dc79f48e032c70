import type { RateRule } from '../../core/ports/broker';

const SOURCE = 'chosen like a real broker: 10 orders a second and 400 a minute, one below each';

/** The paper broker could take more; practice should meet the limits that real accounts have. */
export const paperRateRules: readonly RateRule[] = [
  {
    name: 'orders-second',
    scope: 'account',
    classes: ['order'],
    limit: 9,
    entryLimit: 7,
    windowMs: 1_000,
    resets: 'rolling',
    source: SOURCE,
  },
  {
    name: 'orders-minute',
    scope: 'account',
    classes: ['order'],
    limit: 399,
    entryLimit: 390,
    windowMs: 60_000,
    resets: 'rolling',
    source: SOURCE,
  },
  {
    name: 'queries-second',
    scope: 'account',
    classes: ['query'],
    limit: 20,
    entryLimit: 20,
    windowMs: 1_000,
    resets: 'rolling',
    source: 'chosen: well above what the reconciler needs',
  },
];
