import { decimal, ZERO } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import { brokerOrderId, clientTag, epochMs, tradeId } from '../../core/domain/ids';
import type { Decimal, EpochMs } from '../../core/domain/ids';
import type { OrderTerms, PriceTerms, Product } from '../../core/domain/order';
import type {
  FillReport,
  Funds,
  HoldingReport,
  OrderHint,
  OrderReport,
  PositionReport,
} from '../../core/ports/broker';
import type { NeutralFunds, NeutralHolding, NeutralPosition } from './wire/account';
import { neutralUpdate } from './wire/orders';
import type { NeutralOrder, NeutralTrade } from './wire/orders';

const PRODUCTS: Readonly<Record<NeutralOrder['product'], Product>> = {
  delivery: 'DELIVERY',
  intraday: 'INTRADAY',
  carry: 'CARRY_FORWARD',
};
const STATUSES: Readonly<Record<NeutralOrder['status'], OrderReport['status']>> = {
  open: 'open',
  trigger_pending: 'trigger_pending',
  triggered: 'triggered',
  complete: 'filled',
  cancelled: 'canceled',
  rejected: 'rejected',
  expired: 'expired',
};

const rupees = (text: string | null): Decimal | null => (text === null ? null : decimal(text));

/** The zone is in the text; zod has checked it. */
const instant = (text: string): EpochMs => epochMs(Date.parse(text));

const priceTerms = (order: NeutralOrder): PriceTerms => {
  const limitPrice = rupees(order.price);
  const triggerPrice = rupees(order.trigger_price);
  switch (order.type) {
    case 'market':
      if (limitPrice !== null || triggerPrice !== null) break;
      return { orderType: 'MARKET', limitPrice, triggerPrice };
    case 'limit':
      if (limitPrice === null || triggerPrice !== null) break;
      return { orderType: 'LIMIT', limitPrice, triggerPrice };
    case 'stop_limit':
      if (limitPrice === null || triggerPrice === null) break;
      return { orderType: 'STOP_LIMIT', limitPrice, triggerPrice };
    case 'stop_market':
      if (limitPrice !== null || triggerPrice === null) break;
      return { orderType: 'STOP_MARKET', limitPrice, triggerPrice };
  }
  throw new GatewayError(
    'SCHEMA',
    `order ${order.order_id}: price and trigger_price do not fit type ${order.type}`,
  );
};

/** A row of the book as a report. @throws GatewayError SCHEMA when its prices do not fit its type. */
export const orderReport = (order: NeutralOrder): OrderReport => {
  const terms: OrderTerms = {
    ...priceTerms(order),
    instrument: { exchange: order.exchange, symbol: order.symbol },
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    product: PRODUCTS[order.product],
    timeInForce: order.validity === 'day' ? 'DAY' : 'IOC',
    quantity: order.quantity,
    disclosedQuantity: order.disclosed_quantity,
  };
  return {
    brokerOrderId: brokerOrderId(order.order_id),
    exchangeOrderId: order.exchange_order_id,
    clientTag: order.tag === '' ? null : clientTag(order.tag),
    terms,
    status: STATUSES[order.status],
    filledQuantity: order.filled_quantity,
    averagePrice: rupees(order.average_price),
    message: order.message,
    placedAt: instant(order.placed_at),
  };
};

/** A row of the trade book as a fill. */
export const fillReport = (trade: NeutralTrade): FillReport => ({
  tradeId: tradeId(trade.trade_id),
  brokerOrderId: brokerOrderId(trade.order_id),
  instrument: { exchange: trade.exchange, symbol: trade.symbol },
  side: trade.side === 'buy' ? 'BUY' : 'SELL',
  product: PRODUCTS[trade.product],
  quantity: trade.quantity,
  price: decimal(trade.price),
  filledAt: instant(trade.traded_at),
});

/** A net position. */
export const positionReport = (position: NeutralPosition): PositionReport => ({
  instrument: { exchange: position.exchange, symbol: position.symbol },
  product: PRODUCTS[position.product],
  quantity: position.quantity,
  averagePrice: decimal(position.average_price),
  lastPrice: rupees(position.last_price),
  realizedPnl: decimal(position.realized_pnl),
  unrealizedPnl: decimal(position.unrealized_pnl),
});

/** Settled stock. */
export const holdingReport = (holding: NeutralHolding): HoldingReport => ({
  instrument: { exchange: holding.exchange, symbol: holding.symbol },
  quantity: holding.quantity,
  averagePrice: decimal(holding.average_price),
  lastPrice: rupees(holding.last_price),
});

/** Funds; this broker keeps profit and loss with the positions, so both are 0 here. */
export const funds = (wire: NeutralFunds): Funds => ({
  availableCash: decimal(wire.available_cash),
  collateral: decimal(wire.collateral),
  utilisedMargin: decimal(wire.utilised_margin),
  unrealizedPnl: ZERO,
  realizedPnl: ZERO,
});

/** Where to look, or null when the message is none that we know. */
export const hintOf = (message: string | Uint8Array): OrderHint | null => {
  let json: unknown;
  try {
    json = JSON.parse(typeof message === 'string' ? message : new TextDecoder().decode(message));
  } catch {
    return null;
  }
  const parsed = neutralUpdate.safeParse(json);
  if (!parsed.success) return null;
  const { order_id: id, tag } = parsed.data;
  return { brokerOrderId: brokerOrderId(id), clientTag: tag === '' ? null : clientTag(tag) };
};
