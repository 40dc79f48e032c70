import {
  decimal,
  divide,
  isPositive,
  multiply,
  subtract,
  add,
  ZERO,
} from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import { brokerOrderId, clientTag, tradeId } from '../../core/domain/ids';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey } from '../../core/domain/instrument';
import type { OrderTerms, PriceTerms, Product } from '../../core/domain/order';
import type {
  BrokerSymbols,
  FillReport,
  Funds,
  OrderReport,
  PositionReport,
} from '../../core/ports/broker';
import { rowInstrument } from './symbols';
import type { IciciFunds, IciciPosition } from './wire/account';
import type { IciciFill, IciciOrder, IciciStatus } from './wire/orders';

const NO_REASON =
  'refused by ICICI or the exchange; Breeze gives no reason, the order book on the ICICI site does';

const priceTerms = (row: IciciOrder): PriceTerms => {
  const limitPrice = row.price !== null && isPositive(row.price) ? row.price : null;
  const triggerPrice = row.stoploss !== null && isPositive(row.stoploss) ? row.stoploss : null;
  switch (row.order_type) {
    case 'market':
      return { orderType: 'MARKET', limitPrice: null, triggerPrice: null };
    case 'limit':
      // A trigger that is left over from an earlier form of the order has no meaning any more.
      if (limitPrice === null) break;
      return { orderType: 'LIMIT', limitPrice, triggerPrice: null };
    case 'stoploss':
      if (triggerPrice === null) break;
      return limitPrice === null
        ? { orderType: 'STOP_MARKET', limitPrice, triggerPrice }
        : { orderType: 'STOP_LIMIT', limitPrice, triggerPrice };
  }
  throw new GatewayError(
    'SCHEMA',
    `order ${row.order_id}: price and stoploss do not fit order_type ${row.order_type}`,
  );
};

/**
 * What was filled, since no field says it. The status comes first: a cancelled order was seen with pending
 * and cancelled both equal to its whole quantity.
 */
export const filledQuantity = (row: IciciOrder): number => {
  const { quantity, pending_quantity: pending, cancelled_quantity: cancelled } = row;
  switch (row.status) {
    case 'executed':
      return quantity;
    case 'rejected':
    case 'cancelled':
    case 'expired':
      return 0;
    case 'partially executed and cancelled':
    case 'partially executed and expired': {
      // What was not filled may stand in either field, or in both.
      const filled = quantity - Math.max(pending, cancelled);
      if (filled > 0 && filled < quantity) return filled;
      break;
    }
    case 'requested':
    case 'queued':
    case 'ordered':
    case 'partially executed':
    case 'freezed': {
      const filled = quantity - pending - cancelled;
      const isPart = row.status === 'partially executed';
      if (filled >= (isPart ? 1 : 0) && filled <= quantity) return filled;
      break;
    }
  }
  throw new GatewayError(
    'SCHEMA',
    `order ${row.order_id}: quantity ${quantity}, pending_quantity ${pending} and cancelled_quantity ${cancelled} do not fit status ${row.status}`,
  );
};

/** A stop shows as `ordered` before its trigger; only a fill proves that the trigger was reached. */
const STATUSES: Readonly<Record<IciciStatus, OrderReport['status']>> = {
  requested: 'open',
  queued: 'open',
  ordered: 'open',
  'partially executed': 'open',
  executed: 'filled',
  rejected: 'rejected',
  cancelled: 'canceled',
  'partially executed and cancelled': 'canceled',
  expired: 'expired',
  'partially executed and expired': 'expired',
  freezed: 'open',
};

const statusOf = (row: IciciOrder, filled: number): OrderReport['status'] => {
  const status = STATUSES[row.status];
  if (status !== 'open' || row.order_type !== 'stoploss') return status;
  return filled > 0 ? 'triggered' : 'trigger_pending';
};

/**
 * A row of the order book as a report; null for a product that we have no word for (margin funding, eATM:
 * such an order was placed elsewhere, and is not ours to judge).
 * @throws GatewayError SCHEMA for a row that contradicts itself or names an unknown instrument
 */
export const orderReport = (row: IciciOrder, symbols: BrokerSymbols): OrderReport | null => {
  const { product_type: product } = row;
  if (product === null) return null;
  const filled = filledQuantity(row);
  const terms: OrderTerms = {
    ...priceTerms(row),
    instrument: rowInstrument(row, symbols),
    side: row.action,
    product,
    timeInForce: row.validity,
    quantity: row.quantity,
    disclosedQuantity: Number(row.disclosed_quantity ?? 0),
  };
  const { average_price: average } = row;
  return {
    brokerOrderId: brokerOrderId(row.order_id),
    exchangeOrderId: row.exchange_order_id,
    clientTag: row.user_remark === null ? null : clientTag(row.user_remark),
    terms,
    status: statusOf(row, filled),
    filledQuantity: filled,
    averagePrice: filled > 0 && average !== null && isPositive(average) ? average : null,
    message: row.status === 'rejected' ? NO_REASON : null,
    placedAt: row.order_datetime,
  };
};

/**
 * The executions of one order. A trade id of the exchange is unique within an exchange and a day, and an
 * order id is for good: both together name one fill, the same at every reading.
 * @throws GatewayError SCHEMA when two rows have one name, or a row is of the other side
 */
export const fillReports = (rows: readonly IciciFill[], order: OrderReport): FillReport[] => {
  const { brokerOrderId: id, terms } = order;
  const seen = new Set<string>();
  return rows.map((row) => {
    const name = `${id}:${row.exchange_trade_id}`;
    if (seen.has(name)) throw new GatewayError('SCHEMA', `two fills are called ${name}`);
    seen.add(name);
    if (row.action !== terms.side) {
      throw new GatewayError('SCHEMA', `fill ${name} is ${row.action}, its order ${terms.side}`);
    }
    return {
      tradeId: tradeId(name),
      brokerOrderId: id,
      instrument: terms.instrument,
      side: terms.side,
      product: terms.product,
      quantity: row.executed_quantity,
      price: row.execution_price,
      filledAt: row.exchange_trade_time,
    };
  });
};

/** A position; null when it is flat, or of a product that we have no word for. */
export const positionReport = (
  row: IciciPosition,
  symbols: BrokerSymbols,
): PositionReport | null => {
  const quantity = row.action * row.quantity;
  const { product_type: product } = row;
  if (row.action === 0 && row.quantity !== 0) {
    throw new GatewayError('SCHEMA', `position ${row.stock_code}: a quantity without a side`);
  }
  if (quantity === 0 || product === null) return null;
  const averagePrice = row.average_price ?? ZERO;
  const lastPrice = row.ltp !== null && isPositive(row.ltp) ? row.ltp : null;
  return {
    instrument: rowInstrument(row, symbols),
    product,
    quantity,
    averagePrice,
    lastPrice,
    // The broker's own figure is absent for contracts.
    realizedPnl: ZERO,
    unrealizedPnl:
      lastPrice === null ? ZERO : multiply(subtract(lastPrice, averagePrice), quantity),
  };
};

interface Net {
  readonly instrument: FillReport['instrument'];
  readonly product: Product;
  bought: number;
  boughtFor: Decimal;
  sold: number;
  soldFor: Decimal;
}

/**
 * The positions of today's share orders, from their fills: Breeze's positions leave out shares that were
 * bought or sold for delivery today. They have no last price.
 */
export const deliveryPositions = (fills: readonly FillReport[]): PositionReport[] => {
  const nets = new Map<string, Net>();
  for (const fill of fills.filter(({ product }) => product === 'DELIVERY')) {
    const key = instrumentKey(fill.instrument);
    const { instrument, product } = fill;
    const none = { instrument, product, bought: 0, boughtFor: ZERO, sold: 0, soldFor: ZERO };
    const net: Net = nets.get(key) ?? none;
    const value = multiply(fill.price, fill.quantity);
    if (fill.side === 'BUY') {
      net.bought += fill.quantity;
      net.boughtFor = add(net.boughtFor, value);
    } else {
      net.sold += fill.quantity;
      net.soldFor = add(net.soldFor, value);
    }
    nets.set(key, net);
  }
  return [...nets.values()].map((net) => {
    const average = (value: Decimal, quantity: number): Decimal =>
      quantity === 0 ? ZERO : divide(value, quantity, 4);
    const buy = average(net.boughtFor, net.bought);
    const sell = average(net.soldFor, net.sold);
    const both = Math.min(net.bought, net.sold);
    return {
      instrument: net.instrument,
      product: net.product,
      quantity: net.bought - net.sold,
      averagePrice: net.bought >= net.sold ? buy : sell,
      lastPrice: null,
      realizedPnl: both === 0 ? ZERO : multiply(subtract(sell, buy), both),
      unrealizedPnl: ZERO,
    };
  });
};

/** Money that is allocated to shares and to contracts together; what is not allocated buys nothing. */
export const funds = (wire: IciciFunds): Funds => {
  const blocked = add(wire.block_by_trade_equity, wire.block_by_trade_fno);
  return {
    availableCash: subtract(add(wire.allocated_equity, wire.allocated_fno), blocked),
    collateral: decimal(0),
    utilisedMargin: blocked,
    // Kept with the positions.
    unrealizedPnl: ZERO,
    realizedPnl: ZERO,
  };
};
