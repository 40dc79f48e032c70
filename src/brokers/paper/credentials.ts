import { z } from 'zod';
import { parseDecimal } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { EXCHANGES } from '../../core/domain/instrument';
import type { Exchange } from '../../core/domain/instrument';
import { chargeRateSchema } from '../../core/market/charges';
import type { ChargeSchedule } from '../../core/market/charges';

const DEFAULT_CASH = '1000000';

/** When the paper broker closes intraday positions itself. */
export interface SquareOffRules {
  /** `HH:MM` (IST) by exchange; an exchange that is not named is never squared off. */
  readonly times: Readonly<Partial<Record<Exchange, string>>>;
  /** Whether intraday entries are refused from that time until 09:00. */
  readonly entryWindow: boolean;
}

/** What a practice account is opened with: there is nothing secret in it. */
export interface PaperCredentials {
  /** Rupees at the start and after a reset. */
  readonly startingCash: Decimal;
  /** Empty: trading costs nothing. */
  readonly charges: ChargeSchedule;
  /** Null: intraday positions are left alone. */
  readonly squareOff: SquareOffRules | null;
}

const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 15:15');

/** `startingCash`: decimal text in rupees, 1000000 (ten lakh) when left out. */
export const paperCredentials: z.ZodType<PaperCredentials> = z.strictObject({
  startingCash: z
    .string()
    .default(DEFAULT_CASH)
    .transform((text, context): Decimal => {
      const value = parseDecimal(text);
      if (value === null || Number(value) <= 0) {
        context.addIssue({ code: 'custom', message: 'must be an amount in rupees above 0' });
        return z.NEVER;
      }
      return value;
    }),
  charges: z.array(chargeRateSchema).default([]),
  squareOff: z
    .strictObject({
      times: z.partialRecord(z.enum(EXCHANGES), time),
      entryWindow: z.boolean(),
    })
    .nullable()
    .default(null),
});
