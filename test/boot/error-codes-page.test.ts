import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CODES } from '../../src/core/domain/error-codes';
import { withScript } from '../support/script-module';

describe('docs/error-codes.md', () => {
  it('is what `npm run docs` makes of the table in the code', async () => {
    const page = readFileSync(path.join(__dirname, '../../docs/error-codes.md'), 'utf8');
    const made = await withScript(
      'error-codes-page.mjs',
      'const { format } = await import("prettier"); return format(m.errorCodesPage(input), { parser: "markdown", printWidth: 100 });',
      ERROR_CODES,
    );
    expect(page).toBe(made);
  });

  it('has one row for each code', async () => {
    const made = await withScript(
      'error-codes-page.mjs',
      'return m.errorCodesPage(input);',
      ERROR_CODES,
    );
    const rows = [...String(made).matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect(rows.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });
});
