import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { GatewayBench, Served } from './gateway';
import { until } from './until';

const ROOT = path.resolve(__dirname, '..', '..');

/** A gateway in a process of its own, which a test may kill. */
export interface GatewayProcess extends Served {
  /** SIGKILL: it gets no chance to finish anything. */
  kill(): Promise<void>;
}

/** Starts the gateway of this source tree over the folder and the simulator of `bench`. */
export const startProcess = async (
  bench: GatewayBench,
  redisUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> => {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--require'],
      ...[path.join(ROOT, 'test/support/swc-register.cjs'), path.join(ROOT, 'src/main.ts')],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        TORAN_DATA: bench.directory,
        TORAN_PORT: '0',
        TORAN_LOG_LEVEL: 'silent',
        TORAN_NEUTRAL_URL: bench.simulator.url,
        REDIS_URL: redisUrl,
        ...environment,
      },
    },
  );
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = (): RegExpExecArray | null => /Toran listens on http:\/\/([^:\s]+):(\d+)/.exec(said);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    await until(() => url() !== null, 40_000);
  } catch (error) {
    await kill();
    throw error;
  }
  return { address: { host: url()?.[1] ?? '', port: Number(url()?.[2]) }, kill };
};
