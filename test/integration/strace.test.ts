import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GatewayBench } from '../support/gateway';
import { testRedisUrl } from '../support/redis';
import { until } from '../support/until';

const ROOT = path.resolve(__dirname, '..', '..');
/** A database of this file's own in the run's Redis. */
const REDIS_DATABASE = 9;
const CALLS = 'fdatasync,fsync,pwrite64,read,write,writev,sendto,sendmsg';

/** Why system calls cannot be seen here, null when they can. */
const obstacle = (): string | null => {
  const probe = spawnSync('strace', ['-D', '-f', '-o', '/dev/null', 'true']);
  if (probe.error !== undefined) return 'strace is not installed';
  return probe.status === 0 ? null : 'this system does not let strace trace';
};

/** One system call: where it began and where it ended among the lines of the trace. */
interface Call {
  readonly name: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** The calls of a trace in the order in which they began; a call that another thread interrupts takes two lines. */
const callsOf = (trace: string): Call[] => {
  const open = new Map<string, { name: string; text: string; from: number }>();
  const calls: Call[] = [];
  for (const [index, line] of trace.split('\n').entries()) {
    const parts = /^(\d+) +[\d:.]+ (.*)$/.exec(line);
    const pid = parts?.[1] ?? '';
    const rest = parts?.[2] ?? '';
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const begun = open.get(pid);
    if (resumed !== null && begun !== undefined) {
      open.delete(pid);
      calls.push({ ...begun, text: begun.text + (resumed[1] ?? ''), to: index });
      continue;
    }
    const name = /^(\w+)\(/.exec(rest)?.[1];
    if (name === undefined) continue;
    if (rest.endsWith('<unfinished ...>')) open.set(pid, { name, text: rest, from: index });
    else calls.push({ name, text: rest, from: index, to: index });
  }
  return calls.sort((a, b) => a.from - b.from);
};

const reason = obstacle();
const traced = reason === null ? describe : describe.skip;

traced(`the system calls of one order${reason === null ? '' : ` (${reason})`}`, () => {
  let bench: GatewayBench;
  let gateway: ChildProcess;
  let trace: string;

  beforeEach(async () => {
    const redis = `${testRedisUrl().replace(/\/\d*$/, '')}/${String(REDIS_DATABASE)}`;
    bench = await GatewayBench.open(redis);
    trace = path.join(bench.directory, 'trace');
    gateway = spawn(
      'strace',
      // -D: the gateway, not strace, is our child, so that a signal reaches it.
      [
        ...['-D', '-f', '-tt', '-yy', '-s', '6000', '-e', `trace=${CALLS}`, '-o', trace],
        ...[process.execPath, '--disable-warning=ExperimentalWarning', '--require'],
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
          TORAN_SEND_BY_MS: '10000',
          REDIS_URL: redis,
        },
      },
    );
  });
  afterEach(async () => {
    if (gateway.exitCode === null && gateway.signalCode === null) {
      gateway.kill('SIGKILL');
      await once(gateway, 'exit');
    }
    await bench.close();
  });

  it('sync the ledger between request and answer, and between `submitted` and the first byte to the broker', async () => {
    let said = '';
    gateway.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const key = path.join(bench.directory, 'first-api-key');
    await until(() => said.includes('Your first paper order') && existsSync(key), 40_000);
    const base = /Toran listens on (http:\S+)/.exec(said)?.[1] ?? '';
    const response = await fetch(`${base}/api/v1/placeorder`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apikey: readFileSync(key, 'utf8').trim(),
        strategy: 'seen-by-strace',
        exchange: 'NSE',
        symbol: 'SBIN',
        action: 'BUY',
        quantity: '1',
        pricetype: 'MARKET',
        product: 'MIS',
      }),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(bench.placements()).toHaveLength(1);
    gateway.kill('SIGTERM');
    await once(gateway, 'exit');
    await until(() => readFileSync(trace, 'utf8').includes(`${String(gateway.pid)} `), 5_000);

    const calls = callsOf(readFileSync(trace, 'utf8'));
    const find = (what: string, after: number, wanted: (call: Call) => boolean): Call => {
      const found = calls.find((call) => call.from > after && wanted(call));
      if (found === undefined) throw new Error(`the trace does not show ${what} after ${after}`);
      return found;
    };
    const toWal = (call: Call): boolean => call.text.includes('ledger.sqlite-wal>');
    const isSync = (call: Call): boolean => /^f(data)?sync$/.test(call.name) && toWal(call);
    const writes = (text: string) => (call: Call) =>
      call.name === 'pwrite64' && toWal(call) && call.text.includes(text);

    const request = find('the request', -1, (call) =>
      /^read\(\d+<TCP:.*?, "POST \/api\/v1\/placeorder /.test(call.text),
    );
    const client = /<(TCP:\[[^\]]+\])>/.exec(request.text)?.[1] ?? 'no socket';
    const toBroker = find('the call of the broker', -1, (call) =>
      /^(write|writev|sendto|sendmsg)\(\d+<TCP:.*?"POST \/orders /.test(call.text),
    );
    const answer = find(
      'the answer',
      request.from,
      (call) => call.name !== 'read' && call.text.includes(client),
    );
    expect(answer.text).toContain('HTTP/1.1 200');

    const intent = find('the intent', request.to, writes('seen-by-strace'));
    const intentSynced = find('the sync of the intent', intent.to, isSync);
    const submitted = find('`submitted`', intentSynced.to, writes('sendBy'));
    const submittedSynced = find('the sync of `submitted`', submitted.to, isSync);

    expect(intentSynced.text).toMatch(/= 0$/);
    expect(submittedSynced.text).toMatch(/= 0$/);
    expect(intentSynced.to).toBeLessThan(answer.from);
    expect(submittedSynced.to).toBeLessThan(toBroker.from);
    expect(toBroker.from).toBeLessThan(answer.from);
  }, 60_000);
});
