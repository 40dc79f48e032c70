import type { Account } from '../../core/domain/account';
import type { Command, Fill, OrderEventRow } from '../../core/domain/command';
import { decimal } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import {
  accountId,
  brokerId,
  brokerOrderId,
  clientTag,
  epochMs,
  orderId,
} from '../../core/domain/ids';
import type { Decimal, EpochMs } from '../../core/domain/ids';
import { EXCHANGES } from '../../core/domain/instrument';
import type { Exchange } from '../../core/domain/instrument';
import type { ModifiableTerms, Order, OrderType, PriceTerms } from '../../core/domain/order';
import { visibleState } from '../../core/domain/order-state';
import type { AccountRow, CommandRow, EventRow, FillRow, OrderRow } from './schema';

/** The exchange named in a row. @throws GatewayError INTERNAL when the ledger holds something else. */
const exchangeOf = (text: string): Exchange => {
  const known = EXCHANGES.find((exchange) => exchange === text);
  if (known === undefined) throw new GatewayError('INTERNAL', `ledger: unknown exchange ${text}`);
  return known;
};

/** Price terms that fit the order type. @throws GatewayError INTERNAL when a price is missing. */
export const priceTerms = (
  orderType: OrderType,
  limitPrice: string | null,
  triggerPrice: string | null,
): PriceTerms => {
  const price = (text: string | null): Decimal => {
    if (text === null) throw new GatewayError('INTERNAL', `ledger: a ${orderType} lacks a price`);
    return decimal(text);
  };
  switch (orderType) {
    case 'MARKET':
      return { orderType, limitPrice: null, triggerPrice: null };
    case 'LIMIT':
      return { orderType, limitPrice: price(limitPrice), triggerPrice: null };
    case 'STOP_LIMIT':
      return { orderType, limitPrice: price(limitPrice), triggerPrice: price(triggerPrice) };
    case 'STOP_MARKET':
      return { orderType, limitPrice: null, triggerPrice: price(triggerPrice) };
  }
};

export const toOrder = (row: OrderRow): Order => ({
  orderId: orderId(row.order_id),
  accountId: accountId(row.account_id),
  origin: row.origin,
  terms: {
    ...priceTerms(row.order_type, row.limit_price, row.trigger_price),
    instrument: { exchange: exchangeOf(row.exchange), symbol: row.symbol },
    side: row.side,
    product: row.product,
    timeInForce: row.time_in_force,
    quantity: row.quantity,
    disclosedQuantity: row.disclosed_quantity,
  },
  state: visibleState(row.base_state, row.pending),
  filledQuantity: row.filled_quantity,
  averagePrice: row.average_price === null ? null : decimal(row.average_price),
  brokerOrderId: row.broker_order_id === null ? null : brokerOrderId(row.broker_order_id),
  exchangeOrderId: row.exchange_order_id,
  clientTag: row.client_tag === null ? null : clientTag(row.client_tag),
  clientOrderId: row.client_order_id,
  strategy: row.strategy,
  apiKeyId: row.api_key_id,
  reasonCode: row.reason_code,
  reason: row.reason,
  inDoubtSince: instant(row.in_doubt_since),
  isExit: row.is_exit === 1,
  batch: row.batch_id === null ? null : { id: row.batch_id, leg: row.leg ?? 0 },
  smart:
    row.target_position === null
      ? null
      : { position: row.target_position, flatQuantity: row.flat_quantity ?? 0 },
  practice: row.practice === 1,
  correlationId: row.correlation_id,
  createdAt: epochMs(row.created_at),
  updatedAt: epochMs(row.updated_at),
});

/** A new row; state and fills as in `order`. */
export const fromOrder = (order: Order): OrderRow => ({
  order_id: order.orderId,
  account_id: order.accountId,
  origin: order.origin,
  exchange: order.terms.instrument.exchange,
  symbol: order.terms.instrument.symbol,
  side: order.terms.side,
  product: order.terms.product,
  time_in_force: order.terms.timeInForce,
  order_type: order.terms.orderType,
  quantity: order.terms.quantity,
  disclosed_quantity: order.terms.disclosedQuantity,
  limit_price: order.terms.limitPrice,
  trigger_price: order.terms.triggerPrice,
  base_state: baseOf(order),
  pending: null,
  filled_quantity: order.filledQuantity,
  average_price: order.averagePrice,
  broker_order_id: order.brokerOrderId,
  exchange_order_id: order.exchangeOrderId,
  client_tag: order.clientTag,
  client_order_id: order.clientOrderId,
  strategy: order.strategy,
  api_key_id: order.apiKeyId,
  reason_code: order.reasonCode,
  reason: order.reason,
  in_doubt_since: order.inDoubtSince,
  is_exit: order.isExit ? 1 : 0,
  batch_id: order.batch?.id ?? null,
  leg: order.batch?.leg ?? null,
  target_position: order.smart?.position ?? null,
  flat_quantity: order.smart?.flatQuantity ?? null,
  practice: order.practice ? 1 : 0,
  correlation_id: order.correlationId,
  created_at: order.createdAt,
  updated_at: order.updatedAt,
});

const baseOf = (order: Order): OrderRow['base_state'] => {
  if (order.state === 'pending_cancel' || order.state === 'pending_update') {
    throw new GatewayError('INTERNAL', 'a new order cannot have a command under way');
  }
  return order.state;
};

export const toCommand = (row: CommandRow): Command => ({
  orderId: orderId(row.order_id),
  n: row.n,
  accountId: accountId(row.account_id),
  kind: row.kind,
  lane: row.lane,
  state: row.state,
  change: row.change === null ? null : changeFrom(row.change),
  attempt: row.attempt,
  deadlineAt: epochMs(row.deadline_at),
  submittedAt: instant(row.submitted_at),
  sendBy: instant(row.send_by),
  settledAt: instant(row.settled_at),
  reasonCode: row.reason_code,
  reason: row.reason,
  correlationId: row.correlation_id,
  createdAt: epochMs(row.created_at),
});

export const fromCommand = (command: Command): CommandRow => ({
  order_id: command.orderId,
  n: command.n,
  account_id: command.accountId,
  kind: command.kind,
  lane: command.lane,
  state: command.state,
  change: command.change === null ? null : JSON.stringify(command.change),
  attempt: command.attempt,
  deadline_at: command.deadlineAt,
  submitted_at: command.submittedAt,
  send_by: command.sendBy,
  answered_at: null,
  settled_at: command.settledAt,
  book_before: null,
  reason_code: command.reasonCode,
  reason: command.reason,
  correlation_id: command.correlationId,
  created_at: command.createdAt,
});

// Only this file writes the column, from the same type; JSON keeps every field of it.
export const changeFrom = (text: string): ModifiableTerms => JSON.parse(text) as ModifiableTerms;

export const toFill = (row: FillRow): Fill => ({
  accountId: accountId(row.account_id),
  tradeId: row.trade_id,
  orderId: orderId(row.order_id),
  brokerOrderId: brokerOrderId(row.broker_order_id),
  quantity: row.quantity,
  price: decimal(row.price),
  filledAt: epochMs(row.filled_at),
});

export const toEvent = (row: EventRow): OrderEventRow => ({
  seq: row.seq,
  orderId: orderId(row.order_id),
  n: row.n,
  at: epochMs(row.at),
  kind: row.kind,
  // Written by this folder only, always an object.
  detail: JSON.parse(row.detail) as Record<string, unknown>,
});

export const toAccount = (row: AccountRow): Account => ({
  accountId: accountId(row.account_id),
  broker: brokerId(row.broker),
  login: row.login,
  label: row.label,
  isDefault: row.is_default === 1,
  stoppedReason: row.stopped_reason,
  live: row.live === 1,
  twinOf: row.twin_of === null ? null : accountId(row.twin_of),
});

const instant = (value: number | null): EpochMs | null => (value === null ? null : epochMs(value));
