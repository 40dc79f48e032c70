import { ZERO } from '../domain/decimal';
import type { Decimal } from '../domain/ids';

/**
 * `lotSize` of a listed instrument whose master does not say it in exchange units. It is 0 and not 1,
 * because a lot of 1 that means "one lot" would turn 100 barrels into 100 lots. No such instrument may be
 * ordered: any quantity is refused until another master says the lot (see join.ts).
 */
export const LOT_NOT_STATED = 0;

/** `tickSize` of a listed instrument whose master has none that can be believed; prices cannot be checked. */
export const TICK_NOT_STATED: Decimal = ZERO;

/**
 * The quantity limit of one order, or null when `value` is none: missing, 0, 1 or below one lot means that
 * the source does not know it, not that the limit is so low.
 */
export const freezeQuantityOf = (value: number | null, lotSize: number): number | null =>
  value !== null && Number.isSafeInteger(value) && value > 1 && value >= lotSize ? value : null;
