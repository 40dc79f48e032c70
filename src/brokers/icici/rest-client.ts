import type { CallContext } from '../../core/ports/broker';
import type { Clock } from '../../core/ports/clock';
import type { HttpPort, HttpRequest, HttpResult } from '../../core/ports/http';
import { signedHeaders } from './signing';
import type { IciciKeys } from './signing';

/** Milliseconds after which a query is given up; answers of several seconds are usual in the morning. */
const QUERY_TIMEOUT_MS = 10_000;
/** Without one, some data endpoints are said to answer a misleading 401. */
const USER_AGENT = 'Mozilla/5.0 (compatible; gateway)';

export type IciciMethod = HttpRequest['method'];

export interface IciciRestOptions {
  readonly keys: IciciKeys;
  /** The v1 base without a trailing slash. */
  readonly baseUrl: string;
  /** The v2 base, of the candles alone. */
  readonly historyUrl: string;
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly commandTimeoutMs: number;
}

/** One attempt per call. Every call carries a JSON body, GET and DELETE too, and signs that very text. */
export class IciciRest {
  readonly #options: IciciRestOptions;

  constructor(options: IciciRestOptions) {
    this.#options = options;
  }

  /** An order action; it leaves on a connection that is proven live or new. */
  command(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    const { commandTimeoutMs } = this.#options;
    return this.#signed(method, path, body, token, context, commandTimeoutMs, true);
  }

  query(
    method: 'GET' | 'POST',
    path: string,
    body: object,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    return this.#signed(method, path, body, token, context, QUERY_TIMEOUT_MS, false);
  }

  /** Exchanges the number of a login for the day's token: the one call that is not signed. */
  customerDetails(apiSession: string, context: CallContext): Promise<HttpResult> {
    const body = JSON.stringify({ SessionToken: apiSession, AppKey: this.#options.keys.apiKey });
    const headers = { 'content-type': 'application/json' };
    const url = `${this.#options.baseUrl}/customerdetails`;
    return this.#send('GET', url, body, headers, context, QUERY_TIMEOUT_MS, false);
  }

  /** Candles of v2: not signed, without a body. */
  history(
    parameters: Readonly<Record<string, string>>,
    token: string,
    context: CallContext,
  ): Promise<HttpResult> {
    const { historyUrl, keys } = this.#options;
    const url = `${historyUrl}/historicalcharts?${new URLSearchParams(parameters).toString()}`;
    const headers = {
      'content-type': 'application/json',
      'x-sessiontoken': token,
      apikey: keys.apiKey,
    };
    return this.#send('GET', url, null, headers, context, QUERY_TIMEOUT_MS, false);
  }

  #signed(
    method: IciciMethod,
    path: string,
    body: object,
    token: string,
    context: CallContext,
    timeoutMs: number,
    freshConnection: boolean,
  ): Promise<HttpResult> {
    const { keys, clock } = this.#options;
    const text = JSON.stringify(body);
    const headers = signedHeaders(keys, token, text, clock.now());
    const url = `${this.#options.baseUrl}/${path}`;
    return this.#send(method, url, text, headers, context, timeoutMs, freshConnection);
  }

  #send(
    method: IciciMethod,
    url: string,
    body: string | null,
    headers: Readonly<Record<string, string>>,
    context: CallContext,
    timeoutMs: number,
    freshConnection: boolean,
  ): Promise<HttpResult> {
    const { http, clock } = this.#options;
    const left = context.deadlineAt - clock.now();
    if (left <= 0) {
      return Promise.resolve({
        kind: 'failure',
        stage: 'connect',
        why: 'too-late',
        cause: 'past its deadline',
      });
    }
    return http.request({
      method,
      url,
      headers: { ...headers, 'user-agent': USER_AGENT },
      body,
      signal: context.signal,
      timeoutMs: Math.min(timeoutMs, left),
      sendBy: context.sendBy,
      freshConnection,
    });
  }
}
