import { z } from 'zod';
import { decimal, multiply } from '../../../core/domain/decimal';
import type { Decimal, EpochMs } from '../../../core/domain/ids';
import { istDate } from '../../../core/domain/time';
import { instant, trimmed, wordOf } from './market-values';

const complain = (context: z.RefinementCtx, value: unknown, wanted: string): never => {
  context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is no ${wanted}` });
  return z.NEVER;
};

/** Text that says something, without the blanks around it. */
export const feedText: z.ZodType<string> = trimmed.pipe(z.string().min(1));

/** A number of rupees; null for 0, which stands for "none". Null and text are errors here. */
export const feedPrice: z.ZodType<Decimal | null> = z
  .number()
  .nonnegative()
  .transform((value) => (value === 0 ? null : decimal(value)));

/** Units, contracts or orders, 0 or more. Null and text are errors here. */
export const feedCount = z.int().nonnegative();

/** A number that may be below 0. */
export const feedAmount: z.ZodType<Decimal> = z.number().transform((value) => decimal(value));

/** The token of a room: `2885` of `4.1!2885`. `room` is the part before the `!`. */
export const tokenOf = (room: string): z.ZodType<string> =>
  z.string().transform((text, context) => {
    const [head, token = '', rest] = text.trim().split('!');
    if (head === room && token !== '' && rest === undefined) return token;
    return complain(context, text, `token of ${room}`);
  });

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const C_TIME = /^([A-Z][a-z]{2}) ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/;

/**
 * The instant of `Fri Jun  6 15:10:48 2025`. ICICI's client writes the wall time of its own machine; this is
 * right for a machine that keeps the time of India, as the recordings show.
 */
export const feedTime: z.ZodType<EpochMs> = z.string().transform((text, context) => {
  const [, weekday, month = '', date = '', clock = '', year = ''] = C_TIME.exec(text.trim()) ?? [];
  const at = instant.safeParse(`${date}-${month}-${year} ${clock}`);
  if (!at.success) return complain(context, text, 'time');
  const day = new Date(`${istDate(at.data)}T00:00:00Z`).getUTCDay();
  return WEEKDAYS[day] === weekday ? at.data : complain(context, text, 'time: another weekday');
});

const CRORE = 10_000_000;
const UNITS = new Map([
  ['C', CRORE],
  ['L', 100_000],
]);
const VALUE = /^(\d+(?:\.\d+)?)([A-Z])$/;

/** Rupees of `1328.72C` (crore) or `43.25L` (lakh): units traded times their average price. */
export const feedValue: z.ZodType<Decimal> = z.string().transform((text, context) => {
  const [, figure = '', letter = ''] = VALUE.exec(text.trim()) ?? [];
  const unit = UNITS.get(letter);
  return unit === undefined
    ? complain(context, text, 'value in C or L')
    : multiply(decimal(figure), unit);
});

/**
 * Rupees of the plain number that BFO has, which is in crore too, and of whole contracts: the recorded
 * 6338.74 is 809,940 units at the strike of 78,200 and the average premium of 61.87, together. As rupees it
 * would be less than a paisa a unit. One contract was recorded, no future.
 */
export const feedContractValue: z.ZodType<Decimal> = z
  .number()
  .nonnegative()
  .transform((value) => multiply(decimal(value), CRORE));

/** Where an index went with this tick; null where nothing is said. */
export const feedTrend: z.ZodType<'up' | 'down' | null> = wordOf('trend', {
  '': 'none',
  '+': 'up',
  '-': 'down',
}).transform((word) => (word === 'none' ? null : word));
