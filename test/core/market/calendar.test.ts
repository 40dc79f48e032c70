import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { epochMs, isoDate } from '../../../src/core/domain/ids';
import type { Exchange } from '../../../src/core/domain/instrument';
import { istIso } from '../../../src/core/domain/time';
import { MarketCalendar, nextTradingDay } from '../../../src/core/market/calendar';
import { readCalendar } from '../../../src/infra/seed-calendar';

const calendar = readCalendar(join(__dirname, '../../../seed'));
const day = (exchange: Exchange, date: string) => calendar.day(exchange, isoDate(date));
const spanOf = (exchange: Exchange, date: string): string => {
  const found = day(exchange, date);
  if (found.kind !== 'open') return found.kind;
  return `${istIso(found.hours.opensAt).slice(11, 16)}-${istIso(found.hours.closesAt).slice(11, 16)}`;
};

describe('the calendar', () => {
  it.each([
    ['NFO', '2026-07-31', '09:15-15:30'],
    ['NFO', '2026-08-03', '09:15-15:40'],
    ['BFO', '2026-11-20', '09:15-15:40'],
    ['NSE', '2026-11-20', '09:15-15:30'],
    ['CDS', '2026-11-20', '09:00-17:00'],
    ['MCX', '2026-10-30', '09:00-23:30'],
    ['MCX', '2026-11-02', '09:00-23:55'],
    ['MCX', '2026-01-15', '17:00-23:55'],
    ['MCX', '2026-01-01', '09:00-17:00'],
    ['NSE', '2026-02-01', '09:15-15:30'],
    ['NSE', '2026-01-15', 'closed'],
    ['CDS', '2026-02-19', 'closed'],
    ['NSE', '2026-02-19', '09:15-15:30'],
    ['NSE', '2026-11-24', 'closed'],
    ['NSE', '2026-11-21', 'closed'],
    ['NSE', '2026-11-08', 'unknown'],
    ['MCX', '2025-10-22', 'unknown'],
    ['NSE', '2027-01-04', 'unknown'],
    ['CDS', '2025-06-03', 'unknown'],
    ['NCDEX', '2026-11-20', 'unknown'],
  ] as const)('%s on %s: %s', (exchange, date, expected) => {
    expect(spanOf(exchange, date)).toBe(expected);
  });

  it('says what a Muhurat session is and that its times are not known', () => {
    expect(day('NSE', '2026-11-08')).toMatchObject({
      kind: 'unknown',
      name: 'Diwali Laxmi Pujan',
      why: 'the times of the session are not known',
    });
  });

  it('knows the closing auction from 3 August 2026, and none before', () => {
    expect(calendar.phases('NSE', isoDate('2026-07-31'))).toEqual([]);
    const phases = calendar.phases('NSE', isoDate('2026-08-03'));
    expect(phases.map(({ phase }) => phase)).toEqual([
      'continuous',
      'closing auction',
      'post close',
    ]);
  });

  it('says that a year has no list instead of giving an empty one', () => {
    expect(calendar.years()).toEqual([2025, 2026]);
    expect(calendar.exceptions(2027)).toBeNull();
    expect(calendar.exceptions(2026)).not.toEqual([]);
  });

  it.each([
    ['2026-11-20', '2026-11-23'],
    ['2026-11-23', '2026-11-25'],
    ['2026-12-24', '2026-12-28'],
    ['2027-01-01', '2027-01-04'],
  ])('after %s the next trading day is %s', (from, next) => {
    expect(nextTradingDay(calendar, 'NSE', isoDate(from))).toBe(next);
  });

  it('refuses two rows for one day of a segment', () => {
    const row = {
      date: isoDate('2026-05-04'),
      segment: 'equity',
      kind: 'closed',
      opens: null,
      closes: null,
      name: 'x',
    } as const;
    expect(() => new MarketCalendar({ days: [row, row], sessions: [], complete: [] })).toThrow(
      'equity 2026-05-04',
    );
  });

  it('reckons in India whatever the zone of the machine', () => {
    const found = day('NSE', '2026-11-20');
    expect(found.kind === 'open' && found.hours.opensAt).toBe(
      epochMs(Date.UTC(2026, 10, 20, 3, 45)),
    );
  });
});
