import { z } from 'zod';
import { EXCHANGES } from '../core/domain/instrument';
import type { Exchange } from '../core/domain/instrument';
import { chargeRateSchema } from '../core/market/charges';
import type { ChargeSchedule } from '../core/market/charges';
import { readRows, seedDate } from './seed-rows';

const emptyOr = <T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> =>
  z.union([z.literal('').transform(() => null), schema]);
const exchanges = z
  .string()
  .transform((text) => text.split(' '))
  .pipe(z.array(z.enum(EXCHANGES)));
const words = chargeRateSchema.shape;
const amount = emptyOr(z.string());

/** Unbranded: the rate's own schema brands it. */
const dayText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date YYYY-MM-DD');

const chargeRow = z
  .strictObject({
    charge: words.charge,
    exchanges,
    segment: words.segment,
    side: words.side,
    percent: amount,
    flat: amount,
    cap: amount,
    valid_from: emptyOr(dayText),
    valid_until: emptyOr(dayText),
    source: z.string().min(1),
    as_of: seedDate,
  })
  .transform((row) => ({
    charge: row.charge,
    exchanges: row.exchanges,
    segment: row.segment,
    side: row.side,
    percent: row.percent,
    flat: row.flat,
    cap: row.cap,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
  }))
  .pipe(chargeRateSchema);

const squareOffRow = z.strictObject({
  exchanges,
  time: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'not a time HH:MM'),
  source: z.string().min(1),
});

/** The charges of the seed folder. @throws Error that names `file:line` and the column of the first bad value. */
export const readCharges = (directory: string): ChargeSchedule =>
  readRows(directory, 'charges.csv', chargeRow).map(({ row }) => row);

/** `HH:MM` (IST) at which intraday positions are closed, by exchange. @throws Error as above. */
export const readSquareOffTimes = (
  directory: string,
): Readonly<Partial<Record<Exchange, string>>> =>
  Object.fromEntries(
    readRows(directory, 'square-off.csv', squareOffRow).flatMap(({ row }) =>
      row.exchanges.map((exchange) => [exchange, row.time]),
    ),
  );
