import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../core/ports/clock';

/** Randomness of the operating system; fit for keys and passwords. */
export class SystemRandom implements Random {
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  integer(below: number): number {
    return randomInt(below);
  }
}
