import { describe, expect, it } from '@jest/globals';
import { ZERO } from '../../src/core/domain/decimal';
import { epochMs } from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import { exitPlan } from '../../src/core/orders/exit-plan';
import type { Capabilities, PositionReport } from '../../src/core/ports/broker';
import { order, share, terms } from '../support/gateway-orders';

const can: Capabilities = {
  orderTypes: { MARKET: 'native', LIMIT: 'native', STOP_LIMIT: 'none', STOP_MARKET: 'none' },
  products: ['INTRADAY'],
  timesInForce: ['DAY'],
  canModify: true,
  clientTag: null,
  commandTimeoutMs: 1,
  simulated: true,
};
const position = (quantity: number): PositionReport => ({
  instrument: { exchange: 'NSE', symbol: 'SBIN' },
  product: 'INTRADAY',
  quantity,
  averagePrice: ZERO,
  lastPrice: null,
  realizedPnl: ZERO,
  unrealizedPnl: ZERO,
});
const open = (side: 'BUY' | 'SELL', quantity: number, changes: Partial<Order> = {}): Order =>
  order({ state: 'accepted', terms: terms({ side, quantity }), ...changes });

const plan = (
  atBroker: number,
  net: number,
  openOrders: readonly Order[] = [],
  instrument: ReturnType<typeof share> | null = share(),
  capabilities: readonly Capabilities[] = [can],
) => {
  const facts = { net, openOrders, stoppedReason: null, tradesLive: true, analyzing: false };
  const made = exitPlan(position(atBroker), facts, instrument, capabilities);
  return {
    sent: made.terms.map((one) => `${one.side} ${String(one.quantity)} ${one.orderType}`),
    left: made.left === null ? null : [made.left.quantity, made.left.code],
  };
};

describe('the exit of a position', () => {
  it.each([
    ['long', plan(5, 5), ['SELL 5 MARKET'], null],
    ['short', plan(-5, -5), ['BUY 5 MARKET'], null],
    [
      'half of it on its way out',
      plan(5, 5, [open('SELL', 2)]),
      ['SELL 3 MARKET'],
      [2, 'EXIT_UNDER_WAY'],
    ],
    [
      'all of it in doubt',
      plan(5, 5, [open('SELL', 5, { inDoubtSince: epochMs(1) })]),
      [],
      [5, 'EXIT_UNDER_WAY'],
    ],
    ['an entry beside it', plan(5, 5, [open('BUY', 9)]), ['SELL 5 MARKET'], null],
    [
      'an exit that the broker filled and the ledger did not book',
      plan(3, 5, [open('SELL', 2)]),
      ['SELL 3 MARKET'],
      [2, 'EXIT_UNDER_WAY'],
    ],
    [
      'more at the broker than its fills say',
      plan(9, 5),
      ['SELL 5 MARKET'],
      [4, 'POSITION_UNKNOWN'],
    ],
    [
      'less at the broker than its fills say',
      plan(5, 9),
      ['SELL 5 MARKET'],
      [4, 'POSITION_UNKNOWN'],
    ],
    ['flat by the fills', plan(5, 0), [], [5, 'POSITION_UNKNOWN']],
    ['the other way round by the fills', plan(5, -5), [], [5, 'POSITION_UNKNOWN']],
    [
      'above the freeze limit',
      plan(50, 50, [], share({ lotSize: 3, freezeQuantity: 20 })),
      ['SELL 18 MARKET', 'SELL 18 MARKET', 'SELL 12 MARKET'],
      [2, 'LOT_SIZE'],
    ],
    ['without an instrument', plan(5, 5, [], null), [], [5, 'UNKNOWN_SYMBOL']],
    [
      'at a broker without market orders',
      plan(5, 5, [], share(), [can, { ...can, orderTypes: { ...can.orderTypes, MARKET: 'none' } }]),
      [],
      [5, 'UNSUPPORTED_ORDER_TYPE'],
    ],
  ] as const)('that is %s', (_name, made, sent, left) => {
    expect(made).toEqual({ sent, left });
  });

  it('never adds up to more than the position, whatever is under way', () => {
    for (const committed of [0, 1, 4, 5, 6, 50]) {
      const { sent } = plan(5, 5, committed === 0 ? [] : [open('SELL', committed)]);
      const sold = sent.reduce((sum, text) => sum + Number(text.split(' ')[1]), 0);
      expect(sold).toBe(Math.max(0, 5 - committed));
    }
  });
});
