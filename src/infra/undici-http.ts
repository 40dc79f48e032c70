import { Agent, Client } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/ports/clock';
import type { HttpPort, HttpRequest, HttpResult } from '../core/ports/http';

/** A larger answer is cut off: a broker's largest book is a tenth of it. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** A connection that answered longer ago than this is not used for an order again. */
const FRESH_MS = 2_000;
const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_CONNECTIONS = 8;

type Failure = Extract<HttpResult, { kind: 'failure' }>;
type Why = Failure['why'];

export interface UndiciHttpOptions {
  readonly clock: Clock;
  /** Bytes of the largest answer taken; 20 MB unless told. */
  readonly maxBodyBytes?: number;
}

/** A connection of its own for order calls: one request at a time, proven live or new. */
interface OrderConnection {
  readonly client: Client;
  /** Monotonic time of its last complete answer. */
  answeredAt: number;
}

/** Ends an attempt from our side; carries the reason into the failure. */
class Ended extends Error {
  readonly why: Why;
  constructor(why: Why) {
    super(`ended by us: ${why}`);
    this.name = 'Ended';
    this.why = why;
  }
}

/**
 * HTTP over undici: one attempt, no redirects, no retry. The stage of a failure is taken from undici's own
 * hook immediately before the write, so `connect` proves that nothing was written.
 */
export class UndiciHttp implements HttpPort {
  readonly #clock: Clock;
  readonly #maxBodyBytes: number;
  readonly #queries: Agent;
  readonly #idle = new Map<string, OrderConnection[]>();
  readonly #busy = new Set<Client>();
  #closed = false;

  constructor(options: UndiciHttpOptions) {
    this.#clock = options.clock;
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
    this.#queries = new Agent({
      connections: QUERY_CONNECTIONS,
      pipelining: 1,
      ...TIMEOUTS,
    });
  }

  async request(request: HttpRequest): Promise<HttpResult> {
    if (request.signal.aborted) return failure('connect', 'aborted', request.signal.reason);
    if (this.#closed) return failure('connect', 'aborted', 'the port is closed');
    const url = new URL(request.url);
    if (!request.freshConnection) return this.#attempt(this.#queries, url, request);
    const connection = this.#takeFresh(url.origin);
    this.#busy.add(connection.client);
    const result = await this.#attempt(connection.client, url, request);
    this.#busy.delete(connection.client);
    this.#giveBack(url.origin, connection, result);
    return result;
  }

  /** Ends every connection; open requests fail, later ones are not sent. */
  async close(): Promise<void> {
    this.#closed = true;
    const idle = [...this.#idle.values()].flat().map((connection) => connection.client);
    this.#idle.clear();
    await Promise.all(
      [this.#queries, ...idle, ...this.#busy].map((dispatcher) => dispatcher.destroy()),
    );
  }

  #takeFresh(origin: string): OrderConnection {
    const oldest = this.#clock.monotonic() - FRESH_MS;
    const idle = this.#idle.get(origin) ?? [];
    const fresh = idle.filter((connection) => connection.answeredAt >= oldest);
    for (const stale of idle) if (!fresh.includes(stale)) void stale.client.destroy();
    const chosen = fresh.pop();
    this.#idle.set(origin, fresh);
    if (chosen !== undefined) return chosen;
    const client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: FRESH_MS,
      keepAliveMaxTimeout: FRESH_MS,
      ...TIMEOUTS,
    });
    return { client, answeredAt: 0 };
  }

  #giveBack(origin: string, connection: OrderConnection, result: HttpResult): void {
    if (result.kind === 'failure') {
      // Too late to write on: nothing was written, and a new connection has just been proven.
      const untouched = result.stage === 'connect' && result.why === 'too-late';
      if (!untouched) {
        void connection.client.destroy();
        return;
      }
    }
    if (result.kind === 'response' || connection.answeredAt === 0) {
      connection.answeredAt = this.#clock.monotonic();
    }
    const idle = this.#idle.get(origin);
    // A closed port has no list any more: the connection ends with it.
    if (idle === undefined) void connection.client.destroy();
    else idle.push(connection);
  }

  #attempt(dispatcher: Dispatcher, url: URL, request: HttpRequest): Promise<HttpResult> {
    return new Promise((resolve) => {
      const attempt = new Attempt(request, this.#clock, this.#maxBodyBytes, resolve);
      try {
        dispatcher.dispatch(
          {
            origin: url.origin,
            path: `${url.pathname}${url.search}`,
            method: request.method,
            headers: { ...request.headers },
            body: request.body,
            // undici may otherwise send a GET again by itself.
            idempotent: false,
          },
          attempt,
        );
      } catch (cause) {
        // Thrown before anything was queued, for example for an illegal header.
        attempt.fail('connect', 'refused', cause);
      }
    });
  }
}

/** Our own timer rules; undici's would report a time-out under another name. */
const TIMEOUTS = {
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { timeout: CONNECT_TIMEOUT_MS },
} as const;

const failure = (stage: Failure['stage'], why: Why, cause: unknown): Failure => ({
  kind: 'failure',
  stage,
  why,
  cause,
});

/** One request from queueing to its end; reports exactly once. */
class Attempt implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #clock: Clock;
  readonly #maxBodyBytes: number;
  readonly #resolve: (result: HttpResult) => void;
  readonly #cancelTimer: () => void;
  readonly #onAbort: () => void;
  #stage: Failure['stage'] = 'connect';
  #controller: Dispatcher.DispatchController | null = null;
  #done = false;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    request: HttpRequest,
    clock: Clock,
    maxBodyBytes: number,
    resolve: (result: HttpResult) => void,
  ) {
    this.#request = request;
    this.#clock = clock;
    this.#maxBodyBytes = maxBodyBytes;
    this.#resolve = resolve;
    this.#onAbort = (): void => {
      this.#end(new Ended('aborted'));
    };
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#cancelTimer = clock.after(request.timeoutMs, () => {
      this.#end(new Ended('timeout'));
    });
  }

  /** undici calls this immediately before it writes; an abort here leaves the socket untouched. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#done || this.#stage !== 'connect') {
      // Already reported, or undici offers the same request a second time: it is not written (again).
      controller.abort(new Ended('aborted'));
      return;
    }
    const { sendBy } = this.#request;
    if (sendBy !== null && this.#clock.monotonic() > sendBy) {
      const late = new Ended('too-late');
      this.fail('connect', 'too-late', late);
      // Thrown, not aborted: undici then drops the request and keeps the socket, which is untouched.
      throw late;
    }
    this.#controller = controller;
    this.#stage = 'sent';
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (statusCode < 200) return;
    this.#stage = 'body';
    this.#status = statusCode;
    const joined: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    this.#headers = joined;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBodyBytes) this.#end(new Ended('too-large'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#report({
      kind: 'response',
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(this.#stage, error instanceof Ended ? error.why : whyOf(error, this.#stage), error);
  }

  fail(stage: Failure['stage'], why: Why, cause: unknown): void {
    this.#report(failure(stage, why, cause));
  }

  #end(reason: Ended): void {
    if (this.#done) return;
    // Still queued or connecting: onRequestStart sees that it is done and writes nothing.
    this.fail(this.#stage, reason.why, reason);
    this.#controller?.abort(reason);
  }

  #report(result: HttpResult): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelTimer();
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(result);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const whyOf = (error: Error, stage: Failure['stage']): Why => {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'timeout';
  if (stage !== 'connect' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'reset';
  // Refused, no such host, no route, a certificate that does not fit: there is no connection.
  return 'refused';
};
