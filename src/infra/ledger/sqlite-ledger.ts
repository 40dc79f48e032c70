import type { Account } from '../../core/domain/account';
import type { Command, OpenCommandState, Fill, OrderEventRow } from '../../core/domain/command';
import { decimal } from '../../core/domain/decimal';
import { epochMs } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import type { AccountId, BrokerOrderId, ClientTag, EpochMs, OrderId } from '../../core/domain/ids';
import type { ModifiableTerms, Order, Product } from '../../core/domain/order';
import type { Clock, Random } from '../../core/ports/clock';
import type { PositionReport } from '../../core/ports/broker';
import type { ReceivedCall } from '../../core/ports/webhook-store';
import type {
  ApiKeyRow,
  AppliedReports,
  BookReading,
  Claim,
  CommandSettlement,
  ConfirmedPosition,
  Decide,
  Intent,
  IntentPlan,
  Ledger,
  PositionMismatch,
  RecordedCall,
  RecordedIntents,
} from '../../core/ports/ledger';
import * as accept from './accept';
import * as administration from './administration';
import { Checkpointer } from './checkpointer';
import * as dispatch from './dispatch';
import * as read from './read';
import * as position from './positions';
import * as practice from './practice';
import * as reconcile from './reconcile';
import { resolveDoubt } from './resolve';
import { SqliteFile, sqlFor } from './sqlite-file';
import { LedgerTables } from './tables';

interface Moved {
  readonly order: Order;
  readonly command: Command;
}

/**
 * The ledger in one SQLite file. Two connections: what an order depends on goes through the one
 * that syncs on every commit; counts of queries, which only pace us, through the other.
 */
export class SqliteLedger implements Ledger {
  readonly #durable: LedgerTables;
  readonly #relaxed: LedgerTables;
  readonly #clock: Clock;
  readonly #checkpointer: Checkpointer;

  /** Opens or makes the file and brings it to the newest schema. */
  constructor(path: string, clock: Clock, random: Random) {
    const sql = sqlFor();
    this.#clock = clock;
    this.#checkpointer = new Checkpointer(path);
    const durable = new SqliteFile(path, clock, random, {
      durable: true,
      committed: () => {
        this.#checkpointer.committed();
      },
    });
    durable.migrate();
    this.#durable = new LedgerTables(durable, sql);
    this.#relaxed = new LedgerTables(new SqliteFile(path, clock, random, { durable: false }), sql);
  }

  recordIntents(
    intents: readonly Intent[],
    decide: Decide = (draft) => draft,
    received?: ReceivedCall,
  ): Promise<RecordedIntents> {
    return this.#write((t) => accept.recordIntents(t, intents, decide, received));
  }
  recordPlan(plan: IntentPlan): Promise<RecordedIntents> {
    return this.#write((t) => accept.recordPlan(t, plan));
  }
  recordCommand(command: Omit<Command, 'n'>): Promise<Command> {
    return this.#write((t) => accept.recordCommand(t, command));
  }
  cancelQueued(id: OrderId, at: EpochMs, reason: string, correlationId: string): Promise<boolean> {
    return this.#write((t) => accept.cancelQueued(t, id, at, reason, correlationId));
  }
  modifyQueued(
    id: OrderId,
    change: ModifiableTerms,
    at: EpochMs,
    correlationId: string,
  ): Promise<boolean> {
    return this.#write((t) => accept.modifyQueued(t, id, change, at, correlationId));
  }
  claim(claim: Claim): Promise<Moved | null> {
    return this.#write((t) => dispatch.claim(t, claim));
  }
  settle(
    id: OrderId,
    n: number,
    attempt: number,
    settlement: CommandSettlement,
    at: EpochMs,
  ): Promise<Moved | null> {
    return this.#write((t) => dispatch.settle(t, id, n, attempt, settlement, at));
  }
  deny(id: OrderId, n: number, code: string, reason: string, at: EpochMs): Promise<boolean> {
    return this.#write((t) => dispatch.deny(t, id, n, code, reason, at));
  }
  expireOverdue(account: AccountId, at: EpochMs, because?: string): Promise<readonly Command[]> {
    return this.#writeIfAny(
      (t) => read.hasCommandDue(t, account, at),
      (t) => dispatch.expireOverdue(t, account, at, because),
    );
  }
  releaseHeld(account: AccountId, at: EpochMs): Promise<readonly Command[]> {
    return this.#writeIfAny(
      (t) => t.commandsIn(account, 'held', 1).length > 0,
      (t) => accept.releaseHeld(t, account, at),
    );
  }
  markDoubtful(account: AccountId, at: EpochMs): Promise<readonly Command[]> {
    return this.#writeIfAny(
      (t) => t.commandsIn(account, 'submitted').some((row) => (row.send_by ?? at) < at),
      (t) => dispatch.markDoubtful(t, account, at),
    );
  }
  applyReports(account: AccountId, books: BookReading): Promise<AppliedReports> {
    return this.#write((t) => reconcile.applyReports(t, account, books, this.#clock.now()));
  }
  savePositions(
    account: AccountId,
    positions: readonly PositionReport[],
    readAt: EpochMs,
  ): Promise<readonly PositionMismatch[]> {
    return this.#write((t) => position.savePositions(t, account, positions, readAt));
  }
  positionsKnown(account: AccountId): Promise<boolean> {
    return this.#read((t) => t.openingsTaken(account, istDate(this.#clock.now())));
  }
  clearBaseline(account: AccountId, at: EpochMs): Promise<void> {
    return this.#write((t) => {
      position.clearBaseline(t, account, at);
    });
  }
  concludeAbsent(id: OrderId, at: EpochMs): Promise<Order | null> {
    return this.#write((t) => reconcile.concludeAbsent(t, id, at));
  }
  resolveDoubt(
    id: OrderId,
    verdict: { readonly adopt: BrokerOrderId } | { readonly notPlaced: string },
    at: EpochMs,
    actor: string,
  ): Promise<Order> {
    return this.#write((t) => resolveDoubt(t, id, verdict, at, actor));
  }

  order(id: OrderId): Promise<Order | null> {
    return this.#read((t) => read.order(t, id));
  }
  findOrder(account: AccountId, id: string): Promise<Order | null> {
    return this.#read((t) => read.findOrder(t, account, id));
  }
  orderByTag(account: AccountId, tag: ClientTag): Promise<Order | null> {
    return this.#read((t) => read.orderByTag(t, account, tag));
  }
  orders(account: AccountId, since: EpochMs): Promise<readonly Order[]> {
    return this.#read((t) => read.orders(t, account, since));
  }
  openOrders(account: AccountId): Promise<readonly Order[]> {
    return this.#read((t) => read.openOrders(t, account));
  }
  sentOrders(account: AccountId): Promise<readonly Order[]> {
    return this.#read((t) => read.sentOrders(t, account));
  }
  commands(
    account: AccountId,
    states: readonly OpenCommandState[],
    limit?: number,
  ): Promise<readonly Command[]> {
    return this.#read((t) => read.commands(t, account, states, limit));
  }
  commandsOf(id: OrderId): Promise<readonly Command[]> {
    return this.#read((t) => read.commandsOf(t, id));
  }
  events(id: OrderId): Promise<readonly OrderEventRow[]> {
    return this.#read((t) => read.events(t, id));
  }
  fills(account: AccountId, since: EpochMs): Promise<readonly Fill[]> {
    return this.#read((t) => read.fills(t, account, since));
  }
  fillsOf(id: OrderId): Promise<readonly Fill[]> {
    return this.#read((t) => read.fillsOf(t, id));
  }
  netPosition(
    account: AccountId,
    exchange: string,
    symbol: string,
    product: Product,
  ): Promise<number | null> {
    const key = { exchange, symbol, product };
    return this.#read((t) => position.netPosition(t, account, key, this.#clock.now()));
  }
  confirmedPosition(
    account: AccountId,
    exchange: string,
    symbol: string,
    product: string,
  ): Promise<ConfirmedPosition | null> {
    return this.#read((t) => {
      const row = read.position(t, account, exchange, symbol, product);
      if (row === null) return null;
      return {
        quantity: row.quantity,
        averagePrice: decimal(row.average_price),
        asOf: epochMs(row.as_of),
      };
    });
  }
  addEvent(
    id: OrderId,
    n: number | null,
    at: EpochMs,
    kind: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    return this.#write((t) => {
      t.event(id, n, at, kind, detail);
    });
  }

  accounts(): Promise<readonly Account[]> {
    return this.#read(administration.accounts);
  }
  addAccount(account: Account, at: EpochMs): Promise<void> {
    return this.#write((t) => {
      administration.addAccount(t, account, at);
    });
  }
  setDefaultAccount(account: AccountId): Promise<void> {
    return this.#write((t) => {
      administration.setDefaultAccount(t, account);
    });
  }
  setStopped(account: AccountId, reason: string | null): Promise<void> {
    return this.#write((t) => {
      administration.setStopped(t, account, reason);
    });
  }
  setLive(account: AccountId, live: boolean, at: EpochMs, actor: string): Promise<void> {
    return this.#write((t) => {
      practice.setLive(t, account, live, at, actor);
    });
  }
  tradesLive(account: AccountId): Promise<boolean> {
    return this.#read((t) => practice.switchesOf(t, account).tradesLive);
  }
  analyzing(): Promise<boolean> {
    return this.#read(practice.analyzing);
  }
  setAnalyzing(on: boolean, at: EpochMs, actor: string): Promise<void> {
    return this.#write((t) => {
      practice.setAnalyzing(t, on, at, actor);
    });
  }
  practiceOrders(): Promise<number> {
    return this.#read(practice.practiceOrders);
  }
  apiKeys(): Promise<readonly ApiKeyRow[]> {
    return this.#read(administration.apiKeys);
  }
  addApiKey(key: ApiKeyRow): Promise<void> {
    return this.#write((t) => {
      administration.addApiKey(t, key);
    });
  }
  revokeApiKey(keyId: string, at: EpochMs): Promise<boolean> {
    return this.#write((t) => administration.revokeApiKey(t, keyId, at));
  }
  audit(
    at: EpochMs,
    actor: string,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    return this.#write((t) => {
      administration.audit(t, at, actor, action, detail);
    });
  }

  callsSince(account: AccountId, since: EpochMs): Promise<readonly RecordedCall[]> {
    return this.#read((t) => administration.callsSince(t, account, since));
  }
  recordCall(account: AccountId, call: RecordedCall): Promise<void> {
    return this.#relaxed.file.write(() => {
      administration.recordCall(this.#relaxed, account, call);
    });
  }

  async close(): Promise<void> {
    await this.#checkpointer.close();
    this.#durable.file.close();
    this.#relaxed.file.close();
  }

  #write<T>(work: (t: LedgerTables) => T): Promise<T> {
    return this.#durable.file.write(() => work(this.#durable));
  }

  /** Looks without a lock first, so that a quiet second takes no write lock at all. */
  #writeIfAny<T>(
    any: (t: LedgerTables) => boolean,
    work: (t: LedgerTables) => readonly T[],
  ): Promise<readonly T[]> {
    return any(this.#durable) ? this.#write(work) : Promise.resolve([]);
  }

  // Asynchronous because the port is: another store may have to wait.
  #read<T>(work: (t: LedgerTables) => T): Promise<T> {
    try {
      return Promise.resolve(work(this.#durable));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
