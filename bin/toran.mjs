#!/usr/bin/env node
import '../scripts/lib/check-node.mjs';

const { runScript } = await import('../scripts/lib/fault.mjs');
const { prepare, ROOT } = await import('../scripts/lib/prepare.mjs');
const { become } = await import('../scripts/lib/run.mjs');

await runScript(async () => {
  if (!(await prepare({ build: true, envFile: true, quiet: true }))) return undefined;
  process.chdir(ROOT);
  return become(process.execPath, [
    '--enable-source-maps',
    '--disable-warning=ExperimentalWarning',
    `${ROOT}/dist/cli/main.js`,
    ...process.argv.slice(2),
  ]);
});
