import type { EpochMs, IsoDate } from '../domain/ids';
import { istDate, istTime } from '../domain/time';
import type { Random } from '../ports/clock';
import type { TradingCalendar } from '../ports/market';
import { addDays } from './expiries';

/** Brokers make their masters new on days of trading of this exchange. */
const EXCHANGE = 'NSE';
/** Longer runs of closed days do not occur. */
const LONGEST_CLOSURE_DAYS = 15;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 900_000;

/**
 * The day whose master should be there at `now`: the last trading day, today from `from` (`HH:MM`, IST) on.
 * A weekday that the calendar knows nothing of counts as one.
 */
export const wantedMasterDay = (calendar: TradingCalendar, now: EpochMs, from: string): IsoDate => {
  const today = istDate(now);
  let day = istTime(now) >= `${from}:00` ? today : addDays(today, -1);
  for (let step = 0; step < LONGEST_CLOSURE_DAYS; step += 1) {
    const { kind } = calendar.day(EXCHANGE, day);
    if (kind === 'open' || (kind === 'unknown' && !isWeekend(day))) return day;
    day = addDays(day, -1);
  }
  return day;
};

/** How long to wait after the attempt number `attempt` failed, milliseconds: longer each time, never alike. */
export const masterRetryMs = (attempt: number, random: Random): number => {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS);
  return wait + random.integer(Math.ceil(wait / 5));
};

const isWeekend = (date: IsoDate): boolean => {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
};
