import path from 'node:path';
import { parseArgs } from 'node:util';
import { BROKERS } from './brokers';
import { selectCells } from './cells';
import { endAll } from './processes';
import { report } from './report';
import { ACTIONS, schedule, SEEDS } from './schedule';

const wholeNumber = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name}: a whole number`);
  return Number(text);
};

/** Runs the lives asked for; exit code 0 only when nothing was doubled, lost, unsettled or over a limit. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      broker: { type: 'string', default: 'neutral' },
      parallel: { type: 'string', default: '4' },
      only: { type: 'string' },
      action: { type: 'string' },
      replay: { type: 'string' },
      dist: { type: 'string' },
      'matrix-md': { type: 'string' },
      phases: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
  });
  const broker = BROKERS.find((name) => name === values.broker);
  if (broker === undefined) throw new Error(`--broker: one of ${BROKERS.join(', ')}`);
  const action = ACTIONS.find((word) => word === values.action);
  if (values.action !== undefined && action === undefined) {
    throw new Error(`--action: one of ${ACTIONS.join(', ')}`);
  }
  // The seed that a failing run printed names that run; otherwise each run of a seed gets its own.
  const replay = values.replay === undefined ? null : wholeNumber('replay', values.replay);
  const write = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const cells = selectCells(values.only ?? null);
  const results = await schedule({
    runs: replay === null ? wholeNumber('runs', values.runs) : 1,
    seed: replay === null ? wholeNumber('seed', values.seed) : replay / SEEDS,
    action: action ?? null,
    parallel: Math.max(1, wholeNumber('parallel', values.parallel)),
    broker,
    cells,
    dist: path.resolve(values.dist ?? path.join(__dirname, '..', '..', 'dist')),
    phases: values.phases,
    say: values.quiet ? (): void => undefined : write,
  });
  process.exitCode = report(results, cells, write, values['matrix-md'] ?? null);
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
