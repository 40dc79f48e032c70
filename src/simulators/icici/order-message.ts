import { multiply, toFixed, toNumber } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import { longDate } from './instruments';
import { isContract, isLive } from './order';
import type { IciciOrder, IciciStatus } from './order';
import { wireTime } from './rows';

export interface MessageOptions {
  /** Scale of the prices of cash orders; unknown at the real broker. */
  readonly equityPrices: 'rupees' | 'paise';
  /** Whether the fields of a contract from 38 on stand one place later than their names, as in recorded messages. */
  readonly shifted: boolean;
  /** Whether the last elements hold control characters, as was seen. */
  readonly controlCharacters: boolean;
}
export const MESSAGE_OPTIONS: MessageOptions = {
  equityPrices: 'rupees',
  shifted: true,
  controlCharacters: false,
};

const STATUS: Readonly<Record<IciciStatus, string>> = {
  Requested: 'R',
  Ordered: 'O',
  'Partially Executed': 'P',
  Executed: 'E',
  Rejected: 'J',
  Cancelled: 'C',
  'Partially Executed And Cancelled': 'D',
  Expired: 'X',
  'Partially Executed And Expired': 'B',
};
const PRODUCT = { cash: 'C', btst: 'B', mtf: 'C', futures: 'F', options: 'O' } as const;
const VALIDITY = { day: 'T', ioc: 'I', vtc: 'V' } as const;
/** One more than the highest place that the official clients read. */
const EQUITY_LENGTH = 49;
const CONTRACT_LENGTH = 51;

/** The array that tells of an order; every element is text, and places are those of the broker's own clients. */
export const orderMessage = (
  order: IciciOrder,
  sequence: number,
  now: number,
  options: MessageOptions,
): readonly string[] => {
  const places = isContract(order)
    ? contractPlaces(order, now, options)
    : equityPlaces(order, now, options);
  const length = isContract(order) ? CONTRACT_LENGTH : EQUITY_LENGTH;
  const message = Array.from({ length }, (_, place) => places[place] ?? '');
  const [day = '', clock = ''] = wireTime(now).split(' ');
  const head: Readonly<Record<number, string>> = {
    ...{ 0: '1', 1: '1', 2: order.userId, 3: order.orderId, 4: '400', 5: '1' },
    ...{ 6: String(sequence), 7: numericDate(now, day), 8: clock, 9: 'O', 10: '1' },
    ...{ 11: typeOf(order), 12: '00000000', 13: order.instrument.exchange },
  };
  for (const [place, text] of Object.entries(head)) message[Number(place)] = text;
  if (options.controlCharacters) message[length - 1] = '\u0001\u0003';
  return message;
};

/** 4 and 6 for the life of an order, 5 and 7 when it traded; which is which is assumed. */
const typeOf = (order: IciciOrder): string => {
  const traded = order.filled > 0;
  if (isContract(order)) return traded ? '7' : '6';
  return traded ? '5' : '4';
};

const equityPlaces = (
  order: IciciOrder,
  now: number,
  options: MessageOptions,
): Readonly<Record<number, string>> => {
  const rate = (value: Decimal | null): string =>
    scaled(value, options.equityPrices === 'paise' ? 100 : 1);
  const open = order.quantity - order.filled;
  return {
    ...{ 14: order.instrument.stockCode, 15: flowOf(order), 16: flagOf(order) },
    ...{ 17: VALIDITY[order.validity], 18: rate(order.price), 19: PRODUCT[order.product] },
    ...{ 20: STATUS[order.status], 21: wireTime(order.placedAt), 22: wireTime(now).slice(0, 11) },
    ...{ 23: order.orderId, 24: String(order.quantity), 25: String(isLive(order) ? open : 0) },
    ...{ 26: String(order.filled), 27: endedAs(order, 'Cancelled'), 28: endedAs(order, 'Expired') },
    ...{ 29: String(order.disclosed), 30: rate(order.trigger), 31: 'N', 32: '0', 33: 'N1' },
    ...{ 34: 'WEB', 35: 'N', 36: '', 37: 'Rolling', 38: '', 39: '', 40: '', 41: '' },
    ...{ 42: rate(order.average), 43: 'N', 44: 'N', 45: '0', 46: '' },
  };
};

/** Prices in paise. */
const contractPlaces = (
  order: IciciOrder,
  now: number,
  options: MessageOptions,
): Readonly<Record<number, string>> => {
  const { instrument } = order;
  const tail = [
    ...['0.000000', scaled(order.average, 100), 'N', 'N', 'N', 'N', 'N', 'N', ''],
  ] as const;
  const from = options.shifted ? 39 : 38;
  return {
    ...{ 14: instrument.stockCode, 15: PRODUCT[order.product] },
    ...{ 16: instrument.right === null ? '*' : instrument.right.slice(0, 1), 17: 'E' },
    ...{ 18: scaled((instrument.strike ?? '0') as Decimal, 100) }, // A strike is decimal text.
    ...{ 19: longDate(instrument.expiry ?? ''), 20: '', 21: flowOf(order), 22: flagOf(order) },
    ...{ 23: VALIDITY[order.validity], 24: scaled(order.price, 100), 25: STATUS[order.status] },
    ...{ 26: order.orderId, 27: String(order.quantity), 28: String(order.filled) },
    ...{ 29: endedAs(order, 'Cancelled'), 30: endedAs(order, 'Expired') },
    ...{ 31: scaled(order.trigger, 100), 32: 'N', 33: 'N1', 34: 'WEB', 35: 'N' },
    ...{ 36: wireTime(now).slice(0, 11), 37: order.exchangeOrderId ?? '', 38: '' },
    ...Object.fromEntries(tail.map((text, index) => [from + index, text])),
  };
};

const flowOf = ({ action }: IciciOrder): string => (action === 'buy' ? 'B' : 'S');
const flagOf = ({ orderType }: IciciOrder): string => (orderType === 'limit' ? 'L' : 'S');

/** What was left when the order ended this way. */
const endedAs = (order: IciciOrder, word: 'Cancelled' | 'Expired'): string =>
  order.status.endsWith(word) ? String(order.quantity - order.filled) : '0';

const scaled = (value: Decimal | null, scale: number): string =>
  value === null
    ? '0'
    : scale === 1
      ? toFixed(value, 2)
      : String(Math.round(toNumber(multiply(value, scale))));

/** DD-MM-YYYY. */
const numericDate = (now: number, day: string): string => {
  const month = new Date(now + 19_800_000).toISOString().slice(5, 7);
  return `${day.slice(0, 2)}-${month}-${day.slice(-4)}`;
};
