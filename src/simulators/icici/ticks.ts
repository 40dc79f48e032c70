import {
  add,
  compare,
  decimal,
  divide,
  floorTo,
  multiply,
  subtract,
} from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { IciciInstrument } from './instruments';

/** Upper price of each band of NSE cash and its tick, rupees. */
const NSE_BANDS: readonly (readonly [number, string])[] = [
  [250, '0.01'],
  [1_000, '0.05'],
  [5_000, '0.1'],
  [10_000, '0.5'],
  [20_000, '1'],
];

/** The smallest step of the price, rupees. */
export const tickOf = (instrument: IciciInstrument, last: Decimal): Decimal => {
  const { tickPaise, exchange } = instrument;
  if (tickPaise !== null) return divide(decimal(tickPaise), 100, 2);
  if (exchange === 'BSE') return decimal(compare(last, decimal(100)) <= 0 ? '0.01' : '0.05');
  const band = NSE_BANDS.find(([upper]) => compare(last, decimal(upper)) < 0);
  return decimal(band?.[1] ?? '5');
};

/** Share of the price that the day's band spans each way: contracts swing more. */
const BAND = { equity: '0.1', index: '0.1', future: '0.1', option: '0.9' } as const;

/** The price range of the day, rupees. */
export const bandOf = (
  { kind }: IciciInstrument,
  last: Decimal,
): { readonly lower: Decimal; readonly upper: Decimal } => {
  const distance = multiply(last, decimal(BAND[kind]));
  const paisa = decimal('0.05');
  return {
    lower: floorTo(subtract(last, distance), paisa),
    upper: floorTo(add(last, distance), paisa),
  };
};
