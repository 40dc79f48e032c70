import { RateMeter } from '../core/rate-meter';
import type { RateLimit, RateStats } from '../core/rate-meter';
import { DAY_MS } from '../../core/domain/time';

/** What the broker's documents allow for each app. */
export const ICICI_LIMITS: readonly RateLimit[] = [
  { name: 'minute', classes: ['order', 'query'], limit: 100, windowMs: 60_000, window: 'rolling' },
  { name: 'day', classes: ['order', 'query'], limit: 5_000, windowMs: DAY_MS, window: 'calendar' },
  { name: 'second', classes: ['order'], limit: 10, windowMs: 1_000, window: 'rolling' },
];

const IST_OFFSET_MS = 19_800_000;

/** Counts the calls of each app on its own. */
export class AppLimits {
  readonly #rules: readonly RateLimit[];
  readonly #cooldownMs: number;
  readonly #meters = new Map<string, RateMeter>();
  readonly #coolingUntil = new Map<string, number>();

  /** `cooldownMs`: how long the broker goes on refusing after the minute was broken. */
  constructor(rules: readonly RateLimit[], cooldownMs: number) {
    this.#rules = rules;
    this.#cooldownMs = cooldownMs;
  }

  /** The name of the limit that refuses this call, or null. `at` is epoch ms. */
  refusal(appKey: string, callClass: 'order' | 'query', at: number): string | null {
    const meter = this.#meters.get(appKey) ?? new RateMeter(this.#rules);
    this.#meters.set(appKey, meter);
    // A calendar day begins at midnight in India.
    const refused = meter.take(callClass, at + IST_OFFSET_MS)?.rule.name ?? null;
    if (refused === 'minute' && this.#cooldownMs > 0) {
      this.#coolingUntil.set(appKey, at + this.#cooldownMs);
    }
    return (this.#coolingUntil.get(appKey) ?? 0) > at ? 'minute' : refused;
  }

  /** By limit, over all apps: what was refused and the busiest window. */
  stats(): readonly RateStats[] {
    const all = [...this.#meters.values()].flatMap((meter) => meter.stats());
    return this.#rules.map(({ name }) => {
      const own = all.filter((one) => one.name === name);
      return {
        name,
        refused: own.reduce((sum, one) => sum + one.refused, 0),
        peak: Math.max(0, ...own.map((one) => one.peak)),
      };
    });
  }
}
