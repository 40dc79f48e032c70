import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a method of a client gave back, or what it threw. */
export interface Outcome {
  readonly returned?: Readonly<Record<string, unknown>>;
  readonly thrown?: { readonly status: number | null; readonly body: unknown };
}

/**
 * A published client in a process of its own: it is not ours, so nothing of it runs in the tests' own
 * process. One line of JSON in is one call, one line out is its outcome.
 */
export class ClientDriver {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, script: string, url: string, key: string) {
    this.#child = spawn(command, [script], {
      // Clients write whole requests to standard error.
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', TORAN_URL: url, TORAN_API_KEY: key },
    });
    if (this.#child.stdout === null) throw new Error('the driver has no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Calls a method of the client. @throws Error when the driver ends instead */
  async call(method: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Outcome> {
    this.#child.stdin?.write(`${JSON.stringify({ method, fields })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the driver ended in ${method}`);
    // Written by our own driver script.
    return JSON.parse(line.value) as Outcome;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exit;
  }
}
