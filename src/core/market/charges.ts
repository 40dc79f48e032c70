import { z } from 'zod';
import { ZERO, add, divide, minimum, multiply, parseDecimal, subtract } from '../domain/decimal';
import { isoDate } from '../domain/ids';
import type { Decimal, IsoDate } from '../domain/ids';
import { EXCHANGES, isDerivative } from '../domain/instrument';
import type { Instrument } from '../domain/instrument';
import type { Product } from '../domain/order';

export const CHARGES = ['brokerage', 'stt', 'ctt', 'exchange', 'sebi', 'stamp', 'gst'] as const;
export type Charge = (typeof CHARGES)[number];

const amount = z.string().transform((text, context): Decimal => {
  const value = parseDecimal(text);
  if (value !== null && !value.startsWith('-')) return value;
  context.addIssue({ code: 'custom', message: `not an amount: "${text}"` });
  return z.NEVER;
});
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'not a date YYYY-MM-DD')
  .transform(isoDate);

/** One dated rate. `percent` is of the turnover (an option's premium), of the other charges for `gst`. */
export const chargeRateSchema = z.strictObject({
  charge: z.enum(CHARGES),
  exchanges: z.array(z.enum(EXCHANGES)).min(1),
  segment: z.enum(['delivery', 'intraday', 'future', 'option']),
  /** `EXERCISE`: a bought option that is worth something at expiry; percent of its intrinsic value. */
  side: z.enum(['BUY', 'SELL', 'BOTH', 'EXERCISE']),
  percent: amount.nullable(),
  /** Rupees for each order that trades. */
  flat: amount.nullable(),
  /** Rupees for each order at most. */
  cap: amount.nullable(),
  validFrom: day.nullable(),
  validUntil: day.nullable(),
});
export type ChargeRate = z.output<typeof chargeRateSchema>;
/** What a broker, its exchanges and the state take; empty: nothing is charged. */
export type ChargeSchedule = readonly ChargeRate[];

/** One execution to be charged. */
export interface Deal {
  readonly instrument: Instrument;
  readonly product: Product;
  readonly side: 'BUY' | 'SELL' | 'EXERCISE';
  /** Rupees of this execution. */
  readonly value: Decimal;
  /** Rupees of all executions of its order, this one included. */
  readonly orderValue: Decimal;
  /** Rupees of brokerage that the order has paid before. */
  readonly brokeragePaid: Decimal;
  readonly day: IsoDate;
}
export interface ChargeLine {
  readonly charge: Charge;
  readonly amount: Decimal;
}

/** Half up to the paisa. */
const toPaisa = (value: Decimal): Decimal => divide(value, 1, 2);
const percentOf = (value: Decimal, percent: Decimal | null): Decimal =>
  percent === null ? ZERO : divide(multiply(value, percent), 100, 12);

const segmentOf = (instrument: Instrument, product: Product): ChargeRate['segment'] => {
  if (instrument.kind === 'option') return 'option';
  if (isDerivative(instrument)) return 'future';
  return product === 'DELIVERY' ? 'delivery' : 'intraday';
};

/**
 * What one execution costs, rupees, each line rounded half up to the paisa. Brokerage is reckoned on the
 * whole order so far, so that its cap holds however many parts it is filled in; GST on the rounded lines.
 */
export const chargesOf = (schedule: ChargeSchedule, deal: Deal): readonly ChargeLine[] => {
  const segment = segmentOf(deal.instrument, deal.product);
  const rates = schedule.filter(
    (rate) =>
      rate.segment === segment &&
      rate.exchanges.includes(deal.instrument.exchange) &&
      (rate.side === deal.side || (rate.side === 'BOTH' && deal.side !== 'EXERCISE')) &&
      (rate.validFrom === null || rate.validFrom <= deal.day) &&
      (rate.validUntil === null || deal.day <= rate.validUntil),
  );
  const lines = rates.flatMap((rate): ChargeLine[] => {
    if (rate.charge === 'gst') return [];
    if (rate.charge !== 'brokerage') {
      return [{ charge: rate.charge, amount: toPaisa(percentOf(deal.value, rate.percent)) }];
    }
    const whole = add(rate.flat ?? ZERO, percentOf(deal.orderValue, rate.percent));
    const due = toPaisa(rate.cap === null ? whole : minimum(whole, rate.cap));
    return [{ charge: 'brokerage', amount: subtract(due, deal.brokeragePaid) }];
  });
  const taxed = lines
    .filter(({ charge }) => ['brokerage', 'exchange', 'sebi'].includes(charge))
    .reduce((sum, line) => add(sum, line.amount), ZERO);
  const gst = rates
    .filter(({ charge }) => charge === 'gst')
    .map(({ percent }): ChargeLine => ({
      charge: 'gst',
      amount: toPaisa(percentOf(taxed, percent)),
    }));
  return [...lines, ...gst];
};

export const totalOf = (lines: readonly ChargeLine[]): Decimal =>
  lines.reduce((sum, line) => add(sum, line.amount), ZERO);
