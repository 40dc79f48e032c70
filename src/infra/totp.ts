import { Secret, TOTP } from 'otpauth';
import type { EpochMs } from '../core/domain/ids';

export interface TotpCode {
  readonly code: string;
  /** Whole seconds for which it still counts, at least 1. */
  readonly secondsLeft: number;
}

/** The six digits that authenticators show for `seed` (base32; SHA-1, 30 s) at that time. @throws when it is not base32 */
export const totpAt = (seed: string, at: EpochMs): TotpCode => {
  const totp = new TOTP({ secret: Secret.fromBase32(seed.replace(/\s/g, '')) });
  const timestamp = at;
  return {
    code: totp.generate({ timestamp }),
    secondsLeft: Math.max(1, Math.ceil(totp.remaining({ timestamp }) / 1000)),
  };
};
