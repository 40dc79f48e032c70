import './lib/check-node.mjs';

const { runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');
const { become } = await import('./lib/run.mjs');

// npm run simulator -- icici --port 7700
await runScript(async () => {
  if (!(await prepare({ build: true, quiet: true }))) return undefined;
  return become(process.execPath, [
    '--enable-source-maps',
    '--disable-warning=ExperimentalWarning',
    `${ROOT}/dist/simulators/main.js`,
    ...process.argv.slice(2),
  ]);
});
