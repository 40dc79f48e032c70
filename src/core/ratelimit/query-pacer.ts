import { GatewayError } from '../domain/errors';
import { monotonicMs } from '../domain/ids';
import type { AccountId } from '../domain/ids';
import type { CallPacer, RateRule } from '../ports/broker';
import { SLOT_MS } from '../ports/bucket';
import type { LeakyBucket } from '../ports/bucket';
import type { Clock, Random } from '../ports/clock';
import type { HttpResult } from '../ports/http';
import type { Ledger } from '../ports/ledger';

export interface QueryPacerDeps {
  readonly bucket: LeakyBucket;
  readonly ledger: Pick<Ledger, 'recordCall'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whether this is an HttpResult of a call of which no byte left because its slot was over. */
const isTooLate = (result: unknown): boolean => {
  // Whatever else it is, a result without these keys is none.
  const { stage, why } = (result ?? {}) as Partial<Extract<HttpResult, { kind: 'failure' }>>;
  return stage === 'connect' && why === 'too-late';
};

/** Paces the queries of one account by the same buckets as its commands; queries never use the reserve. */
export const createQueryPacer = (
  deps: QueryPacerDeps,
  account: AccountId,
  rules: () => readonly RateRule[],
): CallPacer => ({
  query: async (context, send) => {
    const { bucket, ledger, clock, random } = deps;
    const callId = `q-${Buffer.from(random.bytes(9)).toString('base64url')}`;
    for (;;) {
      const askedAt = clock.monotonic();
      const slot = await bucket.take({
        account,
        rules: rules(),
        callClass: 'query',
        priority: 'entry',
        callId,
      });
      const left = context.deadlineAt - clock.now();
      if (context.signal.aborted || (slot.granted ? left <= 0 : slot.waitMs >= left)) {
        throw new GatewayError('BUCKET_FULL', 'the broker call rate of the account is used up', {
          retryAfterMs: slot.granted ? 0 : slot.waitMs,
        });
      }
      if (!slot.granted) {
        await clock.sleep(slot.waitMs, context.signal);
        continue;
      }
      await ledger.recordCall(account, { callId, callClass: 'query', at: clock.now() });
      const result = await send({ ...context, sendBy: monotonicMs(askedAt + SLOT_MS) });
      if (isTooLate(result) && context.deadlineAt > clock.now()) continue;
      return result;
    }
  },
});
