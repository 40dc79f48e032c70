import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../core/domain/errors';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 20;

/** One process of the drill; what it prints goes to a file, because nobody may be there to read it. */
export class DrillProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<void>;
  #over = false;

  /** `program` is a path below this build, without its extension. */
  constructor(
    program: string,
    args: readonly string[],
    log: string,
    env: Readonly<Record<string, string>>,
  ) {
    const file = openSync(log, 'a', 0o600);
    const script = path.join(__dirname, '..', `${program}${path.extname(__filename)}`);
    this.#log = log;
    // The settings of the person's own gateway are left out on purpose.
    this.#child = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ['ignore', file, file],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    closeSync(file);
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        this.#over = true;
        resolve();
      };
      this.#child.once('exit', over);
      this.#child.once('error', over);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the first group of `pattern` finds in its output. @throws GatewayError when it ends or says nothing in time */
  async said(pattern: RegExp): Promise<string> {
    const limit = Date.now() + START_LIMIT_MS;
    for (;;) {
      const text = readFileSync(this.#log, 'utf8');
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) return found;
      if (this.#over || Date.now() > limit) {
        const last = text.trim().split('\n').at(-1) ?? '';
        throw new GatewayError('INTERNAL', `the drill could not start a process: ${last}`);
      }
      await pause(POLL_MS);
    }
  }

  /** The signal that ended it. @throws GatewayError when it lives on */
  async death(limitMs: number): Promise<NodeJS.Signals | null> {
    await Promise.race([this.#ended, pause(limitMs, undefined, { ref: false })]);
    if (!this.#over) throw new GatewayError('INTERNAL', 'the gateway of the drill did not end');
    return this.#child.signalCode;
  }

  /** Asks it to close, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#over) return;
    this.#child.kill('SIGTERM');
    await Promise.race([this.#ended, pause(STOP_LIMIT_MS, undefined, { ref: false })]);
    this.kill();
    await this.#ended;
  }

  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }
}
