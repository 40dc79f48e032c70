import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  absolute,
  add,
  ceilTo,
  compare,
  decimal,
  divide,
  floorTo,
  isMultipleOf,
  isPositive,
  isZero,
  maximum,
  minimum,
  multiply,
  negate,
  parseDecimal,
  subtract,
  toFixed,
  toNumber,
} from '../../src/core/domain/decimal';
import type { Decimal } from '../../src/core/domain/ids';

const SCALE = 6n;
const ONE = 10n ** SCALE;
const units = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n });
const steps = fc.bigInt({ min: 1n, max: 10n ** 9n });

/** Decimal text of `value` / 10^places, written digit by digit. */
const textOf = (value: bigint, places: bigint): Decimal => {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(Number(places) + 1, '0');
  const whole = digits.slice(0, digits.length - Number(places));
  const rest = digits.slice(digits.length - Number(places)).replace(/0+$/, '');
  const text = rest === '' ? whole : `${whole}.${rest}`;
  return decimal(text === '0' ? '0' : `${sign}${text}`);
};
const of = (value: bigint): Decimal => textOf(value, SCALE);
const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));

describe('exact decimals', () => {
  it('adds, subtracts and compares as whole numbers of the smallest unit do', () => {
    fc.assert(
      fc.property(units, units, (a, b) => {
        expect(add(of(a), of(b))).toBe(of(a + b));
        expect(subtract(of(a), of(b))).toBe(of(a - b));
        expect(compare(of(a), of(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(minimum(of(a), of(b))).toBe(of(a < b ? a : b));
        expect(maximum(of(a), of(b))).toBe(of(a > b ? a : b));
        expect(negate(of(a))).toBe(of(-a));
        expect(absolute(of(a))).toBe(of(a < 0n ? -a : a));
        expect([isZero(of(a)), isPositive(of(a))]).toEqual([a === 0n, a > 0n]);
      }),
    );
  });

  it('multiplies without losing a digit', () => {
    fc.assert(
      fc.property(units, units, (a, b) => {
        expect(multiply(of(a), of(b))).toBe(textOf(a * b, SCALE * 2n));
      }),
    );
  });

  it('finds the two steps around a value', () => {
    fc.assert(
      fc.property(units, steps, (value, step) => {
        const low = floorDiv(value, step) * step;
        const exact = low === value;
        expect(floorTo(of(value), of(step))).toBe(of(low));
        expect(ceilTo(of(value), of(step))).toBe(of(exact ? low : low + step));
        expect(isMultipleOf(of(value), of(step))).toBe(exact);
      }),
    );
  });

  it('rounds a quotient half away from zero at the wanted place', () => {
    fc.assert(
      fc.property(units, steps, fc.integer({ min: 0, max: 6 }), (a, b, places) => {
        const size = 10n ** BigInt(places);
        const top = (a < 0n ? -a : a) * size * 2n + b;
        const rounded = top / (b * 2n);
        expect(divide(of(a), of(b), places)).toBe(
          textOf(a < 0n ? -rounded : rounded, BigInt(places)),
        );
      }),
    );
    expect(() => divide(of(ONE), of(0n), 2)).toThrow(RangeError);
  });

  it('reads back every text that it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (value) => {
        expect(parseDecimal(of(value))).toBe(of(value));
      }),
    );
  });

  it.each([
    '',
    ' ',
    '1e5',
    'NaN',
    'Infinity',
    '1.',
    '.5',
    '+1',
    '1,000',
    ' 1',
    '1 ',
    '0x10',
    '१',
    '--1',
    '1.12345678901',
    '1234567890123456',
  ])('takes %p for no decimal', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it('writes one text for one value', () => {
    expect(['1.50', '001.5', '1.5'].map((text) => parseDecimal(text))).toEqual([
      '1.5',
      '1.5',
      '1.5',
    ]);
    expect(['0', '-0', '0.00', '-0.0'].map((text) => parseDecimal(text))).toEqual([
      '0',
      '0',
      '0',
      '0',
    ]);
    expect(decimal('0.0000000001')).toBe('0.0000000001');
    expect(decimal('123456789012345')).toBe('123456789012345');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %p', (value) => {
    expect(() => decimal(value)).toThrow(RangeError);
  });

  it('rounds for answers only, half up', () => {
    expect([toFixed(decimal('2.345'), 2), toFixed(decimal('2'), 2)]).toEqual(['2.35', '2.00']);
    expect([toNumber(decimal('2.345'), 2), toNumber(decimal('812.5'))]).toEqual([2.35, 812.5]);
  });
});
