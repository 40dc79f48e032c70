import './lib/check-node.mjs';

const { runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');

await runScript(async () => {
  delete process.env.REDIS_URL;
  const redis = (process.env.REDIS_TEST_URL ?? '') === '';
  if (!(await prepare({ redis, build: true }))) return undefined;
  const { runJest } = await import('./lib/jest.mjs');
  return runJest(ROOT, 'jest.config.cjs', process.argv.slice(2));
});
