import { z } from 'zod';
import type { IsoDate } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import { CALENDAR_EXCHANGES } from '../../core/market/calendar';
import type { MarketCalendar } from '../../core/market/calendar';
import { apikey, exactNumber, NOTHING } from '../fields';
import { defineRoute, InvalidFields, success } from '../route';
import { bodyFailures, EXAMPLE_KEY, keyFailures, wrongFieldObject } from './examples';
import { sessionSchema } from './market-timings';
import { readAccess } from './reads';

const FIRST_YEAR = 2020;
const LAST_YEAR = 2050;
const YEAR_RANGE = `Must be greater than or equal to ${FIRST_YEAR} and less than or equal to ${LAST_YEAR}.`;

/** A number or numeric text, as clients send both. */
const year = z
  .union([z.number(), z.string().max(20)], { error: 'Not a valid integer.' })
  .transform((written, context) => {
    const exact = exactNumber(written);
    const value = exact !== null && /^\d+$/.test(exact) ? Number(exact) : null;
    if (value !== null && value >= FIRST_YEAR && value <= LAST_YEAR) return value;
    context.addIssue({
      code: 'custom',
      message: value === null ? 'Not a valid integer.' : YEAR_RANGE,
    });
    return z.NEVER;
  });

const holidaySchema = z.object({
  date: z.string(),
  description: z.string(),
  holiday_type: z.enum(['TRADING_HOLIDAY', 'SETTLEMENT_HOLIDAY', 'SPECIAL_SESSION']),
  closed_exchanges: z.array(z.string()),
  open_exchanges: z.array(sessionSchema),
  unknown_exchanges: z.array(z.string()),
});
type Holiday = z.infer<typeof holidaySchema>;

/** A holiday of the share market, of banks only, or an extra session. */
const typeOf = (calendar: MarketCalendar, date: IsoDate): Holiday['holiday_type'] => {
  const shares = calendar.day('NSE', date);
  if (shares.kind === 'closed') return 'TRADING_HOLIDAY';
  const special = shares.kind === 'unknown' || shares.special;
  return special || calendar.day('CDS', date).kind !== 'closed'
    ? 'SPECIAL_SESSION'
    : 'SETTLEMENT_HOLIDAY';
};

const holidayOf = (calendar: MarketCalendar, date: IsoDate, name: string): Holiday => {
  const days = CALENDAR_EXCHANGES.map((exchange) => ({
    exchange,
    known: calendar.day(exchange, date),
  }));
  return {
    date,
    description: name,
    holiday_type: typeOf(calendar, date),
    closed_exchanges: days.flatMap(({ exchange, known }) =>
      known.kind === 'closed' ? [exchange] : [],
    ),
    open_exchanges: days.flatMap(({ exchange, known }) =>
      known.kind === 'open'
        ? [{ exchange, start_time: known.hours.opensAt, end_time: known.hours.closesAt }]
        : [],
    ),
    unknown_exchanges: days.flatMap(({ exchange, known }) =>
      known.kind === 'unknown' ? [exchange] : [],
    ),
  };
};

/** `POST /api/v1/market/holidays`. */
export const marketHolidays = defineRoute({
  name: 'market-holidays',
  method: 'post',
  path: '/api/v1/market/holidays',
  access: readAccess,
  family: 'object',
  summary: 'Holidays and special sessions of a year; without a year, of this one (India time).',
  description:
    'A year without a complete list is an error, never an empty list. Exchanges whose list of the year is not complete, or whose times are not known, are named.',
  body: z.object({ apikey: apikey(), year: year.optional() }),
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    year: z.int(),
    timezone: z.literal('Asia/Kolkata'),
    data: z.array(holidaySchema),
    unknown_exchanges: z
      .array(z.string())
      .meta({ description: 'exchanges whose list of this year is not complete' }),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, year: 2026 },
    success: {
      status: 'success',
      year: 2026,
      timezone: 'Asia/Kolkata',
      data: [
        {
          date: '2026-12-25',
          description: 'Christmas',
          holiday_type: 'TRADING_HOLIDAY',
          closed_exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX', 'NCO'],
          open_exchanges: [],
          unknown_exchanges: [],
        },
      ],
      unknown_exchanges: [],
    },
    failures: [
      wrongFieldObject('year', 'The calendar has no list of 2031; it knows 2025, 2026.'),
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: ({ body }, call) => {
    const { calendar, clock } = call.deps;
    const wanted = body.year ?? Number(istDate(clock.now()).slice(0, 4));
    const rows = calendar.exceptions(wanted);
    if (rows === null) {
      throw new InvalidFields({
        year: [`The calendar has no list of ${wanted}; it knows ${calendar.years().join(', ')}.`],
      });
    }
    return Promise.resolve(
      success({
        year: wanted,
        timezone: 'Asia/Kolkata',
        data: rows.map(({ date, name }) => holidayOf(calendar, date, name)),
        unknown_exchanges: CALENDAR_EXCHANGES.filter((one) => !calendar.covers(one, wanted)),
      }),
    );
  },
});
