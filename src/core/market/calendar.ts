import { epochMs } from '../domain/ids';
import type { EpochMs, IsoDate } from '../domain/ids';
import type { Exchange } from '../domain/instrument';
import { startOfIstDay } from '../domain/time';
import { addDays } from '../instruments/expiries';
import type { MarketHours, TradingCalendar, TradingDay } from '../ports/market';

/** Exchanges that share their holidays. */
export const SEGMENTS = {
  equity: ['NSE', 'BSE', 'NFO', 'BFO'],
  currency: ['CDS', 'BCD'],
  commodity: ['MCX', 'NCO'],
} as const satisfies Readonly<Record<string, readonly Exchange[]>>;
export type Segment = keyof typeof SEGMENTS;

/** Exchanges that the calendar speaks of; agricultural and foreign ones are not in it. */
export const CALENDAR_EXCHANGES: readonly Exchange[] = Object.values(SEGMENTS).flat();

/** A day that differs from the rule "Monday to Friday, ordinary hours". Times are `HH:MM`, IST. */
export interface CalendarDay {
  readonly date: IsoDate;
  readonly segment: Segment;
  /** `unverified`: no source says whether the segment trades. */
  readonly kind: 'closed' | 'special' | 'unverified';
  /** Null with `closes` null: not known; alone: the ordinary opening. */
  readonly opens: string | null;
  /** Null beside an opening: the ordinary close. */
  readonly closes: string | null;
  readonly name: string;
}

/** Hours of some exchanges over a span of days. */
export interface SessionRule {
  readonly exchanges: readonly Exchange[];
  readonly phase: string;
  /** Which instruments it is for; `all` is the rule that hours are taken from. */
  readonly appliesTo: string;
  readonly validFrom: IsoDate | null;
  readonly validUntil: IsoDate | null;
  readonly opens: string;
  readonly closes: string;
}

export interface CalendarFacts {
  readonly days: readonly CalendarDay[];
  readonly sessions: readonly SessionRule[];
  /** Years whose list of a segment is complete, apart from rows marked `unverified`. */
  readonly complete: readonly { readonly year: number; readonly segment: Segment }[];
}

/** A phase of an exchange's day that not every instrument takes part in. */
export interface SessionPhase extends MarketHours {
  readonly phase: string;
  readonly appliesTo: string;
}

const isWeekend = (date: IsoDate): boolean => {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
};

const instant = (date: IsoDate, time: string): EpochMs => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return epochMs(startOfIstDay(date) + (hours * 60 + minutes) * 60_000);
};

/**
 * Trading days and hours from dated facts, in Asia/Kolkata whatever the machine's zone. What no fact
 * covers is `unknown`: a list that is missing never reads as "no holidays".
 */
export class MarketCalendar implements TradingCalendar {
  readonly #days = new Map<string, CalendarDay>();
  readonly #complete: ReadonlySet<string>;
  readonly #sessions: readonly SessionRule[];

  /** @throws Error when one segment has two rows of one day. */
  constructor(facts: CalendarFacts) {
    for (const row of facts.days) {
      const key = `${row.segment} ${row.date}`;
      if (this.#days.has(key)) throw new Error(`calendar: ${key} is there twice`);
      this.#days.set(key, row);
    }
    this.#complete = new Set(facts.complete.map(({ year, segment }) => `${segment} ${year}`));
    this.#sessions = facts.sessions;
  }

  /** Years for which at least the equity list is complete, ascending. */
  years(): readonly number[] {
    const years = [...this.#complete].flatMap((key) =>
      key.startsWith('equity ') ? [Number(key.slice('equity '.length))] : [],
    );
    return years.sort((a, b) => a - b);
  }

  /** Whether the year's list of the exchange is complete. */
  covers(exchange: Exchange, year: number): boolean {
    const segment = segmentOf(exchange);
    return segment !== null && this.#complete.has(`${segment} ${year}`);
  }

  day(exchange: Exchange, date: IsoDate): TradingDay {
    const segment = segmentOf(exchange);
    const hours = this.hours(exchange, date);
    if (segment === null || hours === null) {
      return { kind: 'unknown', why: `the calendar has no ${exchange}`, name: null };
    }
    const row = this.#days.get(`${segment} ${date}`);
    if (row !== undefined) return dayOf(row, hours);
    if (!this.covers(exchange, Number(date.slice(0, 4)))) {
      const why = `no complete list of ${date.slice(0, 4)} for ${exchange}`;
      return { kind: 'unknown', why, name: null };
    }
    return isWeekend(date)
      ? { kind: 'closed', name: null }
      : { kind: 'open', hours, special: false, name: null };
  }

  hours(exchange: Exchange, date: IsoDate): MarketHours | null {
    const rule = this.#rules(exchange, date).find(
      ({ phase, appliesTo }) => phase === 'continuous' && appliesTo === 'all',
    );
    return rule === undefined ? null : hoursOf(rule, date);
  }

  /** Phases beside the ordinary hours, for example the closing auction of shares with derivatives. */
  phases(exchange: Exchange, date: IsoDate): readonly SessionPhase[] {
    return this.#rules(exchange, date)
      .filter(({ phase, appliesTo }) => phase !== 'continuous' || appliesTo !== 'all')
      .map((rule) => ({ phase: rule.phase, appliesTo: rule.appliesTo, ...hoursOf(rule, date) }));
  }

  /** The days of `year` that differ from the rule, by date; null when the year has no complete list. */
  exceptions(year: number): readonly { readonly date: IsoDate; readonly name: string }[] | null {
    if (!this.years().includes(year)) return null;
    const found = new Map<IsoDate, string>();
    for (const { date, name } of this.#days.values()) {
      if (date.startsWith(`${year}-`)) found.set(date, name);
    }
    return [...found]
      .map(([date, name]) => ({ date, name }))
      .sort((a, b) => (a.date < b.date ? -1 : 1));
  }

  #rules(exchange: Exchange, date: IsoDate): readonly SessionRule[] {
    return this.#sessions.filter(
      ({ exchanges, validFrom, validUntil }) =>
        exchanges.includes(exchange) &&
        (validFrom === null || validFrom <= date) &&
        (validUntil === null || date <= validUntil),
    );
  }
}

const segmentOf = (exchange: Exchange): Segment | null => {
  for (const [segment, exchanges] of Object.entries(SEGMENTS)) {
    // The keys of SEGMENTS are the segments.
    if ((exchanges as readonly Exchange[]).includes(exchange)) return segment as Segment;
  }
  return null;
};

const hoursOf = (rule: SessionRule, date: IsoDate): MarketHours => ({
  opensAt: instant(date, rule.opens),
  closesAt: instant(date, rule.closes),
});

const dayOf = (row: CalendarDay, hours: MarketHours): TradingDay => {
  const { date, name, opens, closes } = row;
  if (row.kind === 'closed') return { kind: 'closed', name };
  if (row.kind === 'unverified') {
    return { kind: 'unknown', why: 'no source confirms this day', name };
  }
  if (opens === null)
    return { kind: 'unknown', why: 'the times of the session are not known', name };
  return {
    kind: 'open',
    hours: {
      opensAt: instant(date, opens),
      closesAt: closes === null ? hours.closesAt : instant(date, closes),
    },
    special: true,
    name,
  };
};

/** How far ahead a trading day is looked for. */
const LOOK_AHEAD_DAYS = 30;

/**
 * The next day on which `exchange` trades, after `date`. Where the calendar knows nothing, Monday to
 * Friday count: for practice accounts only, which must not stand still for a missing list.
 */
export const nextTradingDay = (
  calendar: TradingCalendar,
  exchange: Exchange,
  date: IsoDate,
): IsoDate => {
  let day = date;
  for (let step = 0; step < LOOK_AHEAD_DAYS; step += 1) {
    day = addDays(day, 1);
    const known = calendar.day(exchange, day);
    if (known.kind === 'open' || (known.kind === 'unknown' && !isWeekend(day))) return day;
  }
  throw new Error(`calendar: no trading day of ${exchange} within ${LOOK_AHEAD_DAYS} of ${date}`);
};
