import type { OrderType, Product } from '../core/domain/order';

// The one place where the words of the OpenAlgo contract and ours meet.

/** `price type` of the contract. */
export const PRICE_TYPES = ['MARKET', 'LIMIT', 'SL', 'SL-M'] as const;
export type PriceType = (typeof PRICE_TYPES)[number];

/** `product` of the contract. */
export const PRODUCT_WORDS = ['CNC', 'NRML', 'MIS'] as const;
export type ProductWord = (typeof PRODUCT_WORDS)[number];

/** `action` of the contract: these four spellings and no other. */
export const ACTIONS = ['BUY', 'SELL', 'buy', 'sell'] as const;

/**
 * What an absent field means. These are not ours to choose: the wire contract documents them, and
 * clients leave the fields out. A field that is present with an unknown value is an error.
 */
export const CONTRACT_DEFAULTS = {
  pricetype: 'MARKET',
  product: 'MIS',
  validity: 'DAY',
  price: '0',
  trigger_price: '0',
  disclosed_quantity: 0,
} as const;

const ORDER_TYPE_OF: Readonly<Record<PriceType, OrderType>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  SL: 'STOP_LIMIT',
  'SL-M': 'STOP_MARKET',
};
const PRICE_TYPE_OF: Readonly<Record<OrderType, PriceType>> = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  STOP_LIMIT: 'SL',
  STOP_MARKET: 'SL-M',
};
const PRODUCT_OF: Readonly<Record<ProductWord, Product>> = {
  CNC: 'DELIVERY',
  NRML: 'CARRY_FORWARD',
  MIS: 'INTRADAY',
};
const PRODUCT_WORD_OF: Readonly<Record<Product, ProductWord>> = {
  DELIVERY: 'CNC',
  CARRY_FORWARD: 'NRML',
  INTRADAY: 'MIS',
};

export const orderTypeOf = (word: PriceType): OrderType => ORDER_TYPE_OF[word];
export const priceTypeOf = (type: OrderType): PriceType => PRICE_TYPE_OF[type];
export const productOf = (word: ProductWord): Product => PRODUCT_OF[word];
export const productWordOf = (product: Product): ProductWord => PRODUCT_WORD_OF[product];
export const sideOf = (action: (typeof ACTIONS)[number]): 'BUY' | 'SELL' =>
  action === 'BUY' || action === 'buy' ? 'BUY' : 'SELL';
