import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { selectCells } from './cells';
import { endAll } from './processes';
import { schedule } from './schedule';

/** A short form of `npm run chaos`: each stage of an order's way once, with a fault that matters there. */
const SHORT = [
  'after-intent/none',
  'after-bucket/redis',
  'after-submitted/reset',
  'before-send/none',
  'after-answer/silence',
  'after-outcome/odd answer',
  'before-apply/updates',
  'random/bad reads',
].join(',');

/** The same against Breeze, which may lose tags, answers slowly and ends its session. */
const BREEZE_SHORT = [
  'before-send/none',
  'after-answer/silence',
  'after-outcome/odd answer',
  'random/token death',
].join(',');

describe('a gateway that is killed or stopped in the middle of orders', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-chaos-test-'));
  afterAll(() => {
    endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });

  it.each([
    ['neutral', SHORT],
    ['icici', BREEZE_SHORT],
  ] as const)(
    'doubles, loses and leaves open nothing: %s',
    async (broker, only) => {
      const lines: string[] = [];
      const cells = selectCells(only);
      const results = await schedule({
        runs: cells.length,
        seed: 11,
        parallel: 4,
        broker,
        cells,
        action: null,
        dist: path.join(__dirname, '..', '..', 'dist'),
        phases: false,
        say: (line) => lines.push(line),
      });
      const failed = results.filter((result) => result.failures.length > 0);
      const said = failed.length === 0 ? '' : lines.join('\n');
      expect(said).toBe('');
      expect(results.filter((result) => result.hit).length).toBeGreaterThanOrEqual(
        cells.length - 2,
      );
    },
    170_000,
  );
});
