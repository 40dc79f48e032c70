import { Pool } from 'undici';
import { z } from 'zod';

const pools = new Map<string, Pool>();
const CALL_LIMIT_MS = 30_000;

/** Only loopback is ever called. */
const poolOf = (url: string): Pool => {
  if (new URL(url).hostname !== '127.0.0.1') throw new Error('benches call loopback only');
  const known = pools.get(url);
  if (known !== undefined) return known;
  const made = new Pool(url, { connections: 256, headersTimeout: CALL_LIMIT_MS });
  pools.set(url, made);
  return made;
};

export interface Answered {
  readonly status: number;
  readonly json: unknown;
}

/** One call and its JSON answer. @throws Error when the connection fails; nothing is sent twice */
export const request = async (
  url: string,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: object | null,
  headers: Readonly<Record<string, string>>,
): Promise<Answered> => {
  const answer = await poolOf(url).request({
    path,
    method,
    headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body: body === null ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, json: await answer.body.json() };
};

/** Closes every connection, so that the bench can end. */
export const hangUp = async (): Promise<void> => {
  await Promise.all([...pools.values()].map((pool) => pool.destroy()));
  pools.clear();
};

/** Adds an account through the admin API. @throws Error with what was answered */
export const addAccount = async (
  gateway: { readonly url: string; readonly apiKey: string },
  broker: 'paper' | 'neutral' | 'icici',
  login: string,
): Promise<string> => {
  const body = { broker, login, label: `${broker} ${login}` };
  const headers = { 'x-api-key': gateway.apiKey };
  const { status, json } = await request(gateway.url, 'POST', '/api/admin/accounts', body, headers);
  const made = z.object({ account: z.object({ account: z.string() }) }).safeParse(json);
  if (!made.success) throw new Error(`account not added: ${status} ${JSON.stringify(json)}`);
  return made.data.account.account;
};

/** Posts one market order of one share, or what `terms` make of it, and gives the whole answer. */
export const placeOrder = (
  gateway: { readonly url: string; readonly apiKey: string },
  account: string,
  terms: Readonly<Record<string, string>> = {},
): Promise<Answered> =>
  request(
    gateway.url,
    'POST',
    '/api/v1/placeorder',
    {
      apikey: gateway.apiKey,
      account,
      strategy: 'bench',
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'BUY',
      quantity: '1',
      pricetype: 'MARKET',
      product: 'MIS',
      ...terms,
    },
    {},
  );
