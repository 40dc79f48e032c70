import { z } from 'zod';
import { MarketCalendar, SEGMENTS } from '../core/market/calendar';
import type { Segment } from '../core/market/calendar';
import { EXCHANGES } from '../core/domain/instrument';
import type { Exchange } from '../core/domain/instrument';
import { readRows, seedDate } from './seed-rows';

// The keys of SEGMENTS, of which there are several.
const segment = z.enum(Object.keys(SEGMENTS) as [Segment, ...Segment[]]);
const optional = <T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> =>
  z.union([z.literal('').transform(() => null), schema]);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'not a time HH:MM');
const source = z.string().min(1);

const dayRow = z.strictObject({
  date: seedDate,
  segment,
  kind: z.enum(['closed', 'special', 'unverified']),
  opens: optional(time),
  closes: optional(time),
  name: z.string().min(1),
  source,
});
const sessionRow = z.strictObject({
  exchanges: z.string().transform((text, context): Exchange[] =>
    text.split(' ').map((name) => {
      const known = EXCHANGES.find((exchange) => exchange === name);
      if (known !== undefined) return known;
      context.addIssue({ code: 'custom', message: `no such exchange: "${name}"` });
      return z.NEVER;
    }),
  ),
  phase: z.string().min(1),
  applies_to: z.string().min(1),
  valid_from: optional(seedDate),
  valid_until: optional(seedDate),
  opens: time,
  closes: time,
  source,
});
const yearRow = z.strictObject({
  year: z
    .string()
    .regex(/^20\d\d$/, 'not a year')
    .transform(Number),
  segment,
  source,
});

/** The calendar of the seed folder. @throws Error that names `file:line` and the column of the first bad value. */
export const readCalendar = (directory: string): MarketCalendar =>
  new MarketCalendar({
    days: readRows(directory, 'market-holidays.csv', dayRow).map(({ row }) => row),
    sessions: readRows(directory, 'session-times.csv', sessionRow).map(({ row }) => ({
      exchanges: row.exchanges,
      phase: row.phase,
      appliesTo: row.applies_to,
      validFrom: row.valid_from,
      validUntil: row.valid_until,
      opens: row.opens,
      closes: row.closes,
    })),
    complete: readRows(directory, 'calendar-years.csv', yearRow).map(({ row }) => row),
  });
