import { z } from 'zod';

/** A limit as the simulated broker enforces it. `calendar` counts within aligned windows, `rolling` within any. */
export const rateLimitSchema = z.strictObject({
  name: z.string().min(1),
  classes: z.array(z.enum(['order', 'query'])).min(1),
  limit: z.number().int().min(1),
  windowMs: z.number().int().min(1),
  window: z.enum(['rolling', 'calendar']),
});
export type RateLimit = z.infer<typeof rateLimitSchema>;

interface Bucket {
  readonly rule: RateLimit;
  /** Times of admitted calls, oldest first. */
  admitted: number[];
  refused: number;
  /** The most calls, admitted or not, seen in one window. */
  peak: number;
  arrivals: number[];
}

export interface RateStats {
  readonly name: string;
  readonly refused: number;
  readonly peak: number;
}

export interface RateRefusal {
  readonly rule: RateLimit;
  readonly waitMs: number;
}

/** Counts arrivals per rule; refused calls do not use up the limit. Times are monotonic milliseconds of the caller. */
export class RateMeter {
  readonly #buckets: readonly Bucket[];

  constructor(rules: readonly RateLimit[]) {
    this.#buckets = rules.map((rule) => ({
      rule,
      admitted: [],
      refused: 0,
      peak: 0,
      arrivals: [],
    }));
  }

  /** Null when the call is admitted, otherwise the milliseconds after which it would be. */
  arrive(callClass: 'order' | 'query', at: number): number | null {
    return this.take(callClass, at)?.waitMs ?? null;
  }

  /** The same with the rule that makes the call wait longest. */
  take(callClass: 'order' | 'query', at: number): RateRefusal | null {
    let refusal: RateRefusal | null = null;
    const concerned = this.#buckets.filter(({ rule }) => rule.classes.includes(callClass));
    for (const bucket of concerned) {
      const { rule } = bucket;
      const start = rule.window === 'rolling' ? at - rule.windowMs : at - (at % rule.windowMs);
      const inside = (time: number): boolean =>
        rule.window === 'rolling' ? time > start : time >= start;
      bucket.admitted = bucket.admitted.filter(inside);
      bucket.arrivals = [...bucket.arrivals.filter(inside), at];
      bucket.peak = Math.max(bucket.peak, bucket.arrivals.length);
      if (bucket.admitted.length < rule.limit) continue;
      bucket.refused += 1;
      const free =
        rule.window === 'rolling'
          ? (bucket.admitted[0] ?? at) + rule.windowMs - at
          : start + rule.windowMs - at;
      const waitMs = Math.ceil(free);
      if (refusal === null || waitMs > refusal.waitMs) refusal = { rule, waitMs };
    }
    if (refusal === null) for (const bucket of concerned) bucket.admitted.push(at);
    return refusal;
  }

  stats(): readonly RateStats[] {
    return this.#buckets.map(({ rule, refused, peak }) => ({ name: rule.name, refused, peak }));
  }
}
