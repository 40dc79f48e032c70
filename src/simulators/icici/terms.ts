import { compare, decimal, isMultipleOf, isZero, multiply } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { Fields } from './fields';
import { findInstrument } from './instruments';
import type { IciciInstrument } from './instruments';
import type { IciciMarket } from './market';
import type { IciciOrder, IciciTerms } from './order';
import type { Texts } from './texts';
import { bandOf, tickOf } from './ticks';

/** What becomes of an order that breaks a rule: refused at once, accepted and then rejected, or let through. */
export type RuleMode = 'refuse' | 'reject-later' | 'off';
export interface TermRules {
  readonly lot: RuleMode;
  readonly tick: RuleMode;
  readonly band: RuleMode;
  readonly funds: RuleMode;
  /** `refuse`, or `convert` to a limit order at the edge of the day's price range. */
  readonly market: 'refuse' | 'convert';
}
export const TERM_RULES: TermRules = {
  lot: 'refuse',
  tick: 'refuse',
  band: 'off',
  funds: 'off',
  market: 'refuse',
};

/** Terms that stand, with the exchange's later refusal where a rule says so; or the refusal. */
export type Judged =
  { readonly terms: IciciTerms; readonly rejectLater: string | null } | { readonly error: string };

/** What the judgement of an order needs to know. */
export interface TermContext {
  readonly instruments: readonly IciciInstrument[];
  readonly market: IciciMarket;
  readonly rules: TermRules;
  readonly texts: Texts;
  /** Rupees that are free for an order in this instrument. */
  readonly free: (instrument: IciciInstrument) => Decimal;
}

const missing = (name: string): { readonly error: string } => ({
  error: `${name} cannot be empty`,
});
const invalid = (name: string): { readonly error: string } => ({ error: `Invalid ${name}` });
const one = <T extends string>(words: readonly T[], word: string): T | null =>
  words.find((candidate) => candidate === word) ?? null;

const PRODUCTS = ['cash', 'btst', 'mtf', 'futures', 'options'] as const;
const RETIRED = ['margin', 'optionplus', 'futureplus', 'futureplus_sltp', 'eatm', 'margintrading'];
const FITS: Readonly<Record<IciciInstrument['kind'], readonly string[]>> = {
  equity: ['cash', 'btst', 'mtf'],
  index: [],
  future: ['futures'],
  option: ['options'],
};

/** The instrument that the fields of a call name, or null. */
export const instrumentOf = (
  fields: Fields,
  instruments: readonly IciciInstrument[],
): IciciInstrument | null => {
  const contract = ['NFO', 'BFO'].includes(fields.text('exchange_code').toUpperCase());
  return findInstrument(instruments, {
    exchange: fields.text('exchange_code'),
    stockCode: fields.text('stock_code'),
    expiry: contract ? fields.day('expiry_date') : null,
    strike: fields.text('strike_price'),
    right: contract ? fields.text('right') : '',
  });
};

/** Reads the body of POST order. */
export const judgePlace = (fields: Fields, context: TermContext): Judged => {
  const { texts, market, rules } = context;
  for (const name of [
    'stock_code',
    'exchange_code',
    'product',
    'action',
    'order_type',
    'quantity',
  ]) {
    if (fields.text(name) === '') return missing(name);
  }
  if (RETIRED.includes(fields.word('product'))) return { error: texts.product };
  const product = one(PRODUCTS, fields.word('product'));
  if (product === null) return invalid('product');
  const action = one(['buy', 'sell'] as const, fields.word('action'));
  if (action === null) return invalid('action');
  if (product === 'mtf' && action === 'sell') return { error: texts.mtfSell };
  const validity = one(['day', 'ioc', 'vtc'] as const, fields.word('validity'));
  if (validity === null) return invalid('validity');
  const instrument = instrumentOf(fields, context.instruments);
  if (instrument === null) return { error: texts.wrongStock };
  if (!FITS[instrument.kind].includes(product)) return invalid('product');
  const type = one(['limit', 'stoploss', 'market'] as const, fields.word('order_type'));
  if (type === null) return invalid('order_type');
  if (type === 'market' && rules.market === 'refuse') return { error: texts.marketOrder };
  const quantity = fields.count('quantity');
  if (quantity === null) return invalid('quantity');
  const band = bandOf(instrument, market.price(instrument));
  const edge = action === 'buy' ? band.upper : band.lower;
  const price = type === 'market' ? edge : fields.amount('price');
  if (price === null) return invalid('price');
  return judge(
    {
      instrument,
      product,
      action,
      validity,
      quantity,
      price,
      orderType: type === 'market' ? 'limit' : type,
      disclosed: fields.count('disclosed_quantity') ?? 0,
      trigger: triggerOf(fields.amount('stoploss')),
    },
    context,
  );
};

/** Reads the body of PUT order: what is absent or empty stays. */
export const judgeModify = (order: IciciOrder, fields: Fields, context: TermContext): Judged => {
  const { texts } = context;
  const given = (name: string): boolean => fields.text(name) !== '';
  if (fields.word('order_type') === 'market') return { error: texts.marketOrder };
  const type = one(['limit', 'stoploss'] as const, fields.word('order_type'));
  if (type === null && given('order_type')) return invalid('order_type');
  const validity = one(['day', 'ioc', 'vtc'] as const, fields.word('validity'));
  if (validity === null && given('validity')) return invalid('validity');
  const quantity = given('quantity') ? fields.count('quantity') : order.quantity;
  if (quantity === null || quantity <= order.filled) return invalid('quantity');
  const price = given('price') ? fields.amount('price') : order.price;
  if (price === null) return invalid('price');
  const trigger = given('stoploss') ? triggerOf(fields.amount('stoploss')) : order.trigger;
  const orderType = type ?? order.orderType;
  return judge(
    {
      instrument: order.instrument,
      product: order.product,
      action: order.action,
      validity: validity ?? order.validity,
      orderType,
      quantity,
      price,
      // A stop order that is made a limit order loses its trigger.
      trigger: orderType === 'limit' && !given('stoploss') ? null : trigger,
      disclosed: given('disclosed_quantity')
        ? (fields.count('disclosed_quantity') ?? 0)
        : order.disclosed,
    },
    context,
  );
};

const triggerOf = (amount: Decimal | null): Decimal | null =>
  amount === null || isZero(amount) ? null : amount;

const judge = (terms: IciciTerms, context: TermContext): Judged => {
  const { texts, market, rules } = context;
  const { instrument, price, trigger, action } = terms;
  if (compare(price, decimal(0)) <= 0) return invalid('price');
  if ((terms.orderType === 'stoploss') !== (trigger !== null)) return { error: texts.indicator };
  if (trigger !== null) {
    const sign = compare(price, trigger);
    if (action === 'buy' ? sign < 0 : sign > 0) return { error: texts.indicator };
  }
  const last = market.price(instrument);
  const tick = tickOf(instrument, last);
  const band = bandOf(instrument, last);
  const value = multiply(price, terms.quantity);
  const broken: readonly (readonly [RuleMode, boolean, string])[] = [
    [rules.lot, terms.quantity % instrument.lotSize !== 0, texts.lot],
    [rules.tick, [price, trigger ?? price].some((one) => !isMultipleOf(one, tick)), texts.tick],
    [rules.band, compare(price, band.lower) < 0 || compare(price, band.upper) > 0, texts.band],
    [rules.funds, action === 'buy' && compare(value, context.free(instrument)) > 0, texts.funds],
  ];
  const first = broken.find(([mode, isBroken]) => isBroken && mode !== 'off');
  if (first === undefined) return { terms, rejectLater: null };
  const [mode, , text] = first;
  return mode === 'refuse' ? { error: text } : { terms, rejectLater: text };
};
