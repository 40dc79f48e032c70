import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { call, must } from '../chaos/calls';
import type { Answer } from '../chaos/calls';
import { redisOf, redisPid, signalIfThere, startGateway, startSimulator } from '../chaos/processes';
import type { RunningGateway, RunningSimulator } from '../chaos/processes';
import { until } from '../support/until';

const DIST = path.resolve(__dirname, '..', '..', 'dist');

/** A webhook as the admin API made it. */
export interface MadeHook {
  readonly path: string;
  readonly token: string | null;
}

/** One gateway process after another over one folder, with a simulator process behind them. */
export class GatewayProcesses {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'toran-webhook-process-'));
  readonly #simulator: RunningSimulator;
  #gateway: RunningGateway | null = null;
  #account: string | null = null;

  private constructor(simulator: RunningSimulator) {
    this.#simulator = simulator;
  }

  static async open(): Promise<GatewayProcesses> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'toran-webhook-simulator-'));
    return new GatewayProcesses(await startSimulator(DIST, folder));
  }

  get gateway(): RunningGateway {
    if (this.#gateway === null) throw new Error('no gateway runs');
    return this.#gateway;
  }
  get #data(): string {
    return path.join(this.folder, 'data');
  }
  get #key(): string {
    return readFileSync(path.join(this.#data, 'first-api-key'), 'utf8').trim();
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#gateway = await startGateway({
      dist: DIST,
      data: this.#data,
      log: path.join(this.folder, 'gateway.log'),
      simulator: this.#simulator,
      env,
    });
    // Written just after it begins to listen.
    await until(() => existsSync(path.join(this.#data, 'first-api-key')));
  }

  /** Kills the gateway and its Redis, as a loss of power does. */
  async kill(): Promise<void> {
    const { child } = this.gateway;
    const pid = child.over ? null : await redisPid(redisOf(this.#data)).catch(() => null);
    await child.end();
    if (pid !== null) signalIfThere(pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#simulator.child.end();
    for (const folder of [this.folder, path.dirname(this.#simulator.child.log)]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 });
    }
  }

  admin(name: string, body: object | null): Promise<Answer['json']> {
    return must(`${this.gateway.base}/api/admin/${name}`, body, { key: this.#key });
  }

  /** Makes a webhook of the simulator's account. */
  async hook(label: string, settings: object): Promise<MadeHook> {
    if (this.#account === null) {
      const made = await this.admin('accounts', {
        broker: 'neutral',
        login: 'w',
        label: 'neutral w',
      });
      this.#account = (made['account'] as { account: string }).account; // our own API's answer
    }
    const made = await this.admin('webhooks', { label, account: this.#account, settings });
    const secret = made['secret'] as { path: string; token?: string }; // our own API's answer
    return { path: secret.path, token: secret.token ?? null };
  }

  /** Posts to a webhook; null when the connection broke. */
  post(to: string, body: object): Promise<Answer | null> {
    return call(`${this.gateway.base}${to}`, body, { contentType: 'text/plain' });
  }

  /** Orders that the gateway has on the simulator's account. */
  async orders(): Promise<readonly { readonly orderid: string }[]> {
    const body = { apikey: this.#key, account: this.#account };
    const book = await must(`${this.gateway.base}/api/v1/orderbook`, body);
    return (book['data'] as { orders: { orderid: string }[] }).orders; // the contract's shape
  }

  /** What the simulated broker truly placed. */
  placements(): number {
    const log = path.join(path.dirname(this.#simulator.child.log), 'true.jsonl');
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"operation":"place"')).length;
  }
}
