import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = path.resolve(__dirname, '..', '..');

/**
 * What `body` returns, run as a module with the exports of scripts/lib/<name> in scope as `m` and
 * `input` beside it. The scripts are ES modules, which Jest does not load.
 */
export const withScript = async (
  name: string,
  body: string,
  input: unknown = null,
): Promise<unknown> => {
  const url = pathToFileURL(path.join(ROOT, 'scripts', 'lib', name)).href;
  const code = `
    import * as m from ${JSON.stringify(url)};
    const input = ${JSON.stringify(input)};
    const run = async () => { ${body} };
    process.stdout.write(JSON.stringify(await run() ?? null));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    code,
  ]);
  return JSON.parse(stdout) as unknown;
};
