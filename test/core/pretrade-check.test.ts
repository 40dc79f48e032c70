import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, decimal, isMultipleOf, multiply, subtract } from '../../src/core/domain/decimal';
import { isGatewayError } from '../../src/core/domain/errors';
import { isoDate } from '../../src/core/domain/ids';
import type { Instrument } from '../../src/core/domain/instrument';
import type { OrderTerms, SmartTarget } from '../../src/core/domain/order';
import { checkOrder } from '../../src/core/orders/pretrade-check';
import type { Capabilities } from '../../src/core/ports/broker';
import { limitTerms, share, terms } from '../support/gateway-orders';

const capabilities: Capabilities = {
  orderTypes: { MARKET: 'native', LIMIT: 'native', STOP_LIMIT: 'native', STOP_MARKET: 'none' },
  products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
  timesInForce: ['DAY'],
  canModify: true,
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9]+$/, echo: 'always' },
  commandTimeoutMs: 5_000,
  simulated: true,
};

const future = share({
  exchange: 'NFO',
  symbol: 'NIFTY27JAN26FUT',
  kind: 'future',
  expiry: isoDate('2026-01-27'),
  lotSize: 65,
  freezeQuantity: 1800,
});

interface Refusal {
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
}

/** Why the order is refused, null when it is not. */
const refusal = (
  wanted: OrderTerms,
  instrument: Instrument = share(),
  offered: Capabilities = capabilities,
  smart: SmartTarget | null = null,
): Refusal | null => {
  try {
    checkOrder(wanted, instrument, offered, smart);
    return null;
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { code: error.code, field: error.field, message: error.message };
  }
};

const withPrices = (changes: Partial<OrderTerms>): OrderTerms =>
  // Deliberately also combinations that the type forbids.
  ({ ...terms(), ...changes }) as OrderTerms;

describe('the check before anything is stored', () => {
  it('passes what could be a valid order', () => {
    expect(refusal(terms())).toBeNull();
    expect(refusal(limitTerms('812.55'))).toBeNull();
    expect(refusal(terms({ product: 'CARRY_FORWARD', quantity: 130 }), future)).toBeNull();
    expect(refusal(terms({ quantity: 1 }), share({ freezeQuantity: null }))).toBeNull();
    expect(refusal(terms({ quantity: 10_000 }))).toBeNull();
  });

  it.each<[string, string, string, OrderTerms, Instrument?, Capabilities?]>([
    ['an index', 'NOT_TRADABLE', 'symbol', terms(), share({ kind: 'index' })],
    [
      'carry-forward of a share',
      'UNSUPPORTED_PRODUCT',
      'product',
      terms({ product: 'CARRY_FORWARD' }),
    ],
    [
      'delivery of a future',
      'UNSUPPORTED_PRODUCT',
      'product',
      terms({ product: 'DELIVERY', quantity: 65 }),
      future,
    ],
    [
      'a product that the broker lacks',
      'UNSUPPORTED_PRODUCT',
      'product',
      terms(),
      share(),
      { ...capabilities, products: ['DELIVERY'] },
    ],
    [
      'a validity that the broker lacks',
      'UNSUPPORTED_VALIDITY',
      'validity',
      terms({ timeInForce: 'IOC' }),
    ],
    [
      'an order type that the broker lacks',
      'UNSUPPORTED_ORDER_TYPE',
      'pricetype',
      withPrices({ orderType: 'STOP_MARKET', triggerPrice: decimal('800') }),
    ],
    ['no quantity', 'VALIDATION', 'quantity', terms({ quantity: 0 })],
    ['a negative quantity', 'VALIDATION', 'quantity', terms({ quantity: -65 })],
    ['a fractional quantity', 'VALIDATION', 'quantity', terms({ quantity: 1.5 })],
    ['a quantity that is no number', 'VALIDATION', 'quantity', terms({ quantity: Number.NaN })],
    ['a quantity beyond exact numbers', 'VALIDATION', 'quantity', terms({ quantity: 2 ** 53 })],
    ['a broken lot', 'LOT_SIZE', 'quantity', terms({ quantity: 66 }), future],
    [
      'more than the freeze quantity',
      'FREEZE_QUANTITY',
      'quantity',
      terms({ quantity: 1820 }),
      future,
    ],
    [
      'more shown than ordered',
      'VALIDATION',
      'disclosed_quantity',
      withPrices({ disclosedQuantity: 11 }),
    ],
    ['a price of zero', 'PRICE_REQUIRED', 'price', limitTerms('0')],
    ['a negative price', 'PRICE_REQUIRED', 'price', limitTerms('-1')],
    ['a price between ticks', 'TICK_SIZE', 'price', limitTerms('812.53')],
    [
      'a trigger of zero',
      'PRICE_REQUIRED',
      'trigger_price',
      withPrices({
        orderType: 'STOP_LIMIT',
        limitPrice: decimal('800'),
        triggerPrice: decimal('0'),
      }),
    ],
    [
      'a trigger between ticks',
      'TICK_SIZE',
      'trigger_price',
      withPrices({
        orderType: 'STOP_LIMIT',
        limitPrice: decimal('800'),
        triggerPrice: decimal('799.99'),
      }),
    ],
  ])('refuses %s with %s and names %s', (...row) => {
    const [, code, field, wanted, instrument, offered] = row;
    const refused = refusal(wanted, instrument, offered);
    expect(refused).toMatchObject({ code, field });
    expect(refused?.message.startsWith(`${field}: `)).toBe(true);
  });

  it('says why a product is not offered, where the broker said it', () => {
    const offered = { ...capabilities, products: ['DELIVERY' as const] };
    expect(refusal(terms(), share(), offered)?.message).toContain('does not offer it');
    const said = { ...offered, withheld: { INTRADAY: 'not through its API' } };
    expect(refusal(terms(), share(), said)?.message).toBe('product: not through its API');
  });

  it('names the lot and the largest quantity of one order', () => {
    expect(refusal(terms({ quantity: 66 }), future)?.message).toContain('lot size 65');
    expect(refusal(terms({ quantity: 1820 }), future)?.message).toContain('above 1800');
  });

  it('leaves the price to the exchange when no master says the tick, and refuses any quantity without a lot', () => {
    expect(refusal(limitTerms('812.53'), share({ tickSize: decimal('0') }))).toBeNull();
    expect(refusal(limitTerms('0'), share({ tickSize: decimal('0') }))?.code).toBe(
      'PRICE_REQUIRED',
    );
    expect(refusal(terms(), share({ lotSize: 0 }))?.code).toBe('LOT_SIZE');
  });

  it('offers the two prices next to one between ticks', () => {
    expect(refusal(limitTerms('812.53'))?.message).toContain('use 812.5 or 812.55');
    const ticks = fc.constantFrom('0.01', '0.05', '0.1', '0.0025', '1');
    const cases = fc.tuple(
      fc.integer({ min: 1, max: 1_000_000 }),
      ticks,
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(cases, ([count, tick, tenth]) => {
        const tickSize = decimal(tick);
        const below = multiply(tickSize, count);
        const between = add(below, multiply(tickSize, decimal(`0.${String(tenth)}`)));
        const message = refusal(limitTerms(between), share({ tickSize }))?.message ?? '';
        const [, low, high] = /use (\S+) or (\S+)$/.exec(message) ?? [];
        expect([low, high]).toEqual([below, add(below, tickSize)]);
        expect(isMultipleOf(subtract(decimal(high ?? ''), decimal(low ?? '')), tickSize)).toBe(
          true,
        );
      }),
    );
  });

  it('offers only the price above when the one below is zero', () => {
    expect(refusal(limitTerms('0.02'))?.message).toMatch(/use 0\.05$/);
  });

  describe('of a smart order', () => {
    const check = (position: number, flatQuantity: number): Refusal | null =>
      refusal(terms({ product: 'CARRY_FORWARD', quantity: 1 }), future, capabilities, {
        position,
        flatQuantity,
      });

    it('does not read the placeholder quantity, and lets a target above one order pass', () => {
      expect(check(0, 0)).toBeNull();
      expect(check(-130, 0)).toBeNull();
      expect(check(0, 65)).toBeNull();
      expect(check(65_000, 65_000)).toBeNull();
    });

    it.each([
      ['LOT_SIZE', 'position_size', 66, 0],
      ['LOT_SIZE', 'position_size', -66, 0],
      ['LOT_SIZE', 'quantity', 0, 66],
      ['LOT_SIZE', 'quantity', 65, 66],
      ['FREEZE_QUANTITY', 'quantity', 0, 1820],
      ['VALIDATION', 'position_size', 65.5, 0],
      ['VALIDATION', 'quantity', 0, -65],
    ])('refuses with %s naming %s: position %p, quantity %p', (code, field, position, quantity) => {
      expect(check(position, quantity)).toMatchObject({ code, field });
    });

    it('still checks product, order type and prices', () => {
      const target = { position: 65, flatQuantity: 0 };
      const wrong = [
        terms({ product: 'DELIVERY' }),
        withPrices({ product: 'CARRY_FORWARD', orderType: 'STOP_MARKET' }),
        { ...limitTerms('812.53'), product: 'CARRY_FORWARD' as const },
      ].map((wanted) => refusal(wanted, future, capabilities, target)?.field);
      expect(wrong).toEqual(['product', 'pricetype', 'price']);
    });
  });
});
