import { z } from 'zod';
import { isZero } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import type { Decimal } from '../../core/domain/ids';
import type { PriceTerms } from '../../core/domain/order';
import { EXCHANGES } from '../../core/domain/instrument';
import { disclosedQuantity, oneOf, price, quantity, text } from '../fields';
import { InvalidFields } from '../route';
import type { PriceType } from '../words';
import { ACTIONS, orderTypeOf, PRICE_TYPES, PRODUCT_WORDS } from '../words';

/** Fields of the contract that name an order's terms; the routes pick which are required. */
export const termFields = {
  strategy: text(0, 256),
  exchange: oneOf(EXCHANGES),
  symbol: text(1, 50),
  action: oneOf(ACTIONS),
  quantity: quantity(),
  pricetype: oneOf(PRICE_TYPES),
  product: oneOf(PRODUCT_WORDS),
  price: price('Price'),
  trigger_price: price('Trigger price'),
  disclosed_quantity: disclosedQuantity(),
};

/** Body of an order call: every unknown field is refused, because it may be a misspelt one. */
export const orderBody = <Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> => z.strictObject(shape);

const required = (field: 'price' | 'trigger_price', word: PriceType, value: Decimal): Decimal => {
  if (!isZero(value)) return value;
  throw new GatewayError('PRICE_REQUIRED', `${field}: a ${word} order needs a ${field} above 0.`, {
    field,
  });
};

const absent = (field: 'price' | 'trigger_price', word: PriceType, value: Decimal): null => {
  if (isZero(value)) return null;
  throw new GatewayError(
    'PRICE_NOT_ALLOWED',
    `${field}: a ${word} order has no ${field}; leave it out or send 0.`,
    { field },
  );
};

/**
 * The prices that the type carries. Stricter than the contract on purpose: it lets a LIMIT without a
 * price pass, and drops a price on a MARKET order unseen; both are slips that cost money.
 * @throws GatewayError PRICE_REQUIRED or PRICE_NOT_ALLOWED, which names the field
 */
export const priceTerms = (word: PriceType, limit: Decimal, trigger: Decimal): PriceTerms => {
  const orderType = orderTypeOf(word);
  switch (orderType) {
    case 'MARKET':
      return {
        orderType,
        limitPrice: absent('price', word, limit),
        triggerPrice: absent('trigger_price', word, trigger),
      };
    case 'LIMIT':
      return {
        orderType,
        limitPrice: required('price', word, limit),
        triggerPrice: absent('trigger_price', word, trigger),
      };
    case 'STOP_LIMIT':
      return {
        orderType,
        limitPrice: required('price', word, limit),
        triggerPrice: required('trigger_price', word, trigger),
      };
    case 'STOP_MARKET':
      return {
        orderType,
        limitPrice: absent('price', word, limit),
        triggerPrice: required('trigger_price', word, trigger),
      };
  }
};

/** The quantities of an order. @throws InvalidFields when more is shown than there is */
export const quantityTerms = (
  total: number,
  disclosed: number,
): { readonly quantity: number; readonly disclosedQuantity: number } => {
  if (disclosed > total) {
    throw new InvalidFields({
      disclosed_quantity: ['Disclosed quantity must not be above quantity.'],
    });
  }
  return { quantity: total, disclosedQuantity: disclosed };
};
