import { createHash } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciUser } from '../../src/simulators/icici/sessions';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a call gave: the status, text and JSON, or `broken` when no whole answer came. */
export type IciciAnswer =
  | {
      readonly status: number;
      readonly text: string;
      readonly json: unknown;
      readonly headers: Readonly<Record<string, unknown>>;
    }
  | { readonly broken: string };

export interface Signature {
  readonly timestamp: string;
  readonly appKey: string;
  readonly token: string;
  readonly checksum: string;
}

/** Headers of a call, signed as the broker's documents say; `now` in epoch ms. */
export const signature = (
  body: string,
  user: IciciUser,
  token: string,
  now = Date.now(),
): Signature => {
  const [app] = user.apps;
  if (app === undefined) throw new Error('the user has no app');
  const timestamp = `${new Date(now).toISOString().slice(0, 19)}.000Z`;
  const checksum = createHash('sha256')
    .update(timestamp + body + app.secretKey)
    .digest('hex');
  return { timestamp, appKey: app.appKey, token, checksum };
};

export const headersOf = (signed: Signature): Record<string, string> => ({
  'content-type': 'application/json',
  'x-checksum': `token ${signed.checksum}`,
  'x-timestamp': signed.timestamp,
  'x-appkey': signed.appKey,
  'x-sessiontoken': signed.token,
});

/** One call with exactly these bytes and headers; GET and DELETE carry a body too. */
export const send = async (
  url: string,
  method: Method,
  body: string | null,
  headers: Record<string, string>,
  timeoutMs = 5_000,
): Promise<IciciAnswer> => {
  try {
    const answer = await request(url, {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, text, json: parsed(text), headers: answer.headers };
  } catch (fault) {
    return { broken: String(fault) };
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const customer = z.object({ Success: z.object({ session_token: z.string() }) });

/** A client of the simulator's first user, logged in. */
export class IciciCaller {
  readonly simulator: IciciSimulator;
  readonly token: string;

  constructor(simulator: IciciSimulator, token: string) {
    this.simulator = simulator;
    this.token = token;
  }

  /** Exchanges the number of the login that is there from the start, or `apiSession`. */
  static async open(simulator: IciciSimulator, apiSession = '55512345'): Promise<IciciCaller> {
    const answer = await details(simulator, apiSession);
    if ('broken' in answer) throw new Error(answer.broken);
    return new IciciCaller(simulator, customer.parse(answer.json).Success.session_token);
  }

  async call(
    method: Method,
    path: string,
    body: object = {},
    timeoutMs?: number,
  ): Promise<IciciAnswer> {
    const text = JSON.stringify(body);
    const signed = signature(text, this.simulator.user, this.token);
    return send(`${this.simulator.apiUrl}${path}`, method, text, headersOf(signed), timeoutMs);
  }

  /** The `Success` part of a good answer. @throws Error when it is none */
  async success(method: Method, path: string, body: object = {}): Promise<unknown> {
    const answer = await this.call(method, path, body);
    const whole = z.object({ Success: z.unknown(), Status: z.literal(200) });
    if ('broken' in answer) throw new Error(answer.broken);
    return whole.parse(answer.json).Success;
  }

  /** The rows of a good answer. */
  async rows(method: Method, path: string, body: object = {}): Promise<Record<string, unknown>[]> {
    return z.array(z.record(z.string(), z.unknown())).parse(await this.success(method, path, body));
  }

  /** Places and gives the id of the order. */
  async place(changes: object = {}): Promise<string> {
    const success = await this.success('POST', 'order', cashOrder(changes));
    return z.object({ order_id: z.string() }).parse(success).order_id;
  }

  /** The row of one order of the book. */
  async order(id: string, exchange = 'NSE'): Promise<Record<string, unknown>> {
    const [row] = await this.rows('GET', 'order', { exchange_code: exchange, order_id: id });
    if (row === undefined) throw new Error(`no order ${id}`);
    return row;
  }
}

/** GET customerdetails: unsigned. */
export const details = (
  simulator: IciciSimulator,
  apiSession: string,
  appKey = simulator.user.apps[0]?.appKey,
): Promise<IciciAnswer> =>
  send(
    `${simulator.apiUrl}customerdetails`,
    'GET',
    JSON.stringify({ SessionToken: apiSession, AppKey: appKey }),
    { 'content-type': 'application/json' },
  );

/** A limit order far below the market: it rests. */
export const cashOrder = (changes: object = {}): Record<string, string> => ({
  stock_code: 'STABAN',
  exchange_code: 'NSE',
  product: 'cash',
  action: 'buy',
  order_type: 'limit',
  quantity: '10',
  price: '900',
  validity: 'day',
  order_segment_code: '',
  settlement_id: '',
  user_remark: 'tag-1',
  ...changes,
});
