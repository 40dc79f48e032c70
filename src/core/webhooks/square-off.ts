import { isGatewayError } from '../domain/errors';
import type { EpochMs, IsoDate } from '../domain/ids';
import { epochMs } from '../domain/ids';
import type { Order } from '../domain/order';
import { DAY_MS, istDate, startOfIstDay } from '../domain/time';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { SquareOffRow, WebhookStore } from '../ports/webhook-store';
import type { CommandAnswer, OrderService } from '../orders/service-types';
import type { Hook, Hooks } from './hooks';
import { hookCaller } from './hooks';
import type { Intraday, Mapping } from './settings';
import { closing } from './signals';
import { closeOf, instantOf } from './trading-times';

const TICK_MS = 1_000;
/** Between two attempts of one square-off: longer each time, until the exchange closes. */
const AGAIN_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long one attempt waits for the broker's word; a later one counts what is still under way. */
const WAIT_MS = 10_000;
/** How many days back a square-off that nobody ran is still reported. */
const LOOK_BACK_DAYS = 7;

export interface SquareOffDeps {
  readonly hooks: Hooks;
  readonly store: WebhookStore;
  readonly orders: OrderService;
  readonly ledger: Pick<Ledger, 'netPosition' | 'openOrders'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bus: Bus;
}

/** A hook that ends its day flat. */
interface Daily {
  readonly hook: Hook;
  readonly times: Intraday;
  readonly mappings: readonly Mapping[];
}

/**
 * Closes what intraday strategies hold, each day at their time. The plan is the hooks on disk and a row
 * per hook and day, so that a restart goes on where it was; each attempt has a client order id of its
 * own, so that no attempt is ever placed twice, in whichever process.
 */
export class SquareOff {
  readonly #deps: SquareOffDeps;
  readonly #running = new Set<string>();
  readonly #lookedBack = new Set<string>();
  #stop: (() => void) | null = null;
  #tick: Promise<void> = Promise.resolve();

  constructor(deps: SquareOffDeps) {
    this.#deps = deps;
  }

  /** Looks every second. */
  start(): void {
    this.#stop = this.#deps.clock.every(TICK_MS, () => {
      this.#tick = this.look();
    });
  }

  async close(): Promise<void> {
    this.#stop?.();
    await this.#tick;
  }

  /** Does what is due now; never throws. */
  async look(): Promise<void> {
    const { hooks, logger } = this.#deps;
    try {
      const daily = (await hooks.list()).flatMap(dailyOf);
      // Paused hooks too: a pause stops alerts, not the end of the day.
      await Promise.all(daily.map((one) => this.#lookAt(one)));
    } catch (error) {
      logger.error({ reason: String(error) }, 'square-offs not looked at');
    }
  }

  async #lookAt(daily: Daily): Promise<void> {
    const { hookId } = daily.hook;
    if (this.#running.has(hookId)) return;
    this.#running.add(hookId);
    try {
      const now = this.#deps.clock.now();
      const day = istDate(now);
      if (!this.#lookedBack.has(`${hookId} ${day}`)) {
        this.#lookedBack.add(`${hookId} ${day}`);
        for (let back = 1; back <= LOOK_BACK_DAYS; back += 1) {
          await this.#reportMissed(daily, istDate(epochMs(now - back * DAY_MS)));
        }
      }
      await this.#today(daily, day, now);
    } catch (error) {
      this.#deps.logger.error({ webhook: hookId, reason: String(error) }, 'square-off');
    } finally {
      this.#running.delete(hookId);
    }
  }

  async #today(daily: Daily, day: IsoDate, now: EpochMs): Promise<void> {
    const { store, clock } = this.#deps;
    const { hookId, createdAt } = daily.hook;
    const dueAt = instantOf(day, daily.times.squareOff);
    if (now < dueAt || createdAt > dueAt) return;
    const row = await store.squareOff(hookId, day);
    if (row !== null && row.state !== 'trying') return;
    const pauseMs = Math.min(AGAIN_MS * (row?.attempts ?? 0), LONGEST_PAUSE_MS);
    if (row !== null && now < row.at + pauseMs) return;
    const open = daily.mappings.filter((mapping) => now < closeOf(mapping.exchange, day));
    if (open.length === 0) {
      await this.#reportMissed(daily, day);
      return;
    }
    const attempts = (row?.attempts ?? 0) + 1;
    const failed = await this.#attempt(daily, day, open, attempts);
    const state = failed.length === 0 ? 'done' : 'trying';
    await store.saveSquareOff({ hookId, day, state, attempts, at: clock.now() });
    if (failed.length > 0) {
      this.#alarm(daily.hook, 'square-off-refused', { day, attempts, state, failed });
    } else if (open.length < daily.mappings.length) {
      const closed = daily.mappings.filter((mapping) => !open.includes(mapping));
      this.#alarm(daily.hook, 'square-off-missed', { day, closed: closed.map((m) => m.symbol) });
    }
  }

  /** Sends the exits; why each that was refused was. */
  async #attempt(
    daily: Daily,
    day: IsoDate,
    mappings: readonly Mapping[],
    attempt: number,
  ): Promise<readonly string[]> {
    const { hook } = daily;
    const held = await this.#maybeHeld(hook, mappings);
    if (held.length === 0) return [];
    let answers: readonly CommandAnswer[];
    try {
      answers = await this.#deps.orders.placeBasket(
        {
          account: hook.accountId,
          clientOrderId: `square-off-${day}-${attempt}`,
          sellsAfterBuys: false,
          legs: held.map((mapping) => closing(mapping, hook.label)),
        },
        {
          apiKeyId: hookCaller(hook.hookId),
          correlationId: Buffer.from(this.#deps.random.bytes(12)).toString('hex'),
          waitMs: WAIT_MS,
        },
      );
    } catch (error) {
      // The same attempt with other legs: an earlier process wrote it, and died before it said so.
      if (isGatewayError(error) && error.code === 'CLIENT_ORDER_ID_REUSED') return ['interrupted'];
      return [isGatewayError(error) ? error.message : String(error)];
    }
    const refused = answers.map(({ order }) => order).filter(isRefused);
    return refused.map(
      (order) => `${order.terms.instrument.symbol}: ${order.reason ?? order.state}`,
    );
  }

  /** The mappings that may have something to close: neither known flat nor without an order under way. */
  async #maybeHeld(hook: Hook, mappings: readonly Mapping[]): Promise<readonly Mapping[]> {
    const { ledger, store, clock } = this.#deps;
    const open = await ledger.openOrders(hook.accountId);
    const day = startOfIstDay(istDate(clock.now()));
    const made = await store.ordersMade(
      hook.accountId,
      hookCaller(hook.hookId),
      day,
      epochMs(day + DAY_MS),
    );
    const held: Mapping[] = [];
    for (const mapping of mappings) {
      const { exchange, symbol, product } = mapping;
      const net = await ledger.netPosition(hook.accountId, exchange, symbol, product);
      const underWay = open.some(
        ({ terms }) =>
          terms.instrument.exchange === exchange &&
          terms.instrument.symbol === symbol &&
          terms.product === product,
      );
      // A position that is not known, on a day without an order of this hook, is a day without trading.
      const unknown = net === null && made.length > 0;
      if (underWay || unknown || (net !== null && net !== 0)) held.push(mapping);
    }
    return held;
  }

  /** Alarms once when a day on which the hook traded has ended without its square-off. */
  async #reportMissed(daily: Daily, day: IsoDate): Promise<void> {
    const { store, clock } = this.#deps;
    const { hook } = daily;
    const row = await store.squareOff(hook.hookId, day);
    if (row !== null && row.state !== 'trying') return;
    const from = startOfIstDay(day);
    const until = epochMs(from + DAY_MS);
    const caller = hookCaller(hook.hookId);
    const made = await store.ordersMade(hook.accountId, caller, from, until);
    if (made.length === 0) return;
    const missed: SquareOffRow = {
      hookId: hook.hookId,
      day,
      state: 'missed',
      attempts: row?.attempts ?? 0,
      at: clock.now(),
    };
    await store.saveSquareOff(missed);
    this.#alarm(hook, 'square-off-missed', { day });
  }

  #alarm(hook: Hook, name: string, detail: Readonly<Record<string, unknown>>): void {
    const { logger, metrics, bus } = this.#deps;
    metrics.alarm(hook.accountId, name);
    logger.error(
      { account: hook.accountId, webhook: hook.hookId, label: hook.label, ...detail },
      name,
    );
    const text = `${hook.label}: ${name}; look at its positions now`;
    bus.publish({ kind: 'alarm', accountId: hook.accountId, name, text });
  }
}

const dailyOf = (hook: Hook): readonly Daily[] => {
  const { settings } = hook;
  if (settings.kind === 'alert' || settings.intraday === null) return [];
  return [{ hook, times: settings.intraday, mappings: settings.mappings }];
};

/** Ended without ever working, for another reason than that there was nothing to close. */
const isRefused = (order: Order): boolean =>
  order.reasonCode !== 'ALREADY_MATCHED' &&
  (order.state === 'rejected' ||
    order.state === 'denied' ||
    (order.state === 'expired' && order.brokerOrderId === null));
