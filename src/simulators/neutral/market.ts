import { z } from 'zod';
import { compare, decimal, maximum, minimum } from '../../core/domain/decimal';
import type { NeutralOrder } from './wire';

const rupees = z.string().regex(/^\d{1,12}(\.\d{1,4})?$/);

/** Settings of the simulated market; POST /_sim/market changes those it names. */
export const marketSchema = z.strictObject({
  /** Last price by symbol. */
  prices: z.record(z.string(), rupees).optional(),
  /** Symbols that have no price at all from now on. */
  noPrices: z.array(z.string()).optional(),
  /** Last price of every other symbol. */
  defaultPrice: rupees.optional(),
  /** Milliseconds from acceptance to the fill of a market order; 0 fills before the answer. */
  fillDelayMs: z.number().int().min(0).optional(),
  /** `rest`: limit orders fill only on command; `cross`: when the last price reaches their limit. */
  limitOrders: z.enum(['rest', 'cross']).optional(),
  /** Milliseconds by which the broker's clock is ahead (or, negative, behind). */
  skewMs: z.number().int().optional(),
});
export type MarketSettings = z.infer<typeof marketSchema>;

/** Prices and rules of the simulated market. */
export class NeutralMarket {
  #prices: Record<string, string> = {};
  #defaultPrice = '100';
  #skewMs = 0;
  #noPrices: ReadonlySet<string> = new Set();
  /** Highest and lowest price that a symbol was set to, and its first. */
  readonly #ranges = new Map<string, { open: string; high: string; low: string }>();
  fillDelayMs = 0;
  limitOrders: 'rest' | 'cross' = 'rest';

  set(settings: MarketSettings): void {
    for (const [symbol, price] of Object.entries(settings.prices ?? {})) {
      const { open, high, low } = this.range(symbol);
      this.#ranges.set(symbol, {
        open,
        high: maximum(decimal(high), decimal(price)),
        low: minimum(decimal(low), decimal(price)),
      });
    }
    this.#prices = { ...this.#prices, ...settings.prices };
    if (settings.noPrices !== undefined) this.#noPrices = new Set(settings.noPrices);
    if (settings.defaultPrice !== undefined) this.#defaultPrice = settings.defaultPrice;
    if (settings.skewMs !== undefined) this.#skewMs = settings.skewMs;
    if (settings.fillDelayMs !== undefined) this.fillDelayMs = settings.fillDelayMs;
    if (settings.limitOrders !== undefined) this.limitOrders = settings.limitOrders;
  }

  price(symbol: string): string {
    return this.#prices[symbol] ?? this.#defaultPrice;
  }

  hasNoPrice(symbol: string): boolean {
    return this.#noPrices.has(symbol);
  }

  range(symbol: string): { readonly open: string; readonly high: string; readonly low: string } {
    const price = this.price(symbol);
    return this.#ranges.get(symbol) ?? { open: price, high: price, low: price };
  }

  /** Epoch ms of the broker's own clock. */
  now(): number {
    return Date.now() + this.#skewMs;
  }

  /** Whether the last price has reached the trigger of a stop order. */
  triggers(order: NeutralOrder): boolean {
    if (order.trigger_price === null) return false;
    const sign = compare(decimal(this.price(order.symbol)), decimal(order.trigger_price));
    return order.side === 'buy' ? sign >= 0 : sign <= 0;
  }

  /** Whether a limit order could trade at the last price. */
  crosses(order: NeutralOrder): boolean {
    if (order.price === null) return true;
    const sign = compare(decimal(this.price(order.symbol)), decimal(order.price));
    return order.side === 'buy' ? sign <= 0 : sign >= 0;
  }
}
