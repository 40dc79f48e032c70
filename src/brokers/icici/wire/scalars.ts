import { z } from 'zod';
import { decimal, parseDecimal } from '../../../core/domain/decimal';
import { epochMs } from '../../../core/domain/ids';
import type { Decimal, EpochMs, IsoDate } from '../../../core/domain/ids';
import { startOfIstDay } from '../../../core/domain/time';
import { parseIsoDate, parseNamedDate } from '../../../core/instruments/calendar-date';

/** Text without the blanks around it: some codes come as `NIFTY `. */
export const wireText = z.string().trim().min(1);

/** The forms in which Breeze writes that there is nothing. */
const isBlank = (text: string): boolean => text === '' || text === 'NA' || text === '*';

/** Text, or null for every form of nothing. */
export const blankText = z
  .string()
  .nullable()
  .transform((text) => {
    const trimmed = text?.trim() ?? '';
    return isBlank(trimmed) ? null : trimmed;
  });

const decimalOf = (value: string | number): Decimal | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? decimal(value) : null;
  return parseDecimal(value.trim());
};

/** A number written as text or as a number; both occur, even in one object. */
export const wireDecimal = z
  .union([z.string(), z.number()])
  .transform((value, context): Decimal => {
    const read = decimalOf(value);
    if (read !== null) return read;
    context.addIssue({ code: 'custom', message: 'is not a number' });
    return z.NEVER;
  });

/** The same, or null for every form of nothing. */
export const blankDecimal = z
  .union([z.string(), z.number(), z.null()])
  .transform((value, context): Decimal | null => {
    if (value === null || (typeof value === 'string' && isBlank(value.trim()))) return null;
    const read = decimalOf(value);
    if (read !== null) return read;
    context.addIssue({ code: 'custom', message: 'is not a number' });
    return z.NEVER;
  });

/** A whole number of units, signed. */
export const wireUnits = wireDecimal.transform((value, context): number => {
  const units = Number(value);
  if (Number.isSafeInteger(units)) return units;
  context.addIssue({ code: 'custom', message: 'is not a whole number' });
  return z.NEVER;
});

/** A whole number of units, 0 or above. */
export const wireCount = wireUnits.refine((units) => units >= 0, 'is below 0');

/** How a word is compared: `Partially Executed`, `PARTIALLY_EXECUTED` and `partially executed ` are one. */
const plainWord = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');

/** What `table` gives for a word, whatever its case and blanks; any other word is an error. */
export const wireWord = <T>(table: ReadonlyMap<string, T>, what: string): z.ZodType<T, string> =>
  z.string().transform((text, context): T => {
    const found = table.get(plainWord(text));
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: `is no ${what} that we know` });
    return z.NEVER;
  });

/** The day of `27-Nov-2026`, `27-NOV-26` or `2026-11-27 00:00:00`, or null when it is none. */
const dayOf = (text: string): IsoDate | null =>
  parseNamedDate(text) ?? parseIsoDate(text.slice(0, 10));

/** An expiry, or null for every form of nothing. */
export const blankDay = blankText.transform((text, context): IsoDate | null => {
  if (text === null) return null;
  const day = dayOf(text);
  if (day !== null) return day;
  context.addIssue({ code: 'custom', message: 'is not a date' });
  return z.NEVER;
});

const TIME = /^(\S+)[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/;

/** `16-Nov-2026 09:26` or `16-Nov-2026 13:07:26`, wall time of India. */
export const wireTime = wireText.transform((text, context): EpochMs => {
  const match = TIME.exec(text);
  const day = match === null ? null : dayOf(match[1] ?? '');
  const [hours, minutes, seconds] = [match?.[2], match?.[3], match?.[4] ?? '0'].map(Number);
  if (day !== null && hours !== undefined && minutes !== undefined && seconds !== undefined) {
    if (hours < 24 && minutes < 60 && seconds < 60) {
      return epochMs(startOfIstDay(day) + ((hours * 60 + minutes) * 60 + seconds) * 1000);
    }
  }
  context.addIssue({ code: 'custom', message: 'is not a time' });
  return z.NEVER;
});
