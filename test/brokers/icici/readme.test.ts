import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { iciciModule } from '../../../src/brokers/icici';
import { withScript } from '../../support/script-module';

const FILE = path.join(__dirname, '../../../src/brokers/icici/README.md');

it('the tables of the README are what `npm run docs` makes of the module', async () => {
  const page = readFileSync(FILE, 'utf8');
  const { capabilities, rateRules, credentialFields } = iciciModule;
  const made = await withScript(
    'broker-readme.mjs',
    'const { format } = await import("prettier"); return format(m.brokerReadme(input.page, input.module), { parser: "markdown", printWidth: 100 });',
    { page, module: { capabilities, rateRules, credentialFields } },
  );
  expect(page).toBe(made);
});
