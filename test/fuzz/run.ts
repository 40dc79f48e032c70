import fc from 'fast-check';
import { ROUTES } from '../../src/api/routes';
import { casesOf } from './cases';
import { faultOf } from './judge';
import { FuzzWorld } from './world';

export interface FuzzRun {
  readonly runs: number;
  readonly seed: number;
  readonly redisUrl: string;
}

export interface FuzzResult {
  /** What went wrong, with the seed and the smallest call found; null: nothing. */
  readonly failure: string | null;
  readonly calls: number;
  /** Orders that calls wrote. */
  readonly orders: number;
  /** How often each route answered 2xx, and how often 4xx. */
  readonly answers: ReadonlyMap<string, { readonly passed: number; readonly refused: number }>;
}

/** Throws calls of every kind at every route of one gateway. */
export const fuzz = async ({ runs, seed, redisUrl }: FuzzRun): Promise<FuzzResult> => {
  const world = await FuzzWorld.open(redisUrl);
  const broken: string[] = [];
  const onBroken = (error: unknown): void => {
    broken.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  process.on('unhandledRejection', onBroken);
  process.on('uncaughtException', onBroken);
  const answers = new Map<string, { passed: number; refused: number }>();
  let calls = 0;
  let orders = 0;
  try {
    const details = await fc.check(
      fc.asyncProperty(casesOf(ROUTES), async (one) => {
        const outcome = await world.run(one);
        calls += 1;
        orders += outcome.orders.length;
        const count = answers.get(one.route) ?? { passed: 0, refused: 0 };
        answers.set(one.route, count);
        if (outcome.status < 400) count.passed += 1;
        else count.refused += 1;
        const fault = faultOf(outcome, world.secrets) ?? broken.splice(0).at(0) ?? null;
        if (fault !== null) throw new Error(`${one.method} ${outcome.sent.path}: ${fault}`);
      }),
      { numRuns: runs, seed, endOnFailure: false },
    );
    const failure = details.failed ? fc.defaultReportMessage(details) : null;
    return { failure: failure ?? null, calls, orders, answers };
  } finally {
    process.off('unhandledRejection', onBroken);
    process.off('uncaughtException', onBroken);
    await world.close();
  }
};
