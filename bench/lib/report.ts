import { hangUp } from './calls';
import { endStarted } from './processes';

/** One line of a bench: `ratio` above 1 means that the goal is missed by that factor. */
export interface Figure {
  readonly figure: string;
  readonly goal: string;
  readonly measured: string;
  /** The worst of measured / limit (or limit / measured where more is better); null: there is no goal. */
  readonly ratio: number | null;
  readonly [detail: string]: unknown;
}

/** Whether the long form was asked for. */
export const isFull = process.argv.includes('--full');

/** The value below which `share` (0 to 1) of the values lie. @throws Error without values */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (found === undefined) throw new Error('no values');
  return found;
};

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Runs a bench, prints its one line, and ends with code 1 when it broke off or missed its goal. */
export const bench = (name: string, run: () => Promise<Figure>): void => {
  run()
    .then((figure) => {
      const command = `npm run bench -- ${name}${isFull ? ' --full' : ''}`;
      process.stdout.write(`${JSON.stringify({ ...figure, command })}\n`);
      if (figure.ratio !== null && figure.ratio > 1) process.exitCode = 1;
    })
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`bench ${name} broke off: ${reason}\n`);
      process.exitCode = 2;
    })
    .finally(() => void Promise.all([hangUp(), endStarted()]));
};
