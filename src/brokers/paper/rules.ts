import { isMultipleOf, isPositive } from '../../core/domain/decimal';
import type { Decimal, IsoDate } from '../../core/domain/ids';
import { isDerivative, isTradable } from '../../core/domain/instrument';
import type { Instrument } from '../../core/domain/instrument';
import type { OrderTerms } from '../../core/domain/order';
import { isExpired } from '../../core/instruments/catalogue';

/** Why the paper broker refuses; `code` is spelled like the gateway's own codes where they mean the same. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

const refuse = (code: string, message: string): Refusal => ({ code, message });

const checkPrice = (name: string, price: Decimal | null, tick: Decimal): Refusal | null => {
  if (price === null) return null;
  if (!isPositive(price)) return refuse('PRICE_REQUIRED', `${name} must be above 0, not ${price}`);
  if (!isMultipleOf(price, tick)) {
    return refuse('TICK_SIZE', `${name} ${price} is not a multiple of the tick size ${tick}`);
  }
  return null;
};

const checkQuantity = (terms: OrderTerms, instrument: Instrument): Refusal | null => {
  const { quantity, disclosedQuantity } = terms;
  const { lotSize, freezeQuantity } = instrument;
  if (!Number.isSafeInteger(quantity) || quantity <= 0 || quantity % lotSize !== 0) {
    return refuse(
      'LOT_SIZE',
      `quantity ${quantity} is not a positive multiple of the lot size ${lotSize}`,
    );
  }
  if (freezeQuantity !== null && quantity > freezeQuantity) {
    return refuse(
      'FREEZE_QUANTITY',
      `quantity ${quantity} is above the freeze quantity ${freezeQuantity}`,
    );
  }
  if (!Number.isSafeInteger(disclosedQuantity) || disclosedQuantity < 0) {
    return refuse('DISCLOSED_QUANTITY', `disclosed quantity ${disclosedQuantity} is not a count`);
  }
  if (disclosedQuantity > quantity) {
    return refuse(
      'DISCLOSED_QUANTITY',
      `disclosed quantity ${disclosedQuantity} is above the quantity ${quantity}`,
    );
  }
  return null;
};

/** The first exchange rule that the terms break on `today` (market day), or null. Funds are checked elsewhere. */
export const checkRules = (
  terms: OrderTerms,
  instrument: Instrument,
  today: IsoDate,
): Refusal | null => {
  const name = `${instrument.exchange}:${instrument.symbol}`;
  if (!isTradable(instrument)) {
    return refuse('NOT_TRADABLE', `${name} is an index and cannot be ordered`);
  }
  if (isExpired(instrument, today)) {
    return refuse('NOT_TRADABLE', `${name} expired on ${instrument.expiry ?? ''}`);
  }
  if (terms.product === 'CARRY_FORWARD' && !isDerivative(instrument)) {
    return refuse('UNSUPPORTED_PRODUCT', `NRML is for derivatives; ${name} takes CNC or MIS`);
  }
  if (terms.product === 'DELIVERY' && isDerivative(instrument)) {
    return refuse('UNSUPPORTED_PRODUCT', `CNC is for shares; ${name} takes NRML or MIS`);
  }
  return (
    checkQuantity(terms, instrument) ??
    checkPrice('price', terms.limitPrice, instrument.tickSize) ??
    checkPrice('trigger price', terms.triggerPrice, instrument.tickSize)
  );
};
