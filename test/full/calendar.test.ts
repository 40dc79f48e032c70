import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { epochMs, isoDate } from '../../src/core/domain/ids';
import { istDate } from '../../src/core/domain/time';
import { readCandleFile } from '../../src/infra/candle-files';
import { readCalendar } from '../../src/infra/seed-calendar';

const root = process.env['TORAN_TEST_DATA'];
if (root === undefined)
  throw new Error('TORAN_TEST_DATA must name the folder of the full data files');
const calendar = readCalendar(join(__dirname, '../../seed'));

describe('the calendar against recorded daily candles', () => {
  it('has every day of 2025 that traded as open, and every other as closed', () => {
    const file = join(root, 'market', 'kite-NIFTY50-day-2020-2025.csv.gz');
    const bars = readCandleFile(file).flatMap(({ candles }) => candles);
    const traded = new Set(bars.map(({ at }) => istDate(at)));
    const last = Math.max(...bars.map(({ at }) => at));
    let checked = 0;
    for (let at = Date.parse('2025-01-01T06:00:00Z'); at <= last; at += 86_400_000) {
      const date = istDate(epochMs(at));
      expect([date, calendar.day('NSE', isoDate(date)).kind]).toEqual([
        date,
        traded.has(date) ? 'open' : 'closed',
      ]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(230);
  });
});
