import './lib/check-node.mjs';

const { runScript } = await import('./lib/fault.mjs');
const { prepare } = await import('./lib/prepare.mjs');

await runScript(async () => {
  await prepare({ build: true });
});
