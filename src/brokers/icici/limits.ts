import type { RateRule } from '../../core/ports/broker';

const CALLS =
  'Breeze API documentation: 100 calls a minute and 5,000 a day, orders and reads together';
const ACTIONS =
  'README of the Breeze SDKs, 2026: 10 order actions a second (place, modify, cancel and square-off together)';

/**
 * Below what the broker states. Reads have limits of their own, so that the last calls of a minute and of
 * a day are always there for orders; of those the last are kept for exits and cancels.
 */
export const rateRules: readonly RateRule[] = [
  {
    name: 'orders-second',
    scope: 'key',
    classes: ['order'],
    limit: 9,
    entryLimit: 7,
    windowMs: 1_000,
    resets: 'rolling',
    source: ACTIONS,
  },
  {
    name: 'calls-minute',
    scope: 'key',
    classes: ['order', 'query'],
    limit: 90,
    entryLimit: 80,
    windowMs: 60_000,
    resets: 'rolling',
    source: CALLS,
  },
  {
    name: 'queries-minute',
    scope: 'key',
    classes: ['query'],
    limit: 70,
    entryLimit: 70,
    windowMs: 60_000,
    resets: 'rolling',
    source: CALLS,
  },
  {
    name: 'calls-day',
    scope: 'key',
    classes: ['order', 'query'],
    limit: 4_990,
    entryLimit: 4_800,
    windowMs: 86_400_000,
    resets: 'ist-midnight',
    source: CALLS,
  },
  {
    name: 'queries-day',
    scope: 'key',
    classes: ['query'],
    limit: 4_500,
    entryLimit: 4_500,
    windowMs: 86_400_000,
    resets: 'ist-midnight',
    source: CALLS,
  },
];
