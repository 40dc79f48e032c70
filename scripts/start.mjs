import './lib/check-node.mjs';

const { runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');
const { become } = await import('./lib/run.mjs');

await runScript(async () => {
  if (!(await prepare({ redis: true, build: true, envFile: true }))) return undefined;
  process.chdir(ROOT);
  return become(process.execPath, [
    '--enable-source-maps',
    '--disable-warning=ExperimentalWarning',
    `${ROOT}/dist/main.js`,
    ...process.argv.slice(2),
  ]);
});
