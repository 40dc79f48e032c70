import { epochMs } from '../../core/domain/ids';
import type { EpochMs, IsoDate } from '../../core/domain/ids';
import type { Exchange } from '../../core/domain/instrument';
import { DAY_MS, istDate, istTime, startOfIstDay } from '../../core/domain/time';
import type { TradingCalendar } from '../../core/ports/market';
import type { SquareOffRules } from './credentials';

const MINUTE_MS = 60_000;
/** Where a session ends early, intraday positions are closed this long before. */
const BEFORE_CLOSE_MS = 15 * MINUTE_MS;
/** From when intraday entries are taken. */
const ENTRIES_FROM = '09:00';

const instant = (day: IsoDate, time: string): EpochMs => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return epochMs(startOfIstDay(day) + (hours * 60 + minutes) * MINUTE_MS);
};

/** When trading ends on `day`; the end of the day for an exchange that the calendar does not know. */
export const closeOf = (calendar: TradingCalendar, exchange: Exchange, day: IsoDate): EpochMs => {
  const known = calendar.day(exchange, day);
  const hours = known.kind === 'open' ? known.hours : calendar.hours(exchange, day);
  return hours?.closesAt ?? epochMs(startOfIstDay(day) + DAY_MS);
};

/** When intraday positions are closed on `day`; null for an exchange without such a time. */
const squareOffOn = (
  calendar: TradingCalendar,
  rules: SquareOffRules,
  exchange: Exchange,
  day: IsoDate,
): EpochMs | null => {
  const time = rules.times[exchange];
  if (time === undefined) return null;
  const latest = closeOf(calendar, exchange, day) - BEFORE_CLOSE_MS;
  return epochMs(Math.min(instant(day, time), latest));
};

/** The last square-off that is not after `now`; holidays have one too, which closes what is left. */
export const lastSquareOff = (
  calendar: TradingCalendar,
  rules: SquareOffRules,
  exchange: Exchange,
  now: EpochMs,
): EpochMs | null => {
  const today = squareOffOn(calendar, rules, exchange, istDate(now));
  if (today === null || today <= now) return today;
  return squareOffOn(calendar, rules, exchange, istDate(epochMs(now - DAY_MS)));
};

/** Why intraday entries are refused now, or null. */
export const entriesClosed = (
  calendar: TradingCalendar,
  rules: SquareOffRules,
  exchange: Exchange,
  now: EpochMs,
): string | null => {
  if (!rules.entryWindow) return null;
  const day = istDate(now);
  const ends = squareOffOn(calendar, rules, exchange, day);
  if (ends === null) return null;
  if (now >= ends) return `intraday entries end at ${istTime(ends).slice(0, 5)}`;
  if (now < instant(day, ENTRIES_FROM)) return `intraday entries begin at ${ENTRIES_FROM}`;
  return null;
};
