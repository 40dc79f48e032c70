import { Queue, Worker } from 'bullmq';
import type { Job, JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { GatewayError } from '../../core/domain/errors';
import { accountId, orderId } from '../../core/domain/ids';
import type { AccountId } from '../../core/domain/ids';
import type { Logger } from '../../core/ports/logger';
import type {
  CommandPointer,
  CommandQueue,
  HandlerResult,
  Lane,
  QueueWorker,
} from '../../core/ports/queue';

interface JobData {
  readonly accountId: string;
  readonly orderId: string;
  readonly n: number;
  readonly attempt: number;
}

const LANES: readonly Lane[] = ['urgent', 'normal'];

/**
 * Two BullMQ queues per account. A job is a pointer to a ledger row, so every option says "once,
 * and leave nothing behind"; jobs of a lane run one after the other, which keeps their order.
 */
export class BullmqQueue implements CommandQueue {
  readonly #fast: Redis;
  readonly #blocking: Redis;
  readonly #logger: Logger;
  readonly #queues = new Map<string, Queue<JobData>>();

  constructor(connections: { readonly fast: Redis; readonly blocking: Redis }, logger: Logger) {
    this.#fast = connections.fast;
    this.#blocking = connections.blocking;
    this.#logger = logger;
  }

  async add(lane: Lane, pointers: readonly CommandPointer[]): Promise<void> {
    const byAccount = Map.groupBy(pointers, (pointer) => pointer.accountId);
    try {
      for (const [account, group] of byAccount) {
        const jobs = group.map((pointer) => ({
          name: 'send',
          data: pointer,
          opts: optionsOf(pointer),
        }));
        const [only] = jobs;
        const queue = this.#queue(account, lane);
        if (only !== undefined && jobs.length === 1)
          await queue.add(only.name, only.data, only.opts);
        else await queue.addBulk(jobs);
      }
    } catch (error) {
      throw new GatewayError('STORE_UNAVAILABLE', 'Redis cannot take the order yet', {
        cause: error,
      });
    }
  }

  async work(
    account: AccountId,
    handler: (pointer: CommandPointer, lane: Lane) => Promise<HandlerResult>,
  ): Promise<QueueWorker> {
    const workers = LANES.map((lane) => this.#worker(account, lane, handler));
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    return {
      close: async (): Promise<void> => {
        await Promise.all(workers.map((worker) => worker.close()));
      },
    };
  }

  async depth(account: AccountId): Promise<Readonly<Record<Lane, number>>> {
    const count = async (lane: Lane): Promise<number> =>
      this.#queue(account, lane).getJobCountByTypes('wait', 'active', 'delayed');
    return { urgent: await count('urgent'), normal: await count('normal') };
  }

  /** The queues of an account, one per lane, for looking at. */
  queuesOf(account: AccountId): readonly Queue[] {
    return LANES.map((lane) => this.#queue(account, lane));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #worker(
    account: AccountId,
    lane: Lane,
    handler: (pointer: CommandPointer, lane: Lane) => Promise<HandlerResult>,
  ): Worker<JobData> {
    const queue = this.#queue(account, lane);
    const process = async (job: Job<JobData>): Promise<void> => {
      const { n, attempt } = job.data;
      const pointer = {
        accountId: accountId(job.data.accountId),
        orderId: orderId(job.data.orderId),
        n,
        attempt,
      };
      const result = await handler(pointer, lane);
      if (result.kind === 'wait') {
        await queue.rateLimit(Math.max(1, Math.ceil(result.waitMs)));
        throw Worker.RateLimitError();
      }
    };
    const worker = new Worker<JobData>(queue.name, process, {
      connection: this.#blocking,
      prefix: PREFIX,
      concurrency: 1,
      // Only so that queue.rateLimit above is honoured; the leaky bucket does the pacing.
      limiter: { max: 1_000_000_000, duration: 1_000 },
      // A job whose worker died is not run again: the sweeper and the reconciler look at its row.
      maxStalledCount: 0,
      // A killed worker's job must not hide its row from the sweeper for BullMQ's usual half minute.
      lockDuration: 3_000,
      stalledInterval: 1_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', (error) => {
      this.#logger.debug({ account, lane, reason: error.message }, 'queue worker');
    });
    worker.on('failed', (job, error) => {
      this.#logger.warn(
        { account, lane, jobId: job?.id, reason: error.message },
        'a queue job failed; its ledger row decides',
      );
    });
    return worker;
  }

  #queue(account: AccountId, lane: Lane): Queue<JobData> {
    const name = `${account}-${lane}`;
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue<JobData>(name, { connection: this.#fast, prefix: PREFIX });
    queue.on('error', (error) => {
      this.#logger.debug({ account, lane, reason: error.message }, 'queue');
    });
    this.#queues.set(name, queue);
    return queue;
  }
}

const PREFIX = 'toran:queue';

const optionsOf = (pointer: CommandPointer): JobsOptions => ({
  jobId: `o-${pointer.orderId}-${String(pointer.n)}-${String(pointer.attempt)}`,
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
});
