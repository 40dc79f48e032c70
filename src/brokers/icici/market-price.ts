import { z } from 'zod';
import {
  add,
  ceilTo,
  compare,
  decimal,
  floorTo,
  isPositive,
  isZero,
  maximum,
  minimum,
  multiply,
  subtract,
  ZERO,
} from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import type { Decimal } from '../../core/domain/ids';
import { instrumentKey, isDerivative } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { Side } from '../../core/domain/order';
import type { BrokerSymbols, CallContext, MarketReference } from '../../core/ports/broker';
import type { IciciQuery } from './query';
import { iciciName } from './symbols';
import type { IciciName } from './symbols';
import { quoteBody } from './to-wire';
import { wireRight } from './wire/orders';
import { blankDay, blankDecimal, blankText } from './wire/scalars';

/** How far beyond the last price a market order may trade: the figures of ICICI's own client. */
const DISTANCES = {
  equity: { share: decimal('0.03'), least: decimal('0.05') },
  future: { share: decimal('0.015'), least: decimal('0.05') },
  option: { share: decimal('0.1'), least: decimal('5') },
} as const;

/** The part of a quote that a market order needs. BFO rows lack the names. */
const quoteRow = z.object({
  exchange_code: blankText.optional(),
  stock_code: blankText.optional(),
  expiry_date: blankDay.optional(),
  strike_price: blankDecimal.optional(),
  right: wireRight.optional(),
  ltp: blankDecimal,
  upper_circuit: blankDecimal.optional(),
  lower_circuit: blankDecimal.optional(),
});

type QuoteRow = z.infer<typeof quoteRow>;

/** Whether what the row says of its instrument, if anything, is what was asked for. */
const isOf = (row: QuoteRow, { stockCode, contract }: IciciName): boolean => {
  const said = <T>(value: T | null | undefined, wanted: T | null): boolean =>
    value === null || value === undefined || value === wanted;
  if (!said(row.stock_code, stockCode)) return false;
  if (contract === null) return true;
  const strike = contract.strike ?? ZERO;
  return (
    said(row.expiry_date, contract.expiry) &&
    said(row.right, contract.right) &&
    said(row.strike_price, strike)
  );
};

/** A band that is absent or 0 is not stated. */
const band = (price: Decimal | null | undefined): Decimal | null =>
  price !== null && price !== undefined && isPositive(price) ? price : null;

/**
 * What the market shows now, for the limit of a market order. One paced query.
 * @throws GatewayError NO_PRICE when there is no last price; what the query throws
 */
export const marketReference = async (
  instrument: Instrument,
  symbols: BrokerSymbols,
  query: IciciQuery,
  context: CallContext,
): Promise<MarketReference> => {
  const { correlationId } = context;
  const key = instrumentKey(instrument);
  const name = iciciName(instrument, symbols);
  if (typeof name === 'string') throw new GatewayError('UNKNOWN_SYMBOL', name, { correlationId });
  const rows = await query('GET', 'quotes', quoteBody(name), z.array(quoteRow), context);
  // Shares come with both exchanges, whichever was asked for; a missing one is called NA.
  const named = rows.filter((row) => row.exchange_code === name.exchange);
  const nameless = rows.filter((row) => row.exchange_code === undefined);
  const found = name.contract !== null && named.length === 0 ? nameless : named;
  const row = found.length === 1 ? found.find((one) => isOf(one, name)) : undefined;
  const last = row?.ltp ?? null;
  if (row === undefined || last === null || !isPositive(last)) {
    throw new GatewayError('NO_PRICE', `${key}: no last price, so a market order has no limit`, {
      correlationId,
    });
  }
  return { last, upperBand: band(row.upper_circuit), lowerBand: band(row.lower_circuit) };
};

/** Steps of the NSE by price, ascending: below the first figure the second is the tick. */
const NSE_TICKS = [
  ['250', '0.01'],
  ['1000', '0.05'],
  ['5000', '0.1'],
  ['10000', '0.5'],
  ['20000', '1'],
] as const;

/** The stated tick, else the one of the exchange's bands for shares; null for a contract without one. */
const tickOf = (instrument: Instrument, last: Decimal): Decimal | null => {
  if (!isZero(instrument.tickSize)) return instrument.tickSize;
  if (isDerivative(instrument)) return null;
  if (instrument.exchange === 'BSE') {
    return compare(last, decimal('100')) <= 0 ? decimal('0.01') : decimal('0.05');
  }
  const step = NSE_TICKS.find(([below]) => compare(last, decimal(below)) < 0);
  return decimal(step?.[1] ?? '5');
};

/**
 * The limit that stands for "at the market": beyond the last price by the distance of its kind, inside the
 * day's band, on a tick towards the last price, so that it is never worse than the distance. Or in words
 * why there is none.
 */
export const marketLimit = (
  instrument: Instrument,
  side: Side,
  reference: MarketReference,
): { readonly limit: Decimal } | { readonly reason: string } => {
  const { last, upperBand, lowerBand } = reference;
  const { kind } = instrument;
  const key = instrumentKey(instrument);
  if (kind === 'index') return { reason: `${key} is an index` };
  const tick = tickOf(instrument, last);
  if (tick === null) return { reason: `the tick of ${key} is not known` };
  const { share, least } = DISTANCES[kind];
  const distance = maximum(multiply(last, share), least);
  const wanted = side === 'BUY' ? add(last, distance) : subtract(last, distance);
  const lowest = ceilTo(maximum(lowerBand ?? tick, tick), tick);
  const highest = upperBand === null ? null : floorTo(upperBand, tick);
  const inside = maximum(highest === null ? wanted : minimum(wanted, highest), lowest);
  const limit = side === 'BUY' ? floorTo(inside, tick) : ceilTo(inside, tick);
  const above = highest !== null && compare(limit, highest) > 0;
  if (above || compare(limit, lowest) < 0) {
    return {
      reason: `${key}: no price between ${lowest} and ${highest ?? 'the band'} is on a tick`,
    };
  }
  return { limit };
};
