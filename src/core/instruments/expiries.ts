import { epochMs, isoDate } from '../domain/ids';
import type { IsoDate } from '../domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../domain/time';

/** 0 is Sunday, as in JavaScript. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;
export const TUESDAY: Weekday = 2;
export const THURSDAY: Weekday = 4;

/** The date `days` later (negative: earlier). */
export const addDays = (date: IsoDate, days: number): IsoDate =>
  istDate(epochMs(startOfIstDay(date) + days * DAY_MS));

const weekday = (date: IsoDate): number => new Date(`${date}T00:00:00Z`).getUTCDay();

/** The last `day` of the month of `month` (`YYYY-MM`). */
const lastOfMonth = (month: string, day: Weekday): IsoDate => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const last = isoDate(new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10));
  return addDays(last, -((weekday(last) - day + 7) % 7));
};

/** `date`, or the nearest trading day before it when it is a Saturday, a Sunday or a holiday. */
export const tradingDayOnOrBefore = (date: IsoDate, holidays: ReadonlySet<string>): IsoDate => {
  let day = date;
  while (weekday(day) === 0 || weekday(day) === 6 || holidays.has(day)) day = addDays(day, -1);
  return day;
};

/** The next `count` monthly expiries on or after `today`: the last `day` of a month, earlier on a holiday. */
export const monthlyExpiries = (
  today: IsoDate,
  day: Weekday,
  count: number,
  holidays: ReadonlySet<string>,
): IsoDate[] => {
  const dates: IsoDate[] = [];
  let [year = 0, month = 0] = today.split('-').map(Number);
  while (dates.length < count) {
    const text = `${String(year)}-${String(month).padStart(2, '0')}`;
    const expiry = tradingDayOnOrBefore(lastOfMonth(text, day), holidays);
    if (expiry >= today) dates.push(expiry);
    month += 1;
    if (month > 12) {
      month = 1;
      year += 1;
    }
  }
  return dates;
};

/** The expiries of the next `count` weeks on or after `today`; the week's `day`, earlier on a holiday. */
export const weeklyExpiries = (
  today: IsoDate,
  day: Weekday,
  count: number,
  holidays: ReadonlySet<string>,
): IsoDate[] => {
  const dates: IsoDate[] = [];
  let next = addDays(today, (day - weekday(today) + 7) % 7);
  while (dates.length < count) {
    const expiry = tradingDayOnOrBefore(next, holidays);
    if (expiry >= today && !dates.includes(expiry)) dates.push(expiry);
    next = addDays(next, 7);
  }
  return dates;
};
