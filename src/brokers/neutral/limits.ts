import type { RateRule } from '../../core/ports/broker';

const SOURCE = 'the neutral simulator enforces 10 a second and 400 a minute; one below is used';

/** Calls per account; an account's credentials may replace them. */
export const rateRules: readonly RateRule[] = [
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
    entryLimit: 380,
    windowMs: 60_000,
    resets: 'rolling',
    source: SOURCE,
  },
  {
    name: 'queries-second',
    scope: 'account',
    classes: ['query'],
    limit: 49,
    entryLimit: 49,
    windowMs: 1_000,
    resets: 'rolling',
    source: 'the neutral simulator enforces 50 queries a second',
  },
];
