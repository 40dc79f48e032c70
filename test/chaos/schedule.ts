import { cellName } from './cells';
import type { Cell } from './cells';
import { planName, runOnce } from './run';
import type { Action, RunPlan, RunResult } from './run';
import { makeTemplate } from './template';

export interface Schedule {
  readonly runs: number;
  readonly seed: number;
  readonly parallel: number;
  readonly broker: RunPlan['broker'];
  readonly cells: readonly Cell[];
  readonly dist: string;
  /** Whether each run tells what it did when. */
  readonly phases: boolean;
  readonly say: (line: string) => void;
}

const ACTIONS: readonly Action[] = ['kill', 'stop', 'kill', 'take over'];

/** The plans of one whole: every cell in turn, killed and stopped by turns, each run with a seed of its own. */
export const plansOf = (wanted: Omit<Schedule, 'dist' | 'say' | 'parallel' | 'phases'>): readonly RunPlan[] =>
  Array.from({ length: wanted.runs }, (_, index) => {
    const cell = wanted.cells[index % wanted.cells.length];
    if (cell === undefined) throw new Error('no cells');
    const round = Math.floor(index / wanted.cells.length);
    const turn = round + (index % wanted.cells.length);
    const action = ACTIONS[turn % ACTIONS.length] ?? 'kill';
    // A seed names its run: the same one with the same cell gives the same orders and faults.
    return { cell, action, seed: wanted.seed * 100_000 + index, broker: wanted.broker };
  });

/** Runs every plan, some side by side, and gives the results in the order of the plans. */
export const schedule = async (wanted: Schedule): Promise<readonly RunResult[]> => {
  const template = await makeTemplate(wanted.dist, wanted.broker);
  const plans = [...plansOf(wanted).entries()];
  const results: RunResult[] = [];
  const work = async (): Promise<void> => {
    for (let next = plans.shift(); next !== undefined; next = plans.shift()) {
      const [index, plan] = next;
      const result = await attempt(plan, template);
      results[index] = result;
      const word = result.failures[0]?.verdict ?? (result.hit ? 'ok' : `ok, ${cellName(plan.cell)} not reached`);
      wanted.say(`${String(index + 1)} ${planName(plan)}: ${word} (${String(result.tookMs)} ms; ${result.trouble})`);
      if (wanted.phases) wanted.say(result.phases.map((line) => `   ${line}`).join('\n'));
      for (const failure of result.failures) wanted.say(`   ${failure.verdict}: ${failure.text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: wanted.parallel }, work));
  } finally {
    await template.remove();
  }
  return results;
};

/** A run that cannot be carried out at all is a failure of that run, not the end of the others. */
const attempt = async (
  plan: RunPlan,
  template: Parameters<typeof runOnce>[1],
): Promise<RunResult> => {
  try {
    return await runOnce(plan, template);
  } catch (error) {
    const text = `the run broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    const failures = [{ verdict: 'unsettled' as const, text, orderId: null }];
    return { plan, hit: false, trouble: '', failures, explained: [], phases: [], folder: null, tookMs: 0 };
  }
};
