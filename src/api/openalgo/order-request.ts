import { z } from 'zod';
import { decimal } from '../../core/domain/decimal';
import { TIMES_IN_FORCE } from '../../core/domain/order';
import type { OrderTerms } from '../../core/domain/order';
import { account, flag, oneOf, visible } from '../fields';
import type { Call } from '../route';
import { InvalidFields, parseWith } from '../route';
import { CONTRACT_DEFAULTS, productOf, sideOf } from '../words';
import { priceTerms, quantityTerms, termFields } from './terms';

const CLIENT_ID_LENGTH = 64;

/** Fields that a call may carry beside its orders; both are extensions of the contract. */
export const callFields = {
  account: account(),
  client_order_id: visible(CLIENT_ID_LENGTH).optional(),
};

/** Fields of one order, alone or in a basket. */
export const legFields = {
  exchange: termFields.exchange,
  symbol: termFields.symbol,
  action: termFields.action,
  quantity: termFields.quantity,
  pricetype: termFields.pricetype.optional(),
  product: termFields.product.optional(),
  price: termFields.price.optional(),
  trigger_price: termFields.trigger_price.optional(),
  disclosed_quantity: termFields.disclosed_quantity.optional(),
  validity: oneOf(TIMES_IN_FORCE).optional(),
};

/** Fields of an order whose side and quantity the caller gives, which smart orders are not. */
export const plainLegFields = {
  ...legFields,
  force_exit: flag()
    .optional()
    .meta({
      description:
        'A person says that this order only reduces a position although an order in doubt hides it: ' +
        'it goes as an exit even while entries are stopped, and the word is audited. Refused when the ' +
        'position is not known or the order is larger than it. Never send it by itself.',
    }),
};

type Leg = z.output<z.ZodObject<typeof legFields>>;

const header = z.object({ 'Idempotency-Key': visible(CLIENT_ID_LENGTH).nullable() });

/** The one client order id of the call, null when it gives none. @throws InvalidFields when body and header disagree */
export const clientOrderIdOf = (inBody: string | undefined, call: Call): string | null => {
  const inHeader = parseWith(header, { 'Idempotency-Key': call.header('idempotency-key') })[
    'Idempotency-Key'
  ];
  if (inBody !== undefined && inHeader !== null && inBody !== inHeader) {
    throw new InvalidFields({ client_order_id: ['Differs from the Idempotency-Key header.'] });
  }
  return inBody ?? inHeader;
};

/** Terms without the quantities. @throws GatewayError PRICE_REQUIRED or PRICE_NOT_ALLOWED, which names the field */
export const termsBesideQuantity = (
  order: Omit<Leg, 'quantity' | 'disclosed_quantity'>,
): Omit<OrderTerms, 'quantity' | 'disclosedQuantity'> & ReturnType<typeof priceTerms> => ({
  instrument: { exchange: order.exchange, symbol: order.symbol },
  side: sideOf(order.action),
  product: productOf(order.product ?? CONTRACT_DEFAULTS.product),
  timeInForce: order.validity ?? CONTRACT_DEFAULTS.validity,
  ...priceTerms(
    order.pricetype ?? CONTRACT_DEFAULTS.pricetype,
    order.price ?? decimal(CONTRACT_DEFAULTS.price),
    order.trigger_price ?? decimal(CONTRACT_DEFAULTS.trigger_price),
  ),
});

/** The terms of an order whose quantity the caller gives. @throws GatewayError that names the field */
export const termsOf = (order: Leg): OrderTerms => ({
  ...termsBesideQuantity(order),
  ...quantityTerms(
    order.quantity,
    order.disclosed_quantity ?? CONTRACT_DEFAULTS.disclosed_quantity,
  ),
});
