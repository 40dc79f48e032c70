import './lib/check-node.mjs';

const { runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');
const { runForeground } = await import('./lib/run.mjs');

await runScript(async () => {
  if (!(await prepare({}))) return undefined;
  process.chdir(ROOT);
  const steps = [
    ['eslint', '.'],
    ['prettier', '--check', '--log-level=warn', '.'],
    ['tsc', '-p', 'tsconfig.json'],
    ['knip', '--no-progress'],
  ];
  let worst = 0;
  for (const [tool, ...args] of steps) {
    const code = await runForeground(`${ROOT}/node_modules/.bin/${tool}`, args);
    if (code !== 0) console.error(`${tool} failed.`);
    worst = Math.max(worst, code);
  }
  return worst;
});
