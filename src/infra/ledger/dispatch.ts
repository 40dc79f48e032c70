import type { Command } from '../../core/domain/command';
import type { Order } from '../../core/domain/order';
import { isTerminal } from '../../core/domain/order-state';
import type { Claim, CommandSettlement } from '../../core/ports/ledger';
import { absorbHeld } from './absorb-held';
import { toCommand } from './rows';
import { aimAtTarget } from './smart';
import { takeOver } from './take-over';
import { currentOrder, endCommand } from './end-command';
import type { CommandRow, OrderRow } from './schema';
import type { LedgerTables } from './tables';

interface OrderAndCommand {
  readonly order: Order;
  readonly command: Command;
}

/**
 * The compare-and-set that decides who may send: of all processes and all repeats of a pointer,
 * one sees queued -> submitted. Runs inside a transaction.
 */
export const claim = (t: LedgerTables, claim: Claim): OrderAndCommand | null => {
  const { orderId, n, attempt, at } = claim;
  let order = t.order(orderId);
  const command = t.command(orderId, n);
  if (order === null || command === null) return null;
  if (command.state !== 'queued' || command.attempt !== attempt) return null;
  if (command.deadline_at <= at) return null;
  if (command.kind === 'place') {
    if (order.base_state !== 'queued') return null;
    absorbHeld(t, order, at);
    order = t.order(orderId);
    if (order?.base_state !== 'queued' || unacknowledgedTwin(t, order, claim)) return null;
    if (order.target_position !== null && !aimAtTarget(t, order, command, claim)) return null;
  }
  if (command.kind !== 'place') {
    if (isTerminal(order.base_state)) {
      endCommand(t, command, 'denied', 'ORDER_CLOSED', `the order is ${order.base_state}`, at);
      return null;
    }
    if (order.broker_order_id === null) {
      t.updateCommand(orderId, n, { state: 'held' });
      return null;
    }
  }
  const taken = t.updateCommand(orderId, n, {
    state: 'submitted',
    submitted_at: at,
    send_by: claim.sendBy,
    answered_at: null,
    book_before: claim.bookBefore === null ? null : JSON.stringify(claim.bookBefore),
  });
  t.file.insert('calls', {
    call_id: claim.callId,
    account_id: order.account_id,
    call_class: 'order',
    at,
  });
  t.event(orderId, n, at, 'submitted', { kind: command.kind, attempt, sendBy: claim.sendBy });
  if (command.kind === 'place') {
    t.updateOrder(orderId, { base_state: t.move(order, 'submit', at) }, at);
  }
  t.refreshOverlay(orderId, at);
  return { order: currentOrder(t, orderId), command: taken };
};

/** One unacknowledged placement per instrument, side and quantity at a time where tags may be lost. */
const unacknowledgedTwin = (t: LedgerTables, order: OrderRow, claim: Claim): boolean => {
  if (claim.bookBefore === null) return false;
  return t
    .sentOrders(order.account_id)
    .some(
      (row) =>
        row.base_state === 'submitted' &&
        row.exchange === order.exchange &&
        row.symbol === order.symbol &&
        row.side === order.side &&
        row.quantity === order.quantity,
    );
};

/** Books how one attempt ended. A late answer about an attempt that was judged meanwhile still counts as evidence. */
export const settle = (
  t: LedgerTables,
  orderId: string,
  n: number,
  attempt: number,
  settlement: CommandSettlement,
  at: number,
): OrderAndCommand | null => {
  const command = t.command(orderId, n);
  const order = t.order(orderId);
  if (command === null || order === null) return null;
  t.event(orderId, n, at, 'outcome', { command: command.kind, attempt, ...settlement });
  const live =
    command.attempt === attempt && (command.state === 'submitted' || command.state === 'in_doubt');
  if (settlement.kind === 'accepted' && command.kind === 'place') {
    acceptPlace(t, order, command, settlement.brokerOrderId, at);
  } else if (live) {
    settleLive(t, order, command, settlement, at);
  }
  t.refreshOverlay(orderId, at);
  return { order: currentOrder(t, orderId), command: currentCommand(t, orderId, n) };
};

/** The broker gave an id: true whatever we had concluded before. */
const acceptPlace = (
  t: LedgerTables,
  order: OrderRow,
  command: CommandRow,
  brokerOrderId: string,
  at: number,
): void => {
  t.updateCommand(command.order_id, command.n, {
    state: 'accepted',
    answered_at: at,
    settled_at: at,
    reason_code: null,
    reason: null,
  });
  const known = order.broker_order_id;
  if (known !== null && known !== brokerOrderId) {
    t.event(order.order_id, command.n, at, 'id-conflict', { known, answered: brokerOrderId });
    return;
  }
  const taken = known === null ? takeOver(t, order.account_id, order.order_id, brokerOrderId) : {};
  const state = taken.base_state ?? t.move(order, 'accept', at, { brokerOrderId });
  const revived = isTerminal(order.base_state) && !isTerminal(state);
  t.updateOrder(
    order.order_id,
    {
      ...taken,
      base_state: state,
      broker_order_id: brokerOrderId,
      ...(revived ? { reason_code: null, reason: null } : {}),
    },
    at,
  );
};

const settleLive = (
  t: LedgerTables,
  order: OrderRow,
  command: CommandRow,
  settlement: CommandSettlement,
  at: number,
): void => {
  const { order_id: id, n } = command;
  switch (settlement.kind) {
    case 'accepted':
      // A cancel or modify: settled_at stays empty until the book shows the effect.
      t.updateCommand(id, n, { state: 'accepted', answered_at: at });
      return;
    case 'rejected':
      endCommand(t, command, 'rejected', settlement.code, settlement.message, at);
      if (command.kind === 'place') {
        const state = t.move(order, 'reject', at, { code: settlement.code });
        t.updateOrder(
          id,
          { base_state: state, reason_code: settlement.code, reason: settlement.message },
          at,
        );
      }
      return;
    case 'not-sent':
      t.updateCommand(id, n, {
        state: 'queued',
        attempt: command.attempt + 1,
        submitted_at: null,
        send_by: null,
      });
      if (command.kind === 'place') {
        t.updateOrder(
          id,
          { base_state: t.move(order, 'not_sent', at, { why: settlement.why }) },
          at,
        );
      }
      return;
    case 'unknown':
      t.updateCommand(id, n, { state: 'in_doubt', answered_at: at });
      return;
  }
};

/** queued or held, past the deadline -> expired, and a place takes its order with it. */
export const expireOverdue = (
  t: LedgerTables,
  account: string,
  at: number,
  because?: string,
): Command[] => {
  const overdue = t.commandsDue(account, at);
  return overdue.map((row) => {
    const waited = 'waited past its deadline and was not sent';
    const reason = because === undefined ? waited : `${waited}: ${because}`;
    const ended = endCommand(t, row, 'expired', 'DEADLINE', reason, at);
    const order = t.order(row.order_id);
    if (row.kind === 'place' && order !== null) {
      const state = t.move(order, 'expire', at);
      t.updateOrder(row.order_id, { base_state: state, reason_code: 'DEADLINE', reason }, at);
    }
    return ended;
  });
};

/** Ends a queued command that must not be sent; false when it is no longer queued. */
export const deny = (
  t: LedgerTables,
  orderId: string,
  n: number,
  code: string,
  reason: string,
  at: number,
): boolean => {
  const command = t.command(orderId, n);
  const order = t.order(orderId);
  if (command?.state !== 'queued' || order === null) return false;
  endCommand(t, command, 'denied', code, reason, at);
  if (command.kind === 'place') {
    const state = t.move(order, 'deny', at, { code });
    t.updateOrder(orderId, { base_state: state, reason_code: code, reason }, at);
  }
  return true;
};

/** submitted, and the last moment for its first byte has passed without an answer -> in_doubt. */
export const markDoubtful = (t: LedgerTables, account: string, at: number): Command[] => {
  const late = t
    .commandsIn(account, 'submitted')
    .filter((row) => row.send_by !== null && row.send_by < at);
  return late.map((row) => {
    t.event(row.order_id, row.n, at, 'in-doubt', { sendBy: row.send_by });
    const moved = t.updateCommand(row.order_id, row.n, { state: 'in_doubt' });
    t.refreshOverlay(row.order_id, at);
    return moved;
  });
};

const currentCommand = (t: LedgerTables, orderId: string, n: number): Command => {
  const row = t.command(orderId, n);
  if (row === null) throw new Error(`ledger: command ${orderId}/${String(n)} vanished`);
  return toCommand(row);
};
