import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { ZERO, add, decimal, multiply, subtract } from '../../../src/core/domain/decimal';
import type { Decimal } from '../../../src/core/domain/ids';
import { isoDate } from '../../../src/core/domain/ids';
import { chargesOf, totalOf } from '../../../src/core/market/charges';
import { readCharges } from '../../../src/infra/seed-practice';
import { FakeClock } from '../../fakes/fake-clock';
import {
  NIFTY_CALL,
  NIFTY_FUTURE,
  SBIN,
  ScriptedMarket,
  callContext,
  market,
  openClient,
  orderOf,
  tempDirectory,
} from './harness';

const charges = readCharges(join(__dirname, '../../../seed'));
const lines = (deal: Partial<Parameters<typeof chargesOf>[1]>): Record<string, string> => {
  const value = deal.value ?? decimal('100000');
  const found = chargesOf(charges, {
    instrument: SBIN,
    product: 'INTRADAY',
    side: 'BUY',
    value,
    orderValue: value,
    brokeragePaid: ZERO,
    day: isoDate('2026-11-20'),
    ...deal,
  });
  return Object.fromEntries(found.map(({ charge, amount }) => [charge, amount]));
};

describe('the schedule of the seed', () => {
  it('charges shares by product and side', () => {
    expect(lines({})).toEqual({
      brokerage: '20',
      exchange: '3.07',
      sebi: '0.1',
      stamp: '3',
      gst: '4.17',
    });
    expect(lines({ side: 'SELL' })).toEqual({
      brokerage: '20',
      stt: '25',
      exchange: '3.07',
      sebi: '0.1',
      gst: '4.17',
    });
    expect(lines({ product: 'DELIVERY' })).toMatchObject({
      brokerage: '0',
      stt: '100',
      stamp: '15',
      gst: '0.57',
    });
  });

  it('charges contracts by the rates of their day', () => {
    const sale = { instrument: NIFTY_FUTURE, side: 'SELL' } as const;
    expect(lines({ ...sale, day: isoDate('2026-03-31') })['stt']).toBe('20');
    expect(lines({ ...sale, day: isoDate('2026-04-01') })['stt']).toBe('50');
    expect(lines({ instrument: NIFTY_CALL, side: 'SELL' })).toMatchObject({
      brokerage: '20',
      stt: '150',
    });
    expect(lines({ instrument: NIFTY_CALL, side: 'EXERCISE' })).toEqual({ stt: '150' });
  });

  it('caps brokerage over all parts of an order', () => {
    const first = lines({ value: decimal('40000'), orderValue: decimal('40000') });
    expect(first['brokerage']).toBe('12');
    const second = lines({
      value: decimal('60000'),
      orderValue: decimal('100000'),
      brokeragePaid: decimal('12'),
    });
    expect(second['brokerage']).toBe('8');
  });
});

describe('money', () => {
  it('is conserved: cash + cost of holdings = start + realised - charges, whatever is traded', async () => {
    const step = fc.record({
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      product: fc.constantFrom('DELIVERY' as const, 'INTRADAY' as const),
      quantity: fc.integer({ min: 1, max: 50 }),
      price: fc.integer({ min: 1800, max: 2200 }).map((ticks) => String((ticks * 5) / 100)),
      days: fc.integer({ min: 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const clock = new FakeClock();
        const prices = new ScriptedMarket(clock);
        const directory = tempDirectory();
        const client = openClient(clock, prices, directory.path, '1000000', {
          charges,
          squareOff: { times: { NSE: '15:15' }, entryWindow: false },
        });
        let flow: Decimal = ZERO;
        let charged: Decimal = ZERO;
        const seen = new Set<string>();
        try {
          for (const { side, product, quantity, price, days } of steps) {
            prices.book(SBIN, price, price);
            await client.execution.place(
              orderOf(SBIN, side, quantity, market(), { product }),
              callContext(),
            );
            for (let day = 0; day <= days; day += 1) {
              for (const fill of await client.reports.fills(callContext())) {
                if (seen.has(fill.tradeId)) continue;
                seen.add(fill.tradeId);
                const value = multiply(fill.price, fill.quantity);
                flow = fill.side === 'BUY' ? subtract(flow, value) : add(flow, value);
                charged = add(charged, fill.charges ?? ZERO);
              }
              if (day < days) clock.setWall(clock.now() + 86_400_000);
            }
            const funds = await client.reports.funds(callContext());
            const positions = await client.reports.positions(callContext());
            const holdings = await client.reports.holdings(callContext());
            const last = decimal(price);
            // What everything would fetch now is what came in less what went out.
            const cash = add(funds.availableCash, funds.utilisedMargin);
            const paper = positions.reduce((sum, one) => add(sum, one.unrealizedPnl), ZERO);
            const stock = holdings.reduce((sum, one) => sum + one.quantity, 0);
            const held = positions.reduce((sum, one) => sum + one.quantity, 0);
            const sold = positions.reduce(
              (sum, one) => (one.product === 'DELIVERY' ? sum + Math.min(0, one.quantity) : sum),
              0,
            );
            expect(funds.charges?.total).toBe(charged);
            expect(Number(cash) + Number(paper) + stock * Number(last)).toBeCloseTo(
              1_000_000 + Number(flow) - Number(charged) + netOf(held, sold, stock) * Number(last),
              4,
            );
            expect(stock).toBeGreaterThanOrEqual(0);
          }
        } finally {
          await client.close();
          directory.remove();
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** Units that are owned: settled stock and open positions; sales of stock are in the stock already. */
const netOf = (held: number, sold: number, stock: number): number => held - sold + stock;

describe('an account without charges', () => {
  it('pays nothing', () => {
    const found = chargesOf([], {
      instrument: SBIN,
      product: 'INTRADAY',
      side: 'BUY',
      value: decimal('1'),
      orderValue: decimal('1'),
      brokeragePaid: ZERO,
      day: isoDate('2026-11-20'),
    });
    expect([found, totalOf(found)]).toEqual([[], '0']);
  });
});
