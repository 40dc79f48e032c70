import { epochMs } from '../domain/ids';
import type { AccountId, BrokerOrderId, OrderId } from '../domain/ids';
import type { Command } from '../domain/command';
import { istDate } from '../domain/time';
import { instrumentKey } from '../domain/instrument';
import type { InstrumentId } from '../domain/instrument';
import type {
  CallContext,
  FillReport,
  OrderReport,
  PositionReport,
  ReportSource,
} from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock, Random } from '../ports/clock';
import type { AppliedReports, BookReading, Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { OpenAccount } from '../sessions/accounts';
import type { CrashPoint } from './dispatcher';
import { newOrderId } from './order-ids';

export interface ReconcilerDeps {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called at named instants of a read; only fault tests pass one that does something. */
  readonly crashPoint?: (name: CrashPoint) => void;
}

/** Absence is concluded only from this many successful reads, each begun late enough … */
const ABSENT_READS = 3;
/** … and this far apart. */
const ABSENT_SPACING_MS = 1_000;
/** Added to the broker's time-out before a read may prove that something is not there. */
const ABSENCE_MARGIN_MS = 1_000;
/** How long a confirmed cancel or modify may take to show in the book. */
const EFFECT_MARGIN_MS = 3_000;
/** How soon after a change positions are read again; the net itself is known from the fills. */
const POSITIONS_AFTER_CHANGE_MS = 2_000;
/** How often positions are read when nothing changed. */
const POSITIONS_MS = 30_000;
const READ_TIMEOUT_MS = 10_000;

/** The history line of a check of doubt from an earlier day. */
const PAST_DOUBT = 'past-day-check';

interface Absence {
  reads: number;
  lastAt: number;
}

/**
 * Compares the broker's books with the ledger for one account. Start-up, unknown outcomes, hints,
 * stream gaps and the timer all end here; nothing else decides what became of an order.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #open: OpenAccount;
  readonly #current: () => Promise<OpenAccount>;
  readonly #absences = new Map<OrderId, Absence>();
  #positionsReadAt = -Infinity;
  #positionsStale = false;
  /** What was applied, so that a pass costs what changed and not what the day holds. */
  #appliedOrders: ReadonlyMap<BrokerOrderId, OrderReport> = new Map();
  #appliedFills = new Set<string>();
  /** Mismatches of the last reading; one that stands in two readings is real. */
  #suspected = new Set<string>();

  /** `current` gives the account with its client of now, which new credentials replace. */
  constructor(
    deps: ReconcilerDeps,
    open: OpenAccount,
    current: () => Promise<OpenAccount> = () => Promise.resolve(open),
  ) {
    this.#deps = deps;
    this.#open = open;
    this.#current = current;
  }

  get #account(): AccountId {
    return this.#open.account.accountId;
  }

  /** One pass. @throws GatewayError when the broker or the ledger could not be read; then nothing was concluded. */
  async pass(): Promise<void> {
    const { ledger, clock, random, logger } = this.#deps;
    const { reports } = (await this.#current()).client;
    const { capabilities } = this.#open.module;
    const startedAt = clock.now();
    const context = this.#context();
    // Orders first: a fill that arrives in between belongs to an order that the next pass sees.
    const orders = await reports.orders(context);
    this.#deps.crashPoint?.('after-read');
    const fills = await reports.fills(context);
    const proofMs = capabilities.commandTimeoutMs + ABSENCE_MARGIN_MS;
    this.#deps.crashPoint?.('before-apply');
    const applied = await ledger.applyReports(this.#account, {
      orders,
      fills,
      startedAt,
      provesSentBefore: epochMs(startedAt - proofMs),
      provesAnsweredBefore: epochMs(startedAt - EFFECT_MARGIN_MS),
      tagsMayBeEmpty: capabilities.clientTag?.echo !== 'always',
      alreadyApplied: this.#unchanged(orders),
      newOrderId: () => newOrderId(clock, random),
    });
    this.#remember(orders, fills, applied);
    this.#deps.crashPoint?.('after-apply');
    for (const note of applied.notes) {
      logger.warn({ account: this.#account, note }, 'the books disagree');
      if (note.startsWith('DUPLICATE_AT_BROKER')) {
        this.#deps.metrics.alarm(this.#account, 'duplicate-at-broker');
      }
    }
    for (const id of [...applied.changed, ...applied.imported]) {
      await this.#announce(id);
    }
    if (applied.changed.length + applied.imported.length > 0) this.#positionsStale = true;
    const age = clock.monotonic() - this.#positionsReadAt;
    const afterChangeMs = capabilities.bookPace?.positionsMs ?? POSITIONS_AFTER_CHANGE_MS;
    const due = age > (this.#positionsStale ? afterChangeMs : POSITIONS_MS);
    if (due || !(await ledger.positionsKnown(this.#account))) {
      await this.#readPositions(reports, context, fills.length);
    }
    await this.#judgeAbsence(startedAt, proofMs);
    this.#deps.bus.publish({ kind: 'reconciled', accountId: this.#account });
  }

  #unchanged(orders: readonly OrderReport[]): BookReading['alreadyApplied'] {
    const same = orders.filter((report) => {
      const last = this.#appliedOrders.get(report.brokerOrderId);
      return last === report || JSON.stringify(last) === JSON.stringify(report);
    });
    return {
      orders: new Set(same.map((report) => report.brokerOrderId)),
      fills: this.#appliedFills,
    };
  }

  #remember(
    orders: readonly OrderReport[],
    fills: readonly FillReport[],
    applied: AppliedReports,
  ): void {
    this.#appliedOrders = new Map(orders.map((report) => [report.brokerOrderId, report]));
    this.#appliedFills = new Set(fills.map((fill) => fill.tradeId));
    for (const id of applied.orphanFills) this.#appliedFills.delete(id);
  }

  /**
   * Stores the positions, if no fill came while they were read: only then do fills and positions
   * speak of the same instant. A net that the fills do not explain, twice in a row, stops entries.
   */
  async #readPositions(
    reports: ReportSource,
    context: CallContext,
    fillsBefore: number,
  ): Promise<void> {
    const { ledger, clock, logger, metrics, bus } = this.#deps;
    const readAt = clock.now();
    const positions = await reports.positions(context);
    const fills = await reports.fills(context);
    if (fills.length !== fillsBefore) {
      bus.publish({ kind: 'hint', accountId: this.#account });
      return;
    }
    this.#positionsReadAt = clock.monotonic();
    this.#positionsStale = false;
    await this.#checkPastDoubt(positions, fills);
    const mismatches = await ledger.savePositions(this.#account, positions, readAt);
    const texts = mismatches.map(
      (m) =>
        `position mismatch: ${m.exchange}:${m.symbol} ${m.product} is ${String(m.atBroker)} at the broker, ${String(m.byFills)} by its fills`,
    );
    const proven = texts.find((text) => this.#suspected.has(text));
    this.#suspected = new Set(texts);
    if (texts.length > 0) this.#positionsReadAt = -Infinity; // look again with the next pass
    if (proven === undefined) return;
    const account = (await ledger.accounts()).find((one) => one.accountId === this.#account);
    if (account?.stoppedReason !== null) return;
    await ledger.setStopped(this.#account, proven);
    metrics.alarm(this.#account, 'position-mismatch');
    logger.error({ account: this.#account }, `${proven}; entries are stopped`);
    bus.publish({
      kind: 'alarm',
      accountId: this.#account,
      name: 'position-mismatch',
      text: proven,
    });
  }

  /**
   * Doubt that outlived its day can no longer be settled by the book, which began anew. Once a day
   * what fills and positions say about it is written to its history, for the person who decides.
   */
  async #checkPastDoubt(
    positions: readonly PositionReport[],
    fills: readonly FillReport[],
  ): Promise<void> {
    const { ledger, clock, logger } = this.#deps;
    const today = istDate(clock.now());
    for (const command of await ledger.commands(this.#account, ['in_doubt'])) {
      if (istDate(command.submittedAt ?? command.createdAt) === today) continue;
      const order = await ledger.order(command.orderId);
      const events = await ledger.events(command.orderId);
      const checked = events.some((e) => e.kind === PAST_DOUBT && istDate(e.at) === today);
      if (order === null || checked) continue;
      const { instrument, product, side, quantity } = order.terms;
      const same = (id: InstrumentId): boolean => instrumentKey(id) === instrumentKey(instrument);
      const evidence = {
        netAtBroker:
          positions.find((p) => same(p.instrument) && p.product === product)?.quantity ?? 0,
        fillsAlike: fills.filter((f) => same(f.instrument) && f.side === side).length,
        side,
        quantity,
      };
      await ledger.addEvent(command.orderId, command.n, clock.now(), PAST_DOUBT, evidence);
      logger.error(
        { account: this.#account, orderId: command.orderId, ...evidence },
        'still in doubt from an earlier day: compare with the broker and settle it with `toran orders resolve`',
      );
    }
  }

  /** Counts reads that should have shown a doubtful place and did not; enough of them end it. */
  async #judgeAbsence(readStartedAt: number, proofMs: number): Promise<void> {
    const { ledger, clock, logger } = this.#deps;
    // Without a tag that always comes back, an unseen order may be there under no name.
    if (this.#open.module.capabilities.clientTag?.echo !== 'always') return;
    const doubtful = await ledger.commands(this.#account, ['in_doubt']);
    const places = doubtful.filter((command) => command.kind === 'place');
    const current = new Set(places.map((command) => command.orderId));
    for (const id of this.#absences.keys()) if (!current.has(id)) this.#absences.delete(id);
    for (const command of places) {
      if (!this.#countAbsence(command, readStartedAt, proofMs)) continue;
      const denied = await ledger.concludeAbsent(command.orderId, clock.now());
      this.#absences.delete(command.orderId);
      if (denied === null) continue;
      logger.warn(
        { account: this.#account, orderId: denied.orderId },
        'the order never reached the broker',
      );
      await this.#announce(denied.orderId);
    }
  }

  #countAbsence(command: Command, readStartedAt: number, proofMs: number): boolean {
    if (command.sendBy === null || readStartedAt < command.sendBy + proofMs) return false;
    // The book begins anew each day: another day's book proves nothing about this order.
    if (istDate(command.sendBy) !== istDate(epochMs(readStartedAt))) return false;
    const seen = this.#absences.get(command.orderId) ?? { reads: 0, lastAt: -Infinity };
    if (readStartedAt - seen.lastAt < ABSENT_SPACING_MS) return false;
    const now = { reads: seen.reads + 1, lastAt: readStartedAt };
    this.#absences.set(command.orderId, now);
    return now.reads >= ABSENT_READS;
  }

  async #announce(orderId: OrderId): Promise<void> {
    const order = await this.#deps.ledger.order(orderId);
    if (order !== null) this.#deps.metrics.orderMoved(this.#account, order.state);
    this.#deps.bus.publish({ kind: 'order', accountId: this.#account, orderId });
  }

  #context(): CallContext {
    return {
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      deadlineAt: epochMs(this.#deps.clock.now() + READ_TIMEOUT_MS),
      sendBy: null,
      correlationId: `reconcile-${this.#account}`,
    };
  }
}
