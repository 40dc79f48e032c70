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
  /** Null: by turns. */
  readonly action: Action | null;
  readonly dist: string;
  /** Whether each run tells what it did when. */
  readonly phases: boolean;
  readonly say: (line: string) => void;
}

/** Seeds of runs that one seed of a whole gives. */
export const SEEDS = 100_000;

/** How a process is hit, by turns. */
export const ACTIONS: readonly Action[] = ['kill', 'stop', 'kill', 'take over'];

/**
 * Hands out plans: always the cell that was hit least so far, killed and stopped by turns. A run that
 * missed its point does not count as a hit, so its cell comes up again.
 */
export class Plans {
  readonly #wanted: Pick<Schedule, 'runs' | 'seed' | 'broker' | 'cells' | 'action'>;
  readonly #hits: number[];
  readonly #tried: number[];
  #given = 0;

  constructor(wanted: Pick<Schedule, 'runs' | 'seed' | 'broker' | 'cells' | 'action'>) {
    this.#wanted = wanted;
    this.#hits = wanted.cells.map(() => 0);
    this.#tried = wanted.cells.map(() => 0);
  }

  /** The next plan, counted as a hit until `missed` says otherwise; null when all were given out. */
  next(): RunPlan | null {
    const { runs, seed, broker, cells, action } = this.#wanted;
    if (this.#given >= runs) return null;
    const index = this.#hits.indexOf(Math.min(...this.#hits));
    const cell = cells[index];
    if (cell === undefined) throw new Error('no cells');
    const turn = index + (this.#tried[index] ?? 0);
    this.#hits[index] = (this.#hits[index] ?? 0) + 1;
    this.#tried[index] = (this.#tried[index] ?? 0) + 1;
    this.#given += 1;
    return {
      cell,
      action: action ?? ACTIONS[turn % ACTIONS.length] ?? 'kill',
      seed: Math.round(seed * SEEDS) + this.#given - 1,
      broker,
    };
  }

  missed(plan: RunPlan): void {
    const index = this.#wanted.cells.indexOf(plan.cell);
    this.#hits[index] = (this.#hits[index] ?? 1) - 1;
  }
}

/** Carries out every plan, some side by side, and gives the results in the order of their ends. */
export const schedule = async (wanted: Schedule): Promise<readonly RunResult[]> => {
  const template = await makeTemplate(wanted.dist, wanted.broker);
  const plans = new Plans(wanted);
  const results: RunResult[] = [];
  const work = async (): Promise<void> => {
    for (let plan = plans.next(); plan !== null; plan = plans.next()) {
      const result = await attempt(plan, template);
      if (!result.hit) plans.missed(plan);
      results.push(result);
      const word = result.failures[0]?.verdict ?? (result.hit ? 'ok' : 'ok, point not reached');
      const what = `(${String(result.tookMs)} ms; ${result.trouble})`;
      wanted.say(`${String(results.length)} ${planName(plan)}: ${word} ${what}`);
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
    return {
      plan,
      hit: false,
      trouble: '',
      failures,
      explained: [],
      phases: [],
      folder: null,
      tookMs: 0,
    };
  }
};
