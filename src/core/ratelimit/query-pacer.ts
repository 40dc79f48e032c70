import { GatewayError } from '../domain/errors';
import type { AccountId } from '../domain/ids';
import type { CallPacer, RateRule } from '../ports/broker';
import type { LeakyBucket, TakeRequest } from '../ports/bucket';
import type { Clock, Random } from '../ports/clock';
import type { HttpResult } from '../ports/http';
import type { Ledger } from '../ports/ledger';
import { Slot } from './slot';

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
    const { ledger, clock, random } = deps;
    const request: TakeRequest = {
      account,
      rules: rules(),
      callClass: 'query',
      priority: 'entry',
      callId: `q-${Buffer.from(random.bytes(9)).toString('base64url')}`,
    };
    for (;;) {
      const taken = await Slot.take(deps, request);
      const left = context.deadlineAt - clock.now();
      if (context.signal.aborted || (taken.granted ? left <= 0 : taken.waitMs >= left)) {
        throw new GatewayError('BUCKET_FULL', 'the broker call rate of the account is used up', {
          retryAfterMs: taken.granted ? 0 : taken.waitMs,
        });
      }
      if (!taken.granted) {
        await clock.sleep(taken.waitMs, context.signal);
        continue;
      }
      const { callId, callClass } = request;
      await ledger.recordCall(account, { callId, callClass, at: clock.now() });
      for (;;) {
        const sendBy = taken.slot.begin();
        if (sendBy === null) break;
        const result = await send({ ...context, sendBy });
        if (!isTooLate(result) || context.deadlineAt <= clock.now()) return result;
      }
    }
  },
});
