import { randomBytes } from 'node:crypto';

/** The address of the Redis of this test run. @throws Error when the run has none */
export const testRedisUrl = (): string => {
  const url = process.env['REDIS_TEST_URL'];
  if (url === undefined || url === '') throw new Error('REDIS_TEST_URL is not set');
  return url;
};

/** A key prefix that no other test uses: all test files share one Redis. */
export const testPrefix = (): string => `t-${randomBytes(6).toString('hex')}`;
