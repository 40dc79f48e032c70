import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedRedis, findRedisServer } from '../../src/infra/embedded-redis';
import { fuzz } from './run';

const wholeNumber = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: a whole number`);
  return Number(text);
};
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Makes the calls asked for; exit code 0 only when none of them was handled wrongly. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      routes: { type: 'boolean', default: false },
    },
  });
  const [runs, seed] = [wholeNumber('runs', values.runs), wholeNumber('seed', values.seed)];
  const server = findRedisServer(process.env['PATH'] ?? '');
  if (server === null) throw new Error('no redis-server on the PATH');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'toran-fuzz-redis-'));
  const redis = await EmbeddedRedis.start({ directory, server, onEvent: () => undefined });
  try {
    const startedAt = performance.now();
    const result = await fuzz({ runs, seed, redisUrl: `${redis.url}/0` });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (values.routes) {
      for (const [route, { passed, refused }] of result.answers) {
        say(
          `${route.padEnd(24)} ${String(passed).padStart(6)} passed ${String(refused).padStart(6)} refused`,
        );
      }
    }
    say(
      `${String(result.calls)} calls to ${String(result.answers.size)} routes in ${seconds} s, seed ${String(seed)}: ${String(result.orders)} orders`,
    );
    if (result.failure !== null) say(result.failure);
    process.exitCode = result.failure === null ? 0 : 1;
  } finally {
    await redis.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
};

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
