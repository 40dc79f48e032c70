import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { signedHeaders } from '../../src/brokers/icici/signing';
import type { IciciKeys } from '../../src/brokers/icici/signing';
import { epochMs } from '../../src/core/domain/ids';
import { SAMPLE_USER } from '../../src/simulators/icici/simulator';
import { addAccount, request } from './calls';
import type { Answered } from './calls';
import type { StartedGateway, StartedIcici } from './processes';

const READY_LIMIT_MS = 20_000;

const app = SAMPLE_USER.apps[0];
if (app === undefined) throw new Error('the made-up user has no app');
const keys: IciciKeys = { apiKey: app.appKey, apiSecret: app.secretKey };

const customer = z.object({ Success: z.object({ session_token: z.string() }) });
const success = z.object({ Status: z.literal(200) });

/** Calls a Breeze as a program without a gateway would, with a session of its own. */
export class DirectIcici {
  readonly #simulator: StartedIcici;
  readonly #token: string;

  private constructor(simulator: StartedIcici, token: string) {
    this.#simulator = simulator;
    this.#token = token;
  }

  static async login(simulator: StartedIcici): Promise<DirectIcici> {
    const body = { SessionToken: simulator.apiSession, AppKey: keys.apiKey };
    const { pathname } = new URL('customerdetails', simulator.apiUrl);
    const { json } = await request(simulator.url, 'GET', pathname, body, {});
    return new DirectIcici(simulator, customer.parse(json).Success.session_token);
  }

  /** One signed call. @throws Error unless it succeeded */
  async call(method: 'GET' | 'POST', name: string, body: object): Promise<Answered> {
    const { pathname } = new URL(name, this.#simulator.apiUrl);
    // The very text that `request` sends is signed.
    const headers = signedHeaders(keys, this.#token, JSON.stringify(body), epochMs(Date.now()));
    const answer = await request(this.#simulator.url, method, pathname, body, headers);
    if (!success.safeParse(answer.json).success) {
      throw new Error(`${name} was answered ${JSON.stringify(answer.json)}`);
    }
    return answer;
  }
}

/** Variables that point a gateway at `simulator`. */
export const iciciVariables = (simulator: StartedIcici): Readonly<Record<string, string>> => ({
  TORAN_ICICI_API_URL: simulator.apiUrl,
  TORAN_ICICI_HISTORY_URL: simulator.historyUrl,
  TORAN_ICICI_LOGIN_URL: simulator.loginUrl,
  TORAN_ICICI_FEEDS_URL: simulator.feedsUrl,
  TORAN_ICICI_MASTER_URL: simulator.masterUrl,
  TORAN_MASTER_TIME: '00:00',
});

/** An account at `simulator` that is logged in, live and knows the master of the day. @throws Error */
export const readyIciciAccount = async (
  gateway: StartedGateway,
  simulator: StartedIcici,
): Promise<string> => {
  const account = await addAccount(gateway, 'icici', SAMPLE_USER.userId);
  const headers = { 'x-api-key': gateway.apiKey };
  const set = async (method: 'PUT' | 'POST', part: string, body: object): Promise<void> => {
    const path = `/api/admin/accounts/${account}/${part}`;
    const { status, json } = await request(gateway.url, method, path, body, headers);
    if (status !== 200) throw new Error(`${part} was answered ${status} ${JSON.stringify(json)}`);
  };
  await set('PUT', 'credentials', keys);
  await set('POST', 'login', { pasted: simulator.apiSession });
  await set('POST', 'live', { live: true, confirm: `icici ${SAMPLE_USER.userId}` });
  const body = { apikey: gateway.apiKey, account, exchange: 'NSE', symbol: 'SBIN' };
  const end = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const { json } = await request(gateway.url, 'POST', '/api/v1/symbol', body, {});
    if (JSON.stringify(json).includes('"STABAN"')) return account;
    if (performance.now() > end) throw new Error('the gateway has no master of the day');
    await delay(50);
  }
};
