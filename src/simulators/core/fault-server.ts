import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { faultOf } from './faults';
import type { Fault, FaultPlan } from './faults';
import type { RateMeter } from './rate-meter';

/** A request as the simulated broker sees it. */
export interface SimulatedRequest {
  readonly operation: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the call came from. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly faults: readonly Fault[];
}
export interface SimulatedReply {
  readonly status: number;
  /** Sent as JSON; text or bytes as they are where `contentType` says so. */
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Called once the answer was handed to the socket, or would have been. */
  readonly afterwards?: () => void;
}

export interface IdentifiedCall {
  readonly operation: string;
  readonly callClass: 'order' | 'query';
  /** For calls that only their body tells apart: it is read first, so a reset `during` strikes after it. */
  readonly refine?: (body: Buffer) => string;
}

/** What a broker's simulator supplies: its routes, its behaviour and its own words for common replies. */
export interface SimulatedBroker {
  /** The operation and its class of call; null answers with `unknown`, or 404. */
  identify(method: string, path: string): IdentifiedCall | null;
  /** The answer to a path or verb that the broker does not have. */
  unknown?(method: string, path: string): SimulatedReply;
  /** Judges each call on arrival, in place of the server's own meter; the refusal, or null. */
  admit?(request: SimulatedRequest, callClass: 'order' | 'query'): SimulatedReply | null;
  /** Does it. `faults` that change the effect (empty-tag, ok-but-not-done …) are its business. */
  handle(request: SimulatedRequest): SimulatedReply;
  refusal(code: string, message: string): SimulatedReply;
  throttled(retryAfterMs: number): SimulatedReply;
  /** An error that the broker's documents do not list. */
  undocumented(status: number): SimulatedReply;
  killToken(): void;
}

export interface ServerStats {
  /** Requests whose headers arrived, by operation. */
  readonly requests: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly openSockets: number;
}

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';

/** node:http with its sockets in hand: does to each call what the plan says. Loopback only. */
export class FaultServer {
  readonly http: Server;
  readonly #broker: SimulatedBroker;
  readonly #plan: FaultPlan;
  readonly #meter: RateMeter | null;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #requests = new Map<string, number>();
  #connections = 0;
  #port = 0;

  /** `meter` null: the broker counts by itself in `admit`. */
  constructor(
    broker: SimulatedBroker,
    plan: FaultPlan,
    meter: RateMeter | null,
    keepAliveMs: number,
  ) {
    this.#broker = broker;
    this.#plan = plan;
    this.#meter = meter;
    this.http = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.http.keepAliveTimeout = keepAliveMs;
    this.http.on('connection', (socket: Socket) => {
      this.#connections += 1;
      this.#sockets.add(socket);
      // A caller that hangs up is one of the things to be survived.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens; port 0 takes a free one. The port in use. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, '127.0.0.1', () => {
        this.http.off('error', reject);
        resolve();
      });
    });
    // A listening TCP server has an AddressInfo; the type also covers pipes.
    this.#port = (this.http.address() as AddressInfo).port;
    return this.#port;
  }

  /** False: new connections are refused and open ones reset; true: back on the same port. */
  async setListening(listening: boolean): Promise<void> {
    if (listening === this.http.listening) return;
    if (listening) {
      await this.listen(this.#port);
      return;
    }
    await this.#stop();
  }

  /** Closes every connection at once, open calls included. */
  resetSockets(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Runs `task` later unless the server is closed first. */
  later(delayMs: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, delayMs);
    this.#timers.add(timer);
  }

  stats(): ServerStats {
    return {
      requests: Object.fromEntries(this.#requests),
      connections: this.#connections,
      openSockets: this.#sockets.size,
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (this.http.listening) await this.#stop();
  }

  async #stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.http.close(() => {
        resolve();
      });
    });
    this.resetSockets();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://loopback');
    const known = this.#broker.identify(method, path);
    if (known === null) {
      send(response, this.#broker.unknown?.(method, path) ?? this.#broker.undocumented(404));
      return;
    }
    const early = known.refine === undefined ? null : await readBody(request);
    if (known.refine !== undefined && early === null) return;
    const operation = early === null ? known.operation : (known.refine?.(early) ?? '');
    this.#requests.set(operation, (this.#requests.get(operation) ?? 0) + 1);
    const faults = this.#plan.pick(operation);
    const reset = faultOf(faults, 'reset')?.when;
    const { socket } = request;
    if (reset === 'during' && early === null) await firstBytes(request);
    if (reset === 'before' || reset === 'during') {
      socket.resetAndDestroy();
      return;
    }
    const body = early ?? (await readBody(request));
    // The caller went away while it was still sending.
    if (body === null) return;
    const address = socket.remoteAddress ?? '';
    const call = { operation, path, query, address, headers: request.headers, body, faults };
    const refused = this.#admit(call, known.callClass);
    if (refused !== null) {
      send(response, refused);
      return;
    }
    const slow = faultOf(faults, 'slow');
    if (slow?.effect === 'before') {
      this.later(slow.delayMs, () => {
        this.#answer(call, response);
      });
    } else this.#answer(call, response);
  }

  #admit(call: SimulatedRequest, callClass: 'order' | 'query'): SimulatedReply | null {
    if (this.#broker.admit !== undefined) return this.#broker.admit(call, callClass);
    const now = performance.timeOrigin + performance.now();
    const wait = this.#meter?.arrive(callClass, now) ?? null;
    return wait === null ? null : this.#broker.throttled(wait);
  }

  /** Faults that replace the effect, then the effect, then faults that hide it. */
  #answer(call: SimulatedRequest, response: ServerResponse): void {
    const { faults } = call;
    const instead = this.#insteadOfEffect(faults);
    if (instead !== null) {
      send(response, instead);
      return;
    }
    const html = faultOf(faults, 'html');
    const in200 = faultOf(faults, 'error-in-200');
    const strange429 = faultOf(faults, 'undocumented-429');
    const hang = faultOf(faults, 'hang');
    const hidden = html ?? in200 ?? strange429;
    if (hang !== null) {
      if (hang.effectAfterMs !== null) {
        this.later(hang.effectAfterMs, () => {
          this.#broker.handle(call).afterwards?.();
        });
      }
      return;
    }
    if (hidden?.applied === false) {
      this.#hide(call, null, response);
      return;
    }
    const reply = this.#broker.handle(call);
    const slow = faultOf(faults, 'slow');
    const early = faultOf(faults, 'update');
    const wait =
      slow?.effect === 'after' ? slow.delayMs : early?.how === 'before-answer' ? early.delayMs : 0;
    if (wait === 0) this.#hide(call, reply, response);
    else
      this.later(wait, () => {
        this.#hide(call, reply, response);
      });
  }

  #insteadOfEffect(faults: readonly Fault[]): SimulatedReply | null {
    const refuse = faultOf(faults, 'refuse');
    if (refuse !== null) return this.#broker.refusal(refuse.code, refuse.message);
    const throttle = faultOf(faults, 'throttle');
    if (throttle !== null) return this.#broker.throttled(throttle.retryAfterMs);
    if (faultOf(faults, 'token-death') !== null) this.#broker.killToken();
    return null;
  }

  #hide(call: SimulatedRequest, reply: SimulatedReply | null, response: ServerResponse): void {
    const { faults } = call;
    const socket = response.socket;
    if (socket === null || socket.destroyed) {
      reply?.afterwards?.();
      return;
    }
    const reset = faultOf(faults, 'reset')?.when;
    const html = faultOf(faults, 'html');
    if (reset === 'after') socket.resetAndDestroy();
    else if (faultOf(faults, 'answer-lost') !== null) socket.end();
    else if (html !== null) {
      response.writeHead(html.status, { 'content-type': 'text/html' });
      response.end(HTML);
    } else if (faultOf(faults, 'error-in-200') !== null) {
      send(response, this.#broker.undocumented(200));
    } else if (faultOf(faults, 'undocumented-429') !== null) {
      send(response, this.#broker.undocumented(429));
    } else if (faultOf(faults, 'refused-but-done') !== null) {
      send(response, this.#broker.undocumented(400));
    } else if (reply !== null) this.#deliver(faults, reply, response, socket);
    reply?.afterwards?.();
  }

  #deliver(
    faults: readonly Fault[],
    reply: SimulatedReply,
    response: ServerResponse,
    socket: Socket,
  ): void {
    const bytes = bytesOf(reply);
    const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
    if (faultOf(faults, 'reset')?.when === 'body') {
      response.writeHead(reply.status, headersOf(reply, bytes));
      response.write(half, () => {
        // The half must reach the caller before the reset overtakes it.
        this.later(20, () => socket.resetAndDestroy());
      });
      return;
    }
    sendBytes(response, reply, faultOf(faults, 'truncated') === null ? bytes : half);
    const idle = faultOf(faults, 'close-idle');
    if (idle !== null) this.later(idle.delayMs, () => socket.destroy());
  }
}

const bytesOf = ({ body, contentType }: SimulatedReply): Buffer => {
  if (contentType === undefined) return Buffer.from(JSON.stringify(body));
  return Buffer.isBuffer(body) ? body : Buffer.from(String(body));
};

const headersOf = (
  reply: SimulatedReply,
  bytes: Buffer,
): Record<string, string | string[] | number> => ({
  'content-type': reply.contentType ?? 'application/json',
  'content-length': bytes.length,
  ...reply.headers,
});

const sendBytes = (response: ServerResponse, reply: SimulatedReply, bytes: Buffer): void => {
  response.writeHead(reply.status, headersOf(reply, bytes));
  response.end(bytes);
};

const send = (response: ServerResponse, reply: SimulatedReply): void => {
  sendBytes(response, reply, bytesOf(reply));
  reply.afterwards?.();
};

/** Waits for the first bytes of the body, or its end when there are none. */
const firstBytes = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    request.once('data', done);
    request.once('end', done);
    request.once('error', done);
  });

/** The whole body; null when the caller went away. */
const readBody = async (request: IncomingMessage): Promise<Buffer | null> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
};
