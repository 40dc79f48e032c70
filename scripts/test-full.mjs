import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');

await runScript(async () => {
  const { existsSync } = await import('node:fs');
  const path = await import('node:path');
  const folder = process.env.TORAN_TEST_DATA ?? '';
  if (folder === '' || !existsSync(folder)) {
    throw new Fault(
      'The full tests need the data files: set TORAN_TEST_DATA to the folder that holds them and run the command again.',
    );
  }
  process.env.TORAN_TEST_DATA = path.resolve(folder);
  delete process.env.REDIS_URL;
  if (!(await prepare({ redis: true, build: true }))) return undefined;
  const { runJest } = await import('./lib/jest.mjs');
  return runJest(ROOT, 'jest.full.config.cjs', process.argv.slice(2));
});
