import { z } from 'zod';
import { EXCHANGES, instrumentKey } from '../../core/domain/instrument';
import type { InstrumentId } from '../../core/domain/instrument';
import { isTradable } from '../../core/domain/instrument';
import type { InstrumentLookup } from '../../core/ports/broker';
import {
  DEFAULT_RATE_PER_MINUTE,
  DEFAULT_SIGNATURE_SECONDS,
  TRADING_MODES,
} from '../../core/webhooks/settings';
import type { HookSettings, Intraday, Mapping } from '../../core/webhooks/settings';
import { flag, oneOf, text } from '../fields';
import { InvalidFields } from '../route';
import {
  orderTypeOf,
  PRICE_TYPES,
  priceTypeOf,
  PRODUCT_WORDS,
  productOf,
  productWordOf,
} from '../words';
import { isAllowEntry } from '../webhooks/addresses';

// Settings of a webhook as the admin API and the command line spell them.

const MAX_LIST = 500;
const SIDE_WORDS = ['BUY', 'SELL'] as const;

const whole = (least: number, most: number): z.ZodType<number> =>
  z
    .int({ error: `Must be a whole number from ${least} to ${most}.` })
    .min(least, { error: `Must be from ${least} to ${most}.` })
    .max(most, { error: `Must be from ${least} to ${most}.` });
const quantity = whole(1, 1_000_000_000);
const time = text(5, 5).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'Must be HH:MM in IST.' });
const listOf = <T extends z.ZodType>(item: T): z.ZodArray<T> =>
  z
    .array(item, { error: 'Not a valid list.' })
    .min(1, { error: 'Name at least one.' })
    .max(MAX_LIST, { error: `Name at most ${MAX_LIST}.` });

/** `NSE:SBIN`. */
const symbolKey = text(3, 80).regex(new RegExp(`^(?:${EXCHANGES.join('|')}):\\S{1,50}$`), {
  error: 'Must be EXCHANGE:SYMBOL.',
});
const mapping = z.strictObject({
  symbol: text(1, 50),
  exchange: oneOf(EXCHANGES),
  product: oneOf(PRODUCT_WORDS),
  quantity,
});
const intraday = z
  .strictObject({ start: time, end: time, square_off: time })
  .refine(({ start, end, square_off: squareOff }) => start < end && end <= squareOff, {
    error: 'start must be before end, and end not after square_off.',
  });

const shared = {
  addresses: listOf(
    text(1, 64).refine(isAllowEntry, { error: 'Must be an address, a network, or tradingview.' }),
  ).optional(),
  signed: flag().optional(),
  signature_seconds: whole(1, 3600).optional(),
  rate_per_minute: whole(1, 6000).optional(),
};
const mapped = {
  symbols: listOf(mapping).refine(
    (rows) => new Set(rows.map((row) => row.symbol)).size === rows.length,
    { error: 'Name each symbol once.' },
  ),
  intraday: intraday.optional(),
};

/** What a person says about a new webhook. */
export const settingsBody = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('alert'),
      /** `any`, or the instruments that it may trade. */
      symbols: z.union([z.literal('any'), listOf(symbolKey)], {
        error: 'Must be any, or a list of EXCHANGE:SYMBOL.',
      }),
      products: listOf(oneOf(PRODUCT_WORDS)),
      actions: listOf(oneOf(SIDE_WORDS)),
      pricetypes: listOf(oneOf(PRICE_TYPES)),
      max_quantity: quantity,
      smart: flag(),
      window: z.strictObject({ from: time, until: time }).optional(),
      ...shared,
    }),
    z.strictObject({
      kind: z.literal('strategy'),
      trading_mode: oneOf(TRADING_MODES),
      max_quantity: quantity,
      ...mapped,
      ...shared,
    }),
    z.strictObject({ kind: z.literal('chartink'), ...mapped, ...shared }),
  ],
  { error: 'Must be one of: alert, strategy, chartink.' },
);

type SettingsBody = z.output<typeof settingsBody>;

const requireKnown = (instruments: InstrumentLookup, ids: readonly InstrumentId[]): void => {
  const unknown = ids.find((id) => {
    const found = instruments.find(id);
    return found === null || !isTradable(found);
  });
  if (unknown !== undefined) {
    throw new InvalidFields({ symbols: [`${instrumentKey(unknown)} cannot be traded.`] });
  }
};

const idOf = (key: string): InstrumentId => {
  const exchange = EXCHANGES.find((name) => key.startsWith(`${name}:`));
  if (exchange === undefined) throw new InvalidFields({ symbols: ['Must be EXCHANGE:SYMBOL.'] });
  return { exchange, symbol: key.slice(exchange.length + 1) };
};

/**
 * The settings that a person meant. An alert hook's symbols may be contracts that are not listed yet;
 * mapped ones must be tradable now, because nobody sees an alert that is refused.
 * @throws InvalidFields that names the field
 */
export const settingsOf = (body: SettingsBody, instruments: InstrumentLookup): HookSettings => {
  const common = {
    addresses: body.addresses ?? null,
    signed: body.signed ?? false,
    signatureSeconds: body.signature_seconds ?? DEFAULT_SIGNATURE_SECONDS,
    ratePerMinute: body.rate_per_minute ?? DEFAULT_RATE_PER_MINUTE,
  };
  if (body.kind === 'alert') {
    return {
      kind: 'alert',
      ...common,
      symbols: body.symbols === 'any' ? null : body.symbols.map(idOf),
      products: body.products.map(productOf),
      sides: body.actions,
      orderTypes: body.pricetypes.map(orderTypeOf),
      maxQuantity: body.max_quantity,
      smart: body.smart,
      window: body.window ?? null,
    };
  }
  requireKnown(instruments, body.symbols);
  const { intraday: times } = body;
  const maps = {
    mappings: body.symbols.map((row) => ({ ...row, product: productOf(row.product) })),
    intraday:
      times === undefined
        ? null
        : { start: times.start, end: times.end, squareOff: times.square_off },
  };
  if (body.kind === 'chartink') return { kind: 'chartink', ...common, ...maps };
  return {
    kind: 'strategy',
    ...common,
    ...maps,
    mode: body.trading_mode,
    maxQuantity: body.max_quantity,
  };
};

const shownIntraday = (times: Intraday | null): object =>
  times === null
    ? {}
    : { intraday: { start: times.start, end: times.end, square_off: times.squareOff } };

const shownMapping = (row: Mapping): z.output<typeof mapping> => ({
  symbol: row.symbol,
  exchange: row.exchange,
  product: productWordOf(row.product),
  quantity: row.quantity,
});

/** Settings in the words in which `settingsBody` reads them. */
export const shownSettings = (settings: HookSettings): Readonly<Record<string, unknown>> => {
  const common = {
    ...(settings.addresses === null ? {} : { addresses: settings.addresses }),
    signed: settings.signed,
    signature_seconds: settings.signatureSeconds,
    rate_per_minute: settings.ratePerMinute,
  };
  if (settings.kind === 'alert') {
    return {
      kind: settings.kind,
      symbols: settings.symbols === null ? 'any' : settings.symbols.map(instrumentKey),
      products: settings.products.map(productWordOf),
      actions: settings.sides,
      pricetypes: settings.orderTypes.map(priceTypeOf),
      max_quantity: settings.maxQuantity,
      smart: settings.smart,
      ...(settings.window === null ? {} : { window: settings.window }),
      ...common,
    };
  }
  return {
    kind: settings.kind,
    ...(settings.kind === 'strategy'
      ? { trading_mode: settings.mode, max_quantity: settings.maxQuantity }
      : {}),
    symbols: settings.mappings.map(shownMapping),
    ...shownIntraday(settings.intraday),
    ...common,
  };
};
