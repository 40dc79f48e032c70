import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderLife } from '../../src/core/orders/explain';
import { seededFraction } from '../../src/simulators/core/seeded';
import type { TrueEvent } from '../../src/simulators/core/event-log';
import type { NeutralOrder } from '../../src/simulators/neutral/wire';
import { habitsOf, LAST_PRICE } from './brokers';
import type { Broker } from './brokers';
import { call, must } from './calls';
import { cellName, pick, troubleOf } from './cells';
import type { Cell, Draw, Trouble } from './cells';
import { judge } from './judge';
import type { CommandFact, Facts, Failure, MoveFact, Row } from './judge';
import {
  redisOf,
  redisPid,
  signalIfThere,
  startGateway,
  startSimulator,
  tellRedis,
  waitGone,
} from './processes';
import type { RunningGateway, RunningSimulator } from './processes';
import { idsIn, restingTerms, Sender } from './sender';
import { Sessions } from './sessions';
import type { Template } from './template';

const SEND_BY_MS = 300;
const COMMAND_TIMEOUT_MS = 500;
/** After this a read may prove that an order is not at the broker: both figures above and the core's margin. */
const PROOF_MS = SEND_BY_MS + COMMAND_TIMEOUT_MS + 1_000;
/** How long the session stays dead before the point of the cell is reached. */
const TOKEN_GONE_MS = 1_500;
/** A lease that has to run out, the proof, and the spaced reads that follow it, on a busy machine. */
const JUDGED_LIMIT_MS = 15_000;
const HIT_LIMIT_MS = 6_000;
const SETTLE_LIMIT_MS = 30_000;
const POLL_MS = 100;

export type Action = 'kill' | 'stop' | 'take over';
export interface RunPlan {
  readonly cell: Cell;
  readonly seed: number;
  /** End the process, stop and continue it, or stop it while another one serves the account. */
  readonly action: Action;
  readonly broker: Broker;
}
export interface RunResult {
  readonly plan: RunPlan;
  /** Whether the process was ended or stopped at the point of the cell. */
  readonly hit: boolean;
  readonly trouble: string;
  readonly failures: readonly Failure[];
  /** The orders' visible states just before the end of the wait, for the report. */
  readonly explained: readonly string[];
  /** What it was doing when, milliseconds from its start. */
  readonly phases: readonly string[];
  readonly folder: string | null;
  readonly tookMs: number;
}

/** One life: orders, faults, an end or stop at the cell's point, a restart, and the judgement. */
export const runOnce = async (plan: RunPlan, template: Template): Promise<RunResult> => {
  const startedAt = Date.now();
  const folder = await mkdtemp(path.join(os.tmpdir(), `toran-chaos-${String(plan.seed)}-`));
  const life = new Life(plan, template, folder);
  try {
    const outcome = await life.live();
    const keep = outcome.failures.length > 0;
    await life.end();
    if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    return { ...outcome, plan, folder: keep ? folder : null, tookMs: Date.now() - startedAt };
  } finally {
    await life.end();
  }
};

class Life {
  readonly #plan: RunPlan;
  readonly #template: Template;
  readonly #folder: string;
  readonly #data: string;
  readonly #draw: Draw;
  readonly #trouble: Trouble;
  readonly #gateways: RunningGateway[] = [];
  readonly #redisPids = new Set<number>();
  #simulator: RunningSimulator | null = null;
  readonly #began = Date.now();
  readonly #phases: string[] = [];
  #open = '';
  readonly #sessions: Sessions;

  constructor(plan: RunPlan, template: Template, folder: string) {
    this.#plan = plan;
    this.#template = template;
    this.#folder = folder;
    this.#data = path.join(folder, 'data');
    // Neighbouring seeds must not begin alike.
    this.#draw = seededFraction(Math.imul(plan.seed, 0x9e3779b1));
    this.#sessions = new Sessions(plan.broker, template, (body) => this.#simulate('token', body));
    this.#trouble = troubleOf(plan.cell.family, this.#draw);
  }

  #phase(name: string): void {
    this.#phases.push(`${String(Date.now() - this.#began)} ${name}`);
  }

  async live(): Promise<Pick<RunResult, 'hit' | 'trouble' | 'failures' | 'explained' | 'phases'>> {
    const { cell, action } = this.#plan;
    const draw = this.#draw;
    await cp(this.#template.data, this.#data, { recursive: true });
    const simulator = await startSimulator(this.#template.dist, this.#folder, this.#plan.broker);
    this.#simulator = simulator;
    await this.#simulate('market', {
      defaultPrice: LAST_PRICE,
      fillDelayMs: pick(draw, [0, 0, 60, 250]),
      skewMs: this.#trouble.skewMs,
    });
    if (this.#plan.broker === 'icici')
      await this.#simulate('quirks', { neverTags: draw() < 1 / 3 });
    const nth = 1 + Math.floor(draw() * 3);
    const how = action === 'kill' ? 'kill' : 'stop';
    const point = cell.point === 'random' ? null : `${cell.point}:${how}:${String(nth)}:armed`;
    const first = await this.#start(point, null);
    const sender = new Sender(first.base, this.#template, habitsOf(this.#plan.broker), draw);
    await this.#sessions.begin(sender.base);
    const resting = await this.#placeResting(sender);
    await this.#simulate('faults', { script: this.#trouble.rules });
    if (point !== null) first.child.signal('SIGUSR2');
    this.#phase('storm');
    const storm = this.#storm(sender, resting);
    const lag = this.#trouble.booksLag ? this.#endLag(resting.length) : Promise.resolve();
    const hit = await this.#strike(first, storm, sender);
    this.#phase('struck');
    await storm;
    this.#phase('storm over');
    await lag;
    await sender.resend();
    if (this.#trouble.renewToken) {
      // The login that ends it: an order that left late must not meet the fault once more.
      await this.#simulate('faults', { clear: true });
      await this.#sessions.renew(sender.base);
    }
    this.#phase('settling');
    const failures = await this.#settle(sender);
    this.#phase('settled');
    const ids = new Set(failures.map((failure) => failure.orderId).filter((id) => id !== null));
    const explained: string[] = [];
    for (const id of [...ids].slice(0, 3)) {
      const page = await this.#admin(`orders/${id}/explain`);
      explained.push(JSON.stringify(page, null, 1));
    }
    return { hit, trouble: this.#trouble.text, failures, explained, phases: this.#phases };
  }

  /** Ends every process of this run. */
  async end(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.child.end()));
    await this.#simulator?.child.end();
    await Promise.all([...this.#redisPids].map(waitGone));
    this.#redisPids.clear();
  }

  async #start(crashPoint: string | null, redisUrl: string | null): Promise<RunningGateway> {
    const simulator = this.#simulator;
    if (simulator === null) throw new Error('no simulator');
    const gateway = await startGateway({
      dist: this.#template.dist,
      data: this.#data,
      log: path.join(this.#folder, 'gateway.log'),
      simulator,
      env: {
        TORAN_SEND_BY_MS: String(SEND_BY_MS),
        TORAN_NEUTRAL_TIMEOUT_MS: String(COMMAND_TIMEOUT_MS),
        TORAN_ORDER_WAIT_MS: '1500',
        TORAN_ORDER_DEADLINE_MS: '15000',
        TORAN_EXIT_DEADLINE_MS: '20000',
        ...(crashPoint === null ? {} : { TORAN_CRASH_POINT: crashPoint }),
        ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
      },
    });
    this.#gateways.push(gateway);
    if (redisUrl === null) this.#redisPids.add(await redisPid(redisOf(this.#data)));
    return gateway;
  }

  async #placeResting(sender: Sender): Promise<readonly string[]> {
    const terms = restingTerms(sender.habits);
    const intents = [sender.draft(terms), sender.draft(terms), sender.draft(terms)];
    const ids: string[] = [];
    for (const intent of intents) {
      const answer = await sender.send(intent);
      if (answer?.status !== 200) throw new Error(`cannot begin: ${JSON.stringify(answer)}`);
      ids.push(...idsIn(answer));
    }
    return ids;
  }

  /** Several senders at once, each with its own little delay. */
  async #storm(sender: Sender, resting: readonly string[]): Promise<void> {
    const draw = this.#draw;
    const places = Array.from({ length: 3 + Math.floor(draw() * 3) }, () => sender.draft());
    const work: (() => Promise<unknown>)[] = places.map((intent) => () => sender.send(intent));
    const [a, b, c] = resting;
    if (a !== undefined) work.push(() => sender.modify(a));
    if (b !== undefined) work.push(() => sender.cancel(b));
    if (c !== undefined) {
      work.push(async () => {
        await sender.modify(c);
        await sender.cancel(c);
      });
    }
    if (draw() < 0.1) work.push(() => sender.cancelAll());
    const [twin] = places;
    if (twin?.resend === 'always') work.push(() => sender.send(twin, 'text/plain'));
    const delays = work.map(() => Math.floor(draw() * 120));
    await Promise.all(
      work.map(async (task, index) => {
        await pause(delays[index]);
        await task();
      }),
    );
  }

  /** Brings the trouble of Redis, waits for the crash point (or picks an instant), and brings the gateway back. */
  async #strike(first: RunningGateway, storm: Promise<void>, sender: Sender): Promise<boolean> {
    const { cell, action } = this.#plan;
    const redis = this.#troubleRedis();
    if (this.#trouble.partialFills) void this.#fillInParts().catch(() => undefined);
    if (cell.point === 'random') {
      await pause(Math.floor(this.#draw() * 600));
      first.child.signal(action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
    }
    const limit = Date.now() + HIT_LIMIT_MS;
    const renewAt = Date.now() + TOKEN_GONE_MS;
    let renew = this.#trouble.renewToken;
    while (!first.child.over && !first.child.stopped && Date.now() < limit) {
      await pause(10);
      if (!renew || Date.now() < renewAt) continue;
      renew = false;
      await this.#sessions.renew(sender.base);
    }
    const hit = first.child.over || first.child.stopped;
    const late = Math.floor(this.#draw() * 1_500);
    if (!hit) {
      // It must not die or stop later, when nobody looks.
      await Promise.all([redis, storm, first.child.end()]);
      sender.base = (await this.#start(null, null)).base;
      return false;
    }
    switch (action) {
      case 'kill':
        await first.child.ended;
        await redis;
        sender.base = (await this.#start(null, null)).base;
        break;
      case 'stop':
        await pause(late);
        first.child.signal('SIGCONT');
        break;
      case 'take over':
        await redis;
        await this.#takeOver(first, late, sender);
        break;
    }
    await Promise.all([redis, storm]);
    return true;
  }

  /** Another process on the same ledger and Redis serves the account while the first one is stopped. */
  async #takeOver(first: RunningGateway, late: number, sender: Sender): Promise<void> {
    const redis = redisOf(this.#data);
    if (this.#trouble.redis !== null) await tellRedis(redis, 'FLUSHALL');
    const url = `redis://:${redis.password}@127.0.0.1:${String(redis.port)}`;
    try {
      sender.base = (await this.#start(null, url)).base;
    } catch (error) {
      // It was stopped inside a transaction: nobody can write before it goes on.
      if (!String(error).includes('database is locked')) throw error;
      first.child.signal('SIGCONT');
      sender.base = (await this.#start(null, url)).base;
      return;
    }
    // Before the send: the other process first leads and says what became of the unsent order.
    const { point } = this.#plan.cell;
    const long = point === 'before-send' || point === 'after-submitted';
    if (long) await this.#untilJudged(sender);
    else await pause(late);
    first.child.signal('SIGCONT');
  }

  /** Waits until the serving process has no order that may be on its way, or for a bounded time. */
  async #untilJudged(sender: Sender): Promise<void> {
    const { account } = this.#template;
    const limit = Date.now() + JUDGED_LIMIT_MS;
    while (Date.now() < limit) {
      await pause(200);
      const body = { apikey: this.#template.key, account };
      const answer = await call(`${sender.base}/api/v1/orderbook`, body);
      if (answer?.status !== 200) continue;
      const { orders } = answer.json['data'] as { orders: readonly Row[] }; // the documented shape
      if (orders.every((row) => !row.in_doubt && row.state !== 'submitted')) return;
    }
  }

  async #troubleRedis(): Promise<void> {
    const kind = this.#trouble.redis;
    // A stopped process cannot bring its Redis back: a take-over meets an emptied one, see above.
    if (kind === null || (kind === 'kill' && this.#plan.action === 'take over')) return;
    const [pid] = this.#redisPids;
    if (pid === undefined) return;
    await pause(Math.floor(this.#draw() * 150));
    if (kind === 'kill') signalIfThere(pid, 'SIGKILL');
    if (kind === 'flush') {
      for (let times = 0; times < 3; times += 1) {
        await tellRedis(redisOf(this.#data), 'FLUSHALL').catch(() => '');
        await pause(40);
      }
    }
    if (kind === 'away') {
      signalIfThere(pid, 'SIGSTOP');
      await pause(1_500);
      signalIfThere(pid, 'SIGCONT');
    }
  }

  async #fillInParts(): Promise<void> {
    await pause(60);
    const open = (await this.#truth('orders')) as readonly NeutralOrder[]; // the simulator's own type
    for (const order of open.filter((one) => one.status === 'open').slice(0, 2)) {
      await this.#simulate('fill', { brokerOrderId: order.order_id, quantity: 1, price: '90' });
    }
  }

  /** Lets the books tell the truth again once one read could have proved an absence, and before a third could. */
  async #endLag(resting: number): Promise<void> {
    const limit = Date.now() + HIT_LIMIT_MS;
    // The order whose answer is lost is the first one after those that rest.
    let lostAt: number | undefined;
    while (lostAt === undefined && Date.now() < limit) {
      await pause(20);
      lostAt = (await this.#placements())[resting]?.at;
    }
    while (lostAt !== undefined && Date.now() < lostAt + PROOF_MS) await pause(10);
    const reads = async (): Promise<number> => {
      const { requests } = (await this.#truth('stats')) as { requests: Record<string, number> }; // ServerStats
      return requests['orders'] ?? 0;
    };
    const before = await reads();
    while ((await reads()) === before && Date.now() < limit) await pause(10);
    await this.#simulate('faults', { clear: true });
  }

  /** Looks until nothing is wrong, twice in a row, or the time is over. */
  async #settle(sender: Sender): Promise<readonly Failure[]> {
    const limit = Date.now() + SETTLE_LIMIT_MS;
    let clean = 0;
    for (;;) {
      const facts = await this.#facts(sender);
      const failures = facts === null ? null : judge(facts);
      const hopeless = failures?.some((failure) => failure.verdict === 'doubled') === true;
      if (failures?.length === 0) {
        clean += 1;
        if (clean >= 2) {
          const left = facts?.rows.filter((row) => row.in_doubt).length ?? 0;
          if (left > 0) this.#phase(`left in doubt, with an alarm: ${String(left)}`);
          return failures;
        }
        await pause(SEND_BY_MS + COMMAND_TIMEOUT_MS);
        continue;
      }
      clean = 0;
      const open = failures?.[0]?.text ?? 'no answer';
      if (open !== this.#open) this.#phase(open);
      this.#open = open;
      if (hopeless || Date.now() > limit) {
        if (failures !== null) return failures;
        return [{ verdict: 'unsettled', text: 'the gateway does not answer', orderId: null }];
      }
      await pause(POLL_MS);
    }
  }

  async #facts(sender: Sender): Promise<Facts | null> {
    const { account } = this.#template;
    const body = { apikey: this.#template.key, account };
    const answer = await call(`${sender.base}/api/v1/orderbook`, body);
    if (answer?.status !== 200) return null;
    const { orders } = answer.json['data'] as { orders: readonly Row[] }; // the documented shape
    const facts = {
      intents: sender.intents,
      changes: [],
      rows: orders,
      commands: [],
      history: [],
      placements: await this.#placements(),
      book: (await this.#truth('orders')) as readonly NeutralOrder[],
      alarms: await this.#alarms(),
      tagsMayBeLost: this.#plan.broker !== 'neutral',
      marketLimits: sender.habits.marketLimits,
      // Breeze calls a stop `Ordered` before its trigger and after.
      bookTellsTriggers: this.#plan.broker !== 'icici',
      stoppedReason: null,
      overLimit: 0,
    };
    // The rest is many calls: only once the orders themselves are right.
    if (judge(facts).length > 0) return facts;
    const commands: CommandFact[] = [];
    const history: MoveFact[] = [];
    for (const row of orders.filter((one) => one.strategy !== '')) {
      const page = await this.#admin(`orders/${row.orderid}/explain`);
      if (page === null) return null;
      const { explanation } = page as { explanation: OrderLife };
      commands.push(...explanation.commands);
      for (const event of explanation.events.filter((one) => one.kind === 'state')) {
        const { from, to } = event.detail as Pick<MoveFact, 'from' | 'to'>; // written by the ledger
        history.push({ orderId: row.orderid, from, to });
      }
    }
    const list = (await this.#admin('accounts')) as {
      accounts: readonly { account: string; stopped_reason: string | null }[];
    } | null;
    if (list === null) return null;
    const stats = (await this.#truth('stats')) as {
      rates: readonly { name: string; refused: number }[];
    };
    return {
      ...facts,
      changes: sender.changes,
      commands,
      history,
      // Books that lag behind the positions disagree with them: entries are rightly stopped.
      stoppedReason: this.#trouble.booksLag
        ? null
        : (list.accounts.find((one) => one.account === account)?.stopped_reason ?? null),
      overLimit: stats.rates.reduce((sum, rate) => sum + rate.refused, 0),
    };
  }

  async #alarms(): Promise<ReadonlySet<string>> {
    const log = await readFile(path.join(this.#folder, 'gateway.log'), 'utf8');
    const found = [...log.matchAll(/order (\d{15}) \(place\) is in doubt for/g)];
    return new Set(found.map((match) => match[1] ?? ''));
  }

  async #admin(name: string): Promise<unknown> {
    const base = this.#gateways.at(-1)?.base ?? '';
    const answer = await call(`${base}/api/admin/${name}`, null, { key: this.#template.key });
    return answer?.status === 200 ? answer.json : null;
  }

  async #placements(): Promise<readonly TrueEvent[]> {
    const events = (await this.#truth('log')) as readonly TrueEvent[];
    return events.filter((event) => event.operation === 'place');
  }

  async #truth(name: 'log' | 'orders' | 'stats'): Promise<unknown> {
    const response = await fetch(`${this.#simulator?.controlUrl ?? ''}/_sim/${name}`);
    return response.json();
  }
  async #simulate(name: string, body: object): Promise<void> {
    await must(`${this.#simulator?.controlUrl ?? ''}/_sim/${name}`, body);
  }
}

/** The plan's cell and seed in one line. */
export const planName = (plan: RunPlan): string =>
  `${cellName(plan.cell)} ${plan.action}, seed ${String(plan.seed)}, ${plan.broker}`;
