import { divide, parseDecimal } from '../../core/domain/decimal';
import { brokerOrderId } from '../../core/domain/ids';
import type { BrokerOrderId, Decimal } from '../../core/domain/ids';

/** Statuses of the order stream by their letter. */
const STATUSES: ReadonlyMap<string, string> = new Map([
  ['R', 'requested'],
  ['Q', 'queued'],
  ['O', 'ordered'],
  ['P', 'partially executed'],
  ['E', 'executed'],
  ['J', 'rejected'],
  ['X', 'expired'],
  ['B', 'partially executed and expired'],
  ['D', 'partially executed and cancelled'],
  ['F', 'frozen'],
  ['C', 'cancelled'],
]);

/** What one message of the order stream says, as far as it can be trusted. */
export interface IciciOrderMessage {
  readonly kind: 'order';
  readonly segment: 'equity' | 'derivative';
  /** The id of the order, as its book has it. */
  readonly orderId: BrokerOrderId;
  readonly status: string;
  readonly stockCode: string;
  /** Rupees. Derivatives come in paise; null for shares, whose scale nobody has seen. */
  readonly limitPrice: Decimal | null;
}
export type IciciMessage =
  | IciciOrderMessage
  /** A call of a strategy, or a price: not of our orders. */
  | { readonly kind: 'other' }
  /** It should be of an order, and cannot be read. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Where the fields are. Those from 38 on are shifted in recorded messages and are not read at all. */
interface Layout {
  readonly segment: IciciOrderMessage['segment'];
  readonly stockCode: number;
  readonly limitPrice: number;
  readonly status: number;
  readonly orderId: number;
}
const EQUITY: Layout = {
  segment: 'equity',
  stockCode: 14,
  limitPrice: 18,
  status: 20,
  orderId: 23,
};
const DERIVATIVE: Layout = {
  segment: 'derivative',
  stockCode: 14,
  limitPrice: 24,
  status: 25,
  orderId: 26,
};
/** By `messageType`, element 11. */
const LAYOUTS: ReadonlyMap<string, Layout> = new Map([
  ['4', EQUITY],
  ['5', EQUITY],
  ['6', DERIVATIVE],
  ['7', DERIVATIVE],
]);
const MESSAGE_TYPE = 11;
const SHORTEST = 47;
/** Lengths of the strategy calls that share the host. */
const STRATEGY_LENGTHS: ReadonlySet<number> = new Set([19, 28]);
const ORDER_ID = /^\d{8}[A-Z]?\d{6,12}$/;
/** Control characters end up in the fields at the end of a message. */
const CONTROL = /\p{Cc}/gu;

const cellOf = (cells: readonly unknown[], index: number): string => {
  const cell = cells[index];
  return typeof cell === 'string' || typeof cell === 'number'
    ? String(cell).replace(CONTROL, '').trim()
    : '';
};
const unknown = (why: string): IciciMessage => ({ kind: 'unknown', why });

/** What the payload of an `order` event is. Never throws. */
export const readOrderMessage = (payload: unknown): IciciMessage => {
  if (!Array.isArray(payload)) return unknown('it is no array');
  const cells: readonly unknown[] = payload;
  const source = cellOf(cells, 0);
  if (STRATEGY_LENGTHS.has(cells.length) || source.includes('!')) return { kind: 'other' };
  if (cells.length < SHORTEST) return unknown(`${cells.length} fields are too few`);
  if (source === '') return unknown('it names no source');
  const type = cellOf(cells, MESSAGE_TYPE);
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return unknown(`message type ${shown(type)} is not known`);
  const orderId = cellOf(cells, layout.orderId);
  if (!ORDER_ID.test(orderId)) return unknown(`order reference ${shown(orderId)} is none`);
  const letter = cellOf(cells, layout.status);
  const status = STATUSES.get(letter);
  if (status === undefined) return unknown(`status ${shown(letter)} is not known`);
  const paise = layout === DERIVATIVE ? parseDecimal(cellOf(cells, layout.limitPrice)) : null;
  return {
    kind: 'order',
    segment: layout.segment,
    orderId: brokerOrderId(orderId),
    status,
    stockCode: cellOf(cells, layout.stockCode),
    limitPrice: paise === null ? null : divide(paise, 100, 10),
  };
};

const shown = (text: string): string => JSON.stringify(text.slice(0, 20));
