import { z } from 'zod';
import { seededFraction } from './seeded';

/** Milliseconds; a fault never lasts longer than a trading day. */
const delay = z.number().int().min(0).max(86_400_000);

/**
 * Everything a simulator can be told to do wrong. `applied` says whether the order is truly placed,
 * changed or cancelled before the fault hides it.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Refuses in the broker's documented way; nothing is done. */
  z.strictObject({ kind: z.literal('refuse'), code: z.string(), message: z.string() }),
  /** RST: before the request is processed, halfway through reading it, after it was done, or halfway through the answer. */
  z.strictObject({
    kind: z.literal('reset'),
    when: z.enum(['before', 'during', 'after', 'body']),
  }),
  /** Done, then the connection is closed in good order without an answer. */
  z.strictObject({ kind: z.literal('answer-lost') }),
  /** No answer at all; `effectAfterMs` does it late, null does it never. */
  z.strictObject({ kind: z.literal('hang'), effectAfterMs: delay.nullable() }),
  /** Done, but answered 400 with a code that is not among the documented refusals. */
  z.strictObject({ kind: z.literal('refused-but-done') }),
  /** Answered 200 with a valid body, but nothing is done. */
  z.strictObject({ kind: z.literal('ok-but-not-done') }),
  /** An HTML page of a proxy instead of the broker's answer. */
  z.strictObject({
    kind: z.literal('html'),
    status: z.number().int().min(200).max(599),
    applied: z.boolean(),
  }),
  /** Done, but the JSON of the answer stops halfway (with a matching content length). */
  z.strictObject({ kind: z.literal('truncated') }),
  /** 200 whose body carries an undocumented error; nothing is said about what was done. */
  z.strictObject({ kind: z.literal('error-in-200'), applied: z.boolean() }),
  /** The broker's documented "too fast"; nothing is done. */
  z.strictObject({ kind: z.literal('throttle'), retryAfterMs: delay }),
  /** 429 of something in front of the broker, which proves nothing. */
  z.strictObject({ kind: z.literal('undocumented-429'), applied: z.boolean() }),
  /** The token dies now, for this call and all later ones. */
  z.strictObject({ kind: z.literal('token-death') }),
  /** Waits before it is done, or after it and before the answer. */
  z.strictObject({ kind: z.literal('slow'), delayMs: delay, effect: z.enum(['before', 'after']) }),
  /** Answers well, then closes the idle socket. */
  z.strictObject({ kind: z.literal('close-idle'), delayMs: delay }),
  /** The book does not give the tag of this order back. */
  z.strictObject({ kind: z.literal('empty-tag') }),
  /** Accepted, then refused by the exchange. */
  z.strictObject({ kind: z.literal('reject-later'), message: z.string() }),
  /** A read answers with the book as it was before its last change, or with an empty book. */
  z.strictObject({ kind: z.literal('stale-read') }),
  z.strictObject({ kind: z.literal('empty-read') }),
  /** A read in which one word of an enumeration is not among the documented ones. */
  z.strictObject({ kind: z.literal('unknown-word') }),
  /** What happens to the update of an order on the stream. */
  z.strictObject({
    kind: z.literal('update'),
    how: z.enum(['drop', 'duplicate', 'reorder', 'late', 'before-answer', 'stale-partial']),
    delayMs: delay.default(50),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** One line of a script. `nth` counts the operation's calls since the line was added, from 1. */
export const faultRuleSchema = z.strictObject({
  match: z.strictObject({
    /** Name of an operation, or `*`. */
    operation: z.string().min(1),
    nth: z.number().int().min(1).optional(),
  }),
  fault: faultSchema,
  /** How often it strikes; null without end. Once unless told. */
  times: z.number().int().min(1).nullable().default(1),
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** Faults by chance: each listed one strikes a matching call with its probability. */
export const faultChancesSchema = z.strictObject({
  seed: z.number().int(),
  chances: z.array(
    z.strictObject({
      operation: z.string().min(1),
      fault: faultSchema,
      probability: z.number().min(0).max(1),
    }),
  ),
});
export type FaultChances = z.infer<typeof faultChancesSchema>;

/** A bit of everything that hides or delays the truth of a command: what `--seed` alone means. */
export const ordinaryMisbehaviour = (seed: number): FaultChances => ({
  seed,
  chances: ['place', 'modify', 'cancel'].flatMap((operation) =>
    HIDING.map((fault) => ({ operation, fault, probability: 0.02 })),
  ),
});
const HIDING: readonly Fault[] = [
  { kind: 'reset', when: 'before' },
  { kind: 'reset', when: 'after' },
  { kind: 'reset', when: 'body' },
  { kind: 'answer-lost' },
  { kind: 'refused-but-done' },
  { kind: 'html', status: 502, applied: true },
  { kind: 'html', status: 502, applied: false },
  { kind: 'truncated' },
  { kind: 'throttle', retryAfterMs: 200 },
  { kind: 'slow', delayMs: 300, effect: 'before' },
  { kind: 'slow', delayMs: 300, effect: 'after' },
];

interface LiveRule {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

/** Decides what goes wrong with each call; a script first, then chance. The same seed and calls give the same faults. */
export class FaultPlan {
  #rules: LiveRule[] = [];
  #chances: FaultChances | null = null;
  #draw: () => number = () => 1;

  add(rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#rules.push({ rule, seen: 0, struck: 0 });
  }

  /** Shorthand for tests: `fault` strikes the next `times` calls of `operation`. */
  next(operation: string, fault: Fault, times: number | null = 1): void {
    this.add([{ match: { operation }, fault, times }]);
  }

  chance(chances: FaultChances): void {
    this.#chances = chances;
    this.#draw = seededFraction(chances.seed);
  }

  clear(): void {
    this.#rules = [];
    this.#chances = null;
  }

  /** The faults that strike this call, in the order of the script. */
  pick(operation: string): readonly Fault[] {
    const struck: Fault[] = [];
    for (const live of this.#rules) {
      const { match, fault, times } = live.rule;
      if (match.operation !== '*' && match.operation !== operation) continue;
      live.seen += 1;
      if (match.nth !== undefined && live.seen < match.nth) continue;
      if (times !== null && live.struck >= times) continue;
      live.struck += 1;
      struck.push(fault);
    }
    for (const entry of this.#chances?.chances ?? []) {
      if (entry.operation !== '*' && entry.operation !== operation) continue;
      if (this.#draw() < entry.probability) struck.push(entry.fault);
    }
    return struck;
  }
}

type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** The first fault of `kind`, or null. */
export const faultOf = <K extends FaultKind>(
  faults: readonly Fault[],
  kind: K,
): FaultOf<K> | null => {
  const isKind = (fault: Fault): fault is FaultOf<K> => fault.kind === kind;
  return faults.find(isKind) ?? null;
};
