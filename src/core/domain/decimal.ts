import { Decimal as Big } from 'decimal.js';
import type { Decimal } from './ids';

const Exact = Big.clone({
  precision: 40,
  rounding: Big.ROUND_HALF_UP,
  toExpNeg: -30,
  toExpPos: 30,
});
const DECIMAL_TEXT = /^-?\d{1,15}(\.\d{1,10})?$/;

const text = (value: Big): Decimal => (value.isZero() ? '0' : value.toFixed()) as Decimal;

/** The exact decimal of `value`, or null when it is not plain decimal text (no exponent, NaN or blanks). */
export const parseDecimal = (value: string): Decimal | null =>
  DECIMAL_TEXT.test(value) ? text(new Exact(value)) : null;

/** The exact decimal of trusted text or a finite number. @throws RangeError when it is not one. */
export const decimal = (value: string | number): Decimal => {
  const parsed = new Exact(value);
  if (!parsed.isFinite()) throw new RangeError(`not a decimal: ${String(value)}`);
  return text(parsed);
};

export const ZERO: Decimal = decimal(0);

export const add = (a: Decimal, b: Decimal): Decimal => text(new Exact(a).plus(b));
export const subtract = (a: Decimal, b: Decimal): Decimal => text(new Exact(a).minus(b));
export const multiply = (a: Decimal, b: Decimal | number): Decimal => text(new Exact(a).times(b));
/** a / b, rounded half up to `places` decimals. @throws RangeError when b is zero. */
export const divide = (a: Decimal, b: Decimal | number, places: number): Decimal => {
  if (new Exact(b).isZero()) throw new RangeError('division by zero');
  return text(new Exact(a).dividedBy(b).toDecimalPlaces(places));
};
export const negate = (a: Decimal): Decimal => text(new Exact(a).negated());
export const absolute = (a: Decimal): Decimal => text(new Exact(a).abs());
/** -1, 0 or 1. */
export const compare = (a: Decimal, b: Decimal): -1 | 0 | 1 => {
  const sign = new Exact(a).comparedTo(b);
  return sign < 0 ? -1 : sign > 0 ? 1 : 0;
};
export const minimum = (a: Decimal, b: Decimal): Decimal => (compare(a, b) <= 0 ? a : b);
export const maximum = (a: Decimal, b: Decimal): Decimal => (compare(a, b) >= 0 ? a : b);
export const isZero = (a: Decimal): boolean => new Exact(a).isZero();
export const isPositive = (a: Decimal): boolean => compare(a, ZERO) > 0;
export const isMultipleOf = (value: Decimal, step: Decimal): boolean =>
  new Exact(value).modulo(step).isZero();
/** The largest multiple of `step` not above `value`. */
export const floorTo = (value: Decimal, step: Decimal): Decimal =>
  text(new Exact(value).dividedBy(step).floor().times(step));
/** The smallest multiple of `step` not below `value`. */
export const ceilTo = (value: Decimal, step: Decimal): Decimal =>
  text(new Exact(value).dividedBy(step).ceil().times(step));
/** Text with exactly `places` decimals, rounded half up; for answers, not for arithmetic. */
export const toFixed = (value: Decimal, places: number): string => new Exact(value).toFixed(places);
/** A JSON number rounded to `places` decimals; only for answers whose contract wants a number. */
export const toNumber = (value: Decimal, places = 10): number =>
  new Exact(value).toDecimalPlaces(places).toNumber();
