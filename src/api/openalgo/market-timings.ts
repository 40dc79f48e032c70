import { z } from 'zod';
import { isoDate } from '../../core/domain/ids';
import { CALENDAR_EXCHANGES } from '../../core/market/calendar';
import { apikey, NOTHING, text } from '../fields';
import { defineRoute, InvalidFields, success } from '../route';
import { bodyFailures, EXAMPLE_KEY, keyFailures, wrongFieldObject } from './examples';
import { readAccess } from './reads';

const epoch = z.int().meta({ description: 'epoch milliseconds' });
const span = { start_time: epoch, end_time: epoch };
/** When one exchange trades. */
export const sessionSchema = z.object({ exchange: z.string(), ...span });

const day = text(10, 10)
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'Not a valid date.', abort: true })
  .refine(
    (value) => {
      const at = Date.parse(`${value}T00:00:00Z`);
      return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
    },
    { error: 'Not a valid date.' },
  );

/** `POST /api/v1/market/timings`. */
export const marketTimings = defineRoute({
  name: 'market-timings',
  method: 'post',
  path: '/api/v1/market/timings',
  access: readAccess,
  family: 'object',
  summary: 'When each exchange trades on a day; empty on a full holiday and on weekends.',
  description:
    'Times are of Asia/Kolkata, as epoch milliseconds. An exchange about which no source is certain is in unknown_exchanges, neither open nor closed.',
  body: z.object({ apikey: apikey(), date: day }),
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    timezone: z.literal('Asia/Kolkata'),
    data: z.array(
      sessionSchema.extend({
        phases: z.array(z.object({ phase: z.string(), applies_to: z.string(), ...span })),
      }),
    ),
    unknown_exchanges: z.array(z.object({ exchange: z.string(), reason: z.string() })),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, date: '2026-11-23' },
    success: {
      status: 'success',
      timezone: 'Asia/Kolkata',
      data: [{ exchange: 'NFO', start_time: 1795405500000, end_time: 1795428600000, phases: [] }],
      unknown_exchanges: [],
    },
    failures: [
      wrongFieldObject('date', 'Not a valid date.'),
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: ({ body }, call) => {
    const { calendar } = call.deps;
    const date = isoDate(body.date);
    const year = Number(body.date.slice(0, 4));
    if (!calendar.years().includes(year)) {
      throw new InvalidFields({
        date: [`The calendar has no list of ${year}; it knows ${calendar.years().join(', ')}.`],
      });
    }
    const days = CALENDAR_EXCHANGES.map((exchange) => ({
      exchange,
      known: calendar.day(exchange, date),
    }));
    return Promise.resolve(
      success({
        timezone: 'Asia/Kolkata',
        data: days.flatMap(({ exchange, known }) =>
          known.kind !== 'open'
            ? []
            : [
                {
                  exchange,
                  start_time: known.hours.opensAt,
                  end_time: known.hours.closesAt,
                  phases: (known.special ? [] : calendar.phases(exchange, date)).map((one) => ({
                    phase: one.phase,
                    applies_to: one.appliesTo,
                    start_time: one.opensAt,
                    end_time: one.closesAt,
                  })),
                },
              ],
        ),
        unknown_exchanges: days.flatMap(({ exchange, known }) =>
          known.kind === 'unknown' ? [{ exchange, reason: known.why }] : [],
        ),
      }),
    );
  },
});
