import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { epochMs } from '../../../src/core/domain/ids';
import type { EpochMs } from '../../../src/core/domain/ids';
import { masterRetryMs, wantedMasterDay } from '../../../src/core/instruments/master-schedule';
import { readCalendar } from '../../../src/infra/seed-calendar';
import { SeededRandom } from '../../fakes/seeded-random';

const calendar = readCalendar(path.join(__dirname, '..', '..', '..', 'seed'));
const ist = (text: string): EpochMs => epochMs(Date.parse(`${text}+05:30`));

describe('the day whose master should be there', () => {
  it.each([
    ['the day before, until the set time', '2026-01-08T08:04:59', '2026-01-07'],
    ['today from the set time on', '2026-01-08T08:05:00', '2026-01-08'],
    [
      'today until midnight in India, whatever the zone of the machine',
      '2026-01-08T23:59:59',
      '2026-01-08',
    ],
    ['Friday at the weekend', '2026-01-11T12:00:00', '2026-01-09'],
    ['Friday on Monday morning', '2026-01-12T08:00:00', '2026-01-09'],
    ['the last trading day on a holiday', '2026-01-26T12:00:00', '2026-01-23'],
    ['a weekday of a year that the calendar does not know', '2031-01-08T12:00:00', '2031-01-08'],
    ['no weekend of such a year', '2031-01-11T12:00:00', '2031-01-10'],
  ])('is %s', (_what, now, day) => {
    expect(wantedMasterDay(calendar, ist(now), '08:05')).toBe(day);
  });
});

describe('the wait after a failed download', () => {
  it('doubles from a minute up to a quarter of an hour, with some chance in it', () => {
    const random = new SeededRandom(3);
    const waits = [1, 2, 3, 4, 5, 6, 50].map((attempt) => masterRetryMs(attempt, random));
    for (const [index, least] of [60, 120, 240, 480, 900, 900, 900].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least * 1000);
      expect(waits[index]).toBeLessThan(least * 1200);
    }
    expect(new Set(waits).size).toBe(7);
  });
});
