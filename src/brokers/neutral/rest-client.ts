import type { CallContext } from '../../core/ports/broker';
import type { Clock } from '../../core/ports/clock';
import type { HttpPort, HttpRequest, HttpResult } from '../../core/ports/http';
import type { NeutralModifyBody, NeutralPlaceBody } from './wire/orders';

/** Milliseconds after which a query is given up. */
const QUERY_TIMEOUT_MS = 5_000;

export interface NeutralRestOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly commandTimeoutMs: number;
}

/** One method per endpoint, wire types only; one HTTP attempt each. */
export class NeutralRest {
  readonly #options: NeutralRestOptions;

  constructor(options: NeutralRestOptions) {
    this.#options = options;
  }

  place(body: NeutralPlaceBody, token: string, context: CallContext): Promise<HttpResult> {
    return this.#command('POST', '/orders', body, token, context);
  }
  modify(
    id: string,
    body: NeutralModifyBody,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    return this.#command('PUT', orderPath(id), body, token, context);
  }
  cancel(id: string, token: string, context: CallContext): Promise<HttpResult> {
    return this.#command('DELETE', orderPath(id), null, token, context);
  }

  /** GET of any of the read paths. */
  get(
    path:
      | '/orders'
      | '/trades'
      | '/positions'
      | '/holdings'
      | '/funds'
      | '/session'
      | `/quotes/${string}`
      | `/depth/${string}`,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    return this.#send('GET', path, null, token, context, QUERY_TIMEOUT_MS, false);
  }

  #command(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: NeutralPlaceBody | NeutralModifyBody | null,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    const { commandTimeoutMs } = this.#options;
    return this.#send(method, path, body, token, context, commandTimeoutMs, true);
  }

  async #send(
    method: HttpRequest['method'],
    path: string,
    body: object | null,
    token: string,
    context: CallContext,
    timeoutMs: number,
    freshConnection: boolean,
  ): Promise<HttpResult> {
    const { baseUrl, http, clock } = this.#options;
    const left = context.deadlineAt - clock.now();
    if (left <= 0) {
      return { kind: 'failure', stage: 'connect', why: 'too-late', cause: 'past its deadline' };
    }
    return http.request({
      method,
      url: `${baseUrl}${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        'x-correlation-id': context.correlationId,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: body === null ? null : JSON.stringify(body),
      signal: context.signal,
      timeoutMs: Math.min(timeoutMs, left),
      sendBy: context.sendBy,
      freshConnection,
    });
  }
}

const orderPath = (id: string): string => `/orders/${encodeURIComponent(id)}`;
