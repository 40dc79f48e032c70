import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs } from '../../src/core/domain/ids';
import { istDate } from '../../src/core/domain/time';
import { DownloadNotes } from '../../src/infra/catalogue/download-notes';
import { GatewayBench } from '../support/gateway';
import { startProcess } from '../support/gateway-process';
import type { GatewayProcess } from '../support/gateway-process';
import { redisUrl } from '../support/gateway-redis';
import { iciciZip } from '../support/icici-zip';
import { until } from '../support/until';

const ROOT = path.resolve(__dirname, '..', '..');

let server: Server;
let asked: number;
let status: number;
let bench: GatewayBench;
let gateway: GatewayProcess | null;
beforeEach(async () => {
  asked = 0;
  status = 200;
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status);
    response.end(iciciZip({ day: istDate(epochMs(Date.now())), shares: 200 }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  bench = await GatewayBench.open(redisUrl('masters'));
  gateway = null;
});
afterEach(async () => {
  await gateway?.kill();
  await bench.close();
  await new Promise((resolve) => server.close(resolve));
});

const start = async (): Promise<GatewayProcess> => {
  const { port } = server.address() as AddressInfo;
  gateway = await startProcess(bench, redisUrl('masters'), {
    TORAN_ICICI_MASTER_URL: `http://127.0.0.1:${String(port)}/SecurityMaster.zip`,
    TORAN_MASTER_TIME: '00:00',
  });
  return gateway;
};
/** What `toran masters list` prints. */
const list = (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        ...['--require', path.join(ROOT, 'test', 'support', 'swc-register.cjs')],
        ...[path.join(ROOT, 'src', 'cli', 'main.ts'), '--json', 'masters', 'list'],
      ],
      { env: { PATH: process.env['PATH'], TORAN_DATA: bench.directory } },
      (fault, out) => {
        if (fault !== null) reject(new Error(fault.message));
        // The command prints rows as JSON.
        else resolve(JSON.parse(out) as readonly Record<string, unknown>[]);
      },
    );
  });

describe('a gateway with the address of a master', () => {
  it('fetches it at the start, in a thread of its own, and serves its instruments', async () => {
    const running = await start();
    const symbol = { exchange: 'NSE', symbol: 'SYM7' };
    await until(async () => (await bench.call(running, 'symbol', symbol)).status === 200, 20_000);
    const { body } = await bench.call(running, 'symbol', symbol);
    expect(body).toMatchObject({ data: { symbol: 'SYM7', name: 'COMPANY 7' } });
    expect(asked).toBe(1);
    expect(await list()).toMatchObject([{ broker: 'icici', listed: 203, 'in use': 'yes' }]);
  });

  it('keeps its catalogue when there is none, and the command line says why', async () => {
    status = 404;
    const running = await start();
    await until(() => new DownloadNotes(bench.directory).read('icici') !== null, 20_000);
    expect(await list()).toMatchObject([
      { broker: 'icici', listed: 0, 'in use': expect.stringMatching(/^none of .*HTTP 404/) },
    ]);
    const sbin = { exchange: 'NSE', symbol: 'SBIN' };
    expect((await bench.call(running, 'symbol', sbin)).status).toBe(200);
  });
});
