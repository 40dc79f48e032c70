import type { Command } from '../domain/command';
import { GatewayError } from '../domain/errors';
import { epochMs, monotonicMs } from '../domain/ids';
import type { AccountId, MonotonicMs } from '../domain/ids';
import type { Instrument } from '../domain/instrument';
import type { Order } from '../domain/order';
import type {
  BrokerClient,
  CallContext,
  CommandOutcome,
  InstrumentLookup,
  MarketReference,
} from '../ports/broker';
import type { LeakyBucket, TakeRequest } from '../ports/bucket';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';
import type { CommandSettlement, Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { CommandPointer, HandlerResult, Lane } from '../ports/queue';
import type { Accounts, OpenAccount } from '../sessions/accounts';
import type { SessionGate } from '../sessions/session-gate';
import { Slot } from '../ratelimit/slot';
import { tellExpired } from './tell-expired';

export interface DispatcherDeps {
  readonly ledger: Ledger;
  readonly bucket: LeakyBucket;
  readonly bus: Bus;
  readonly accounts: Accounts;
  readonly sessions: Pick<SessionGate, 'refusal'>;
  readonly instruments: InstrumentLookup;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How long after `submitted` the first byte may still leave, milliseconds. */
  readonly sendByMs: number;
  /** Called at named instants of the way; only fault tests pass one that does something. */
  readonly crashPoint: (name: CrashPoint) => void;
}

export const CRASH_POINTS = [
  'before-intent',
  'after-intent',
  'after-queue',
  'before-bucket',
  'after-bucket',
  'after-submitted',
  'before-send',
  'after-answer',
  'after-outcome',
  'before-read',
  'after-read',
  'before-apply',
  'after-apply',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What a claimed command may do: write to the broker once, within its slot and before `sendBy`. */
interface Permit {
  readonly take: TakeRequest;
  readonly slot: Slot;
  readonly sendBy: MonotonicMs;
  readonly reference: MarketReference | null;
}

/** What is known of a command beside its row. */
interface Known {
  readonly instrument: Instrument | null;
  readonly reference: MarketReference | null;
}

/** More calls under way than this for one account means the broker is not answering. */
const MAX_IN_FLIGHT = 50;
const IN_FLIGHT_WAIT_MS = 50;
/** How often a waiting command looks whether its account has a session again. */
const NO_SESSION_WAIT_MS = 250;
/** What `prepare` says with these does not become better by asking again. */
const ENDS_A_PLACEMENT: ReadonlySet<string> = new Set([
  'NO_PRICE',
  'UNKNOWN_SYMBOL',
  'BROKER_REFUSED',
]);
/** How long a "too fast" without a stated time closes the buckets. */
const DEFAULT_PENALTY_MS = 1_000;

/**
 * The queue's worker, and the only code that sends commands. A pointer is admitted one at a time
 * (bucket, then compare-and-set on disk); the call itself runs on beside the queue, because from
 * there on the ledger row, not the job, says what may happen.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #inFlight = new Map<AccountId, Set<Promise<void>>>();

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  /** Admits one pointer; resolves before the broker answers. */
  async handle(pointer: CommandPointer, lane: Lane): Promise<HandlerResult> {
    const { ledger, clock, crashPoint } = this.#deps;
    const { order, command } = await this.#read(pointer);
    if (order === null || command?.state !== 'queued' || command.attempt !== pointer.attempt) {
      return { kind: 'done' };
    }
    if (command.deadlineAt <= clock.now()) {
      await this.#expire(pointer.accountId);
      return { kind: 'done' };
    }
    const running = this.#running(pointer.accountId);
    if (running.size >= MAX_IN_FLIGHT) return { kind: 'wait', waitMs: IN_FLIGHT_WAIT_MS };
    const instrument = this.#deps.instruments.find(order.terms.instrument);
    // A cancel names an order; it must go although the contract has left the catalogue.
    if (instrument === null && command.kind !== 'cancel') {
      await ledger.deny(
        order.orderId,
        command.n,
        'UNKNOWN_SYMBOL',
        'the instrument is gone',
        clock.now(),
      );
      this.#tell(pointer);
      return { kind: 'done' };
    }
    const open = await this.#open(pointer.accountId);
    // Without a session the adapter would not send: the slot is kept for when there is one again.
    if ((await this.#deps.sessions.refusal(open.account)) !== null) {
      return { kind: 'wait', waitMs: NO_SESSION_WAIT_MS };
    }
    const reference = await this.#prepare(open, order, command, instrument);
    if (reference instanceof GatewayError) {
      const { code, message } = reference;
      await ledger.deny(order.orderId, command.n, code, message, clock.now());
      this.#tell(pointer);
      return { kind: 'done' };
    }
    const bookBefore = await this.#bookBefore(open, order, command);
    crashPoint('before-bucket');
    const callId = `${pointer.orderId}-${String(pointer.n)}-${String(pointer.attempt)}`;
    const take: TakeRequest = {
      account: pointer.accountId,
      rules: open.rateRules,
      callClass: 'order',
      priority: lane === 'urgent' ? 'reserve' : 'entry',
      callId,
    };
    const taken = await Slot.take(this.#deps, take);
    if (!taken.granted) return { kind: 'wait', waitMs: taken.waitMs };
    for (const { rule, fraction } of taken.fill) {
      this.#deps.metrics.bucketFill(pointer.accountId, rule, fraction);
    }
    crashPoint('after-bucket');
    // Read before the row says `submitted`, so that a stop in between only makes the time shorter.
    const sendBy = monotonicMs(clock.monotonic() + this.#deps.sendByMs);
    const at = clock.now();
    const claimed = await ledger.claim({
      orderId: pointer.orderId,
      n: pointer.n,
      attempt: pointer.attempt,
      at,
      sendBy: epochMs(at + this.#deps.sendByMs),
      callId,
      bookBefore,
      // Of no meaning for a cancel, which has no quantity.
      lotSize: instrument === null ? 1 : instrument.lotSize,
      freezeQuantity: instrument === null ? null : instrument.freezeQuantity,
    });
    crashPoint('after-submitted');
    if (claimed === null) {
      // The claim may have ended it: a smart order that finds nothing to do, a cancel that came first.
      this.#tell(pointer);
      return { kind: 'done' };
    }
    this.#deps.metrics.stage(pointer.accountId, 'queue', (at - command.createdAt) / 1000);
    const permit: Permit = { take, slot: taken.slot, sendBy, reference };
    const sending = this.#send(open, claimed.order, claimed.command, instrument, permit);
    running.add(sending);
    void sending.finally(() => running.delete(sending));
    return { kind: 'done' };
  }

  /** Resolves when no call is under way. */
  async drain(): Promise<void> {
    await Promise.all([...this.#inFlight.values()].flatMap((set) => [...set]));
  }

  async #send(
    open: OpenAccount,
    order: Order,
    command: Command,
    instrument: Instrument | null,
    permit: Permit,
  ): Promise<void> {
    const { clock, ledger, metrics, logger, crashPoint } = this.#deps;
    const accountId = order.accountId;
    const startedAt = clock.monotonic();
    const settlement = await this.#call(open, order, command, instrument, permit);
    metrics.stage(accountId, 'broker', (clock.monotonic() - startedAt) / 1000);
    crashPoint('after-answer');
    try {
      const settled = await ledger.settle(
        order.orderId,
        command.n,
        command.attempt,
        settlement,
        clock.now(),
      );
      crashPoint('after-outcome');
      metrics.commandSettled(accountId, command.kind, settlement.kind);
      if (settled !== null) metrics.orderMoved(accountId, settled.order.state);
    } catch (error) {
      // The row stays `submitted`; the sweeper hands it to the reconciler.
      logger.error(
        { orderId: order.orderId, outcome: settlement.kind, reason: String(error) },
        'outcome not booked',
      );
    }
    this.#tell({ accountId, orderId: order.orderId, n: command.n, attempt: command.attempt });
    if (settlement.kind !== 'not-sent') this.#deps.bus.publish({ kind: 'hint', accountId });
    metrics.stage(accountId, 'total', (clock.now() - command.createdAt) / 1000);
  }

  /**
   * At most one write to the broker. What could not begin within its slot (a paused process, a slow
   * connection) left no byte and is begun again in a new slot, until `sendBy`. Whatever an adapter
   * throws, bytes may have left: the outcome is unknown.
   */
  async #call(
    open: OpenAccount,
    order: Order,
    command: Command,
    instrument: Instrument | null,
    permit: Permit,
  ): Promise<CommandSettlement> {
    const { clock, logger, crashPoint } = this.#deps;
    const timeoutMs = open.module.capabilities.commandTimeoutMs;
    const known: Known = { instrument, reference: permit.reference };
    let { slot } = permit;
    // The monotonic clock of some systems stands still while the machine sleeps: both must agree.
    const inTime = (): boolean =>
      clock.monotonic() < permit.sendBy && clock.now() < (command.sendBy ?? 0);
    try {
      for (;;) {
        crashPoint('before-send');
        const slotEnds = slot.begin();
        if (slotEnds === null) {
          const renewed = await this.#renew(permit);
          if (renewed === null) return { kind: 'not-sent', why: 'aborted' };
          slot = renewed;
          continue;
        }
        if (!inTime()) return { kind: 'not-sent', why: 'aborted' };
        const context: CallContext = {
          signal: AbortSignal.timeout(timeoutMs),
          deadlineAt: epochMs(clock.now() + timeoutMs),
          sendBy: slotEnds < permit.sendBy ? slotEnds : permit.sendBy,
          correlationId: command.correlationId,
        };
        const outcome = await execute(open.client, order, command, known, context);
        const late = clock.monotonic() >= slotEnds && inTime();
        if (outcome.kind === 'not-sent' && outcome.why === 'aborted' && late) continue;
        return await this.#settlementOf(order.accountId, outcome);
      }
    } catch (error) {
      logger.error(
        { orderId: order.orderId, reason: String(error) },
        'the adapter threw; the outcome is unknown',
      );
      return { kind: 'unknown', why: 'bad-reply' };
    }
  }

  /** A new slot for a call that has not begun; null when none comes before its last instant. */
  async #renew({ take, sendBy }: Permit): Promise<Slot | null> {
    const { clock, ledger, logger } = this.#deps;
    try {
      for (;;) {
        const taken = await Slot.take(this.#deps, take);
        if (taken.granted) {
          const { account, callId, callClass } = take;
          await ledger.recordCall(account, { callId, callClass, at: clock.now() });
          return taken.slot;
        }
        if (clock.monotonic() + taken.waitMs >= sendBy) return null;
        await clock.sleep(taken.waitMs);
      }
    } catch (error) {
      logger.warn({ account: take.account, reason: String(error) }, 'no new slot; not sent');
      return null;
    }
  }

  async #settlementOf(account: AccountId, outcome: CommandOutcome): Promise<CommandSettlement> {
    this.#deps.metrics.brokerCall(account, 'order', outcome.kind);
    switch (outcome.kind) {
      case 'accepted':
        return { kind: 'accepted', brokerOrderId: outcome.brokerOrderId };
      case 'rejected':
        return { kind: 'rejected', code: outcome.code, message: outcome.message };
      case 'not-sent':
        if (outcome.why === 'rate-limit') {
          await this.#deps.bucket.penalise(account, outcome.retryAfterMs ?? DEFAULT_PENALTY_MS);
          this.#deps.metrics.alarm(account, 'broker-throttled');
        }
        return { kind: 'not-sent', why: outcome.why };
      case 'unknown':
        return { kind: 'unknown', why: outcome.why };
    }
  }

  /** Where a tag may not come back, what the book held before the send is the only way to tell our row later. */
  async #bookBefore(
    open: OpenAccount,
    order: Order,
    command: Command,
  ): Promise<readonly string[] | null> {
    const { capabilities } = open.module;
    const { reports } = open.client;
    if (command.kind !== 'place' || capabilities.clientTag?.echo === 'always') return null;
    const context = this.#readContext(open, command);
    if (reports.orderIds !== undefined) return reports.orderIds(order.terms.instrument, context);
    const rows = await reports.orders(context);
    return rows.map((row) => row.brokerOrderId);
  }

  /**
   * What the broker's part needs for a placement. An error that trying again may heal is thrown: the row
   * stays queued. One that says that there is nothing to be had is given back: the order ends with it.
   */
  async #prepare(
    open: OpenAccount,
    order: Order,
    command: Command,
    instrument: Instrument | null,
  ): Promise<MarketReference | GatewayError | null> {
    const { client } = open;
    if (command.kind !== 'place' || instrument === null) return null;
    if (client.execution.prepare === undefined) return null;
    try {
      const target = { terms: order.terms, instrument };
      return await client.execution.prepare(target, this.#readContext(open, command));
    } catch (error) {
      if (error instanceof GatewayError && ENDS_A_PLACEMENT.has(error.code)) return error;
      throw error;
    }
  }

  /** For a query before a send; it is not part of the command. */
  #readContext(open: OpenAccount, command: Command): CallContext {
    const timeoutMs = open.module.capabilities.commandTimeoutMs;
    return {
      signal: AbortSignal.timeout(timeoutMs),
      deadlineAt: epochMs(this.#deps.clock.now() + timeoutMs),
      sendBy: null,
      correlationId: command.correlationId,
    };
  }

  async #expire(account: AccountId): Promise<void> {
    const { ledger, clock, accounts, sessions } = this.#deps;
    const refusal = await sessions.refusal(await accounts.resolve(account));
    const expired = await ledger.expireOverdue(account, clock.now(), refusal?.message);
    for (const command of expired) tellExpired(this.#deps, command);
  }

  async #read(
    pointer: CommandPointer,
  ): Promise<{ readonly order: Order | null; readonly command: Command | null }> {
    const order = await this.#deps.ledger.order(pointer.orderId);
    const commands = await this.#deps.ledger.commandsOf(pointer.orderId);
    return { order, command: commands.find((candidate) => candidate.n === pointer.n) ?? null };
  }

  async #open(account: AccountId): Promise<OpenAccount> {
    return this.#deps.accounts.open(await this.#deps.accounts.resolve(account));
  }

  #running(account: AccountId): Set<Promise<void>> {
    const known = this.#inFlight.get(account);
    if (known !== undefined) return known;
    const made = new Set<Promise<void>>();
    this.#inFlight.set(account, made);
    return made;
  }

  #tell(command: CommandPointer): void {
    this.#deps.bus.publish({
      kind: 'command',
      accountId: command.accountId,
      orderId: command.orderId,
      n: command.n,
    });
  }
}

const execute = (
  client: BrokerClient,
  order: Order,
  command: Command,
  { instrument, reference }: Known,
  context: CallContext,
): Promise<CommandOutcome> => {
  if (command.kind === 'cancel') {
    if (order.brokerOrderId === null) throw new Error("a cancel needs the broker's id");
    const target = { brokerOrderId: order.brokerOrderId, terms: order.terms };
    return client.execution.cancel(target, context);
  }
  if (instrument === null) throw new Error(`a ${command.kind} needs its instrument`);
  if (command.kind === 'place') {
    if (order.clientTag === null) throw new Error('a place needs a client tag');
    const { terms, clientTag } = order;
    const found = reference === null ? {} : { reference };
    return client.execution.place({ terms, instrument, clientTag, ...found }, context);
  }
  const { brokerOrderId, terms } = order;
  if (brokerOrderId === null) throw new Error("a modify needs the broker's id");
  if (command.change === null) throw new Error('a modify needs its change');
  return client.execution.modify(
    { brokerOrderId, instrument, terms, change: command.change },
    context,
  );
};
