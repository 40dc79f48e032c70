import { z } from 'zod';
import { compare, decimal, maximum, minimum } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { IciciInstrument } from './instruments';
import { keyOf } from './instruments';

const rupees = z.string().regex(/^\d{1,12}(\.\d{1,4})?$/);

/** Settings of the simulated market; POST /_sim/market changes those it names. */
export const marketSchema = z.strictObject({
  /** Last price by key (`RELIND`, `FUT-NIFTY-24-Nov-2026`), or by `EXCHANGE:key` for one exchange alone. */
  prices: z.record(z.string(), rupees).optional(),
  /** Keys without any price from now on. */
  noPrices: z.array(z.string()).optional(),
  /** Last price of every other instrument; null for the price each was made with. */
  defaultPrice: rupees.nullable().optional(),
  /** Milliseconds from Requested to Ordered; 0 does it before the answer. */
  acceptDelayMs: z.number().int().min(0).optional(),
  /** Milliseconds to each fill; 0 fills before the answer. */
  fillDelayMs: z.number().int().min(0).optional(),
  /** Trades that one fill is made of. */
  fillParts: z.number().int().min(1).max(20).optional(),
  /** `rest`: orders fill only on command; `cross`: when the last price reaches their limit. */
  limitOrders: z.enum(['rest', 'cross']).optional(),
  /** Exchanges that are closed: an order stays Requested until its exchange opens. */
  closed: z.array(z.enum(['NSE', 'BSE', 'NFO', 'BFO'])).optional(),
  /** Milliseconds by which the broker's clock is ahead (or, negative, behind). */
  skewMs: z.number().int().optional(),
});
export type MarketSettings = z.infer<typeof marketSchema>;

/** An order as far as prices decide about it. */
export interface PricedOrder {
  readonly instrument: IciciInstrument;
  readonly action: 'buy' | 'sell';
  readonly price: Decimal;
  readonly trigger: Decimal | null;
}

/** Prices, opening hours, clock and rules of the simulated market. */
export class IciciMarket {
  readonly #clock: () => number;
  #prices: Record<string, string> = {};
  #defaultPrice: string | null = null;
  #noPrices: ReadonlySet<string> = new Set();
  #closed: ReadonlySet<string> = new Set();
  #skewMs = 0;
  /** Highest and lowest price that a key was set to, and its first. */
  readonly #ranges = new Map<string, { open: string; high: string; low: string }>();
  acceptDelayMs = 0;
  fillDelayMs = 0;
  fillParts = 1;
  limitOrders: 'rest' | 'cross' = 'cross';

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  set(settings: MarketSettings): void {
    for (const [key, price] of Object.entries(settings.prices ?? {})) {
      const { open, high, low } = this.#ranges.get(key) ?? { open: price, high: price, low: price };
      this.#ranges.set(key, {
        open,
        high: maximum(decimal(high), decimal(price)),
        low: minimum(decimal(low), decimal(price)),
      });
    }
    this.#prices = { ...this.#prices, ...settings.prices };
    if (settings.noPrices !== undefined) this.#noPrices = new Set(settings.noPrices);
    if (settings.defaultPrice !== undefined) this.#defaultPrice = settings.defaultPrice;
    if (settings.closed !== undefined) this.#closed = new Set(settings.closed);
    if (settings.skewMs !== undefined) this.#skewMs = settings.skewMs;
    this.acceptDelayMs = settings.acceptDelayMs ?? this.acceptDelayMs;
    this.fillDelayMs = settings.fillDelayMs ?? this.fillDelayMs;
    this.fillParts = settings.fillParts ?? this.fillParts;
    this.limitOrders = settings.limitOrders ?? this.limitOrders;
  }

  price(instrument: IciciInstrument): Decimal {
    const key = keyOf(instrument);
    return decimal(
      this.#prices[`${instrument.exchange}:${key}`] ??
        this.#prices[key] ??
        this.#defaultPrice ??
        instrument.basePrice,
    );
  }

  hasNoPrice(instrument: IciciInstrument): boolean {
    const key = keyOf(instrument);
    return this.#noPrices.has(key) || this.#noPrices.has(`${instrument.exchange}:${key}`);
  }

  /** Open, high and low; all the last price until it was set more than once. */
  range(instrument: IciciInstrument): { open: Decimal; high: Decimal; low: Decimal } {
    const key = keyOf(instrument);
    const last = this.price(instrument);
    const seen = this.#ranges.get(`${instrument.exchange}:${key}`) ?? this.#ranges.get(key);
    return {
      open: decimal(seen?.open ?? last),
      high: decimal(seen?.high ?? last),
      low: decimal(seen?.low ?? last),
    };
  }

  isOpen(exchange: string): boolean {
    return !this.#closed.has(exchange);
  }

  /** Epoch ms of the broker's own clock. */
  now(): number {
    return this.#clock() + this.#skewMs;
  }

  /** Whether the last price has reached the trigger of a stop order. */
  triggers({ instrument, action, trigger }: PricedOrder): boolean {
    if (trigger === null) return true;
    const sign = compare(this.price(instrument), trigger);
    return action === 'buy' ? sign >= 0 : sign <= 0;
  }

  /** Whether a limit order could trade at the last price. */
  crosses({ instrument, action, price }: PricedOrder): boolean {
    if (this.hasNoPrice(instrument)) return false;
    const sign = compare(this.price(instrument), price);
    return action === 'buy' ? sign <= 0 : sign >= 0;
  }
}
