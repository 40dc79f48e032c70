import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');
const { become } = await import('./lib/run.mjs');

// node scripts/run-ts.mjs test/chaos/main.ts --runs 500
await runScript(async () => {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) throw new Fault('Name the TypeScript file to run.');
  if (!(await prepare({ redis: true, build: true, quiet: true }))) return undefined;
  const { existsSync } = await import('node:fs');
  if (!existsSync(`${ROOT}/${file}`)) throw new Fault(`There is no file ${file}.`);
  process.chdir(ROOT);
  return become(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--require',
    `${ROOT}/test/support/swc-register.cjs`,
    `${ROOT}/${file}`,
    ...args,
  ]);
});
