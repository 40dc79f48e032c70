import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { ROUTES } from '../../src/api/routes';
import type { Route } from '../../src/api/route';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import type { Gateway } from '../../src/gateway';
import { createLogger } from '../../src/infra/pino-logger';
import { GatewayBench, NEUTRAL } from '../support/gateway';
import { mutated } from './body';
import type { Case } from './cases';
import { addSpareHook, makeIds } from './ids';
import type { Ids } from './ids';
import { LedgerView } from './ledger-view';
import type { RecordedOrder } from './ledger-view';

/** An account of real money, behind its live switch. */
export const REAL = accountId('real');
const REAL_LABEL = 'Main book';
/** Calls that need an order at rest. */
const RESTING = new Set(['modifyorder', 'cancelorder', 'resolveOrder']);
/** A symbol of the seed that exists on every day. */
const SYMBOL = { exchange: 'NSE', symbol: 'SBIN' };
/** A call that takes longer than this hangs. */
const ANSWER_LIMIT_MS = 10_000;

/** What one call did. */
export interface Outcome {
  readonly sent: { readonly route: Route; readonly method: string; readonly path: string };
  /** The body as text, for the judge's own reading of it. */
  readonly body: string;
  readonly status: number;
  readonly contentType: string;
  /** Head and body of the answer. */
  readonly text: string;
  readonly head: string;
  readonly ms: number;
  /** Orders that this call wrote. */
  readonly orders: readonly RecordedOrder[];
  /** What the gateway logged meanwhile. */
  readonly log: string;
  /** Whether the account of real money traded live before the call. */
  readonly wasLive: boolean;
}

/** A real gateway with an account of every kind, hooks of every kind, and orders. */
export class FuzzWorld {
  /** Texts that no answer and no log line may hold. */
  readonly secrets = new Set<string>();
  readonly #bench: GatewayBench;
  readonly #gateway: Gateway;
  readonly #view: LedgerView;
  readonly #ids: Ids;
  readonly #lines: string[];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  #calls = 0;
  #lastOrder = '260108000000001';
  #spareHook: string;

  private constructor(bench: GatewayBench, gateway: Gateway, ids: Ids, lines: string[]) {
    this.#bench = bench;
    this.#gateway = gateway;
    this.#ids = ids;
    this.#lines = lines;
    this.#spareHook = ids.spareHook;
    this.#view = new LedgerView(path.join(bench.directory, 'ledger.sqlite'));
    for (const secret of [ids.apikey, ids.alert.token, ids.strategy, ids.chartink]) {
      this.secrets.add(secret);
    }
  }

  static async open(redisUrl: string): Promise<FuzzWorld> {
    const bench = await GatewayBench.open(redisUrl, {
      TORAN_ORDER_WAIT_MS: '30',
      TORAN_WEBHOOK_WAIT_MS: '30',
      TORAN_ORDER_DEADLINE_MS: '60000',
    });
    await bench.ledger.addAccount(
      {
        accountId: REAL,
        broker: brokerId('neutral-live'),
        login: 'real',
        label: REAL_LABEL,
        isDefault: true,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      epochMs(Date.now()),
    );
    const lines: string[] = [];
    const logger = createLogger({
      level: 'debug',
      pretty: false,
      sink: { write: (line) => lines.push(line) },
    });
    const gateway = await bench.start({}, logger);
    return new FuzzWorld(bench, gateway, await makeIds(bench, gateway, REAL), lines);
  }

  /** Makes the call of a case and looks at what it did. */
  async run(one: Case): Promise<Outcome> {
    const route = ROUTES.find(({ name }) => name === one.route);
    if (route === undefined) throw new Error(`no route ${one.route}`);
    await this.#prepare(route);
    const { body, text: sentText } = this.#body(route, one);
    const sentPath = this.#path(route, one);
    const before = this.#view.lastRow();
    const wasLive = this.#view.tradesLive(REAL);
    this.#lines.length = 0;
    const startedAt = performance.now();
    const answer = await this.#send(one.method, sentPath, this.#headers(route, one), body);
    const ms = performance.now() - startedAt;
    const orders = this.#view.ordersAfter(before);
    this.#lastOrder = orders.at(-1)?.order_id ?? this.#lastOrder;
    return {
      sent: { route, method: one.method, path: sentPath },
      body: sentText,
      ...answer,
      ms,
      orders,
      log: this.#lines.join(''),
      wasLive,
    };
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#view.close();
    await this.#bench.close();
  }

  /** What the call needs to have a chance: an order that rests, a hook to be changed. */
  async #prepare(route: Route): Promise<void> {
    if (RESTING.has(route.name)) {
      const { body } = await this.#bench.place(this.#gateway, {
        pricetype: 'LIMIT',
        price: '700',
        quantity: '2',
      });
      const { orderid } = body;
      if (typeof orderid === 'string') this.#lastOrder = orderid;
    }
    if (!route.path.startsWith('/api/admin/webhooks/:id')) return;
    if (!this.#view.hasHook(this.#spareHook)) {
      const label = `spare ${String(this.#calls)}`;
      this.#spareHook = await addSpareHook(this.#bench, this.#gateway, REAL, label);
    }
  }

  /** The body of the route's own example, with what exists here, and different each time. */
  #right(route: Route): Readonly<Record<string, unknown>> {
    this.#calls += 1;
    const example: Record<string, unknown> = { ...route.examples.request };
    const here: Record<string, unknown> = {
      apikey: this.#ids.apikey,
      token: this.#ids.alert.token,
      orderid: this.#lastOrder,
      client_order_id: `c-${String(this.#calls)}`,
      account: NEUTRAL,
      confirm: REAL_LABEL,
      label: `label-${String(this.#calls)}`,
      login: 'main',
    };
    for (const name of Object.keys(example)) if (name in here) example[name] = here[name];
    return route.name === 'symbol' ? { ...example, ...SYMBOL } : example;
  }

  #body(route: Route, one: Case): { readonly body: Uint8Array | null; readonly text: string } {
    if (one.body.kind === 'bytes') {
      return { body: one.body.bytes, text: Buffer.from(one.body.bytes).toString('utf8') };
    }
    if (one.body.kind === 'none') return { body: null, text: '' };
    const right = this.#right(route);
    const text = mutated(
      one.key === 'right'
        ? right
        : Object.fromEntries(
            Object.entries(right).flatMap(([name, value]) =>
              name !== 'apikey' ? [[name, value]] : one.key === 'wrong' ? [[name, 'wrong']] : [],
            ),
          ),
      one.body.mutations,
    );
    return { body: Buffer.from(text, 'utf8'), text };
  }

  #headers(route: Route, one: Case): Record<string, string> {
    const carried = route.access.kind === 'key' && route.access.carrier === 'header';
    if (!carried || one.key === 'absent') return { ...one.headers };
    return { ...one.headers, 'x-api-key': one.key === 'right' ? this.#ids.apikey : 'wrong' };
  }

  #paramOf(route: Route): string {
    const { path: to } = route;
    const { alert, strategy, chartink, spareKeyId } = this.#ids;
    if (to.startsWith('/webhook/')) return alert.id;
    if (to.startsWith('/strategy/')) return strategy;
    if (to.startsWith('/chartink/')) return chartink;
    if (to.startsWith('/api/admin/webhooks')) return this.#spareHook;
    if (to.startsWith('/api/admin/keys')) return spareKeyId;
    if (to.startsWith('/api/admin/orders')) return this.#lastOrder;
    return to.endsWith('/reset') ? 'paper-twin-real' : REAL;
  }

  #path(route: Route, one: Case): string {
    const plain = route.path.replace(/:\w+/, () => one.param ?? this.#paramOf(route));
    const byQuery = route.access.kind === 'key' && route.access.carrier === 'query';
    const query = byQuery ? `?${queryOf(this.#right(route), one)}` : '';
    const to = `${plain}${query}`;
    switch (one.path) {
      case 'plain':
        return to;
      case 'slashes':
        return to.replaceAll('/', '//');
      case 'trailing':
        return `${plain}/${query}`;
      case 'dots':
        return `/x/../${to}`;
      case 'key':
        return `${plain}/${this.#ids.apikey}?apikey=${this.#ids.apikey}`;
      case 'broken-escape':
        return `${plain}%E0%A4%A?%ZZ=%`;
      case 'long':
        return `${plain}/${'y'.repeat(4_000)}`;
    }
  }

  #send(
    method: string,
    to: string,
    headers: Record<string, string>,
    body: Uint8Array | null,
  ): Promise<Pick<Outcome, 'status' | 'contentType' | 'text' | 'head'>> {
    const { address } = this.#gateway;
    if (address === null) throw new Error('this gateway has no API');
    return new Promise((resolve, reject) => {
      const call = request({
        ...address,
        method,
        path: to,
        agent: this.#agent,
        headers: { ...headers, 'content-length': String(body?.length ?? 0) },
        timeout: ANSWER_LIMIT_MS,
      });
      call.once('timeout', () => call.destroy(new Error('no answer in time')));
      call.once('error', reject);
      call.once('response', (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString('utf8'),
            head: response.rawHeaders.join('\n'),
          });
        });
      });
      call.end(body ?? undefined);
    });
  }
}

/** The fields of a query; a mutated body's text stands in it field by field. */
const queryOf = (right: Readonly<Record<string, unknown>>, one: Case): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(right)) {
    if (name !== 'apikey' || one.key === 'right') query.append(name, String(value));
  }
  if (one.body.kind === 'mutated') {
    for (const mutation of one.body.mutations) {
      const names = [...query.keys()];
      const name =
        mutation.kind === 'add' ? mutation.name : (names[mutation.at % names.length] ?? '');
      if (mutation.kind === 'drop') query.delete(name);
      else query.append(name, mutation.raw.slice(0, 500).toWellFormed());
    }
  }
  return query.toString();
};
