import { z } from 'zod';
import { isPositive, parseDecimal } from '../../../core/domain/decimal';
import type { Decimal, EpochMs, IsoDate } from '../../../core/domain/ids';
import { epochMs } from '../../../core/domain/ids';
import { startOfIstDay } from '../../../core/domain/time';
import { parseIsoDate, parseNamedDate } from '../../../core/instruments/calendar-date';

/** What Breeze writes where it has no value. `0` is a value. */
const ABSENT: ReadonlySet<string> = new Set(['', 'NA', '*']);
/** Numbers come as JSON numbers and as text, in one object. */
const raw = z.union([z.number(), z.string()]);

const textOf = (value: string | number): string => String(value).trim();
const complain = (context: z.RefinementCtx, value: unknown, wanted: string): never => {
  context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is no ${wanted}` });
  return z.NEVER;
};

/** Text without the blanks that Breeze leaves at its end. */
export const trimmed: z.ZodType<string> = z.string().trim();

/** An exact number; nothing else is taken for one. */
export const amount: z.ZodType<Decimal> = raw.transform((value, context) => {
  const parsed = parseDecimal(textOf(value));
  return parsed ?? complain(context, value, 'number');
});

/** The same, or null where Breeze has no value. */
export const optionalAmount: z.ZodType<Decimal | null> = raw
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined || ABSENT.has(textOf(value))) return null;
    return parseDecimal(textOf(value)) ?? complain(context, value, 'number');
  });

/** A price that exists: 0 stands for "none" in quotes of Breeze. */
export const price: z.ZodType<Decimal | null> = optionalAmount.transform((value) =>
  value !== null && isPositive(value) ? value : null,
);

const wholeOf = (value: Decimal): number | null => {
  const number = Number(value);
  return Number.isSafeInteger(number) && number >= 0 ? number : null;
};

/** Whole units, 0 or more. */
export const count: z.ZodType<number> = amount.transform(
  (value, context) => wholeOf(value) ?? complain(context, value, 'whole number'),
);

/** The same, or null where Breeze has no value. */
export const optionalCount: z.ZodType<number | null> = optionalAmount.transform((value, context) =>
  value === null ? null : (wholeOf(value) ?? complain(context, value, 'whole number')),
);

/** One of a table's words in any case, as our word. An unknown one is an error that names it. */
export const wordOf = <T extends string>(
  what: string,
  table: Readonly<Record<string, T>>,
): z.ZodType<T> =>
  z.string().transform((text, context) => {
    const known = new Map(Object.entries(table)).get(text.trim().toLowerCase());
    return known ?? complain(context, text, `${what} that we know`);
  });

/** The day of a date text, whatever follows after a blank. */
const dayOf = (text: string): IsoDate | null => {
  const [first = ''] = text.trim().split(' ');
  return parseNamedDate(first) ?? parseIsoDate(first);
};

/** The day of `27-Feb-2025`, `27-FEB-25` or `2025-02-27`. */
export const day: z.ZodType<IsoDate> = z
  .string()
  .transform((text, context) => dayOf(text) ?? complain(context, text, 'date'));

/** The same, or null where Breeze has no value. */
export const optionalDay: z.ZodType<IsoDate | null> = z
  .string()
  .nullish()
  .transform((text, context) => {
    if (text === null || text === undefined || ABSENT.has(text.trim())) return null;
    return dayOf(text) ?? complain(context, text, 'date');
  });

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/** The instant of `2025-02-03 09:21:00`, `05-FEB-2025 11:19:32` or `05-Feb-2025 09:26`, all IST. */
export const instant: z.ZodType<EpochMs> = z.string().transform((text, context) => {
  const [date = '', clock = '', rest] = text.trim().split(/\s+/);
  const parsed = parseNamedDate(date) ?? parseIsoDate(date);
  const match = CLOCK.exec(clock);
  if (parsed === null || match === null || rest !== undefined) {
    return complain(context, text, 'time');
  }
  const [, hours, minutes, seconds = '0'] = match;
  const sinceMidnight = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return epochMs(startOfIstDay(parsed) + sinceMidnight * 1000);
});

/** The rows of an answer; null is how Breeze says that there are none. */
export const rowsOf = <T>(row: z.ZodType<T>): z.ZodType<readonly T[]> =>
  z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? []);

/** Which right a row is of; null for a future or a share. */
export const optionRight: z.ZodType<'CE' | 'PE' | null> = z
  .string()
  .nullish()
  .transform((text, context) => {
    const word = (text ?? '').trim().toLowerCase();
    if (word === 'call') return 'CE';
    if (word === 'put') return 'PE';
    if (word === 'others' || ABSENT.has(word.toUpperCase())) return null;
    return complain(context, text, 'right that we know');
  });
