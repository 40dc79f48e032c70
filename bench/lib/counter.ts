import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RateMeter } from '../../src/simulators/core/rate-meter';
import type { RateLimit } from '../../src/simulators/core/rate-meter';

/** 10 a second and 400 a minute, counted in any window and in windows of the clock. */
const LIMITS: readonly RateLimit[] = [
  { name: 'second', classes: ['order'], limit: 10, windowMs: 1_000, window: 'rolling' },
  { name: 'clock-second', classes: ['order'], limit: 10, windowMs: 1_000, window: 'calendar' },
  { name: 'minute', classes: ['order'], limit: 400, windowMs: 60_000, window: 'rolling' },
  { name: 'clock-minute', classes: ['order'], limit: 400, windowMs: 60_000, window: 'calendar' },
];

export interface Counter {
  readonly url: string;
  readonly admitted: number;
  readonly refused: number;
  close(): Promise<void>;
}

/** A server on loopback that counts each account's calls (the path) and answers 429 above a limit. */
export const startCounter = async (): Promise<Counter> => {
  const meters = new Map<string, RateMeter>();
  let admitted = 0;
  let refused = 0;
  const server = createServer((incoming, answer) => {
    const account = incoming.url ?? '';
    const meter = meters.get(account) ?? new RateMeter(LIMITS);
    meters.set(account, meter);
    const wait = meter.arrive('order', Date.now());
    if (wait === null) admitted += 1;
    else refused += 1;
    answer.writeHead(wait === null ? 200 : 429, { 'content-type': 'application/json' });
    answer.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Listening on TCP, so the address is not a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get admitted() {
      return admitted;
    },
    get refused() {
      return refused;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
