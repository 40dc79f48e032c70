import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { epochMs } from '../../src/core/domain/ids';
import type { Order, OrderTerms, Side } from '../../src/core/domain/order';
import type { OrderState } from '../../src/core/domain/order-state';
import { isTerminal, ORDER_STATES } from '../../src/core/domain/order-state';
import { reducible } from '../../src/core/orders/exit';
import { order, terms } from '../support/gateway-orders';

const live = (
  side: Side,
  quantity: number,
  state: OrderState = 'accepted',
  changes: Partial<Order> = {},
): Order => order({ state, ...changes, terms: terms({ side, quantity }) });

const wanted = (side: Side, quantity = 1): OrderTerms => terms({ side, quantity });

describe('what may still be reduced', () => {
  it.each([
    { net: 100, side: 'SELL', orders: [], free: 100, why: 'a long position with nothing open' },
    { net: -100, side: 'BUY', orders: [], free: 100, why: 'a short position with nothing open' },
    { net: 100, side: 'BUY', orders: [], free: 0, why: 'a side that adds to a long position' },
    { net: -100, side: 'SELL', orders: [], free: 0, why: 'a side that adds to a short position' },
    { net: 0, side: 'SELL', orders: [], free: 0, why: 'no position' },
    {
      net: 100,
      side: 'SELL',
      orders: [live('SELL', 40)],
      free: 60,
      why: 'a live order on the reducing side',
    },
    {
      net: 100,
      side: 'SELL',
      orders: [live('BUY', 40)],
      free: 100,
      why: 'a live order on the other side',
    },
    {
      net: 100,
      side: 'SELL',
      orders: [live('SELL', 40, 'partially_filled', { filledQuantity: 30 })],
      free: 90,
      why: 'what is left of a part-filled order',
    },
    {
      net: 100,
      side: 'SELL',
      orders: [live('SELL', 30, 'submitted', { inDoubtSince: epochMs(1) })],
      free: 70,
      why: 'an order in doubt',
    },
    {
      net: 100,
      side: 'SELL',
      orders: [live('SELL', 60), live('SELL', 60, 'queued')],
      free: 0,
      why: 'more committed than held',
    },
  ] as const)('is $free of $net for $side: $why', ({ net, side, orders, free }) => {
    expect(reducible(net, wanted(side), orders)).toBe(free);
  });

  it.each(ORDER_STATES)('counts an order that is %s only while it is not finished', (state) => {
    const free = reducible(100, wanted('SELL'), [live('SELL', 40, state)]);
    expect(free).toBe(isTerminal(state) ? 100 : 60);
  });

  it('counts only orders of the same instrument and product', () => {
    const others = [
      order({
        state: 'accepted',
        terms: terms({ side: 'SELL', quantity: 40, product: 'DELIVERY' }),
      }),
      order({
        state: 'accepted',
        terms: terms({
          side: 'SELL',
          quantity: 40,
          instrument: { exchange: 'NSE', symbol: 'INFY' },
        }),
      }),
      order({
        state: 'accepted',
        terms: terms({
          side: 'SELL',
          quantity: 40,
          instrument: { exchange: 'BSE', symbol: 'SBIN' },
        }),
      }),
    ];
    expect(reducible(100, wanted('SELL'), others)).toBe(100);
  });

  it('never lets all exits together turn the position round', () => {
    const asked = fc.array(
      fc.record({
        side: fc.constantFrom<Side>('BUY', 'SELL'),
        quantity: fc.integer({ min: 1, max: 200 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), asked, (net, requests) => {
        const open: Order[] = [];
        let exits = 0;
        for (const { side, quantity } of requests) {
          if (quantity <= reducible(net, wanted(side, quantity), open)) exits += quantity;
          open.push(live(side, quantity, 'queued'));
        }
        expect(exits).toBeLessThanOrEqual(Math.abs(net));
      }),
    );
  });
});
