import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { epochMs, isoDate } from '../../src/core/domain/ids';
import {
  DAY_MS,
  istDate,
  istIso,
  istTime,
  istTimestamp,
  startOfIstDay,
  symbolDate,
} from '../../src/core/domain/time';

const instants = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 11, 31) })
  .map(epochMs);

/** The same instant by the time zone data of the runtime. */
const inKolkata = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Asia/Kolkata',
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at);

describe('time in India', () => {
  it('agrees with the time zone data of the system', () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(`${istDate(at)} ${istTime(at)}`).toBe(inKolkata(at));
      }),
    );
  });

  it('says the same instant in ISO form', () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(Date.parse(istIso(at))).toBe(at);
        expect(istIso(at)).toMatch(/\+05:30$/);
      }),
    );
  });

  it('starts each day at the one midnight that is not after the instant', () => {
    fc.assert(
      fc.property(instants, (at) => {
        const start = startOfIstDay(istDate(at));
        expect(at - start).toBeGreaterThanOrEqual(0);
        expect(at - start).toBeLessThan(DAY_MS);
        expect(istTime(start)).toBe('00:00:00');
      }),
    );
  });

  it('changes the day at 18:30 UTC, not at midnight UTC', () => {
    const midnight = Date.UTC(2026, 0, 7, 18, 30, 0);
    expect(istDate(epochMs(midnight - 1))).toBe('2026-01-07');
    expect(istDate(epochMs(midnight))).toBe('2026-01-08');
    expect(istDate(epochMs(Date.UTC(2026, 0, 8, 0, 0, 0)))).toBe('2026-01-08');
  });

  it('writes time stamps and expiries as our answers and symbols have them', () => {
    const at = epochMs(Date.UTC(2026, 11, 31, 20, 4, 5));
    expect(istTimestamp(at)).toBe('01-Jan-2027 01:34:05');
    expect(symbolDate(isoDate('2026-11-24'))).toBe('24NOV26');
  });
});
