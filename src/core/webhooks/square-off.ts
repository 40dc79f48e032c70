import { isGatewayError } from '../domain/errors';
import type { AccountId, EpochMs, IsoDate, OrderId } from '../domain/ids';
import { epochMs } from '../domain/ids';
import type { Exchange } from '../domain/instrument';
import type { Order } from '../domain/order';
import { DAY_MS, istDate, startOfIstDay } from '../domain/time';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { TradingCalendar } from '../ports/market';
import type { Metrics } from '../ports/metrics';
import type { SquareOffRow, WebhookStore } from '../ports/webhook-store';
import type { CommandAnswer, OrderService } from '../orders/service-types';
import type { Accounts } from '../sessions/accounts';
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
/** So many attempts that the broker took may be needed; more are an alarm. */
const USUAL_ATTEMPTS = 2;
/** How many days back a square-off that nobody ran is still reported. */
const LOOK_BACK_DAYS = 7;

export interface SquareOffDeps {
  readonly hooks: Hooks;
  readonly store: WebhookStore;
  readonly orders: OrderService;
  readonly ledger: Pick<Ledger, 'netPosition' | 'openOrders' | 'tradesLive'>;
  readonly accounts: Accounts;
  readonly calendar: Pick<TradingCalendar, 'day'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bus: Bus;
}

/** What one attempt found and did. */
interface Attempt {
  /** Whether it sent, or tried to. */
  readonly tried: boolean;
  /** Whether nothing is held any more, and nothing of the hook is under way. */
  readonly flat: boolean;
  /** Why what is held was not closed. */
  readonly failed: readonly string[];
}

/** What of a hook is open in one account. */
interface Held {
  /** May have something to close, and no exit of an earlier attempt is under way for it. */
  readonly toClose: readonly Mapping[];
  /** An exit is under way. */
  readonly closing: readonly Mapping[];
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
    // On a holiday an exit would rest until the next morning, and nothing was traded that day.
    const traded = daily.mappings.filter(({ exchange }) => !this.#isHoliday(exchange, day));
    if (traded.length === 0) return;
    const open = traded.filter((mapping) => now < closeOf(mapping.exchange, day));
    if (open.length === 0) {
      await this.#reportMissed(daily, day);
      return;
    }
    const attempts = (row?.attempts ?? 0) + 1;
    const { tried, flat, failed } = await this.#attempt(daily, day, open, attempts);
    // Exits are under way: looked at again when they have ended.
    if (!tried && !flat) return;
    const state = flat ? 'done' : 'trying';
    const at = clock.now();
    await store.saveSquareOff({ hookId, day, state, attempts: attempts - (tried ? 0 : 1), at });
    const stillOpen = tried && failed.length === 0 && attempts > USUAL_ATTEMPTS;
    if (failed.length > 0 || stillOpen) {
      this.#alarm(daily.hook, 'square-off-refused', { day, attempts, state, failed });
    } else if (flat && open.length < traded.length) {
      const closed = traded.filter((mapping) => !open.includes(mapping));
      this.#alarm(daily.hook, 'square-off-missed', { day, closed: closed.map((m) => m.symbol) });
    }
  }

  /**
   * Sends the exits to the account of the hook and to its practice. What is held in the real
   * account while that does not trade live is not closed: it is the owner's switch, and an alarm.
   */
  async #attempt(
    daily: Daily,
    day: IsoDate,
    mappings: readonly Mapping[],
    attempt: number,
  ): Promise<Attempt> {
    const { hook } = daily;
    const { accounts, ledger } = this.#deps;
    const failed: string[] = [];
    let tried = false;
    let flat = true;
    for (const home of await this.#homes(hook)) {
      const { toClose, closing: under } = await this.#held(hook, home, day, mappings);
      if (toClose.length > 0 || under.length > 0) flat = false;
      if (toClose.length === 0) continue;
      tried = true;
      const isReal = accounts.needsLive(await accounts.resolve(home));
      if (!isReal || (await ledger.tradesLive(home))) {
        failed.push(...(await this.#close(hook, home, day, toClose, attempt)));
      } else {
        const symbols = toClose.map((mapping) => mapping.symbol).join(', ');
        failed.push(`${symbols}: held in ${home}, which does not trade live now; close by hand`);
      }
    }
    return { tried, flat, failed };
  }

  /** Sends exits in one account; why each that was refused was. */
  async #close(
    hook: Hook,
    home: AccountId,
    day: IsoDate,
    mappings: readonly Mapping[],
    attempt: number,
  ): Promise<readonly string[]> {
    let answers: readonly CommandAnswer[];
    try {
      answers = await this.#deps.orders.placeBasket(
        {
          account: home,
          // Of its own in each account, or the second would look like the first one's repeat.
          clientOrderId: `${idOf(day)}${attempt}${home === hook.accountId ? '' : ' practice'}`,
          sellsAfterBuys: false,
          legs: mappings.map((mapping) => closing(mapping, hook.label)),
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
    const orders = answers.map(({ order }) => order);
    return [
      ...orders
        .filter(isRefused)
        .map((order) => `${order.terms.instrument.symbol}: ${order.reason ?? order.state}`),
      // The live switch was turned just now.
      ...orders
        .filter((order) => order.accountId !== home)
        .map((order) => `${order.terms.instrument.symbol}: went to ${order.accountId}`),
    ];
  }

  /** Whether the exchange is known to be closed all day; a day that no list covers is none. */
  #isHoliday(exchange: Exchange, day: IsoDate): boolean {
    return this.#deps.calendar.day(exchange, day).kind === 'closed';
  }

  /** The account of the hook, and its practice when there is one: its orders may live in both. */
  async #homes(hook: Hook): Promise<readonly AccountId[]> {
    const { accounts } = this.#deps;
    const account = await accounts.resolve(hook.accountId);
    const twin = accounts.needsLive(account) ? await accounts.knownTwin(account) : null;
    return twin === null ? [account.accountId] : [account.accountId, twin.accountId];
  }

  /** Orders that the hook made in its accounts. */
  async #made(hook: Hook, from: EpochMs, until: EpochMs): Promise<readonly OrderId[]> {
    const caller = hookCaller(hook.hookId);
    const homes = await this.#homes(hook);
    const made = await Promise.all(
      homes.map((home) => this.#deps.store.ordersMade(home, caller, from, until)),
    );
    return made.flat();
  }

  /** What of the mappings may be open in `home`: neither known flat nor without an order of the hook under way. */
  async #held(
    hook: Hook,
    home: AccountId,
    day: IsoDate,
    mappings: readonly Mapping[],
  ): Promise<Held> {
    const { ledger, store } = this.#deps;
    const caller = hookCaller(hook.hookId);
    const open = await ledger.openOrders(home);
    const from = startOfIstDay(day);
    const made = await store.ordersMade(home, caller, from, epochMs(from + DAY_MS));
    const toClose: Mapping[] = [];
    const under: Mapping[] = [];
    for (const mapping of mappings) {
      const { exchange, symbol, product } = mapping;
      const net = await ledger.netPosition(home, exchange, symbol, product);
      const own = open.filter(
        ({ terms, apiKeyId }) =>
          apiKeyId === caller &&
          terms.instrument.exchange === exchange &&
          terms.instrument.symbol === symbol &&
          terms.product === product,
      );
      // A position that is not known, on a day without an order of this hook, is a day without trading.
      const unknown = net === null && made.length > 0;
      if (own.some((order) => order.clientOrderId?.startsWith(idOf(day)) === true)) {
        under.push(mapping);
      } else if (own.length > 0 || unknown || (net !== null && net !== 0)) {
        toClose.push(mapping);
      }
    }
    return { toClose, closing: under };
  }

  /** Alarms once when a day on which the hook traded has ended without its square-off. */
  async #reportMissed(daily: Daily, day: IsoDate): Promise<void> {
    const { store, clock } = this.#deps;
    const { hook } = daily;
    const row = await store.squareOff(hook.hookId, day);
    if (row !== null && row.state !== 'trying') return;
    const from = startOfIstDay(day);
    const until = epochMs(from + DAY_MS);
    const made = await this.#made(hook, from, until);
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

/** How the ids of a day's exits begin. No sender can choose one: theirs hold no blank. */
const idOf = (day: IsoDate): string => `square-off ${day} `;

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
