import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { redisOf, redisPid, signalIfThere, startGateway } from '../chaos/processes';
import type { RunningGateway } from '../chaos/processes';
import { until } from '../support/until';

const DIST = path.resolve(__dirname, '..', '..', 'dist');
const STOP_LIMIT_MS = 10_000;
/** The hour of the day must not close what a test holds. */
const STEADY = { TORAN_PAPER_SQUARE_OFF: 'no' };

type Json = Readonly<Record<string, unknown>>;

/** One answer, as it came over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** The object in `text`; an empty one when it holds none, which no assertion about a field takes for it. */
const objectIn = (text: string): Json => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Json) // an object that is no array
      : {};
  } catch {
    return {};
  }
};

/** A gateway in a process of its own, with the paper account that a first start makes. */
export class PaperGateway {
  readonly #folder: string;
  readonly #gateway: RunningGateway;
  /** May do everything, a thousand times a second. */
  readonly key: string;

  private constructor(folder: string, gateway: RunningGateway, key: string) {
    this.#folder = folder;
    this.#gateway = gateway;
    this.key = key;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<PaperGateway> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-clients-'));
    const data = path.join(folder, 'data');
    const log = path.join(folder, 'gateway.log');
    // An empty variable counts as absent: no simulator is behind this gateway.
    const simulator = { url: '', env: {} };
    const options = { dist: DIST, data, log, simulator, env: { ...STEADY, ...env } };
    const gateway = await startGateway(options);
    const file = path.join(data, 'first-api-key');
    // Written just after it begins to listen.
    await until(() => existsSync(file) && readFileSync(file, 'utf8').length > 64);
    const first = readFileSync(file, 'utf8').trim();
    const made = await fetch(`${gateway.base}/api/admin/keys`, {
      method: 'POST',
      headers: { 'x-api-key': first },
      body: JSON.stringify({
        label: 'clients',
        scopes: ['read', 'trade', 'admin'],
        rate_per_second: 1000,
      }),
    });
    const { apikey } = (await made.json()) as { apikey: string }; // our own API's answer
    return new PaperGateway(folder, gateway, apikey);
  }

  get base(): string {
    return this.#gateway.base;
  }

  /** What the process has written so far. */
  said(): string {
    return this.#gateway.child.text();
  }

  /** Any request; `body` goes as it is. */
  async send(
    method: string,
    to: string,
    body: string | Uint8Array<ArrayBuffer> | null = null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const response = await fetch(`${this.base}${to}`, { method, headers, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: objectIn(text) };
  }

  /** A call of the OpenAlgo API with the key in its body. */
  call(name: string, fields: Json = {}): Promise<Reply> {
    const body = JSON.stringify({ apikey: this.key, ...fields });
    return this.send('POST', `/api/v1/${name}`, body, { 'content-type': 'application/json' });
  }

  /** A key with these scopes and this rate. */
  async makeKey(scopes: readonly string[], ratePerSecond: number): Promise<string> {
    const body = { label: scopes.join('-'), scopes, rate_per_second: ratePerSecond };
    const headers = { 'x-api-key': this.key };
    const made = await this.send('POST', '/api/admin/keys', JSON.stringify(body), headers);
    return String(made.json['apikey']);
  }

  /** Orders that the gateway has accepted. */
  async orders(): Promise<readonly Json[]> {
    const book = await this.call('orderbook');
    return (book.json['data'] as { orders: Json[] }).orders; // the contract's shape
  }

  /** The price of SBIN now, in rupees. */
  async price(): Promise<number> {
    const quote = await this.call('quotes', { symbol: 'SBIN', exchange: 'NSE' });
    return (quote.json['data'] as { ltp: number }).ltp; // the contract's shape
  }

  /** Ends the process and its Redis, and removes everything they wrote. */
  async close(): Promise<void> {
    const { child } = this.#gateway;
    const data = path.join(this.#folder, 'data');
    const redis = child.over ? null : await redisPid(redisOf(data)).catch(() => null);
    child.signal('SIGTERM');
    await Promise.race([child.ended, pause(STOP_LIMIT_MS, undefined, { ref: false })]);
    if (!child.over) {
      await child.end();
      if (redis !== null) signalIfThere(redis, 'SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 });
  }
}
