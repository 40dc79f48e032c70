import { add, compare, floorTo, isMultipleOf, isPositive, isZero } from '../domain/decimal';
import { GatewayError } from '../domain/errors';
import type { Decimal } from '../domain/ids';
import { instrumentKey, isDerivative, isTradable } from '../domain/instrument';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type { ModifiableTerms, OrderTerms, SmartTarget } from '../domain/order';
import type { Capabilities, InstrumentLookup } from '../ports/broker';

/** Refuses what could never be a valid order, before anything is stored. @throws GatewayError with the field at fault */
export const checkOrder = (
  terms: OrderTerms,
  instrument: Instrument,
  capabilities: Capabilities,
  /** Null for an order whose quantity is the caller's own. */
  smart: SmartTarget | null = null,
): void => {
  if (!isTradable(instrument)) {
    throw new GatewayError(
      'NOT_TRADABLE',
      `symbol: ${instrumentKey(instrument)} is an index and cannot be ordered`,
      { field: 'symbol' },
    );
  }
  checkProduct(terms, instrument, capabilities);
  if (!capabilities.timesInForce.includes(terms.timeInForce)) {
    throw new GatewayError(
      'UNSUPPORTED_VALIDITY',
      `validity: ${terms.timeInForce} is not offered`,
      {
        field: 'validity',
      },
    );
  }
  checkWay(terms, instrument, capabilities);
  if (smart === null) checkQuantity(terms, instrument);
  else checkTarget(smart, instrument);
};

/** The instrument as this instance knows it today. @throws GatewayError UNKNOWN_SYMBOL */
export const requireInstrument = (instruments: InstrumentLookup, id: InstrumentId): Instrument => {
  const found = instruments.find(id);
  if (found !== null) return found;
  throw new GatewayError(
    'UNKNOWN_SYMBOL',
    `symbol: ${id.symbol} not found in exchange ${id.exchange}`,
    { field: 'symbol' },
  );
};

/** The part of the check that a modify goes through too. @throws GatewayError with the field at fault */
export const checkTerms = (
  terms: ModifiableTerms,
  instrument: Instrument,
  capabilities: Capabilities,
): void => {
  checkWay(terms, instrument, capabilities);
  checkQuantity(terms, instrument);
};

/** Order type and prices. */
const checkWay = (
  terms: ModifiableTerms,
  instrument: Instrument,
  capabilities: Capabilities,
): void => {
  if (capabilities.orderTypes[terms.orderType] === 'none') {
    throw new GatewayError(
      'UNSUPPORTED_ORDER_TYPE',
      `pricetype: the broker does not offer ${terms.orderType}`,
      { field: 'pricetype' },
    );
  }
  if (terms.limitPrice !== null) checkPrice('price', terms.limitPrice, instrument);
  if (terms.triggerPrice !== null) checkPrice('trigger_price', terms.triggerPrice, instrument);
};

const checkProduct = (
  terms: OrderTerms,
  instrument: Instrument,
  capabilities: Capabilities,
): void => {
  const fits =
    terms.product === 'INTRADAY' || (terms.product === 'DELIVERY') === !isDerivative(instrument);
  if (!fits) {
    throw new GatewayError(
      'UNSUPPORTED_PRODUCT',
      isDerivative(instrument)
        ? 'product: CNC is for shares; use NRML or MIS'
        : 'product: NRML is for derivatives; use CNC or MIS',
      { field: 'product' },
    );
  }
  if (!capabilities.products.includes(terms.product)) {
    const why = capabilities.withheld?.[terms.product] ?? 'the broker does not offer it';
    throw new GatewayError('UNSUPPORTED_PRODUCT', `product: ${why}`, { field: 'product' });
  }
};

const checkQuantity = (terms: ModifiableTerms, instrument: Instrument): void => {
  const { quantity, disclosedQuantity } = terms;
  if (!Number.isSafeInteger(quantity) || quantity <= 0) {
    throw new GatewayError('VALIDATION', 'quantity: must be a whole number above 0', {
      field: 'quantity',
    });
  }
  requireLots('quantity', quantity, instrument);
  requireUnfrozen(quantity, instrument);
  if (disclosedQuantity > quantity) {
    throw new GatewayError('VALIDATION', 'disclosed_quantity: must not be above quantity', {
      field: 'disclosed_quantity',
    });
  }
};

/**
 * A target instead of a quantity: what will be sent is known, and checked again, only at the send.
 * The freeze limit is for one order, so it holds for the quantity that may be sent as it is and not
 * for the position.
 */
const checkTarget = (smart: SmartTarget, instrument: Instrument): void => {
  const { position, flatQuantity } = smart;
  if (!Number.isSafeInteger(position)) {
    throw new GatewayError('VALIDATION', 'position_size: must be a whole number', {
      field: 'position_size',
    });
  }
  if (!Number.isSafeInteger(flatQuantity) || flatQuantity < 0) {
    throw new GatewayError('VALIDATION', 'quantity: must be a whole number, 0 or above', {
      field: 'quantity',
    });
  }
  requireLots('position_size', position, instrument);
  requireLots('quantity', flatQuantity, instrument);
  if (position === 0) requireUnfrozen(flatQuantity, instrument);
};

const requireLots = (
  field: 'quantity' | 'position_size',
  quantity: number,
  instrument: Instrument,
): void => {
  if (quantity % instrument.lotSize === 0) return;
  throw new GatewayError(
    'LOT_SIZE',
    `${field}: ${String(quantity)} is not a multiple of the lot size ${String(instrument.lotSize)}`,
    { field },
  );
};

const requireUnfrozen = (quantity: number, instrument: Instrument): void => {
  if (instrument.freezeQuantity === null || quantity <= instrument.freezeQuantity) return;
  throw new GatewayError(
    'FREEZE_QUANTITY',
    `quantity: ${String(quantity)} is above ${String(instrument.freezeQuantity)}, the most one order may hold`,
    { field: 'quantity' },
  );
};

const checkPrice = (
  field: 'price' | 'trigger_price',
  price: Decimal,
  instrument: Instrument,
): void => {
  if (!isPositive(price)) {
    throw new GatewayError('PRICE_REQUIRED', `${field}: must be above 0`, { field });
  }
  // No master states the tick: the exchange alone can judge the price.
  if (isZero(instrument.tickSize)) return;
  if (isMultipleOf(price, instrument.tickSize)) return;
  const below = floorTo(price, instrument.tickSize);
  const above = add(below, instrument.tickSize);
  const choice = isPositive(below) && compare(below, above) < 0 ? `${below} or ${above}` : above;
  throw new GatewayError(
    'TICK_SIZE',
    `${field}: ${price} is not a multiple of the tick ${instrument.tickSize}; use ${choice}`,
    { field },
  );
};
