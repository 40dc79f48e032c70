import { add, divide, multiply, ZERO } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { epochMs } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import type { EventLog, TrueEvent } from '../core/event-log';
import { keyOf } from './instruments';
import type { IciciMarket } from './market';
import { isContract, isLive } from './order';
import type { IciciOrder, IciciStatus, IciciTerms, IciciTrade } from './order';

export interface PlaceOptions {
  readonly userId: string;
  /** What was sent, whatever the book keeps of it. */
  readonly remark: string;
  readonly keepRemark: boolean;
  /** The exchange's later refusal, or null. */
  readonly rejectLater: string | null;
  /** Placed elsewhere, not by a call of ours. */
  readonly foreign: boolean;
  /** Four digits inside the id of a contract's order. */
  readonly channel: '1400' | '2500';
}

/** The order book of the simulated broker: the life of each order and its trades. */
export class IciciBook {
  readonly #orders = new Map<string, IciciOrder>();
  readonly #tags = new Map<string, string>();
  readonly #trades: IciciTrade[] = [];
  /** Orders that wait for a delayed fill. */
  readonly #filling = new Set<string>();
  readonly #log: EventLog;
  readonly #market: IciciMarket;
  readonly #later: (delayMs: number, task: () => void) => void;
  readonly #onChange: (order: IciciOrder) => void;
  #sequence = 0;
  #before: readonly IciciOrder[] = [];

  constructor(
    log: EventLog,
    market: IciciMarket,
    later: (delayMs: number, task: () => void) => void,
    onChange: (order: IciciOrder) => void,
  ) {
    this.#log = log;
    this.#market = market;
    this.#later = later;
    this.#onChange = onChange;
  }

  place(terms: IciciTerms, options: PlaceOptions): IciciOrder {
    this.#before = this.orders();
    const order: IciciOrder = {
      ...terms,
      orderId: this.#nextId(terms, options.channel),
      exchangeOrderId: null,
      userId: options.userId,
      remark: options.keepRemark ? options.remark : '',
      status: 'Requested',
      triggered: terms.trigger === null,
      filled: 0,
      average: null,
      changes: 0,
      placedAt: this.#market.now(),
    };
    // The judge keeps the tag that was sent, also when the book loses it.
    this.#tags.set(order.orderId, options.remark);
    this.#record(options.foreign ? 'foreign' : 'place', order);
    this.#store(order);
    if (options.rejectLater !== null) this.#store({ ...order, status: 'Rejected' });
    else if (this.#market.acceptDelayMs === 0) this.#accept(order.orderId);
    else {
      this.#later(this.#market.acceptDelayMs, () => {
        this.#accept(order.orderId);
      });
    }
    return this.#orders.get(order.orderId) ?? order;
  }

  /** Changes a live order. @throws RangeError when it is not live */
  modify(id: string, terms: IciciTerms): IciciOrder {
    const order = this.#needLive(id);
    this.#before = this.orders();
    const changed: IciciOrder = {
      ...order,
      ...terms,
      changes: order.changes + 1,
      triggered: terms.trigger === null || (order.triggered && order.trigger !== null),
    };
    this.#record('modify', changed);
    this.#store(changed);
    this.#match(id);
    return this.#orders.get(id) ?? changed;
  }

  /** @throws RangeError when the order is not live */
  cancel(id: string): IciciOrder {
    const order = this.#needLive(id);
    this.#before = this.orders();
    this.#record('cancel', order);
    return this.#end(order, 'Cancelled');
  }

  /** Fills on command. @throws RangeError for an order that is not live or a quantity that is too large. */
  fill(id: string, quantity: number, price: Decimal): IciciOrder {
    const order = this.#needLive(id);
    const filled = order.filled + quantity;
    if (quantity < 1 || filled > order.quantity) throw new RangeError(`cannot fill ${quantity}`);
    this.#before = this.orders();
    const paid = multiply(order.average ?? ZERO, order.filled);
    const next: IciciOrder = {
      ...order,
      filled,
      average: divide(add(paid, multiply(price, quantity)), filled, 4),
      status: filled === order.quantity ? 'Executed' : 'Partially Executed',
    };
    const number = this.#trades.length + 1;
    const at = this.#market.now();
    this.#trades.push({
      tradeId: `${istDate(epochMs(at)).slice(0, 4)}/1234/${String(10_000_000 + number)}`,
      exchangeTradeId: String(120_000_000 + number),
      order: next,
      quantity,
      price,
      at,
    });
    this.#record('fill', { ...order, quantity, price });
    this.#store(next);
    return next;
  }

  /** Ends one live order as the exchange does at the close; null ends all that are good for the day. */
  expire(id: string | null): void {
    for (const order of this.orders()) {
      if (!isLive(order)) continue;
      if (id === null ? order.validity === 'day' : order.orderId === id)
        this.#end(order, 'Expired');
    }
  }

  /** Looks at every live order again, after prices or opening hours changed. */
  matchAll(): void {
    for (const id of this.#orders.keys()) {
      if (this.#orders.get(id)?.status === 'Requested' && this.#market.acceptDelayMs === 0) {
        this.#accept(id);
      } else this.#match(id);
    }
  }

  order(id: string): IciciOrder | null {
    return this.#orders.get(id) ?? null;
  }
  orders(): readonly IciciOrder[] {
    return [...this.#orders.values()];
  }
  /** The book as it was before its last change. */
  ordersBefore(): readonly IciciOrder[] {
    return this.#before;
  }
  trades(): readonly IciciTrade[] {
    return [...this.#trades];
  }

  /** The exchange takes the order, unless it is closed. */
  #accept(id: string): void {
    const order = this.#orders.get(id);
    if (order?.status !== 'Requested' || !this.#market.isOpen(order.instrument.exchange)) return;
    this.#store({ ...order, status: 'Ordered', exchangeOrderId: `11${id.slice(-9)}` });
    this.#match(id);
  }

  #match(id: string): void {
    let order = this.#orders.get(id);
    if (order === undefined || !isLive(order) || order.status === 'Requested') return;
    if (!order.triggered) {
      if (!this.#market.triggers(order)) return;
      order = { ...order, triggered: true };
      this.#store(order);
    }
    if (this.#market.limitOrders === 'cross' && this.#market.crosses(order)) this.#fillSoon(order);
    else if (order.validity === 'ioc') this.#end(order, 'Cancelled');
  }

  #fillSoon({ orderId }: IciciOrder): void {
    const { fillDelayMs } = this.#market;
    if (fillDelayMs === 0) {
      while (this.#fillPart(orderId));
      return;
    }
    if (this.#filling.has(orderId)) return;
    this.#filling.add(orderId);
    this.#later(fillDelayMs, () => {
      this.#filling.delete(orderId);
      const order = this.#orders.get(orderId);
      if (this.#fillPart(orderId) && order !== undefined) this.#fillSoon(order);
    });
  }

  /** One trade of the order; whether more of it is open. */
  #fillPart(id: string): boolean {
    const order = this.#orders.get(id);
    // The price may have moved away during the delay.
    if (order === undefined || !isLive(order) || !this.#market.crosses(order)) return false;
    const { lotSize } = order.instrument;
    const part = Math.ceil(order.quantity / lotSize / this.#market.fillParts) * lotSize;
    const quantity = Math.min(part, order.quantity - order.filled);
    return isLive(this.fill(id, quantity, this.#market.price(order.instrument)));
  }

  #end(order: IciciOrder, word: 'Cancelled' | 'Expired'): IciciOrder {
    const status: IciciStatus = order.filled === 0 ? word : `Partially Executed And ${word}`;
    const ended: IciciOrder = { ...order, status };
    this.#store(ended);
    return ended;
  }

  #needLive(id: string): IciciOrder {
    const order = this.#orders.get(id);
    if (order === undefined || !isLive(order)) throw new RangeError(`no live order ${id}`);
    return order;
  }

  #nextId(terms: IciciTerms, channel: string): string {
    this.#sequence += 1;
    const day = istDate(epochMs(this.#market.now())).replaceAll('-', '');
    const number = String(this.#sequence);
    if (isContract(terms)) return `${day}${channel}${number.padStart(6, '0')}`;
    return `${day}N3${number.padStart(8, '0')}`;
  }

  #store(order: IciciOrder): void {
    this.#orders.set(order.orderId, order);
    this.#onChange(order);
  }

  #record(operation: TrueEvent['operation'], order: IciciOrder): void {
    const tag = this.#tags.get(order.orderId) ?? '';
    this.#log.append({
      operation,
      brokerOrderId: order.orderId,
      tag: tag === '' ? null : tag,
      exchange: order.instrument.exchange,
      symbol: keyOf(order.instrument),
      side: order.action,
      orderType: order.orderType,
      product: order.product,
      quantity: order.quantity,
      price: order.price,
      triggerPrice: order.trigger,
    });
  }
}
