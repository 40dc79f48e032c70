import { z } from 'zod';
import { compare, decimal, parseDecimal, ZERO } from '../core/domain/decimal';
import type { Decimal } from '../core/domain/ids';

// The words of the OpenAlgo contract for what is wrong with a field.
const MISSING = 'Missing data for required field.';
const NULL = 'Field may not be null.';

const MAX_QUANTITY: Decimal = decimal(1_000_000_000);
/** Python's numeric text without its underscores, `nan` and `inf`. */
const NUMERIC = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?$/;
const VISIBLE = /^[\x21-\x7e]+$/;

interface RawIssue {
  readonly input?: unknown;
}

const says =
  (wrong: string) =>
  (issue: RawIssue): string =>
    issue.input === undefined ? MISSING : issue.input === null ? NULL : wrong;

/** Text of `min` to `max` characters that any store keeps unchanged (no half surrogate, no NUL). */
export const text = (min: number, max: number): z.ZodString => {
  const length = `Length must be between ${min} and ${max}.`;
  return z
    .string({ error: says('Not a valid string.') })
    .min(min, { error: length })
    .max(max, { error: length })
    .refine((value) => !/[\p{Surrogate}\0]/u.test(value), {
      error: 'Not a valid string.',
    });
};

/** Visible ASCII of 1 to `max` characters: ids that come back byte for byte. */
export const visible = (max: number): z.ZodString =>
  text(1, max).regex(VISIBLE, { error: 'Only visible ASCII characters without blanks.' });

/** One of the words, exactly as spelled. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> =>
  z.enum(words, { error: says(`Must be one of: ${words.join(', ')}.`) });

/** The number exactly as written (a JSON number by its shortest text), or null when it is none or too long. */
export const exactNumber = (value: number | string): Decimal | null => {
  const written = typeof value === 'number' ? String(value) : value.trim();
  return NUMERIC.test(written) ? parseDecimal(decimal(written.replace(/^\+/, ''))) : null;
};

const numeric = (): z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> =>
  z.union([z.number(), z.string().max(80)], { error: says('Not a valid number.') });

type NumericField<T> = z.ZodPipe<
  z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>,
  z.ZodTransform<T, number | string>
>;

type Reading<T> = { readonly value: T } | { readonly wrong: string };

const checked = <T>(read: (exact: Decimal) => Reading<T>): NumericField<T> =>
  numeric().transform((written, context) => {
    const exact = exactNumber(written);
    const reading = exact === null ? { wrong: 'Not a valid number.' } : read(exact);
    if ('value' in reading) return reading.value;
    context.addIssue({ code: 'custom', message: reading.wrong });
    return z.NEVER;
  });

/** Rupees >= 0, exact; a number or numeric text. `label` starts the message. */
export const price = (label: string): NumericField<Decimal> =>
  checked((exact) =>
    compare(exact, ZERO) < 0
      ? { wrong: `${label} must be a non-negative number.` }
      : { value: exact },
  );

/** Any exact number. */
export const anyNumber = (): NumericField<Decimal> => checked((exact) => ({ value: exact }));

const whole = (exact: Decimal): boolean => /^-?\d+$/.test(exact);

/** A whole quantity of exchange units, 1 to 1e9; `10.0` and `1e2` are whole. */
export const quantity = (): NumericField<number> =>
  checked((exact) => {
    if (compare(exact, ZERO) <= 0) return { wrong: 'Quantity must be a positive number.' };
    if (!whole(exact)) return { wrong: `Fractional quantity (${exact}) is not allowed.` };
    if (compare(exact, MAX_QUANTITY) > 0) {
      return { wrong: `Quantity must be at most ${MAX_QUANTITY}.` };
    }
    return { value: Number(exact) };
  });

/** A whole quantity of exchange units, 0 to 1e9: what a smart order may carry. */
export const smartQuantity = (): NumericField<number> =>
  checked((exact) => {
    if (compare(exact, ZERO) < 0) return { wrong: 'Quantity must be a non-negative number.' };
    if (!whole(exact)) return { wrong: `Fractional quantity (${exact}) is not allowed.` };
    if (compare(exact, MAX_QUANTITY) > 0) {
      return { wrong: `Quantity must be at most ${MAX_QUANTITY}.` };
    }
    return { value: Number(exact) };
  });

/** Units per child of a split order, 1 to 1e9; a fraction is refused, never cut. */
export const splitSize = (): NumericField<number> =>
  checked((exact) =>
    compare(exact, ZERO) <= 0 || !whole(exact) || compare(exact, MAX_QUANTITY) > 0
      ? { wrong: 'Split size must be a positive integer.' }
      : { value: Number(exact) },
  );

/** A whole net position, -1e9 to 1e9; a fraction is refused, never cut. */
export const signedPosition = (): NumericField<number> =>
  checked((exact) => {
    if (!whole(exact)) return { wrong: `Fractional position (${exact}) is not allowed.` };
    const value = Number(exact);
    // The sum makes a negative zero a plain one.
    return Math.abs(value) > Number(MAX_QUANTITY)
      ? { wrong: `Position must be between -${MAX_QUANTITY} and ${MAX_QUANTITY}.` }
      : { value: value + 0 };
  });

/** A whole quantity shown in the market, 0 to 1e9; a fraction is refused, never cut. */
export const disclosedQuantity = (): NumericField<number> =>
  checked((exact) =>
    compare(exact, ZERO) < 0 || !whole(exact) || compare(exact, MAX_QUANTITY) > 0
      ? { wrong: 'Disclosed quantity must be a non-negative integer.' }
      : { value: Number(exact) },
  );

/** An order id, ours or the broker's: text, or an integer as some clients send it. */
export const orderIdText = (): z.ZodPipe<
  z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>,
  z.ZodTransform<string, string | number>
> =>
  z
    .union([visible(64), z.int().nonnegative()], { error: says('Not a valid string.') })
    .transform((value) => String(value));

/** The API key where the contract wants it. Never echoed. */
export const apikey = (): z.ZodString => text(1, 256);

/** Account id or label; absent is the default account. An extension of the contract. */
export const account = (): z.ZodOptional<z.ZodString> => text(1, 64).optional();

/** Exactly true or false; a text or a number that may mean either is refused. */
export const flag = (): z.ZodBoolean => z.boolean({ error: says('Not a valid boolean.') });

/** True or false, or the word for it: the Python client makes a text of every extra field. */
export const flagOrWord = (): z.ZodPipe<
  z.ZodUnion<
    readonly [z.ZodBoolean, z.ZodEnum<z.core.util.ToEnum<'true' | 'True' | 'false' | 'False'>>]
  >,
  z.ZodTransform<boolean, boolean | string>
> =>
  z
    .union([z.boolean(), z.enum(['true', 'True', 'false', 'False'])], {
      error: says('Not a valid boolean.'),
    })
    .transform((written) => written === true || written === 'true' || written === 'True');

const TRUE_WORDS: readonly unknown[] = [true, 1, '1', 't', 'true', 'y', 'yes', 'on'];
const FALSE_WORDS: readonly unknown[] = [false, 0, '0', 'f', 'false', 'n', 'no', 'off'];

/** True or false in any spelling that the contract's clients use; anything else is refused. */
export const looseFlag = (): z.ZodPipe<
  z.ZodUnion<readonly [z.ZodBoolean, z.ZodNumber, z.ZodString]>,
  z.ZodTransform<boolean, boolean | number | string>
> =>
  z
    .union([z.boolean(), z.number(), z.string()], { error: says('Not a valid boolean.') })
    .transform((written, context) => {
      const word = typeof written === 'string' ? written.toLowerCase() : written;
      if (TRUE_WORDS.includes(word)) return true;
      if (FALSE_WORDS.includes(word)) return false;
      context.addIssue({ code: 'custom', message: 'Not a valid boolean.' });
      return z.NEVER;
    });

/** For routes without path parameters or without a body. */
export const NOTHING: z.ZodType = z.unknown();
