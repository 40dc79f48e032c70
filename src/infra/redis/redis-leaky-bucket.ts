import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { GatewayError } from '../../core/domain/errors';
import { startOfIstDay, istDate } from '../../core/domain/time';
import { epochMs } from '../../core/domain/ids';
import type { AccountId, EpochMs } from '../../core/domain/ids';
import type { RateRule } from '../../core/ports/broker';
import type { LeakyBucket, TakeRequest, TakeResult } from '../../core/ports/bucket';
import type { Clock } from '../../core/ports/clock';
import type { RecordedCall } from '../../core/ports/ledger';
import { TAKE_SCRIPT } from './leaky-bucket-script';

/** Covers the spread of network delays between us and the broker. */
export const DEFAULT_GUARD_MS = 60;

/** Where the send times are that Redis may have lost. */
export interface CallHistory {
  callsSince(account: AccountId, since: EpochMs): Promise<readonly RecordedCall[]>;
}

/** The leaky bucket in Redis, refilled from the ledger whenever Redis may have forgotten drops. */
export class RedisLeakyBucket implements LeakyBucket {
  readonly #redis: Redis;
  readonly #history: CallHistory;
  readonly #clock: Clock;
  readonly #guardMs: number;
  /** Accounts refilled since this process last (re)connected. */
  #filled = new Set<string>();

  constructor(redis: Redis, history: CallHistory, clock: Clock, guardMs = DEFAULT_GUARD_MS) {
    this.#redis = redis;
    this.#history = history;
    this.#clock = clock;
    this.#guardMs = guardMs;
    // A Redis that went away may come back older or empty.
    redis.on('close', () => {
      this.#filled = new Set();
    });
  }

  async take(request: TakeRequest): Promise<TakeResult> {
    const rules = request.rules.filter((rule) => rule.classes.includes(request.callClass));
    try {
      if (!this.#filled.has(request.account)) await this.#fill(request.account, request.rules);
      let answer = await this.#run(request, rules);
      if (answer[0] === -1) {
        await this.#fill(request.account, request.rules);
        answer = await this.#run(request, rules);
      }
      if (answer[0] === 0) return { granted: false, waitMs: answer[1] ?? 1 };
      if (answer[0] !== 1) throw new Error('the buckets cannot be filled');
      return {
        granted: true,
        fill: rules.map((rule, i) => ({
          rule: rule.name,
          fraction: (answer[i + 1] ?? 0) / rule.limit,
        })),
      };
    } catch (error) {
      throw new GatewayError('STORE_UNAVAILABLE', 'Redis cannot pace the calls', { cause: error });
    }
  }

  async move({ account, rules, callClass, callId }: TakeRequest): Promise<void> {
    const keys = rules
      .filter((rule) => rule.classes.includes(callClass))
      .map((rule) => ruleKey(account, rule));
    await this.#redis.eval(MOVE_SCRIPT, keys.length, ...keys, callId);
  }

  async penalise(account: AccountId, ms: number): Promise<void> {
    await this.#redis.eval(PENALTY_SCRIPT, 1, penaltyKey(account), Math.max(1, Math.ceil(ms)));
  }

  async #run(request: TakeRequest, rules: readonly RateRule[]): Promise<readonly number[]> {
    const { account } = request;
    const keys = [
      markerKey(account),
      penaltyKey(account),
      ...rules.map((r) => ruleKey(account, r)),
    ];
    const limits = rules.flatMap((rule) => [
      request.priority === 'entry' ? rule.entryLimit : rule.limit,
      rule.resets === 'rolling' ? rule.windowMs + this.#guardMs : -1,
    ]);
    const call = [keys.length, ...keys, request.callId, ...limits] as const;
    let answer: unknown;
    try {
      answer = await this.#redis.evalsha(TAKE_SHA, ...call);
    } catch (error) {
      if (!String(error).includes('NOSCRIPT')) throw error;
      answer = await this.#redis.eval(TAKE_SCRIPT, ...call);
    }
    if (!Array.isArray(answer)) throw new Error('unexpected answer of the bucket script');
    return answer.map(Number);
  }

  /** Puts every drop that the ledger remembers into the buckets; known ones stay as they are. */
  async #fill(account: AccountId, rules: readonly RateRule[]): Promise<void> {
    const now = this.#clock.now();
    const [seconds, micros] = await this.#redis.time();
    const redisAhead = Number(seconds) * 1000 + Number(micros) / 1000 - now;
    const midnight = startOfIstDay(istDate(now));
    const oldest = Math.min(
      ...rules.map((r) => (r.resets === 'rolling' ? now - r.windowMs - this.#guardMs : midnight)),
    );
    const calls = await this.#history.callsSince(account, epochMs(Math.floor(oldest)));
    const batch = this.#redis.multi();
    for (const rule of rules) {
      const drops = calls.filter((call) => rule.classes.includes(call.callClass));
      for (const call of drops) {
        batch.zadd(ruleKey(account, rule), 'NX', call.at + redisAhead, call.callId);
      }
    }
    batch.set(markerKey(account), '1');
    await batch.exec();
    this.#filled.add(account);
  }
}

/** A shorter penalty never shortens a longer one. */
const PENALTY_SCRIPT = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
`;
/** KEYS: one sorted set per rule; ARGV[1] call id. */
const MOVE_SCRIPT = `
local t = redis.call('TIME')
local now = string.format('%.3f', tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000)
for _, key in ipairs(KEYS) do redis.call('ZADD', key, now, ARGV[1]) end
`;
const TAKE_SHA = createHash('sha1').update(TAKE_SCRIPT).digest('hex');
const markerKey = (account: AccountId): string => `toran:bucket:${account}:filled`;
const penaltyKey = (account: AccountId): string => `toran:bucket:${account}:penalty`;
const ruleKey = (account: AccountId, rule: RateRule): string =>
  `toran:bucket:${account}:rule:${rule.name}`;
