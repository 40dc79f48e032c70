import type { Decimal } from '../../core/domain/ids';
import type { IciciInstrument } from './instruments';
import { keyOf } from './instruments';

export type IciciStatus =
  | 'Requested'
  | 'Ordered'
  | 'Partially Executed'
  | 'Executed'
  | 'Rejected'
  | 'Cancelled'
  | 'Partially Executed And Cancelled'
  | 'Expired'
  | 'Partially Executed And Expired';

/** What can be asked of an order; prices in rupees. */
export interface IciciTerms {
  readonly instrument: IciciInstrument;
  readonly product: 'cash' | 'btst' | 'mtf' | 'futures' | 'options';
  readonly action: 'buy' | 'sell';
  readonly orderType: 'limit' | 'stoploss';
  readonly validity: 'day' | 'ioc' | 'vtc';
  readonly quantity: number;
  readonly disclosed: number;
  readonly price: Decimal;
  /** Of a stop order, else null. */
  readonly trigger: Decimal | null;
}

/** One order of the simulated book. */
export interface IciciOrder extends IciciTerms {
  readonly orderId: string;
  readonly exchangeOrderId: string | null;
  readonly userId: string;
  /** As the book gives it back; empty when it was lost. */
  readonly remark: string;
  readonly status: IciciStatus;
  /** Whether a stop order has become a live limit order; true for every other. */
  readonly triggered: boolean;
  readonly filled: number;
  readonly average: Decimal | null;
  readonly changes: number;
  /** Epoch ms of the broker's clock. */
  readonly placedAt: number;
}

export interface IciciTrade {
  readonly tradeId: string;
  readonly exchangeTradeId: string;
  readonly order: IciciOrder;
  readonly quantity: number;
  readonly price: Decimal;
  /** Epoch ms of the broker's clock. */
  readonly at: number;
}

const LIVE: ReadonlySet<IciciStatus> = new Set(['Requested', 'Ordered', 'Partially Executed']);
export const isLive = (order: IciciOrder): boolean => LIVE.has(order.status);
export const isContract = ({ instrument }: Pick<IciciTerms, 'instrument'>): boolean =>
  instrument.expiry !== null;

const TRUTH: Readonly<Record<IciciStatus, string>> = {
  Requested: 'open',
  Ordered: 'open',
  'Partially Executed': 'open',
  Executed: 'complete',
  Rejected: 'rejected',
  Cancelled: 'cancelled',
  'Partially Executed And Cancelled': 'cancelled',
  Expired: 'expired',
  'Partially Executed And Expired': 'expired',
};

/** An order in the words that the control ports of all simulators share. */
export const trueOrder = (order: IciciOrder): object => {
  const stop = order.triggered ? 'triggered' : 'trigger_pending';
  const live = isLive(order) && order.trigger !== null ? stop : TRUTH[order.status];
  return {
    order_id: order.orderId,
    exchange_order_id: order.exchangeOrderId,
    tag: order.remark,
    exchange: order.instrument.exchange,
    symbol: keyOf(order.instrument),
    side: order.action,
    type: order.orderType,
    product: order.product,
    validity: order.validity,
    quantity: order.quantity,
    filled_quantity: order.filled,
    price: order.price,
    trigger_price: order.trigger,
    average_price: order.average,
    status: live,
    broker_status: order.status,
    user: order.userId,
  };
};
