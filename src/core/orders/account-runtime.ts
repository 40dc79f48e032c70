import type { Command } from '../domain/command';
import { epochMs } from '../domain/ids';
import type { AccountId } from '../domain/ids';
import type { BookPace, BrokerClient, OrderStream } from '../ports/broker';
import type { CommandPointer, CommandQueue, Lane, Leases, QueueWorker } from '../ports/queue';
import { isGatewayError } from '../domain/errors';
import type { BusMessage } from '../ports/bus';
import type { OpenAccount } from '../sessions/accounts';
import type { SessionGate } from '../sessions/session-gate';
import type { Dispatcher } from './dispatcher';
import { Reconciler } from './reconciler';
import type { ReconcilerDeps } from './reconciler';
import { tellExpired } from './tell-expired';

export interface AccountRuntimeDeps extends ReconcilerDeps {
  readonly queue: CommandQueue;
  readonly leases: Leases;
  readonly dispatcher: Dispatcher;
  readonly sessions: SessionGate;
}

const SWEEP_MS = 1_000;
/** How many of the oldest waiting rows are looked at to see whether one is the first of its lane. */
const LOOK_AHEAD = 8;
/**
 * How many of the oldest waiting rows each sweep makes sure of having a job: more than any broker takes
 * in a second, so a lost queue is refilled faster than it is worked off, and a backlog costs nothing.
 */
const REQUEUE_AT_ONCE = 100;
const LEASE_MS = 3_000;
/** A hint often comes before the answer of its own order: the answer goes first. */
const HINT_DELAY_MS = 10;
/** Hints closer together than this share one read. */
const HINT_SPACING_MS = 250;
/** How often the books are read with live orders and no stream of hints … */
const POLL_MS = 5_000;
/** … and with a stream, or without live orders. */
const SLOW_POLL_MS = 60_000;
/** Doubt that is this old is not settled by reading faster. */
const OLD_DOUBT_MS = 60_000;
const USUAL_PACE: Omit<BookPace, 'positionsMs'> = {
  soonMs: HINT_SPACING_MS,
  pollMs: POLL_MS,
  idleMs: SLOW_POLL_MS,
};
/** After a failed read; doubled up to the limit. */
const RETRY_MS = 1_000;
const RETRY_LIMIT_MS = 5_000;
/** A command in doubt this long is an alarm. */
const DOUBT_ALARM_MS = 10_000;
/** How long an entry is put back while the books have not been compared yet. */
const FIRST_LOOK_WAIT_MS = 50;

/**
 * Everything that runs for one account: its queue worker, its sweeper and its reconciler. Several
 * processes may run it; the lease names the one that sweeps and reads.
 */
export class AccountRuntime {
  readonly #deps: AccountRuntimeDeps;
  readonly #open: OpenAccount;
  readonly #current: () => Promise<OpenAccount>;
  readonly #reconciler: Reconciler;
  readonly #stops: (() => void)[] = [];
  #worker: QueueWorker | null = null;
  #stream: OrderStream | null = null;
  /** The client from which the stream is. */
  #streaming: BrokerClient | null = null;
  #streamOpening = false;
  /** Counts the changes of the session: a stream that began to open before one is of the old token. */
  #streamSession = 0;
  #leader = false;
  #wanted = true;
  #reading: Promise<void> | null = null;
  #sweeping: Promise<void> | null = null;
  #lastReadAt = -Infinity;
  #notBefore = -Infinity;
  #failures = 0;
  #alarmed = new Set<string>();
  #closed = false;
  /** Pointers that were taken without the queue and are being admitted. */
  readonly #taking = new Set<Promise<boolean>>();
  /** Whether the books were compared since this process started; until then entries wait. */
  #reconciled = false;
  /** Whether the account has what a call needs, as of the last sweep; without it nothing is read. */
  #callable = false;

  /** `current` gives the account with its client of now, which new credentials replace. */
  constructor(
    deps: AccountRuntimeDeps,
    open: OpenAccount,
    current: () => Promise<OpenAccount> = () => Promise.resolve(open),
  ) {
    this.#deps = deps;
    this.#open = open;
    this.#current = current;
    this.#reconciler = new Reconciler(deps, open, current);
  }

  get #account(): AccountId {
    return this.#open.account.accountId;
  }

  get #pace(): Omit<BookPace, 'positionsMs'> {
    return this.#open.module.capabilities.bookPace ?? USUAL_PACE;
  }

  async start(): Promise<void> {
    const { queue, dispatcher, bus, clock, sessions } = this.#deps;
    this.#stops.push(
      bus.subscribe((message) => {
        if (message.accountId !== this.#account) return;
        if (message.kind === 'hint') this.#look();
        if (message.kind === 'reconciled') this.#reconciled = true;
      }),
      sessions.onChange((account) => {
        if (account === this.#account) this.#sessionChanged();
      }),
      clock.every(SWEEP_MS, () => {
        this.#tick();
      }),
    );
    this.#tick();
    this.#worker = await queue.work(this.#account, (pointer, lane) =>
      this.#mayGo(lane)
        ? dispatcher.handle(pointer, lane)
        : Promise.resolve({ kind: 'wait', waitMs: FIRST_LOOK_WAIT_MS }),
    );
  }

  /**
   * Takes a pointer at once when nothing of its lane waits before it; false when it has to queue. So
   * orders of a lane leave in the order in which they were written, as the queue would have it.
   */
  async offer(pointer: CommandPointer, lane: Lane): Promise<boolean> {
    if (this.#closed || this.#worker === null || !this.#mayGo(lane)) return false;
    const taking = this.#takeFirst(pointer, lane);
    this.#taking.add(taking);
    try {
      return await taking;
    } finally {
      this.#taking.delete(taking);
    }
  }

  async #takeFirst(pointer: CommandPointer, lane: Lane): Promise<boolean> {
    const { ledger, dispatcher } = this.#deps;
    const oldest = await ledger.commands(this.#account, ['queued'], LOOK_AHEAD);
    const first = oldest.find((command) => command.lane === lane);
    if (first?.orderId !== pointer.orderId || first.n !== pointer.n) return false;
    const { kind } = await dispatcher.handle(pointer, lane);
    return kind === 'done';
  }

  /** Cancels and exits do not wait for the first look at the books; entries do. */
  #mayGo(lane: Lane): boolean {
    return lane === 'urgent' || this.#reconciled;
  }

  /** Stops taking work, then waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    await this.#worker?.close();
    await this.#stream?.close();
    await Promise.allSettled([this.#reading, this.#sweeping, ...this.#taking]);
    if (this.#leader)
      await this.#deps.leases.release(leaseName(this.#account)).catch(() => undefined);
  }

  /** Asks for a read of the books soon. */
  #look(): void {
    this.#wanted = true;
    this.#read();
  }

  #tick(): void {
    if (this.#closed || this.#sweeping !== null) return;
    this.#sweeping = this.#sweep()
      .catch((error: unknown) => {
        this.#deps.logger.warn({ account: this.#account, reason: String(error) }, 'sweep failed');
      })
      .finally(() => {
        this.#sweeping = null;
      });
  }

  /** Ends what is overdue, hands doubt to the reconciler, and queues rows that have no job. */
  async #sweep(): Promise<void> {
    const { ledger, clock, leases, bus, sessions } = this.#deps;
    this.#leader = await leases.hold(leaseName(this.#account), LEASE_MS).catch(() => false);
    const now = clock.now();
    const refusal = await sessions.refusal(this.#open.account);
    this.#callable = refusal === null;
    for (const command of await ledger.expireOverdue(this.#account, now, refusal?.message))
      tellExpired(this.#deps, command);
    if (!this.#leader) return;
    if (this.#reconciled) bus.publish({ kind: 'reconciled', accountId: this.#account });
    await this.#followClient();
    const doubtful = await ledger.markDoubtful(this.#account, now);
    for (const command of doubtful) this.#tell(command);
    await this.#requeue();
    await this.#watchDoubt();
    if (!this.#reconciled || this.#wanted || (await this.#readDue())) this.#look();
  }

  async #requeue(): Promise<void> {
    const { ledger, clock, queue } = this.#deps;
    for (const command of await ledger.releaseHeld(this.#account, clock.now())) this.#tell(command);
    const queued = await ledger.commands(this.#account, ['queued'], REQUEUE_AT_ONCE);
    for (const lane of ['urgent', 'normal'] satisfies Lane[]) {
      const pointers = queued.filter((command) => command.lane === lane);
      // Adding a pointer that already waits does nothing.
      if (pointers.length > 0) await queue.add(lane, pointers);
    }
  }

  async #watchDoubt(): Promise<void> {
    const { ledger, clock, metrics, logger, bus } = this.#deps;
    const doubtful = await ledger.commands(this.#account, ['in_doubt']);
    const since = doubtful.map((command) => command.submittedAt ?? clock.now());
    const oldestMs = since.length === 0 ? 0 : clock.now() - Math.min(...since);
    metrics.inDoubt(this.#account, doubtful.length, oldestMs / 1000);
    const known = new Set(doubtful.map((command) => command.orderId));
    this.#alarmed = new Set([...this.#alarmed].filter((id) => known.has(id as Command['orderId'])));
    for (const command of doubtful) {
      const age = clock.now() - (command.submittedAt ?? clock.now());
      if (age < DOUBT_ALARM_MS || this.#alarmed.has(command.orderId)) continue;
      this.#alarmed.add(command.orderId);
      metrics.alarm(this.#account, 'in-doubt');
      const text = `order ${command.orderId} (${command.kind}) is in doubt for ${String(Math.round(age / 1000))} s`;
      logger.error({ account: this.#account, orderId: command.orderId }, text);
      bus.publish({ kind: 'alarm', accountId: this.#account, name: 'in-doubt', text });
    }
  }

  async #readDue(): Promise<boolean> {
    const { ledger, clock } = this.#deps;
    const age = clock.monotonic() - this.#lastReadAt;
    const { pollMs, idleMs } = this.#pace;
    const doubtful = await ledger.commands(this.#account, ['in_doubt']);
    const isNew = (command: Command): boolean =>
      clock.now() - (command.submittedAt ?? command.createdAt) < OLD_DOUBT_MS;
    if (doubtful.length > 0) {
      const dear = this.#open.module.capabilities.bookPace !== undefined;
      if (!dear || doubtful.some(isNew) || age >= pollMs) return true;
    }
    const open = await ledger.sentOrders(this.#account);
    if (
      open.some((order) => order.state === 'pending_cancel' || order.state === 'pending_update')
    ) {
      return age >= SWEEP_MS;
    }
    // Before the day's first reading an exit cannot be told from an entry.
    if (!(await ledger.positionsKnown(this.#account))) return true;
    // Trades made elsewhere show in the books of an idle account too.
    const often = open.length > 0 && this.#stream === null;
    return age >= (often ? pollMs : idleMs);
  }

  #read(): void {
    if (this.#closed || !this.#leader || !this.#callable || this.#reading !== null) return;
    const { clock } = this.#deps;
    const earliest = Math.max(this.#lastReadAt + this.#pace.soonMs, this.#notBefore);
    const wait = Math.max(HINT_DELAY_MS, earliest - clock.monotonic());
    this.#reading = clock
      .sleep(wait)
      .then(async () => {
        this.#wanted = false;
        this.#lastReadAt = clock.monotonic();
        this.#deps.crashPoint?.('before-read');
        await this.#reconciler.pass();
        this.#failures = 0;
        this.#notBefore = -Infinity;
        this.#tellRead(null);
        await this.#requeue();
      })
      .catch((error: unknown) => {
        this.#failures += 1;
        const backoff = Math.min(RETRY_MS * 2 ** (this.#failures - 1), RETRY_LIMIT_MS);
        this.#notBefore = clock.monotonic() + backoff;
        this.#wanted = true;
        this.#tellRead(
          isGatewayError(error)
            ? { code: error.code, message: error.message }
            : { code: 'INTERNAL', message: 'the books could not be read; see the log' },
        );
        this.#deps.logger.warn(
          { account: this.#account, reason: String(error), retryInMs: backoff },
          'the books could not be read; nothing was concluded',
        );
      })
      .finally(() => {
        this.#reading = null;
        if (this.#wanted) this.#read();
      });
  }

  /** Has the stream of the client of now: another client means other credentials, and so another stream. */
  async #followClient(): Promise<void> {
    if (this.#streamOpening) return;
    // Without a client (no credentials) what is due by the clock is still done.
    const client = await this.#current().then(
      (open) => open.client,
      () => null,
    );
    if (client !== this.#streaming) {
      const old = this.#stream;
      this.#stream = null;
      this.#streaming = client;
      // Not waited for: a socket that does not close must not hold up the sweep.
      old?.close().catch((error: unknown) => {
        const { logger } = this.#deps;
        logger.warn({ account: this.#account, reason: String(error) }, 'order stream not closed');
      });
    }
    if (client !== null) this.#openStream(client);
  }

  #openStream(client: BrokerClient): void {
    const updates = client.orderUpdates;
    if (updates === undefined || this.#stream !== null || this.#streamOpening) return;
    if (!this.#callable) return;
    this.#streamOpening = true;
    const session = this.#streamSession;
    const { clock, logger } = this.#deps;
    const context = {
      signal: AbortSignal.timeout(10_000),
      deadlineAt: epochMs(clock.now() + 10_000),
      sendBy: null,
      correlationId: `stream-${this.#account}`,
    };
    updates
      .open(() => {
        this.#look();
      }, context)
      .then(async (stream) => {
        if (session !== this.#streamSession || this.#closed) {
          await stream.close();
          return;
        }
        this.#stream = stream;
        this.#look();
      })
      .catch((error: unknown) => {
        logger.warn({ account: this.#account, reason: String(error) }, 'no order stream');
      })
      .finally(() => {
        this.#streamOpening = false;
      });
  }

  /** Another token, or none: the stream of the old one ends, and one of the new one is opened by the next sweep. */
  #sessionChanged(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#streamSession += 1;
    this.#wanted = true;
    this.#notBefore = -Infinity;
    stream?.close().catch((error: unknown) => {
      this.#deps.logger.debug({ account: this.#account, reason: String(error) }, 'order stream');
    });
    this.#tick();
  }

  #tellRead(fault: Extract<BusMessage, { kind: 'read' }>['fault']): void {
    this.#deps.bus.publish({ kind: 'read', accountId: this.#account, fault });
  }

  #tell(command: Command): void {
    const { accountId, orderId, n } = command;
    this.#deps.bus.publish({ kind: 'command', accountId, orderId, n });
  }
}

const leaseName = (account: AccountId): string => `account:${account}`;
