import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from '../../src/core/domain/command';
import { decimal } from '../../src/core/domain/decimal';
import { accountId, brokerOrderId, epochMs, orderId, tradeId } from '../../src/core/domain/ids';
import type { EpochMs, OrderId } from '../../src/core/domain/ids';
import type { ModifiableTerms, Order } from '../../src/core/domain/order';
import type { FillReport, OrderReport } from '../../src/core/ports/broker';
import type {
  AppliedReports,
  BookReading,
  CommandSettlement,
  Intent,
} from '../../src/core/ports/ledger';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { order, terms } from './gateway-orders';

export const ACCOUNT = accountId('paper-main');
/** How long the first byte may follow the claim in these tests. */
export const SEND_BY_MS = 2_000;
const DEADLINE_MS = 30_000;

/** A ledger in a file of its own, and the steps of an order's way in one word each. */
export class LedgerBench {
  readonly directory: string;
  readonly path: string;
  readonly clock = new FakeClock();
  readonly ledger: SqliteLedger;
  #orders = 0;
  #foreign = 0;

  private constructor() {
    this.directory = mkdtempSync(path.join(os.tmpdir(), 'toran-ledger-'));
    this.path = path.join(this.directory, 'ledger.sqlite');
    this.ledger = new SqliteLedger(this.path, this.clock, new SeededRandom(1));
  }

  static async open(): Promise<LedgerBench> {
    const bench = new LedgerBench();
    await bench.ledger.addAccount(
      {
        accountId: ACCOUNT,
        broker: 'paper' as never, // any broker will do
        login: 'main',
        label: 'paper',
        isDefault: true,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      bench.clock.now(),
    );
    return bench;
  }

  /** Another process's view of the same file. */
  second(): SqliteLedger {
    return new SqliteLedger(this.path, this.clock, new SeededRandom(2));
  }

  async close(): Promise<void> {
    await this.ledger.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  now(): EpochMs {
    return this.clock.now();
  }

  /** A new order that is not written yet. */
  intent(
    changes: Partial<Order> = {},
    command: Partial<Command> = {},
    idempotency: Intent['idempotency'] = null,
  ): Intent {
    this.#orders += 1;
    const at = this.now();
    const made = order({
      orderId: orderId(`260108${String(this.#orders).padStart(9, '0')}`),
      accountId: ACCOUNT,
      createdAt: at,
      ...changes,
    });
    return { order: made, command: { ...placeOf(made), ...command }, idempotency };
  }

  /** Writes a queued order. */
  async queued(changes: Partial<Order> = {}, command: Partial<Command> = {}): Promise<Order> {
    const intent = this.intent(changes, command);
    await this.ledger.recordIntents([intent]);
    return intent.order;
  }

  claim(
    id: OrderId,
    n = 1,
    attempt = 1,
    bookBefore: readonly string[] | null = null,
    ledger: SqliteLedger = this.ledger,
  ): ReturnType<SqliteLedger['claim']> {
    return ledger.claim({
      orderId: id,
      n,
      attempt,
      at: this.now(),
      sendBy: epochMs(this.now() + SEND_BY_MS),
      callId: `${id}-${String(n)}-${String(attempt)}`,
      bookBefore,
      lotSize: 1,
      freezeQuantity: null,
    });
  }

  settle(
    id: OrderId,
    settlement: CommandSettlement,
    n = 1,
    attempt = 1,
  ): ReturnType<SqliteLedger['settle']> {
    return this.ledger.settle(id, n, attempt, settlement, this.now());
  }

  /** An order that may be on the wire. */
  async submitted(
    changes: Partial<Order> = {},
    bookBefore: readonly string[] | null = null,
  ): Promise<Order> {
    const made = await this.queued(changes);
    await this.claim(made.orderId, 1, 1, bookBefore);
    return this.order(made.orderId);
  }

  /** An order whose answer got lost; its last send time lies in the past. */
  async doubtful(
    changes: Partial<Order> = {},
    bookBefore: readonly string[] | null = null,
  ): Promise<Order> {
    const made = await this.submitted(changes, bookBefore);
    await this.settle(made.orderId, { kind: 'unknown', why: 'timeout' });
    this.clock.setWall(this.now() + SEND_BY_MS + 10_000);
    return this.order(made.orderId);
  }

  /** An order that the broker has under `id`. */
  async working(id: string, changes: Partial<Order> = {}): Promise<Order> {
    const made = await this.submitted(changes);
    await this.settle(made.orderId, { kind: 'accepted', brokerOrderId: brokerOrderId(id) });
    return this.order(made.orderId);
  }

  /** A modify (with `change`) or cancel of an order, as it enters the ledger. */
  change(of: Order, change: ModifiableTerms | null, state: Command['state']): Promise<Command> {
    const at = this.now();
    // The ledger gives the number; the one of the place is overwritten.
    return this.ledger.recordCommand({
      ...placeOf(of),
      kind: change === null ? 'cancel' : 'modify',
      lane: 'urgent',
      state,
      change,
      createdAt: at,
      deadlineAt: epochMs(at + 10 * DEADLINE_MS),
    });
  }

  async order(id: OrderId): Promise<Order> {
    const found = await this.ledger.order(id);
    if (found === null) throw new Error(`no order ${id}`);
    return found;
  }

  /** The order that has this id at the broker. */
  async at(brokerId: string): Promise<Order> {
    const found = await this.ledger.findOrder(ACCOUNT, brokerId);
    if (found === null) throw new Error(`no order is ${brokerId} at the broker`);
    return found;
  }

  async command(id: OrderId, n = 1): Promise<Command> {
    const found = (await this.ledger.commandsOf(id)).find((one) => one.n === n);
    if (found === undefined) throw new Error(`no command ${id}/${String(n)}`);
    return found;
  }

  async eventKinds(id: OrderId): Promise<readonly string[]> {
    return (await this.ledger.events(id)).map((event) => event.kind);
  }

  /** Applies one reading that began now and proves everything that was sent or answered before now. */
  read(
    orders: readonly OrderReport[],
    fills: readonly FillReport[] = [],
    changes: Partial<BookReading> = {},
  ): Promise<AppliedReports> {
    this.clock.setWall(this.now() + 1);
    return this.ledger.applyReports(ACCOUNT, {
      orders,
      fills,
      startedAt: this.now(),
      provesSentBefore: this.now(),
      provesAnsweredBefore: this.now(),
      tagsMayBeEmpty: false,
      alreadyApplied: { orders: new Set(), fills: new Set() },
      newOrderId: () => {
        this.#foreign += 1;
        return orderId(`260108900000${String(this.#foreign).padStart(3, '0')}`);
      },
      ...changes,
    });
  }
}

const placeOf = (of: Order): Command => ({
  orderId: of.orderId,
  n: 1,
  accountId: of.accountId,
  kind: 'place',
  lane: 'normal',
  state: 'queued',
  change: null,
  attempt: 1,
  deadlineAt: epochMs(of.createdAt + DEADLINE_MS),
  submittedAt: null,
  sendBy: null,
  settledAt: null,
  reasonCode: null,
  reason: null,
  correlationId: of.correlationId,
  createdAt: of.createdAt,
});

/** A row of the broker's book: an open order for ten shares without a tag, with `changes`. */
export const report = (id: string, changes: Partial<OrderReport> = {}): OrderReport => ({
  brokerOrderId: brokerOrderId(id),
  exchangeOrderId: null,
  clientTag: null,
  terms: terms(),
  status: 'open',
  filledQuantity: 0,
  averagePrice: null,
  message: null,
  placedAt: null,
  ...changes,
});

/** One execution of order `id` at the broker. */
export const fill = (
  trade: string,
  id: string,
  quantity: number,
  price: string,
  at: EpochMs,
): FillReport => ({
  tradeId: tradeId(trade),
  brokerOrderId: brokerOrderId(id),
  instrument: terms().instrument,
  side: 'BUY',
  product: 'INTRADAY',
  quantity,
  price: decimal(price),
  filledAt: at,
});
