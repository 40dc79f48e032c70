import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';

/** One control call: takes the parsed JSON body (null for GET) and the query, gives what is answered. */
export type ControlHandler = (body: unknown, query: URLSearchParams) => unknown;
/** By `METHOD /path`. */
export type ControlRoutes = Readonly<Record<string, ControlHandler>>;

/**
 * Steers a simulator at run time from a port of its own, so that no fault ever touches it. Loopback only.
 * A body that does not fit answers 400 with the reason.
 */
export class ControlServer {
  readonly #http: Server;

  constructor(routes: ControlRoutes) {
    this.#http = createServer((request, response) => {
      void answer(routes, request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  }

  /** The port in use. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    // A listening TCP server has an AddressInfo; the type also covers pipes.
    return (this.#http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#http.close(() => {
        resolve();
      });
      this.#http.closeAllConnections();
    });
  }
}

const answer = async (
  routes: ControlRoutes,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: unknown }> => {
  const url = new URL(request.url ?? '/', 'http://loopback');
  const handler = routes[`${request.method ?? ''} ${url.pathname}`];
  if (handler === undefined) return { status: 404, body: { error: 'no such control' } };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? null : JSON.parse(text);
    return { status: 200, body: (await handler(body, url.searchParams)) ?? { done: true } };
  } catch (fault) {
    const known =
      fault instanceof ZodError || fault instanceof RangeError || fault instanceof SyntaxError;
    return { status: known ? 400 : 500, body: { error: String(fault) } };
  }
};
