import { decimal } from '../../src/core/domain/decimal';
import { accountId, clientTag, epochMs, orderId } from '../../src/core/domain/ids';
import type { Instrument } from '../../src/core/domain/instrument';
import type { Order, OrderTerms } from '../../src/core/domain/order';

/** A market order for ten shares, with `changes`. */
export const terms = (
  changes: Partial<
    Pick<OrderTerms, 'instrument' | 'side' | 'product' | 'quantity' | 'timeInForce'>
  > = {},
): OrderTerms => ({
  instrument: { exchange: 'NSE', symbol: 'SBIN' },
  side: 'BUY',
  product: 'INTRADAY',
  timeInForce: 'DAY',
  orderType: 'MARKET',
  limitPrice: null,
  triggerPrice: null,
  quantity: 10,
  disclosedQuantity: 0,
  ...changes,
});

/** A limit order at `price`, with `changes`. */
export const limitTerms = (
  price: string,
  changes: Parameters<typeof terms>[0] = {},
): OrderTerms => ({
  ...terms(changes),
  orderType: 'LIMIT',
  limitPrice: decimal(price),
  triggerPrice: null,
});

/** A queued order of the account `paper-main`, with `changes`; its tag follows its id. */
export const order = (changes: Partial<Order> = {}): Order => {
  const id = changes.orderId ?? orderId('260108000000001');
  const at = changes.createdAt ?? epochMs(Date.UTC(2026, 0, 8, 4, 0, 0));
  return {
    orderId: id,
    accountId: accountId('paper-main'),
    origin: 'toran',
    terms: terms(),
    state: 'queued',
    filledQuantity: 0,
    averagePrice: null,
    brokerOrderId: null,
    exchangeOrderId: null,
    clientTag: clientTag(`TRN${id}`),
    clientOrderId: null,
    strategy: 'test',
    apiKeyId: 'key-1',
    reasonCode: null,
    reason: null,
    inDoubtSince: null,
    isExit: false,
    batch: null,
    smart: null,
    practice: false,
    correlationId: 'c-1',
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
};

/** SBIN on NSE: lot 1, tick 0.05, at most 10000 in one order; with `changes`. */
export const share = (changes: Partial<Instrument> = {}): Instrument => ({
  exchange: 'NSE',
  symbol: 'SBIN',
  kind: 'equity',
  name: 'STATE BANK OF INDIA',
  underlying: 'SBIN',
  expiry: null,
  strike: null,
  right: null,
  lotSize: 1,
  tickSize: decimal('0.05'),
  freezeQuantity: 10_000,
  ...changes,
});
