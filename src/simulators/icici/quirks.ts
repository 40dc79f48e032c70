import { z } from 'zod';

/** Oddities of the real data, off unless told; POST /_sim/quirks changes those it names. */
export const quirksSchema = z.strictObject({
  /** Codes with a space after them. */
  trailingSpaces: z.boolean().optional(),
  /** JSON numbers come as text. */
  numbersAsText: z.boolean().optional(),
  /** The last price of BFO holdings in paise. */
  bfoPaise: z.boolean().optional(),
  /** No book gives a tag back. */
  neverTags: z.boolean().optional(),
});
export type Quirks = z.infer<typeof quirksSchema>;

const CODES = new Set(['stock_code', 'underlying']);

/** `value`, which is about to be sent, with the oddities of its texts and numbers. */
export const quirky = (value: unknown, quirks: Quirks, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => quirky(one, quirks, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]: [string, unknown]) => [
        name,
        quirky(one, quirks, name),
      ]),
    );
  }
  if (typeof value === 'number' && quirks.numbersAsText === true && key !== 'Status') {
    return String(value);
  }
  const spaced = quirks.trailingSpaces === true && CODES.has(key);
  return spaced && typeof value === 'string' ? `${value} ` : value;
};
