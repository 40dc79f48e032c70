import { GatewayError } from '../domain/errors';
import type { AccountId } from '../domain/ids';
import type { CallContext, CallPacer, RateRule } from '../ports/broker';
import type { LeakyBucket } from '../ports/bucket';
import type { Clock, Random } from '../ports/clock';
import type { Ledger } from '../ports/ledger';

export interface QueryPacerDeps {
  readonly bucket: LeakyBucket;
  readonly ledger: Pick<Ledger, 'recordCall'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Paces the queries of one account by the same buckets as its commands; queries never use the reserve. */
export const createQueryPacer = (
  deps: QueryPacerDeps,
  account: AccountId,
  rules: () => readonly RateRule[],
): CallPacer => ({
  query: async (context: CallContext): Promise<void> => {
    const callId = `q-${Buffer.from(deps.random.bytes(9)).toString('base64url')}`;
    for (;;) {
      const slot = await deps.bucket.take({
        account,
        rules: rules(),
        callClass: 'query',
        priority: 'entry',
        callId,
      });
      if (slot.granted) {
        await deps.ledger.recordCall(account, { callId, callClass: 'query', at: deps.clock.now() });
        return;
      }
      const left = context.deadlineAt - deps.clock.now();
      if (slot.waitMs >= left || context.signal.aborted) {
        throw new GatewayError('BUCKET_FULL', 'the broker call rate of the account is used up', {
          retryAfterMs: slot.waitMs,
        });
      }
      await deps.clock.sleep(slot.waitMs, context.signal);
    }
  },
});
