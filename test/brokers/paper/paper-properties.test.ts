import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { PaperOrder, PaperPosition } from '../../../src/brokers/paper/book';
import { closePass, matchOrder } from '../../../src/brokers/paper/matching';
import { applyFill, unrealized } from '../../../src/brokers/paper/position';
import { ZERO, add, compare, decimal, multiply, negate } from '../../../src/core/domain/decimal';
import { brokerOrderId, epochMs, isoDate } from '../../../src/core/domain/ids';
import type { Quote } from '../../../src/core/ports/market';
import { SBIN, limit, market, orderOf, stopLimit, stopMarket } from './harness';

const price = fc.integer({ min: 1800, max: 2200 }).map((ticks) => decimal((ticks * 5) / 100));
const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const quantity = fc.integer({ min: 1, max: 500 });

describe('applyFill', () => {
  it('neither makes nor loses money: cash flow + value = realised + unrealised', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ side, quantity, price }), { minLength: 1, maxLength: 40 }),
        price,
        (fills, last) => {
          let position: PaperPosition | null = null;
          let realized = ZERO;
          let flow = ZERO;
          let net = 0;
          for (const fill of fills) {
            const done: ReturnType<typeof applyFill> = applyFill(position, {
              ...fill,
              instrument: SBIN,
              product: 'INTRADAY',
              day: isoDate('2026-01-08'),
              marketAt: epochMs(1),
            });
            position = done.position;
            realized = add(realized, done.realized);
            const signed = fill.side === 'BUY' ? fill.quantity : -fill.quantity;
            net += signed;
            flow = add(flow, negate(multiply(fill.price, signed)));
          }
          if (position === null) throw new Error('there was no fill');
          expect(position.quantity).toBe(net);
          expect(add(realized, unrealized(position, last))).toBe(add(flow, multiply(last, net)));
          if (net === 0) expect(position.cost).toBe('0');
        },
      ),
    );
  });
});

const prices = fc.oneof(
  fc.constant(market()),
  price.map((at) => limit(at)),
  fc.tuple(price, price).map(([at, trigger]) => stopLimit(at, trigger)),
  price.map((trigger) => stopMarket(trigger)),
);
/** One look at the market: three prices in order, traded volume and depth. */
const look = fc.record({
  prices: fc.tuple(price, price, price),
  volume: fc.integer({ min: 0, max: 300 }),
  depth: fc.integer({ min: 0, max: 100 }),
});

const quoteOf = (seen: { prices: string[]; depth: number }, at: number, total: number): Quote => {
  const [low = '', last = '', high = ''] = [...seen.prices].sort((a, b) => Number(a) - Number(b));
  return {
    instrument: SBIN,
    at: epochMs(at),
    last: decimal(last),
    bid: decimal(low),
    ask: decimal(high),
    high: decimal(high),
    low: decimal(low),
    depth: seen.depth,
    cumulativeVolume: total,
    rangeSince: epochMs(at - 1),
  };
};

describe('matchOrder', () => {
  it('fills never exceed the order, the range, the limit or the volume, over any looks', () => {
    fc.assert(
      fc.property(
        side,
        quantity,
        prices,
        fc.boolean(),
        fc.array(look, { minLength: 1, maxLength: 15 }),
        (which, total, terms, ioc, looks) => {
          const placed = orderOf(SBIN, which, total, terms, { timeInForce: ioc ? 'IOC' : 'DAY' });
          let order: PaperOrder = {
            seq: 1,
            brokerOrderId: brokerOrderId('P1'),
            exchangeOrderId: 'X1',
            clientTag: placed.clientTag,
            instrument: SBIN,
            terms: placed.terms,
            status: terms.triggerPrice === null ? 'open' : 'trigger_pending',
            filledQuantity: 0,
            filledValue: ZERO,
            message: null,
            placedAt: epochMs(0),
            updatedAt: epochMs(0),
            tradingDay: null,
            fresh: true,
            lookedAt: epochMs(0),
            marginPrice: decimal('100'),
            marketAt: epochMs(0),
            brokerage: ZERO,
            system: null,
          };
          let pool = { level: 0 };
          let traded = 0;
          let filled = 0;
          let deepest = 0;
          looks.forEach((seen, index) => {
            if (order.status === 'filled' || order.status === 'canceled') return;
            traded += seen.volume;
            deepest = Math.max(deepest, seen.depth);
            const quote = quoteOf(seen, index + 1, traded);
            const match = matchOrder(order, quote, pool);
            order = match.order;
            pool = closePass(match.pool, quote, 1);
            if (match.fill !== null) {
              filled += match.fill.quantity;
              expect(match.fill.quantity).toBeGreaterThan(0);
              expect(compare(match.fill.price, quote.low)).not.toBe(-1);
              expect(compare(match.fill.price, quote.high)).not.toBe(1);
              if (terms.limitPrice !== null) {
                const worse = compare(match.fill.price, terms.limitPrice);
                expect(worse).not.toBe(which === 'BUY' ? 1 : -1);
              }
            }
          });
          expect(order.filledQuantity).toBe(filled);
          expect(filled).toBeLessThanOrEqual(total);
          expect(filled).toBeLessThanOrEqual(traded + deepest);
          expect(order.status === 'filled').toBe(filled === total);
          if (ioc) expect(['filled', 'canceled']).toContain(order.status);
        },
      ),
    );
  });

  it('a second look at the same instant fills nothing more', () => {
    fc.assert(
      fc.property(side, price, look, (which, at, seen) => {
        const placed = orderOf(SBIN, which, 1000, limit(at));
        const base = {
          seq: 1,
          brokerOrderId: brokerOrderId('P1'),
          exchangeOrderId: 'X1',
          clientTag: placed.clientTag,
          instrument: SBIN,
          terms: placed.terms,
          status: 'open' as const,
          filledQuantity: 0,
          filledValue: ZERO,
          message: null,
          placedAt: epochMs(0),
          updatedAt: epochMs(0),
          tradingDay: null,
          fresh: false,
          lookedAt: epochMs(0),
          marginPrice: decimal('100'),
          marketAt: epochMs(0),
          brokerage: ZERO,
          system: null,
        };
        const quote = quoteOf(seen, 5, seen.volume);
        const first = matchOrder(base, quote, { level: 0 });
        const second = matchOrder(first.order, quote, closePass(first.pool, quote, 1));
        expect(second.fill).toBeNull();
      }),
    );
  });
});
