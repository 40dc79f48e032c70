import { z } from 'zod';
import { EXCHANGES } from '../domain/instrument';
import { ORDER_TYPES, PRODUCTS, SIDES } from '../domain/order';

export const TRADING_MODES = ['LONG', 'SHORT', 'BOTH'] as const;
/** Calls a minute of a hook whose maker does not say; the figure of the OpenAlgo contract. */
export const DEFAULT_RATE_PER_MINUTE = 100;
/** How old a signed call may be, seconds, when the maker of the hook does not say. */
export const DEFAULT_SIGNATURE_SECONDS = 300;
const MAX_QUANTITY = 1_000_000_000;
const MAX_SYMBOLS = 500;

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const quantity = z.int().min(1).max(MAX_QUANTITY);
const instrument = z.strictObject({ exchange: z.enum(EXCHANGES), symbol: z.string().min(1) });
const mapping = z.strictObject({
  ...instrument.shape,
  product: z.enum(PRODUCTS),
  quantity,
});
const distinct = <T extends z.ZodType>(item: T, most: number): z.ZodArray<T> =>
  z.array(item).min(1).max(most);

const shared = {
  /** Addresses, networks or names of presets that may call; null: any. */
  addresses: z.array(z.string()).min(1).nullable(),
  signed: z.boolean(),
  signatureSeconds: z.int().min(1).max(3600),
  ratePerMinute: z.int().min(1).max(6000),
};
/** IST times `HH:MM` of a strategy that ends its day flat. */
const intraday = z
  .strictObject({ start: clock, end: clock, squareOff: clock })
  .refine((times) => times.start < times.end && times.end <= times.squareOff);
const mapped = {
  mappings: distinct(mapping, MAX_SYMBOLS),
  intraday: intraday.nullable(),
};

/** The shape of a hook's settings in the ledger. */
export const hookSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('alert'),
    ...shared,
    /** Null: any instrument. */
    symbols: distinct(instrument, MAX_SYMBOLS).nullable(),
    products: distinct(z.enum(PRODUCTS), PRODUCTS.length),
    sides: distinct(z.enum(SIDES), SIDES.length),
    orderTypes: distinct(z.enum(ORDER_TYPES), ORDER_TYPES.length),
    maxQuantity: quantity,
    smart: z.boolean(),
    /** IST; null: any time. */
    window: z.strictObject({ from: clock, until: clock }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('strategy'),
    ...shared,
    ...mapped,
    mode: z.enum(TRADING_MODES),
    /** Largest position_size that an alert may ask for. */
    maxQuantity: quantity,
  }),
  z.strictObject({ kind: z.literal('chartink'), ...shared, ...mapped }),
]);

export type HookSettings = z.output<typeof hookSettings>;
export type AlertSettings = Extract<HookSettings, { kind: 'alert' }>;
export type StrategySettings = Extract<HookSettings, { kind: 'strategy' }>;
export type ChartinkSettings = Extract<HookSettings, { kind: 'chartink' }>;
export type Mapping = z.output<typeof mapping>;
export type Intraday = z.output<typeof intraday>;
