import { FAMILIES, POINTS } from './cells';
import { planName } from './run';
import type { RunResult } from './run';

/** Prints what happened; the exit code. */
export const report = (
  results: readonly RunResult[],
  write: (line: string) => void,
  _matrixFile: string | null,
): number => {
  for (const result of results.filter((one) => one.failures.length > 0)) {
    write(`\nFAILED ${planName(result.plan)} (${result.trouble}); folder ${String(result.folder)}`);
    for (const failure of result.failures) write(`   ${failure.verdict}: ${failure.text}`);
    for (const page of result.explained) write(page);
  }
  const hits = results.filter((one) => one.hit);
  write('');
  const width = Math.max(...POINTS.map((point) => point.length)) + 1;
  write(`${''.padEnd(width)}${FAMILIES.map((name) => name.padStart(12)).join('')}`);
  for (const point of POINTS) {
    const counts = FAMILIES.map((family) =>
      hits.filter(({ plan }) => plan.cell.point === point && plan.cell.family === family).length,
    );
    write(`${point.padEnd(width)}${counts.map((count) => String(count).padStart(12)).join('')}`);
  }
  const count = (verdict: string): number =>
    results.filter((one) => one.failures.some((failure) => failure.verdict === verdict)).length;
  const kills = hits.filter((one) => one.plan.action === 'kill').length;
  write('');
  write(`runs ${String(results.length)}, kills ${String(kills)}, stops ${String(hits.length - kills)}`);
  const verdicts = ['doubled', 'lost', 'unsettled', 'over limit'];
  write(verdicts.map((verdict) => `${verdict} ${String(count(verdict))}`).join(', '));
  return verdicts.some((verdict) => count(verdict) > 0) ? 1 : 0;
};
