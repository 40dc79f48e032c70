import type { AccountId } from '../domain/ids';
import type { Logger } from '../ports/logger';
import type { CommandPointer, CommandQueue, Lane } from '../ports/queue';

/** What takes a pointer at once; an account's runtime is one. */
export interface Taker {
  /** False when it has to wait its turn in the queue. */
  offer(pointer: CommandPointer, lane: Lane): Promise<boolean>;
}

export interface FirstInLineDeps {
  readonly queue: CommandQueue;
  /** What serves the account in this process; null when it is another one. */
  readonly takerOf: (account: AccountId) => Taker | null;
  readonly logger: Logger;
}

/**
 * The queue as the way in sees it: a pointer with nothing before it goes to the dispatcher of this very
 * process, and only one that has to wait, or belongs elsewhere, goes through Redis. Nothing else
 * changes: the same dispatcher, bucket and compare-and-set; a crash in between leaves a row to the sweeper.
 */
export const firstInLine = (deps: FirstInLineDeps): Pick<CommandQueue, 'add'> => ({
  add: async (lane, pointers) => {
    const { queue, takerOf, logger } = deps;
    const [only] = pointers;
    const taker = only !== undefined && pointers.length === 1 ? takerOf(only.accountId) : null;
    if (only === undefined || taker === null) {
      await queue.add(lane, pointers);
      return;
    }
    // Not waited for: whoever asked hears of the outcome, or leaves before it.
    void taker
      .offer(only, lane)
      .catch((error: unknown) => {
        logger.debug({ orderId: only.orderId, reason: String(error) }, 'not taken at once');
        return false;
      })
      .then((taken) => (taken ? undefined : queue.add(lane, pointers)))
      .catch((error: unknown) => {
        logger.warn({ orderId: only.orderId, reason: String(error) }, 'queued on disk only');
      });
  },
});
