import './lib/check-node.mjs';

const { Fault, runScript } = await import('./lib/fault.mjs');
const { prepare, ROOT } = await import('./lib/prepare.mjs');

// Writes docs/error-codes.md, docs/openapi.json, the tables of docs/order-life.md and those of broker READMEs from
// the built code.
await runScript(async () => {
  if (!(await prepare({ build: true }))) return;
  const { mkdirSync, readFileSync, writeFileSync } = await import('node:fs');
  const { createRequire } = await import('node:module');
  const { format } = await import('prettier');
  const { errorCodesPage } = await import('./lib/error-codes-page.mjs');
  const load = createRequire(`${ROOT}/dist/`);
  mkdirSync(`${ROOT}/docs`, { recursive: true });
  const { ERROR_CODES } = load('./core/domain/error-codes.js');
  const page = await format(errorCodesPage(ERROR_CODES), { parser: 'markdown', printWidth: 100 });
  writeFileSync(`${ROOT}/docs/error-codes.md`, page);
  const { orderLifeFacts, orderLifePage } = await import('./lib/order-life-page.mjs');
  const lifeFile = `${ROOT}/docs/order-life.md`;
  const facts = orderLifeFacts(
    load('./core/domain/order-state.js'),
    load('./core/orders/guarantees.js'),
  );
  const life = orderLifePage(readFileSync(lifeFile, 'utf8'), facts);
  writeFileSync(lifeFile, await format(life, { parser: 'markdown', printWidth: 100 }));
  const { brokerReadme } = await import('./lib/broker-readme.mjs');
  const { iciciModule } = load('./brokers/icici/index.js');
  const readme = `${ROOT}/src/brokers/icici/README.md`;
  const broker = brokerReadme(readFileSync(readme, 'utf8'), iciciModule);
  writeFileSync(readme, await format(broker, { parser: 'markdown', printWidth: 100 }));
  const { openApiDocument } = load('./api/openapi.js');
  if (typeof openApiDocument !== 'function') {
    throw new Fault('src/api/openapi.ts must export openApiDocument().');
  }
  writeFileSync(`${ROOT}/docs/openapi.json`, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
});
