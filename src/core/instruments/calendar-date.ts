import { isoDate } from '../domain/ids';
import type { IsoDate } from '../domain/ids';
import { MONTHS } from '../domain/time';

const NUMBER_OF_MONTH = new Map(MONTHS.map((name, index) => [name.toUpperCase(), index + 1]));

const pad = (value: number): string => String(value).padStart(2, '0');

/** The day, or null when the calendar has no such day. `month` counts from 1. */
export const calendarDate = (year: number, month: number, day: number): IsoDate | null => {
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCFullYear() !== year || at.getUTCMonth() + 1 !== month || at.getUTCDate() !== day) {
    return null;
  }
  return isoDate(`${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}`);
};

const NAMED = /^(\d{1,2})-?([A-Za-z]{3})-?(\d{4}|\d{2})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The day of `25-Aug-2026`, `24APR2025` or `28NOV24` (of this century), or null when it is none. */
export const parseNamedDate = (text: string): IsoDate | null => {
  const match = NAMED.exec(text);
  if (match === null) return null;
  const [, day = '', name = '', year = ''] = match;
  const month = NUMBER_OF_MONTH.get(name.toUpperCase());
  if (month === undefined) return null;
  return calendarDate(Number(year) + (year.length === 2 ? 2000 : 0), month, Number(day));
};

/** The day of `2026-08-25`, or null when it is none. */
export const parseIsoDate = (text: string): IsoDate | null => {
  const match = ISO.exec(text);
  return match === null ? null : calendarDate(Number(match[1]), Number(match[2]), Number(match[3]));
};
