import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { selectCells } from '../chaos/cells';
import { endAll } from '../chaos/processes';
import { schedule } from '../chaos/schedule';
import type { RunResult } from '../chaos/run';
import { compile, patchedCopy } from './build';
import { MUTANTS } from './mutants';
import type { Mutant } from './mutants';

const PARALLEL = 2;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const live = async (mutant: Mutant, dist: string): Promise<readonly RunResult[]> =>
  schedule({
    runs: mutant.runs,
    seed: mutant.seed,
    parallel: PARALLEL,
    broker: 'neutral',
    cells: selectCells(mutant.only),
    action: mutant.action,
    dist,
    phases: false,
    say: (line) => {
      say(`   ${line}`);
    },
  });

/** Builds the sources with the patch (or none), lives the mutant's lives, and gives what was found. */
const lives = async (
  patch: string | null,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<Mutant, readonly RunResult[]>> => {
  const folder = await patchedCopy(patch);
  const found = new Map<Mutant, readonly RunResult[]>();
  try {
    const dist = await compile(folder);
    for (const mutant of mutants) found.set(mutant, await live(mutant, dist));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
  return found;
};

/** Exit code 0 only when the sources as they are pass every life, and each mutant fails as it must. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const chosen = MUTANTS.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0)
    throw new Error(`--only: one of ${MUTANTS.map((m) => m.name).join(', ')}`);
  let wrong = 0;
  say('The sources as they are:');
  for (const [mutant, results] of await lives(null, chosen)) {
    const failed = results.some((result) => result.failures.length > 0);
    if (failed) wrong += 1;
    say(
      `${failed ? 'WRONG' : 'ok'}: ${mutant.only} ${mutant.action} ${failed ? 'fails' : 'passes'}`,
    );
  }
  for (const mutant of chosen) {
    say(`${mutant.name}:`);
    const results = (await lives(mutant.name, [mutant])).get(mutant) ?? [];
    const caught = results.some((result) =>
      result.failures.some((failure) => failure.verdict === mutant.verdict),
    );
    for (const { folder } of results) {
      if (folder !== null)
        await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
    if (!caught) wrong += 1;
    say(
      `${caught ? 'ok' : 'WRONG'}: ${mutant.name} is ${caught ? '' : 'not '}caught as ${mutant.verdict}`,
    );
  }
  say(wrong === 0 ? 'Every mutant is caught.' : `${String(wrong)} wrong`);
  process.exitCode = wrong === 0 ? 0 : 1;
};

process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(130);
  });
}
main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 2;
});
