import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');

/** Runs one bench; its JSON line (null when it broke off) and its exit code. */
const runBench = async (name, options) => {
  const { spawn } = await import('node:child_process');
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--require',
      `${ROOT}/test/support/swc-register.cjs`,
      `${ROOT}/bench/${name}.bench.ts`,
      ...options,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  const line = output.trim().split('\n').at(-1) ?? '';
  return { figure: line.startsWith('{') ? JSON.parse(line) : null, code };
};

/** Whether the goal was held, where there is one. */
const heldWord = (figure, code) => {
  if (code !== 0) return 'no';
  return figure.ratio === null ? '' : 'yes';
};

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

// Every bench in its short form, or those named, or with --full the long form:
// npm run bench -- order-latency --full
await runScript(async () => {
  if (!(await prepare({ redis: true, build: true, quiet: true }))) return undefined;
  const { readdirSync } = await import('node:fs');
  const known = readdirSync(`${ROOT}/bench`)
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.slice(0, -'.bench.ts'.length));
  const options = process.argv.slice(2).filter((word) => word.startsWith('-'));
  const wrong = options.find((word) => word !== '--full');
  if (wrong !== undefined) throw new Fault(`There is no option ${wrong}: the only one is --full.`);
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Fault(`There is no bench ${unknown}: choose from ${known.join(', ')}.`);
  }
  let worst = 0;
  const rows = [['bench', 'goal', 'measured', 'held']];
  for (const name of wanted.length > 0 ? wanted : known) {
    const { figure, code } = await runBench(name, options);
    worst = Math.max(worst, code);
    rows.push(
      figure === null
        ? [name, '', 'broke off', 'no']
        : [name, figure.goal, figure.measured, heldWord(figure, code)],
    );
  }
  console.log(`\n${table(rows)}`);
  return worst;
});
