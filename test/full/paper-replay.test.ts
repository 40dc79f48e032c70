import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import {
  compare,
  floorTo,
  maximum,
  minimum,
  subtract,
  add,
  multiply,
} from '../../src/core/domain/decimal';
import { brokerOrderId, epochMs } from '../../src/core/domain/ids';
import type { Decimal } from '../../src/core/domain/ids';
import { isTradable } from '../../src/core/domain/instrument';
import type { Candle, CandleSeries } from '../../src/core/market/candles';
import { CandleReplay } from '../../src/core/market/candle-replay';
import { loadCandleSeries, parseCandleSource, readCandleFile } from '../../src/infra/candle-files';
import { readSeed } from '../../src/infra/seed-catalogue';
import {
  callContext,
  limit,
  market,
  openClient,
  orderOf,
  stopLimit,
  stopMarket,
  tempDirectory,
} from '../brokers/paper/harness';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';

const root = process.env['TORAN_TEST_DATA'];
if (root === undefined)
  throw new Error('TORAN_TEST_DATA must name the folder of the full data files');
const inMarket = (name: string): string => join(root, 'market', name);
const { underlyings } = readSeed(join(__dirname, '../../seed'));

const FIVE_MINUTE_SERIES = 34;
/** Source text and the rows of each series in it, from the README beside the files. */
const FILES: readonly (readonly [string, readonly number[]])[] = [
  [inMarket('kite-nse-1min-2025-08.zip'), [7500, 7500, 7500, 7125, 7106, 7125, 15750, 12634]],
  [inMarket('angel-1min-2025-04-15_17.csv.gz'), [1125, 1125, 1125, 1125]],
  [inMarket('kite-nse-multi-interval-2025.zip'), [3150, 1575, 1092, 854, 3000, 1550, 1092, 840]],
  [inMarket('nse-5min-2026-07-17.zip'), Array.from({ length: FIVE_MINUTE_SERIES }, () => 71)],
  // The source does not say which contract it is; the name here is only a name.
  [`NIFTY28NOV2424000CE@25=${inMarket('nifty-option-1min-2024-11-13_19.csv.gz')}`, [1500]],
  // This file counts volume in lots.
  [`MCX:CRUDEOIL19AUG26FUT@1=${inMarket('mcx-crudeoil-future-1min-2026-07-27.csv.gz')}`, [870]],
  [inMarket('nifty-banknifty-index-1min-2023-01.zip'), [7937, 7937]],
  [`NSE_INDEX:NIFTY=${inMarket('nifty50-index-1min-2025-09-04_10.csv.gz')}`, [1874]],
  [`NSE_INDEX:NIFTY=${inMarket('kite-NIFTY50-day-2020-2025.csv.gz')}`, [1242]],
  [`NSE_INDEX:BANKNIFTY=${inMarket('kite-NIFTYBANK-day-2024-2025.csv.gz')}`, [250]],
];

/** What the run over one series showed. */
interface Run {
  readonly fills: number;
  readonly placed: number;
}

/** Bars between two orders: long series get fewer, so that the run takes a minute or two. */
const spacing = (series: CandleSeries): number => (series.candles.length > 2000 ? 24 : 6);
const CANCEL_AFTER = 5;

/** Bars that overlap the span of recorded time. */
const barsBetween = (
  bars: readonly Candle[],
  intervalMs: number,
  from: number,
  to: number,
): Candle[] => {
  const found: Candle[] = [];
  for (const bar of bars) if (bar.at <= to && bar.at + intervalMs > from) found.push(bar);
  return found;
};

/** An order of one of the kinds, around the bar's open. */
const orderFor = (
  series: CandleSeries,
  bar: Candle,
  kind: number,
  size: number,
): ReturnType<typeof orderOf> => {
  const { instrument } = series;
  const side = kind % 2 === 0 ? 'BUY' : 'SELL';
  const tick = instrument.tickSize;
  const step = multiply(tick, 4);
  const level = maximum(multiply(tick, 10), floorTo(bar.open, tick));
  const away = side === 'BUY' ? subtract(level, step) : add(level, step);
  const beyond = side === 'BUY' ? add(level, step) : subtract(level, step);
  const further = side === 'BUY' ? add(beyond, tick) : subtract(beyond, tick);
  const quantity = instrument.lotSize * size;
  switch (kind % 5) {
    case 0:
      return orderOf(instrument, side, quantity, market());
    case 1:
      return orderOf(instrument, side, quantity, limit(away));
    case 2:
      return orderOf(instrument, side, quantity, stopMarket(beyond));
    case 3:
      return orderOf(instrument, side, quantity, stopLimit(further, beyond));
    default:
      return orderOf(instrument, side, quantity, limit(beyond), { timeInForce: 'IOC' });
  }
};

const extremes = (bars: readonly Candle[]): { low: Decimal; high: Decimal; volume: number } => {
  const [first] = bars;
  if (first === undefined) throw new Error('a fill came while no bar lasted');
  return {
    low: bars.reduce((low, bar) => minimum(low, bar.low), first.low),
    high: bars.reduce((high, bar) => maximum(high, bar.high), first.high),
    volume: bars.reduce((sum, bar) => sum + bar.volume, 0),
  };
};

const replay = async (series: CandleSeries, seed: number): Promise<Run> => {
  const { candles, intervalMs, instrument } = series;
  const first = candles[0];
  if (first === undefined) throw new Error('no bars');
  const clock = new FakeClock(first.at);
  const source = new CandleReplay({
    series: [series],
    speed: 1,
    start: first.at,
    anchor: first.at,
    clock,
  });
  const random = new SeededRandom(seed);
  const directory = tempDirectory();
  const client = openClient(clock, source, directory.path, '100000000000');
  const context = callContext();
  const live = new Map<string, { since: number; order: ReturnType<typeof orderOf> }>();
  const seen = new Set<string>();
  let fills = 0;
  let placed = 0;
  let lookedAt: number = first.at;
  const placeEvery = spacing(series);
  try {
    for (const [index, bar] of candles.entries()) {
      clock.setWall(bar.at + random.integer(intervalMs));
      const now = clock.now();
      const resting = live.size > 0;
      const before = resting ? lookedAt : now;
      for (const [id, { since, order }] of live) {
        if (index - since < CANCEL_AFTER) continue;
        await client.execution.cancel({ ...order, brokerOrderId: brokerOrderId(id) }, context);
      }
      if (index % placeEvery === 0) {
        const order = orderFor(series, bar, random.integer(10), 1 + random.integer(40));
        const outcome = await client.execution.place(order, context);
        if (outcome.kind === 'accepted') {
          placed += 1;
          live.set(outcome.brokerOrderId, { since: index, order });
        } else {
          expect(outcome).toMatchObject({ kind: 'rejected', code: 'FREEZE_QUANTITY' });
        }
      }
      if (live.size === 0) continue;
      const window = extremes(
        barsBetween(
          candles.slice(Math.max(0, index - 2 * CANCEL_AFTER), index + 1),
          intervalMs,
          before,
          now,
        ),
      );
      let taken = 0;
      for (const fill of await client.reports.fills(context)) {
        if (seen.has(fill.tradeId)) continue;
        seen.add(fill.tradeId);
        fills += 1;
        taken += fill.quantity;
        expect(fill.filledAt).toBe(now);
        expect(compare(fill.price, window.low)).not.toBe(-1);
        expect(compare(fill.price, window.high)).not.toBe(1);
        expect(fill.quantity % instrument.lotSize).toBe(0);
        const terms = live.get(fill.brokerOrderId)?.order.terms;
        if (terms === undefined)
          throw new Error(`a fill of ${fill.brokerOrderId}, which is not live`);
        if (terms.limitPrice !== null) {
          expect(compare(fill.price, terms.limitPrice)).not.toBe(terms.side === 'BUY' ? 1 : -1);
        }
        if (terms.orderType === 'MARKET' && live.get(fill.brokerOrderId)?.since === index) {
          expect(compare(fill.price, bar.low)).not.toBe(-1);
          expect(compare(fill.price, bar.high)).not.toBe(1);
        }
      }
      expect(taken).toBeLessThanOrEqual(window.volume);
      for (const report of await client.reports.orders(context)) {
        expect(report.filledQuantity).toBeLessThanOrEqual(report.terms.quantity);
        if (['filled', 'canceled', 'expired'].includes(report.status))
          live.delete(report.brokerOrderId);
      }
      lookedAt = now;
    }
    return { fills, placed };
  } finally {
    await client.close();
    directory.remove();
  }
};

describe.each(FILES)('%s', (text, rows) => {
  const series = loadCandleSeries([parseCandleSource(text)], underlyings, () => null);

  it('has the rows that its source states', () => {
    expect(series.map(({ candles }) => candles.length)).toEqual(rows);
  });

  it('fills orders only at prices and quantities that were traded', async () => {
    let seed = 1;
    for (const one of series) {
      if (!isTradable(one.instrument)) {
        const clock = new FakeClock(one.candles[0]?.at);
        const start = epochMs(clock.now());
        const source = new CandleReplay({ series: [one], speed: 1, start, anchor: start, clock });
        const directory = tempDirectory();
        const client = openClient(clock, source, directory.path);
        const order = orderOf(one.instrument, 'BUY', 1, market());
        const outcome = await client.execution.place(order, callContext());
        expect(outcome).toMatchObject({ kind: 'rejected', code: 'NOT_TRADABLE' });
        await client.close();
        directory.remove();
        continue;
      }
      const run = await replay(one, (seed += 1));
      expect(run.placed).toBeGreaterThan(one.candles.length / spacing(one) / 2);
      // A check without fills would prove nothing.
      expect(run.fills).toBeGreaterThan(run.placed / 10);
    }
  }, 600_000);
});

describe('files that hold no candles', () => {
  it.each([
    'breeze-nfo-futures-ticks-2025-11-17.csv.gz',
    'nse-fo-bhavcopy-2025-11-17.zip',
    'nse-option-chain-NIFTY-30-Jun-2026.csv.gz',
  ])('%s is refused with the columns that are needed', (name) => {
    expect(() => readCandleFile(inMarket(name))).toThrow('needs columns for time');
  });
});
