import { z } from 'zod';
import { add, multiply, toFixed, toNumber } from '../../core/domain/decimal';
import type { AccountId, Decimal } from '../../core/domain/ids';
import type { Exchange } from '../../core/domain/instrument';
import { leavesQuantity } from '../../core/domain/order';
import type { Order } from '../../core/domain/order';
import { openAlgoStatus, ORDER_STATES } from '../../core/domain/order-state';
import { istIso, istTimestamp } from '../../core/domain/time';
import type { BookedFill } from '../../core/orders/books-types';
import type { PositionReport } from '../../core/ports/broker';
import { priceTypeOf, productWordOf } from '../words';

const AVERAGE_PLACES = 4;

/** An order as every book shows it: the contract's keys first, then ours. Prices in rupees. */
export const orderRowSchema = z
  .object({
    symbol: z.string(),
    exchange: z.string(),
    action: z.enum(['BUY', 'SELL']),
    quantity: z.int(),
    price: z.number(),
    trigger_price: z.number(),
    pricetype: z.string(),
    product: z.string(),
    orderid: z.string(),
    order_status: z.string(),
    timestamp: z.string().meta({ description: 'DD-Mon-YYYY HH:MM:SS, India time' }),
    timestamp_iso: z.string(),
    average_price: z.number().meta({ description: '0 until the first fill' }),
    filled_quantity: z.int(),
    pending_quantity: z.int(),
    rejection_reason: z.string(),
    strategy: z.string(),
    account: z.string(),
    broker_order_id: z.string().nullable(),
    exchange_order_id: z.string().nullable(),
    client_order_id: z.string().nullable(),
    validity: z.string(),
    state: z.enum(ORDER_STATES),
    in_doubt: z.boolean(),
    partial: z.boolean().meta({ description: 'some but not all of the quantity is filled' }),
    is_exit: z.boolean().meta({ description: 'judged to only reduce a position when accepted' }),
    batch: z
      .object({ id: z.string(), leg: z.int() })
      .nullable()
      .meta({ description: 'the basket that it came in and its place there, from 1' }),
  })
  .meta({ id: 'OrderRow' });
export type OrderRow = z.infer<typeof orderRowSchema>;

/** The row of `order`; a price that the order type does not carry is 0, as in the contract. */
export const orderRow = (order: Order): OrderRow => {
  const { terms } = order;
  return {
    symbol: terms.instrument.symbol,
    exchange: terms.instrument.exchange,
    action: terms.side,
    quantity: terms.quantity,
    price: terms.limitPrice === null ? 0 : toNumber(terms.limitPrice),
    trigger_price: terms.triggerPrice === null ? 0 : toNumber(terms.triggerPrice),
    pricetype: priceTypeOf(terms.orderType),
    product: productWordOf(terms.product),
    orderid: order.orderId,
    order_status: openAlgoStatus(order.state),
    timestamp: istTimestamp(order.createdAt),
    timestamp_iso: istIso(order.createdAt),
    average_price: order.averagePrice === null ? 0 : toNumber(order.averagePrice, AVERAGE_PLACES),
    filled_quantity: order.filledQuantity,
    pending_quantity: leavesQuantity(order),
    rejection_reason: order.reason ?? '',
    strategy: order.strategy,
    account: order.accountId,
    broker_order_id: order.brokerOrderId,
    exchange_order_id: order.exchangeOrderId,
    client_order_id: order.clientOrderId,
    validity: terms.timeInForce,
    state: order.state,
    in_doubt: order.inDoubtSince !== null,
    partial: order.filledQuantity > 0 && order.filledQuantity < terms.quantity,
    is_exit: order.isExit,
    batch: order.batch === null ? null : { id: order.batch.id, leg: order.batch.leg },
  };
};

/** A row of the trade book. */
export const tradeRowSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  product: z.string(),
  action: z.enum(['BUY', 'SELL']),
  quantity: z.int(),
  average_price: z.number(),
  trade_value: z.number(),
  orderid: z.string(),
  timestamp: z.string(),
  timestamp_iso: z.string(),
  tradeid: z.string(),
  price: z.number(),
  strategy: z.string(),
  account: z.string(),
  broker_order_id: z.string(),
  charges: z.number().optional().meta({
    description: 'brokerage, taxes and fees in rupees; absent when the broker does not say',
  }),
});

export const tradeRow = ({ fill, order, charges }: BookedFill): z.infer<typeof tradeRowSchema> => ({
  symbol: order.terms.instrument.symbol,
  exchange: order.terms.instrument.exchange,
  product: productWordOf(order.terms.product),
  action: order.terms.side,
  quantity: fill.quantity,
  average_price: toNumber(fill.price),
  trade_value: toNumber(multiply(fill.price, fill.quantity)),
  orderid: order.orderId,
  timestamp: istTimestamp(fill.filledAt),
  timestamp_iso: istIso(fill.filledAt),
  tradeid: fill.tradeId,
  price: toNumber(fill.price),
  strategy: order.strategy,
  account: fill.accountId,
  broker_order_id: fill.brokerOrderId,
  ...(charges === undefined ? {} : { charges: toNumber(charges, 2) }),
});

/** A row of the position book; `quantity` is signed. */
export const positionRowSchema = z.object({
  symbol: z.string(),
  exchange: z.string(),
  product: z.string(),
  quantity: z.int(),
  average_price: z.string(),
  ltp: z.number().nullable().meta({ description: 'null when there is no price' }),
  pnl: z.number(),
  unrealized_pnl: z.number(),
  today_realized_pnl: z.number(),
  account: z.string(),
});

/** Currency contracts are quoted to a quarter paisa; everything else to a paisa. */
const pricePlaces = (exchange: Exchange): number =>
  exchange === 'CDS' || exchange === 'BCD' ? 4 : 2;

/** Prices whose average over several fills is shorter than it is exact, as the contract shows them. */
const averageText = (price: Decimal, exchange: Exchange): string =>
  toFixed(price, pricePlaces(exchange));

export const positionRow = (
  position: PositionReport,
  account: AccountId,
): z.infer<typeof positionRowSchema> => ({
  symbol: position.instrument.symbol,
  exchange: position.instrument.exchange,
  product: productWordOf(position.product),
  quantity: position.quantity,
  average_price: averageText(position.averagePrice, position.instrument.exchange),
  ltp: position.lastPrice === null ? null : toNumber(position.lastPrice),
  pnl: toNumber(add(position.realizedPnl, position.unrealizedPnl), 2),
  unrealized_pnl: toNumber(position.unrealizedPnl, 2),
  today_realized_pnl: toNumber(position.realizedPnl, 2),
  account,
});
