import { Redis } from 'ioredis';
import type { Logger } from '../../src/core/ports/logger';
import { testRedisUrl } from './redis';

/**
 * Which database of the run's one Redis a test file has for itself: keys are the same in every
 * gateway, so files that run side by side must not share one.
 */
export const REDIS_DATABASES = {
  bucket: 1,
  queue: 2,
  busAndLeases: 3,
  orders: 4,
  doubt: 5,
  processes: 6,
  alarms: 7,
  smart: 13,
  live: 14,
  batches: 15,
  paper: 8,
  masters: 0,
  icici: 9,
  webhooks: 10,
  fuzz: 11,
  switches: 12,
} as const;

export const redisUrl = (name: keyof typeof REDIS_DATABASES): string =>
  `${testRedisUrl().replace(/\/\d*$/, '')}/${String(REDIS_DATABASES[name])}`;

/** A connection to the test file's own database. */
export const connect = (name: keyof typeof REDIS_DATABASES): Redis => new Redis(redisUrl(name));

/** A logger that says nothing. */
export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
