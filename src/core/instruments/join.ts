import { compare, isZero } from '../domain/decimal';
import type { BrokerId, Decimal, IsoDate } from '../domain/ids';
import { instrumentKey, isDerivative, isTradable } from '../domain/instrument';
import type { Exchange, Instrument } from '../domain/instrument';
import type { ListedInstrument, MasterReading } from '../ports/master';
import { LOT_NOT_STATED, TICK_NOT_STATED, freezeQuantityOf } from './not-stated';

/** One broker's listing of a joined instrument. */
export interface BrokerListing {
  readonly broker: BrokerId;
  readonly brokerSymbol: string;
  readonly brokerExchange: string;
  readonly token: string;
  /** What this broker's master says; `LOT_NOT_STATED` and `TICK_NOT_STATED` when it does not. */
  readonly lotSize: number;
  readonly tickSize: Decimal;
}

/** One instrument, whoever lists it. */
export interface JoinedInstrument {
  readonly instrument: Instrument;
  readonly listings: readonly BrokerListing[];
}

/** Two masters of one day that say different things of one instrument. */
export interface JoinConflict {
  readonly key: string;
  readonly field: 'lotSize' | 'tickSize' | 'freezeQuantity' | 'kind';
  readonly said: readonly { readonly broker: BrokerId; readonly value: string }[];
  readonly taken: string;
}

/** The masters of one day, put together. */
export interface JoinedMasters {
  readonly asOf: IsoDate;
  readonly instruments: readonly JoinedInstrument[];
  readonly conflicts: readonly JoinConflict[];
  /** Contracts that may not be ordered because no master says their lot; they are not in `instruments`. */
  readonly withoutLot: readonly JoinedInstrument[];
  /** Tradable ones in `instruments` whose tick no master says: their prices cannot be checked here. */
  readonly withoutTick: number;
}

/** The quantity limit of one order in an underlying's contracts; null when it is not known. */
export type FreezeLimits = (exchange: Exchange, underlying: string) => number | null;

interface Said {
  readonly broker: BrokerId;
  readonly one: ListedInstrument;
}

interface Settled<T> {
  readonly value: T;
  readonly conflict: boolean;
}

/** The first value that a master states; masters come in the caller's order. */
const firstStated = <T>(
  values: readonly T[],
  nothing: T,
  equal: (a: T, b: T) => boolean,
): Settled<T> => {
  const stated = values.filter((value) => !equal(value, nothing));
  const [first] = stated;
  if (first === undefined) return { value: nothing, conflict: false };
  return { value: first, conflict: stated.some((value) => !equal(value, first)) };
};

/**
 * The lot. On shares 1 is what a master writes that knows no lots, so it yields to a greater one without
 * a conflict; contracts follow the order of the masters.
 */
const settleLot = (said: readonly Said[], instrument: Instrument): Settled<number> => {
  const lots = said.map(({ one }) => one.instrument.lotSize);
  const known = isDerivative(instrument) ? lots : lots.filter((lot) => lot !== 1);
  if (known.length === 0) return { value: 1, conflict: false };
  return firstStated(known, LOT_NOT_STATED, (a, b) => a === b);
};

const settleTick = (said: readonly Said[]): Settled<Decimal> =>
  firstStated(
    said.map(({ one }) => one.instrument.tickSize),
    TICK_NOT_STATED,
    (a, b) => compare(a, b) === 0,
  );

/** The lowest limit: a slice cut to it passes whichever master is right. */
const settleFreeze = (
  said: readonly Said[],
  lotSize: number,
  limit: number | null,
): Settled<number | null> => {
  const stated = said
    .map(({ one }) => freezeQuantityOf(one.instrument.freezeQuantity, lotSize))
    .filter((value) => value !== null);
  if (stated.length === 0) return { value: freezeQuantityOf(limit, lotSize), conflict: false };
  const lowest = Math.min(...stated);
  return { value: lowest, conflict: stated.some((value) => value !== lowest) };
};

const sameThing = (a: Instrument, b: Instrument): boolean =>
  a.kind === b.kind && a.underlying === b.underlying && a.expiry === b.expiry;

class Join {
  readonly #limits: FreezeLimits;
  readonly #instruments: JoinedInstrument[] = [];
  readonly #withoutLot: JoinedInstrument[] = [];
  readonly #conflicts: JoinConflict[] = [];
  #withoutTick = 0;

  constructor(limits: FreezeLimits) {
    this.#limits = limits;
  }

  add(key: string, all: readonly Said[]): void {
    const [first] = all;
    if (first === undefined) return;
    const base = first.one.instrument;
    const said = all.filter(({ one }) => sameThing(one.instrument, base));
    if (said.length < all.length) {
      this.#note(key, 'kind', all, ({ one }) => one.instrument.kind, base.kind);
    }
    const lot = settleLot(said, base);
    const tick = settleTick(said);
    const limit = isDerivative(base) ? this.#limits(base.exchange, base.underlying) : null;
    const freeze = settleFreeze(said, lot.value, limit);
    if (lot.conflict) {
      this.#note(
        key,
        'lotSize',
        said,
        ({ one }) => String(one.instrument.lotSize),
        String(lot.value),
      );
    }
    if (tick.conflict) {
      this.#note(key, 'tickSize', said, ({ one }) => one.instrument.tickSize, tick.value);
    }
    if (freeze.conflict) {
      const text = (value: number | null): string => String(value ?? 'none');
      const of = ({ one }: Said): string => text(one.instrument.freezeQuantity);
      this.#note(key, 'freezeQuantity', said, of, text(freeze.value));
    }
    const instrument: Instrument = {
      ...base,
      lotSize: lot.value,
      tickSize: tick.value,
      freezeQuantity: freeze.value,
    };
    const joined = { instrument, listings: said.map(listingOf) };
    if (lot.value === LOT_NOT_STATED) {
      this.#withoutLot.push(joined);
      return;
    }
    if (isTradable(instrument) && isZero(tick.value)) this.#withoutTick += 1;
    this.#instruments.push(joined);
  }

  finish(asOf: IsoDate): JoinedMasters {
    return {
      asOf,
      instruments: this.#instruments,
      conflicts: this.#conflicts,
      withoutLot: this.#withoutLot,
      withoutTick: this.#withoutTick,
    };
  }

  #note(
    key: string,
    field: JoinConflict['field'],
    all: readonly Said[],
    valueOf: (said: Said) => string,
    taken: string,
  ): void {
    const said = all.map((one) => ({ broker: one.broker, value: valueOf(one) }));
    this.#conflicts.push({ key, field, said, taken });
  }
}

const listingOf = ({ broker, one }: Said): BrokerListing => ({
  broker,
  brokerSymbol: one.brokerSymbol,
  brokerExchange: one.brokerExchange,
  token: one.token,
  lotSize: one.instrument.lotSize,
  tickSize: one.instrument.tickSize,
});

/**
 * The instruments of all readings, joined by exchange and symbol, which spells underlying, expiry, strike
 * and right; never by token, because tokens are given to others. Where masters disagree the earlier
 * reading in `readings` wins (a lower freeze quantity always does) and the conflict is listed.
 * @throws Error when the readings are of different days, two are of one broker, or one lists a symbol twice.
 */
export const joinMasters = (
  readings: readonly MasterReading[],
  limits: FreezeLimits = () => null,
): JoinedMasters => {
  const [first] = readings;
  if (first === undefined) throw new Error('join: there is no master');
  const byKey = new Map<string, Said[]>();
  const brokers = new Set<BrokerId>();
  for (const { broker, asOf, listed } of readings) {
    if (asOf !== first.asOf) {
      throw new Error(
        `join: ${first.broker} is of ${first.asOf} and ${broker} of ${asOf}; masters of one day only`,
      );
    }
    if (brokers.has(broker)) throw new Error(`join: ${broker} is there twice`);
    brokers.add(broker);
    for (const one of listed) {
      const key = instrumentKey(one.instrument);
      const said = byKey.get(key);
      if (said === undefined) byKey.set(key, [{ broker, one }]);
      else if (said.at(-1)?.broker === broker)
        throw new Error(`join: ${broker} lists ${key} twice`);
      else said.push({ broker, one });
    }
  }
  const join = new Join(limits);
  for (const [key, said] of byKey) join.add(key, said);
  return join.finish(first.asOf);
};
