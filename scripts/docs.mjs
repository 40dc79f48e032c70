import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');

// Writes docs/error-codes.md and docs/openapi.json from the built code.
await runScript(async () => {
  if (!(await prepare({ build: true }))) return;
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const { createRequire } = await import('node:module');
  const { format } = await import('prettier');
  const { errorCodesPage } = await import('./lib/error-codes-page.mjs');
  const load = createRequire(`${ROOT}/dist/`);
  mkdirSync(`${ROOT}/docs`, { recursive: true });
  const { ERROR_CODES } = load('./core/domain/error-codes.js');
  const page = await format(errorCodesPage(ERROR_CODES), { parser: 'markdown', printWidth: 100 });
  writeFileSync(`${ROOT}/docs/error-codes.md`, page);
  const { openApiDocument } = load('./api/openapi.js');
  if (typeof openApiDocument !== 'function') {
    throw new Fault('src/api/openapi.ts must export openApiDocument().');
  }
  writeFileSync(`${ROOT}/docs/openapi.json`, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
});
