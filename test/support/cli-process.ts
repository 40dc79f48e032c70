import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');

/** How the command line ended, and all that it said. */
export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Arguments of a `node` that runs a source file with the broker of credential-broker.ts beside the others. */
export const withCredentialBroker = (file: string): readonly string[] => [
  '--disable-warning=ExperimentalWarning',
  '--require',
  path.join(ROOT, 'test', 'support', 'with-credential-broker.cjs'),
  path.join(ROOT, 'src', file),
];

/** Runs the command line as a process of its own, with `input` piped in. */
export const runCli = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<CliRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...withCredentialBroker('cli/main.ts'), ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    // A command that reads no input may be gone before it was written.
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
    child.stdin.end(input);
  });
