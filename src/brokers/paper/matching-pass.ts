import type { EpochMs } from '../../core/domain/ids';
import { epochMs } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import { istDate } from '../../core/domain/time';
import type { BrokerPorts } from '../../core/ports/broker';
import type { Quote } from '../../core/ports/market';
import type { PaperOrder } from './book';
import type { Changed, Desk } from './desk';
import { closePass, inPriority, isUntouched, matchOrder } from './matching';
import type { Pool } from './matching';
import type { PaperStore } from './store';

/**
 * How often a look at which nothing happened is written down; until then it is kept in memory. A process
 * that dies looks at so much again: no fill is repeated, a touch without volume may be judged anew.
 */
const KEEP_LOOK_MS = 10_000;

/** Lets the market meet the live orders. Belongs inside a transaction; a second pass at the same instant changes nothing. */
export class MatchingPass {
  readonly #store: PaperStore;
  readonly #desk: Desk;
  readonly #ports: Pick<BrokerPorts, 'market' | 'clock'>;
  readonly #isOver: (contract: Instrument) => boolean;
  /** Market time of the last look that was written, by instrument. */
  readonly #kept = new Map<string, number>();

  constructor(
    store: PaperStore,
    desk: Desk,
    ports: Pick<BrokerPorts, 'market' | 'clock'>,
    isOver: (contract: Instrument) => boolean,
  ) {
    this.#store = store;
    this.#desk = desk;
    this.#ports = ports;
    this.#isOver = isOver;
  }

  run(changed: Changed): void {
    const { market } = this.#ports;
    if (this.#store.market() !== market.label) this.#changeMarket(market.label);
    const live = this.#store.liveOrders();
    if (live.length === 0) return;
    const now = market.now();
    const today = istDate(now);
    const groups = new Map<string, PaperOrder[]>();
    for (const order of live) {
      if (this.#expire(order, today, changed)) continue;
      const key = instrumentKey(order.instrument);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [order]);
      else group.push(order);
    }
    for (const [key, group] of groups) this.#matchGroup(key, group, now, changed);
  }

  /** Looks in one market say nothing of another's past: each order keeps how far it had been looked at. */
  #changeMarket(label: string): void {
    for (const order of this.#store.liveOrders()) {
      const looked = this.#store.pool(instrumentKey(order.instrument))?.at ?? 0;
      if (looked > order.lookedAt) this.#store.saveOrder({ ...order, lookedAt: epochMs(looked) });
    }
    this.#store.setMarket(label);
  }

  /** A DAY order ends with the first market day on which it met an open market. */
  #expire(order: PaperOrder, today: string, changed: Changed): boolean {
    const contract = order.instrument.expiry;
    if (contract !== null && contract <= today && this.#isOver(order.instrument)) {
      this.#desk.finish(order, 'expired', `the contract expired on ${contract}`, changed);
      return true;
    }
    if (order.tradingDay === null || today <= order.tradingDay) return false;
    this.#desk.finish(order, 'expired', `DAY order of ${order.tradingDay}`, changed);
    return true;
  }

  #matchGroup(key: string, group: PaperOrder[], now: EpochMs, changed: Changed): void {
    const { market, clock } = this.#ports;
    const instrument = group[0]?.instrument;
    if (instrument === undefined || !market.isOpen(instrument)) return;
    const first = market.quote(instrument, now);
    if (first === null) return;
    const kept = this.#store.pool(key);
    // A level above the market's own figure by more than a loan from the depth belongs to other times.
    let pool: Pool =
      kept === null || kept.at > now ? { level: first.cumulativeVolume } : { level: kept.level };
    const quoteSince = remembered((since) => market.quote(instrument, since));
    const looked = kept?.at ?? 0;
    const touched: PaperOrder[] = [];
    for (const order of group) {
      const since = Math.max(order.lookedAt, looked);
      const quote = since > now ? null : quoteSince(since);
      if (quote !== null && isUntouched(order, quote)) continue;
      touched.push(inThisMarket(order, since, now));
    }
    let booked = false;
    for (const order of inPriority(touched)) {
      const quote = quoteSince(order.lookedAt);
      if (quote === null) continue;
      const match = matchOrder(order, quote, pool);
      pool = match.pool;
      const after = { ...match.order, tradingDay: order.tradingDay ?? istDate(now) };
      if (match.fill === null && after.status === order.status) {
        // What was looked at stands with the instrument.
        if (after.fresh !== order.fresh || order.tradingDay === null) this.#store.saveOrder(after);
        continue;
      }
      booked = true;
      const moved: PaperOrder = { ...after, updatedAt: clock.now() };
      if (match.fill === null) this.#desk.save(moved, changed);
      else changed.set(moved.seq, this.#desk.execute(moved, match.fill, now));
    }
    const last = this.#kept.get(key) ?? -Infinity;
    const durable = booked || touched.length > 0 || now - last >= KEEP_LOOK_MS || now < last;
    if (durable) this.#kept.set(key, now);
    const { level } = closePass(pool, first, instrument.lotSize);
    this.#store.savePool(key, level, now, durable);
  }
}

/**
 * The order as it was last looked at: together with all orders of its instrument, if that was later. A
 * replay that was started again runs on earlier time: then the order arrives anew.
 */
const inThisMarket = (order: PaperOrder, lookedAt: number, now: EpochMs): PaperOrder => {
  if (lookedAt > now) return { ...order, lookedAt: now, fresh: true, tradingDay: null };
  return lookedAt === order.lookedAt ? order : { ...order, lookedAt: epochMs(lookedAt) };
};

/** `read` called once for each instant. */
const remembered = (read: (since: EpochMs) => Quote | null): ((since: number) => Quote | null) => {
  const known = new Map<number, Quote | null>();
  return (since) => {
    const found = known.get(since);
    if (found !== undefined) return found;
    const quote = read(epochMs(since));
    known.set(since, quote);
    return quote;
  };
};
