import { writeFileSync } from 'node:fs';
import { FAMILIES, POINTS } from './cells';
import type { Cell, Family, Point } from './cells';
import { planName } from './run';
import type { RunResult } from './run';

/** How often each cell is hit in a full run, at least. */
export const LEAST_HITS = 3;
const VERDICTS = ['doubled', 'lost', 'unsettled', 'over limit'] as const;

/** Hits by point and fault. */
type Matrix = (point: Point, family: Family) => number;

/** Prints what happened; the exit code: 0 only when nothing went wrong and a full run hit every cell. */
export const report = (
  results: readonly RunResult[],
  cells: readonly Cell[],
  write: (line: string) => void,
  matrixFile: string | null,
): number => {
  for (const result of results.filter((one) => one.failures.length > 0)) {
    write(`\nFAILED ${planName(result.plan)} (${result.trouble}); folder ${String(result.folder)}`);
    for (const failure of result.failures) write(`   ${failure.verdict}: ${failure.text}`);
    for (const page of result.explained) write(page);
  }
  const hits = results.filter((one) => one.hit);
  const matrix: Matrix = (point, family) =>
    hits.filter(({ plan }) => plan.cell.point === point && plan.cell.family === family).length;
  printMatrix(matrix, write);
  const kills = hits.filter((one) => one.plan.action === 'kill').length;
  const stops = String(hits.length - kills);
  write(`\nruns ${String(results.length)}, kills ${String(kills)}, stops ${stops}`);
  const count = (verdict: string): number =>
    results.filter((one) => one.failures.some((failure) => failure.verdict === verdict)).length;
  write(VERDICTS.map((verdict) => `${verdict} ${String(count(verdict))}`).join(', '));
  const isFull = results.length >= LEAST_HITS * cells.length;
  const thin = isFull
    ? cells.filter(({ point, family }) => matrix(point, family) < LEAST_HITS)
    : [];
  for (const { point, family } of thin) {
    write(`${point}/${family} was hit fewer than ${String(LEAST_HITS)} times`);
  }
  if (matrixFile !== null) writeFileSync(matrixFile, matrixPage(matrix));
  return thin.length > 0 || results.some((one) => one.failures.length > 0) ? 1 : 0;
};

const printMatrix = (matrix: Matrix, write: (line: string) => void): void => {
  const width = Math.max(...POINTS.map((point) => point.length)) + 1;
  write(`\n${''.padEnd(width)}${FAMILIES.map((name) => name.padStart(12)).join('')}`);
  for (const point of POINTS) {
    const counts = FAMILIES.map((family) => String(matrix(point, family)).padStart(12));
    write(`${point.padEnd(width)}${counts.join('')}`);
  }
};

/** What a person sees after an end or stop at the point, when nothing else goes wrong. */
const SEEN_AT: Readonly<Record<Point, string>> = {
  'before-intent': 'no answer and no order; sending again is safe',
  'after-intent': 'no answer, the order is `queued`; the sweeper sends it, a resend finds it',
  'after-queue': 'no answer, the order is `queued`; it is sent once, a resend finds it',
  'before-bucket': '`queued`; sent after the restart, or `expired` (DEADLINE)',
  'after-bucket': '`queued`; sent after the restart, or `expired` (DEADLINE)',
  'after-submitted': '`submitted`, then in doubt, then `denied` (NOT_AT_BROKER)',
  'before-send': '`submitted`, then in doubt, then `denied` (NOT_AT_BROKER)',
  'after-answer': '`submitted`, then in doubt, then the state that the book shows',
  'after-outcome': 'the state that the broker confirmed',
  'before-read': 'the last known state until the next read',
  'after-read': 'the last known state until the next read',
  'before-apply': 'the last known state until the next read',
  'after-apply': 'the state that the book showed',
  random: 'one of the lines above',
};
/** What the fault adds to that. */
const SEEN_WITH: Readonly<Record<Family, string>> = {
  none: '',
  reset: 'in doubt until the book shows the order or several reads prove that it is not there',
  silence: 'in doubt until the book shows the order or several reads prove that it is not there',
  'odd answer':
    'in doubt until the book shows the order or several reads prove that it is not there',
  'not applied': '`pending_cancel` or `pending_update`; the change goes again, or ends NOT_APPLIED',
  refused: '`rejected` with the broker’s words; “too fast” waits and goes again',
  slow: '`submitted` meanwhile; in doubt when it takes longer than the time-out',
  'token death': '`queued` until the session is back or the deadline ends it (`expired`)',
  'bad reads': 'in doubt for longer; bad books prove nothing',
  updates: 'the same: updates are hints, the book decides',
  redis: '`queued` meanwhile; rebuilt from the ledger',
};

const matrixPage = (matrix: Matrix): string => {
  const rows = POINTS.flatMap((point) =>
    FAMILIES.map((family) => {
      const added = SEEN_WITH[family];
      const seen = added === '' ? SEEN_AT[point] : `${SEEN_AT[point]}; ${added}`;
      return `| ${point} | ${family} | ${String(matrix(point, family))} | ${seen} |`;
    }),
  );
  const head = ['| Crash point | Fault | Hits | What a person sees |', '| --- | --- | --- | --- |'];
  return `${[...head, ...rows].join('\n')}\n`;
};
