import { z } from 'zod';
import { parseDecimal } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';

const DEFAULT_CASH = '1000000';

/** What a practice account is opened with: there is nothing secret in it. */
export interface PaperCredentials {
  /** Rupees at the start and after a reset. */
  readonly startingCash: Decimal;
}

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
});
