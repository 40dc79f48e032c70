import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');
const { runForeground } = await import('./lib/run.mjs');

// Every bench, or those named: npm run bench -- order-latency
await runScript(async () => {
  if (!(await prepare({ redis: true, build: true, quiet: true }))) return undefined;
  const { readdirSync } = await import('node:fs');
  const known = readdirSync(`${ROOT}/bench`)
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length));
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Fault(`There is no bench ${unknown}: choose from ${known.join(', ')}.`);
  }
  let worst = 0;
  for (const name of wanted.length > 0 ? wanted : known) {
    const code = await runForeground(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--require',
      `${ROOT}/test/support/swc-register.cjs`,
      `${ROOT}/bench/${name}.bench.ts`,
    ]);
    worst = Math.max(worst, code);
  }
  return worst;
});
