import { add, decimal, divide, multiply, ZERO } from '../../core/domain/decimal';
import { epochMs } from '../../core/domain/ids';
import { istIso } from '../../core/domain/time';
import type { EventLog } from '../core/event-log';
import type { NeutralMarket } from './market';
import { positionsOf } from './positions';
import type {
  NeutralModify,
  NeutralOrder,
  NeutralPlace,
  NeutralPosition,
  NeutralTrade,
} from './wire';

/** How the broker refused; `code` is one of its documented words. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}
type Done = { readonly order: NeutralOrder } | { readonly refusal: Refusal };

export interface PlaceOptions {
  readonly keepTag: boolean;
  /** The exchange's later refusal, or null. */
  readonly rejectLater: string | null;
  readonly foreign: boolean;
}
const ORDINARY: PlaceOptions = { keepTag: true, rejectLater: null, foreign: false };

const LIVE: ReadonlySet<NeutralOrder['status']> = new Set(['open', 'trigger_pending', 'triggered']);
const isLive = (order: NeutralOrder): boolean => LIVE.has(order.status);
const refuse = (code: string, message: string): Done => ({ refusal: { code, message } });

/** The order book of the simulated broker: the life of each order, its trades and the positions. */
export class NeutralBook {
  readonly #orders = new Map<string, NeutralOrder>();
  readonly #trades: NeutralTrade[] = [];
  /** Orders that wait for a delayed market fill. */
  readonly #filling = new Set<string>();
  readonly #log: EventLog;
  readonly #market: NeutralMarket;
  readonly #later: (delayMs: number, task: () => void) => void;
  readonly #onChange: (order: NeutralOrder) => void;
  #sequence = 0;
  #before: readonly NeutralOrder[] = [];

  constructor(
    log: EventLog,
    market: NeutralMarket,
    later: (delayMs: number, task: () => void) => void,
    onChange: (order: NeutralOrder) => void,
  ) {
    this.#log = log;
    this.#market = market;
    this.#later = later;
    this.#onChange = onChange;
  }

  place(wanted: NeutralPlace, options: PlaceOptions = ORDINARY): Done {
    const fault = termsFault(wanted);
    if (fault !== null) return { refusal: fault };
    this.#before = this.orders();
    this.#sequence += 1;
    const number = String(this.#sequence).padStart(6, '0');
    const order: NeutralOrder = {
      ...wanted,
      tag: options.keepTag ? wanted.tag : '',
      order_id: `N${number}`,
      exchange_order_id: `X${number}`,
      status: wanted.trigger_price === null ? 'open' : 'trigger_pending',
      filled_quantity: 0,
      average_price: null,
      message: null,
      placed_at: this.#time(),
    };
    // The judge keeps the tag that was sent, also when the book loses it.
    this.#record(options.foreign ? 'foreign' : 'place', { ...order, tag: wanted.tag });
    this.#store(order);
    if (options.rejectLater !== null) {
      this.#store({ ...order, status: 'rejected', message: options.rejectLater });
    } else this.#match(order.order_id);
    return { order: this.#orders.get(order.order_id) ?? order };
  }

  modify(id: string, change: NeutralModify, apply = true): Done {
    const order = this.#orders.get(id);
    if (order === undefined) return refuse('ORDER_NOT_FOUND', `no order ${id}`);
    if (!isLive(order)) return refuse('ORDER_FINISHED', `order ${id} is ${order.status}`);
    const changed: NeutralOrder = { ...order, ...change };
    const fault = termsFault(changed);
    if (fault !== null) return { refusal: fault };
    if (changed.quantity <= order.filled_quantity) {
      return refuse('INVALID_QUANTITY', 'the quantity is not above what is filled');
    }
    if (!apply) return { order };
    this.#before = this.orders();
    this.#record('modify', changed);
    this.#store(changed);
    this.#match(id);
    return { order: this.#orders.get(id) ?? changed };
  }

  cancel(id: string, apply = true): Done {
    const order = this.#orders.get(id);
    if (order === undefined) return refuse('ORDER_NOT_FOUND', `no order ${id}`);
    if (!isLive(order)) return refuse('ORDER_FINISHED', `order ${id} is ${order.status}`);
    if (!apply) return { order };
    this.#before = this.orders();
    this.#record('cancel', order);
    const cancelled: NeutralOrder = { ...order, status: 'cancelled' };
    this.#store(cancelled);
    return { order: cancelled };
  }

  /** Fills on command. @throws RangeError for an order that is not live or a quantity that is too large. */
  fill(id: string, quantity: number, price: string): NeutralOrder {
    const order = this.#orders.get(id);
    if (order === undefined || !isLive(order)) throw new RangeError(`no live order ${id}`);
    const filled = order.filled_quantity + quantity;
    if (quantity < 1 || filled > order.quantity) throw new RangeError(`cannot fill ${quantity}`);
    this.#before = this.orders();
    const paid = multiply(decimal(order.average_price ?? ZERO), order.filled_quantity);
    const total = add(paid, multiply(decimal(price), quantity));
    const next: NeutralOrder = {
      ...order,
      filled_quantity: filled,
      average_price: divide(total, filled, 4),
      status: filled === order.quantity ? 'complete' : order.status,
    };
    this.#trades.push({
      trade_id: `T${String(this.#trades.length + 1).padStart(6, '0')}`,
      order_id: id,
      exchange: order.exchange,
      symbol: order.symbol,
      side: order.side,
      product: order.product,
      quantity,
      price,
      traded_at: this.#time(),
    });
    this.#record('fill', { ...order, quantity, price });
    this.#store(next);
    return next;
  }

  /** Ends a live order as the exchange does at the close. */
  expire(id: string): void {
    const order = this.#orders.get(id);
    if (order !== undefined && isLive(order)) this.#store({ ...order, status: 'expired' });
  }

  /** Looks at every live order again, after the prices moved. */
  matchAll(): void {
    for (const id of this.#orders.keys()) this.#match(id);
  }

  order(id: string): NeutralOrder | null {
    return this.#orders.get(id) ?? null;
  }
  orders(): readonly NeutralOrder[] {
    return [...this.#orders.values()];
  }
  /** The book as it was before its last change. */
  ordersBefore(): readonly NeutralOrder[] {
    return this.#before;
  }
  trades(): readonly NeutralTrade[] {
    return [...this.#trades];
  }
  positions(): readonly NeutralPosition[] {
    return positionsOf(this.#trades, (symbol) => this.#market.price(symbol));
  }

  #match(id: string): void {
    let order = this.#orders.get(id);
    if (order === undefined || !isLive(order)) return;
    if (order.status === 'trigger_pending') {
      if (!this.#market.triggers(order)) return;
      order = { ...order, status: 'triggered' };
      this.#store(order);
    }
    if (order.price === null) {
      this.#fillSoon(order);
      return;
    }
    if (this.#market.limitOrders === 'cross' && this.#market.crosses(order)) {
      this.#fillSoon(order);
    } else if (order.validity === 'ioc') this.#store({ ...order, status: 'cancelled' });
  }

  #fillSoon(order: NeutralOrder): void {
    const id = order.order_id;
    const { fillDelayMs } = this.#market;
    if (fillDelayMs === 0) {
      this.#fillRest(id);
      return;
    }
    if (this.#filling.has(id)) return;
    this.#filling.add(id);
    this.#later(fillDelayMs, () => {
      this.#filling.delete(id);
      this.#fillRest(id);
    });
  }

  #fillRest(id: string): void {
    const order = this.#orders.get(id);
    if (order === undefined || !isLive(order)) return;
    this.fill(id, order.quantity - order.filled_quantity, this.#market.price(order.symbol));
  }

  #store(order: NeutralOrder): void {
    this.#orders.set(order.order_id, order);
    this.#onChange(order);
  }

  #time(): string {
    return istIso(epochMs(this.#market.now()));
  }

  #record(
    operation: 'place' | 'modify' | 'cancel' | 'foreign' | 'fill',
    order: NeutralOrder,
  ): void {
    this.#log.append({
      operation,
      brokerOrderId: order.order_id,
      tag: order.tag === '' ? null : order.tag,
      exchange: order.exchange,
      symbol: order.symbol,
      side: order.side,
      orderType: order.type,
      product: order.product,
      quantity: order.quantity,
      price: order.price,
      triggerPrice: order.trigger_price,
    });
  }
}

/** What the broker refuses in the terms of an order, or null. */
const termsFault = (terms: NeutralModify): Refusal | null => {
  if (terms.quantity < 1) return { code: 'INVALID_QUANTITY', message: 'quantity must be positive' };
  const wantsLimit = terms.type === 'limit' || terms.type === 'stop_limit';
  const wantsTrigger = terms.type === 'stop_limit' || terms.type === 'stop_market';
  if (wantsLimit !== (terms.price !== null)) {
    return { code: 'INVALID_PRICE', message: `price does not fit type ${terms.type}` };
  }
  if (wantsTrigger !== (terms.trigger_price !== null)) {
    return { code: 'INVALID_PRICE', message: `trigger_price does not fit type ${terms.type}` };
  }
  return null;
};
