import { add, compare, decimal, divide, multiply, ZERO } from '../../core/domain/decimal';
import type { Order } from '../../core/domain/order';
import { istDate, startOfIstDay } from '../../core/domain/time';
import { isTerminal, isWorking } from '../../core/domain/order-state';
import type { OrderEvent } from '../../core/domain/order-state';
import type { FillReport, OrderReport } from '../../core/ports/broker';
import type { AppliedReports, BookReading } from '../../core/ports/ledger';
import { changeOf, termColumns } from './change';
import { currentOrder, endCommand } from './end-command';
import { fromOrder } from './rows';
import type { CommandRow, OrderRow } from './schema';
import type { LedgerTables } from './tables';

/** A cancel or modify that the broker accepted but did not apply is sent again this often at most. */
const MAX_ATTEMPTS = 4;

/** Compares one reading of the broker's books with the ledger and books what it proves. */
export const applyReports = (
  t: LedgerTables,
  account: string,
  books: BookReading,
  at: number,
): AppliedReports => {
  const changed = new Set<string>();
  const imported: string[] = [];
  const notes: string[] = [];
  const unsettled = unsettledBrokerIds(t, account);
  for (const report of books.orders) {
    const known = books.alreadyApplied.orders.has(report.brokerOrderId);
    if (known && !unsettled.has(report.brokerOrderId)) continue;
    const row = match(t, account, report, notes);
    if (row !== null) {
      if (applyOrder(t, row, report, books, at)) changed.add(row.order_id);
    } else if (!(books.tagsMayBeEmpty && mayBeOurs(t, account, report))) {
      const order = foreignOrder(account, report, books, at);
      t.file.run(t.sql.insertInto('orders').values(fromOrder(order)));
      t.event(order.orderId, null, at, 'imported', { brokerOrderId: report.brokerOrderId });
      const fresh = t.order(order.orderId);
      if (fresh !== null) applyOrder(t, fresh, report, books, at);
      imported.push(order.orderId);
    }
  }
  if (books.tagsMayBeEmpty) {
    for (const id of adoptUntagged(t, account, books, at, notes)) changed.add(id);
  }
  for (const id of endOldDayOrders(t, account, books, at)) changed.add(id);
  const orphans: string[] = [];
  for (const fill of books.fills) {
    if (books.alreadyApplied.fills.has(fill.tradeId)) continue;
    const outcome = applyFill(t, account, fill, at);
    if (outcome === 'unknown-order') orphans.push(fill.tradeId);
    else if (outcome !== null) changed.add(outcome);
  }
  return {
    changed: [...changed].map((id) => currentOrder(t, id).orderId),
    imported: imported.map((id) => currentOrder(t, id).orderId),
    notes:
      orphans.length === 0 ? notes : [...notes, `fills without an order: ${orphans.join(', ')}`],
    orphanFills: orphans,
  };
};

/** Broker ids of orders that have a command whose end is not known: their rows are judged every time. */
const unsettledBrokerIds = (t: LedgerTables, account: string): Set<string> =>
  new Set(t.unsettledBrokerIds(account).flatMap((row) => row.broker_order_id ?? []));

/** The order a report speaks of: by the broker's id, else by our tag. */
const match = (
  t: LedgerTables,
  account: string,
  report: OrderReport,
  notes: string[],
): OrderRow | null => {
  const byId = t.orderByBrokerId(account, report.brokerOrderId);
  if (byId !== null) return byId;
  if (report.clientTag === null) return null;
  const byTag = t.file.all(
    t.sql
      .selectFrom('orders')
      .selectAll()
      .where('account_id', '=', account)
      .where('client_tag', '=', report.clientTag),
  )[0];
  if (byTag === undefined) return null;
  if (byTag.broker_order_id === null) return byTag;
  notes.push(
    `DUPLICATE_AT_BROKER: ${report.brokerOrderId} carries the tag of ${byTag.order_id}, which is ${byTag.broker_order_id}`,
  );
  return null;
};

/** Whether an untagged row could be an unacknowledged placement of ours (brokers that lose tags). */
const mayBeOurs = (t: LedgerTables, account: string, report: OrderReport): boolean =>
  report.clientTag === null &&
  unacknowledged(t, account).some(
    ({ order, command }) => looksLike(order, report) && !wasThere(command, report),
  );

interface Unacknowledged {
  readonly order: OrderRow;
  readonly command: CommandRow;
}

/** Placements that were sent and have no broker id yet. */
const unacknowledged = (t: LedgerTables, account: string): Unacknowledged[] => {
  const sent = (['submitted', 'in_doubt'] as const)
    .flatMap((state) => t.commandsIn(account, state))
    .filter(({ kind }) => kind === 'place');
  return sent.flatMap((command) => {
    const order = t.order(command.order_id);
    return order?.broker_order_id === null ? [{ order, command }] : [];
  });
};

const looksLike = (order: OrderRow, report: OrderReport): boolean =>
  order.exchange === report.terms.instrument.exchange &&
  order.symbol === report.terms.instrument.symbol &&
  order.side === report.terms.side &&
  order.product === report.terms.product &&
  order.quantity === report.terms.quantity;

/** Whether the row stood in the book before the command was sent. */
const wasThere = (command: CommandRow, report: OrderReport): boolean => {
  if (command.book_before === null) return false;
  // Written by claim, always a list of ids.
  const before = JSON.parse(command.book_before) as string[];
  return before.includes(report.brokerOrderId);
};

/**
 * Where tags may be lost: a doubtful placement takes the one row that can only be it (alike, new
 * since the send, bound to no order). None or several such rows leave it in doubt for a person.
 */
const adoptUntagged = (
  t: LedgerTables,
  account: string,
  books: BookReading,
  at: number,
  notes: string[],
): string[] => {
  const adopted: string[] = [];
  for (const { order, command } of unacknowledged(t, account)) {
    const late = command.state === 'in_doubt' && (command.send_by ?? at) < books.provesSentBefore;
    if (!late || command.book_before === null) continue;
    const candidates = books.orders.filter(
      (report) =>
        report.clientTag === null &&
        looksLike(order, report) &&
        !wasThere(command, report) &&
        !isBound(t, account, report.brokerOrderId),
    );
    const [only] = candidates;
    if (candidates.length > 1)
      notes.push(`${order.order_id}: ${String(candidates.length)} rows could be it`);
    if (only === undefined || candidates.length > 1) continue;
    t.event(order.order_id, command.n, at, 'adopted', { brokerOrderId: only.brokerOrderId });
    applyOrder(t, order, only, books, at);
    adopted.push(order.order_id);
  }
  return adopted;
};

const isBound = (t: LedgerTables, account: string, brokerOrderId: string): boolean =>
  t.orderByBrokerId(account, brokerOrderId) !== null;

/** A day order of an earlier day that today's book does not have was ended by the exchange. */
const endOldDayOrders = (
  t: LedgerTables,
  account: string,
  books: BookReading,
  at: number,
): string[] => {
  const today = startOfIstDay(istDate(books.startedAt));
  const listed = new Set<string>(books.orders.map((report) => report.brokerOrderId));
  const ended = t
    .sentOrders(account)
    .filter(
      (row) =>
        isWorking(row.base_state) &&
        row.created_at < today &&
        row.broker_order_id !== null &&
        !listed.has(row.broker_order_id),
    );
  for (const row of ended) {
    const reason = 'its day is over and the broker no longer lists it';
    const state = t.move(row, 'seen_expired', at, { reason });
    t.updateOrder(row.order_id, { base_state: state, reason_code: 'DAY_ENDED', reason }, at);
    for (const command of t.openCommands(row.order_id)) {
      endCommand(t, command, 'rejected', 'ORDER_CLOSED', reason, at);
    }
    t.refreshOverlay(row.order_id, at);
  }
  return ended.map((row) => row.order_id);
};

const eventOf = (report: OrderReport, filled: number): OrderEvent => {
  switch (report.status) {
    case 'open':
      return filled > 0 ? 'seen_partial' : 'seen_open';
    case 'trigger_pending':
      return 'seen_trigger_pending';
    case 'triggered':
      return filled > 0 ? 'seen_partial' : 'seen_triggered';
    case 'filled':
      return 'seen_filled';
    case 'canceled':
      return 'seen_canceled';
    case 'rejected':
      return 'seen_rejected';
    case 'expired':
      return 'seen_expired';
  }
};

/** True when the row changed. Filled quantity never falls; state only moves as the table allows. */
const applyOrder = (
  t: LedgerTables,
  row: OrderRow,
  report: OrderReport,
  books: BookReading,
  at: number,
): boolean => {
  const filled = Math.max(row.filled_quantity, report.filledQuantity);
  const total = report.terms.quantity;
  const whole = filled >= total && report.filledQuantity >= total;
  const claimsFilled = report.status === 'filled' && !whole;
  // "Filled" without the quantity to prove it moves nothing.
  const open = filled > 0 ? 'seen_partial' : 'seen_open';
  const event = whole ? 'seen_filled' : claimsFilled ? open : eventOf(report, filled);
  // An order that ended here without ever being sent, and is in the book all the same: the book is right.
  const unsent = isTerminal(row.base_state) && row.broker_order_id === null;
  const from: OrderRow = unsent ? { ...row, base_state: 'denied' } : row;
  const state = t.move(from, event, at, { brokerOrderId: report.brokerOrderId });
  const change: Partial<OrderRow> = {};
  if (state !== row.base_state) {
    change.base_state = state;
    if (isTerminal(row.base_state)) {
      change.reason_code = null;
      change.reason = null;
    }
    if (state === 'rejected' || state === 'canceled' || state === 'expired') {
      change.reason_code = row.reason_code ?? (state === 'rejected' ? 'BROKER_REFUSED' : null);
      change.reason = report.message ?? row.reason;
    }
  }
  if (filled !== row.filled_quantity) change.filled_quantity = filled;
  if (report.averagePrice !== null && row.average_price === null && filled > 0) {
    change.average_price = report.averagePrice;
  }
  if (row.broker_order_id === null) change.broker_order_id = report.brokerOrderId;
  if (report.exchangeOrderId !== null && row.exchange_order_id !== report.exchangeOrderId) {
    change.exchange_order_id = report.exchangeOrderId;
  }
  Object.assign(change, changedElsewhere(t, row, report, books, at));
  const moved = Object.keys(change).length > 0;
  if (moved) t.updateOrder(row.order_id, change, at);
  const judged = judgeCommands(t, row.order_id, report, books, at);
  if (moved || judged) t.refreshOverlay(row.order_id, at);
  return moved || judged;
};

/** Quantity and prices that somebody changed at the broker itself; ours change only by our own modify. */
const changedElsewhere = (
  t: LedgerTables,
  row: OrderRow,
  report: OrderReport,
  books: BookReading,
  at: number,
): Partial<OrderRow> => {
  if (row.pending !== null || books.startedAt <= row.updated_at || !isWorking(row.base_state)) {
    return {};
  }
  const open = t.openCommands(row.order_id).some((command) => command.kind !== 'cancel');
  if (open || row.order_type !== report.terms.orderType) return {};
  const now = { ...termColumns(report.terms), disclosed_quantity: row.disclosed_quantity };
  if (
    now.quantity === row.quantity &&
    now.limit_price === row.limit_price &&
    now.trigger_price === row.trigger_price
  ) {
    return {};
  }
  t.event(row.order_id, null, at, 'changed-elsewhere', now);
  return now;
};

/** What the reading proves about the commands of one order that are not settled; true when one moved. */
const judgeCommands = (
  t: LedgerTables,
  orderId: string,
  report: OrderReport,
  books: BookReading,
  at: number,
): boolean => {
  const order = t.order(orderId);
  if (order === null) return false;
  let moved = false;
  for (const command of t.commandsOf(orderId).filter((row) => row.settled_at === null)) {
    if (judge(t, order, command, report, books, at)) moved = true;
  }
  return moved;
};

const judge = (
  t: LedgerTables,
  order: OrderRow,
  command: CommandRow,
  report: OrderReport,
  books: BookReading,
  at: number,
): boolean => {
  const { order_id: id, n } = command;
  if (command.kind === 'place') {
    // The book has it, so it was placed: never to be sent, whatever its row said.
    t.event(id, n, at, 'found', { brokerOrderId: report.brokerOrderId });
    t.updateCommand(id, n, { state: 'accepted', settled_at: at });
    return true;
  }
  const wasSent = command.state === 'in_doubt' || command.state === 'accepted';
  const done = command.kind === 'cancel' ? order.base_state === 'canceled' : shows(command, report);
  if (wasSent && done) {
    const change = changeOf(command);
    if (change !== null) {
      t.updateOrder(id, termColumns(change), at);
    }
    t.event(id, n, at, 'confirmed', { kind: command.kind });
    t.updateCommand(id, n, { state: 'accepted', settled_at: at });
    return true;
  }
  if (isTerminal(order.base_state)) {
    if (command.state === 'submitted') return false;
    endCommand(t, command, 'rejected', 'ORDER_CLOSED', `the order is ${order.base_state}`, at);
    return true;
  }
  const judgedFrom =
    command.state === 'accepted'
      ? { at: command.answered_at, before: books.provesAnsweredBefore }
      : { at: command.send_by, before: books.provesSentBefore };
  if (!wasSent || judgedFrom.at === null || judgedFrom.at >= judgedFrom.before) return false;
  // A later read shows the order as it was: the command did nothing, so it may go again.
  if (command.deadline_at <= at || command.attempt >= MAX_ATTEMPTS) {
    endCommand(t, command, 'rejected', 'NOT_APPLIED', 'the broker did not apply it', at);
    return true;
  }
  t.event(id, n, at, 'not-applied', { kind: command.kind, attempt: command.attempt });
  t.updateCommand(id, n, {
    state: 'queued',
    attempt: command.attempt + 1,
    submitted_at: null,
    send_by: null,
    answered_at: null,
  });
  return true;
};

const shows = (command: CommandRow, report: OrderReport): boolean => {
  const change = changeOf(command);
  if (change === null) return false;
  const same = (a: string | null, b: string | null): boolean =>
    a === null || b === null ? a === b : compare(decimal(a), decimal(b)) === 0;
  return (
    report.terms.quantity === change.quantity &&
    (change.limitPrice === null || same(report.terms.limitPrice, change.limitPrice)) &&
    (change.triggerPrice === null || same(report.terms.triggerPrice, change.triggerPrice))
  );
};

/** The order id whose row changed, null when the fill was known. */
const applyFill = (
  t: LedgerTables,
  account: string,
  fill: FillReport,
  at: number,
): string | null => {
  if (t.isBooked(account, fill.tradeId)) return null;
  const order = t.orderByBrokerId(account, fill.brokerOrderId);
  if (order === null) return 'unknown-order';
  t.file.insert('fills', {
    account_id: account,
    trade_id: fill.tradeId,
    order_id: order.order_id,
    broker_order_id: fill.brokerOrderId,
    quantity: fill.quantity,
    price: fill.price,
    filled_at: fill.filledAt,
  });
  t.bookNet(order, fill.filledAt, fill.quantity);
  t.event(order.order_id, null, at, 'fill', {
    tradeId: fill.tradeId,
    quantity: fill.quantity,
    price: fill.price,
    filledAt: fill.filledAt,
  });
  const fills = t.fillsOf(order.order_id);
  const booked = fills.reduce((sum, row) => sum + row.quantity, 0);
  const value = fills.reduce(
    (sum, row) => add(sum, multiply(decimal(row.price), row.quantity)),
    ZERO,
  );
  const filled = Math.max(order.filled_quantity, booked);
  const change: Partial<OrderRow> = { filled_quantity: filled };
  if (booked === filled) change.average_price = divide(value, booked, 4);
  // While a change is under way, the quantity that would complete the order is not known.
  const changing = t
    .commandsOf(order.order_id)
    .some((command) => command.kind === 'modify' && command.settled_at === null);
  const proof = filled >= order.quantity && !changing ? 'seen_filled' : 'seen_partial';
  const state = t.move(order, proof, at, { tradeId: fill.tradeId });
  change.base_state = state;
  if (state === 'filled' && isTerminal(order.base_state) && order.base_state !== 'filled') {
    change.reason_code = null;
    change.reason = null;
  }
  t.updateOrder(order.order_id, change, at);
  return order.order_id;
};

const foreignOrder = (
  account: string,
  report: OrderReport,
  books: BookReading,
  at: number,
): Order => {
  const id = books.newOrderId();
  return {
    orderId: id,
    // The reading came from this account.
    accountId: account as Order['accountId'],
    origin: 'foreign',
    terms: report.terms,
    state: 'submitted',
    filledQuantity: 0,
    averagePrice: null,
    brokerOrderId: report.brokerOrderId,
    exchangeOrderId: report.exchangeOrderId,
    clientTag: null,
    clientOrderId: null,
    strategy: '',
    apiKeyId: null,
    reasonCode: null,
    // Why the broker placed it itself, for example a square-off.
    reason: report.message,
    inDoubtSince: null,
    isExit: false,
    practice: false,
    batch: null,
    smart: null,
    correlationId: 'foreign',
    createdAt: (report.placedAt ?? at) as Order['createdAt'], // both are epoch ms already
    updatedAt: at as Order['updatedAt'],
  };
};

/** Ends a doubtful place that several reads proved absent; null when it is no longer in doubt. */
export const concludeAbsent = (t: LedgerTables, orderId: string, at: number): Order | null => {
  const order = t.order(orderId);
  const command = t.command(orderId, 1);
  if (order === null || command?.kind !== 'place' || command.state !== 'in_doubt') return null;
  if (order.broker_order_id !== null) return null;
  const reason = 'never reached the broker: several reads after its last send time do not show it';
  endCommand(t, command, 'denied', 'NOT_AT_BROKER', reason, at);
  const state = t.move(order, 'absent', at);
  t.updateOrder(orderId, { base_state: state, reason_code: 'NOT_AT_BROKER', reason }, at);
  t.refreshOverlay(orderId, at);
  return currentOrder(t, orderId);
};
