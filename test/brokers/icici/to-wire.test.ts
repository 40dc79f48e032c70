import { describe, expect, it } from '@jest/globals';
import { iciciName } from '../../../src/brokers/icici/symbols';
import { modifyBody, placeBody, quoteBody } from '../../../src/brokers/icici/to-wire';
import type { IciciPrice } from '../../../src/brokers/icici/to-wire';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerOrderId, clientTag } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms } from '../../../src/core/domain/order';
import {
  BANKNIFTY_PUT,
  LISTED,
  NIFTY_CALL,
  NIFTY_FUTURE,
  share,
  symbolsOf,
} from '../../support/icici-symbols';

const SYMBOLS = symbolsOf(LISTED);
const LIMIT: IciciPrice = {
  orderType: 'LIMIT',
  limitPrice: decimal('420.50'),
  triggerPrice: null,
};
const STOP: IciciPrice = {
  orderType: 'STOP_LIMIT',
  limitPrice: decimal('414.5'),
  triggerPrice: decimal('415'),
};
const named = (instrument: Instrument): Exclude<ReturnType<typeof iciciName>, string> => {
  const name = iciciName(instrument, SYMBOLS);
  if (typeof name === 'string') throw new Error(name);
  return name;
};
const terms = (instrument: Instrument, changes: Partial<OrderTerms> = {}): OrderTerms => {
  const { exchange, symbol } = instrument;
  const all = {
    ...LIMIT,
    instrument: { exchange, symbol },
    side: 'BUY',
    product: 'DELIVERY',
    timeInForce: 'DAY',
    quantity: 75,
    disclosedQuantity: 0,
  };
  return { ...all, ...changes } as OrderTerms; // the price terms are never among the changes
};
const TAG = clientTag('TRN260101123456789');

describe('the body of a placement', () => {
  it('for a share is cash, under its ICICI code, every value a text', () => {
    expect(placeBody(terms(share('SBIN')), LIMIT, named(share('SBIN')), TAG)).toEqual({
      stock_code: 'STABAN',
      exchange_code: 'NSE',
      product: 'cash',
      action: 'buy',
      order_type: 'limit',
      quantity: '75',
      price: '420.5',
      validity: 'day',
      order_segment_code: '',
      settlement_id: '',
      disclosed_quantity: '0',
      user_remark: 'TRN260101123456789',
    });
  });

  it.each([
    ['a future', NIFTY_FUTURE, 'futures', 'NIFTY', 'others', '0'],
    ['a call', NIFTY_CALL, 'options', 'NIFTY', 'call', '24800'],
    ['a put with a broken strike', BANKNIFTY_PUT, 'options', 'CNXBAN', 'put', '50500.5'],
  ])(
    'for %s names the contract in its parts',
    (_what, instrument, product, code, right, strike) => {
      expect(placeBody(terms(instrument), LIMIT, named(instrument), TAG)).toMatchObject({
        stock_code: code,
        exchange_code: 'NFO',
        product,
        right,
        strike_price: strike,
        expiry_date: '2025-02-27T06:00:00.000Z',
      });
    },
  );

  it('for a stop has the trigger beside the limit', () => {
    const itc = share('ITC');
    const sell = terms(itc, { side: 'SELL', timeInForce: 'IOC' });
    expect(placeBody(sell, STOP, named(itc), TAG)).toMatchObject({
      action: 'sell',
      order_type: 'stoploss',
      price: '414.5',
      stoploss: '415',
      validity: 'ioc',
    });
  });
});

it('the body of a modify has the whole new terms', () => {
  const change = { ...STOP, quantity: 150, disclosedQuantity: 75 };
  expect(modifyBody(brokerOrderId('202502051400001234'), 'NFO', change, 'DAY')).toEqual({
    order_id: '202502051400001234',
    exchange_code: 'NFO',
    order_type: 'stoploss',
    stoploss: '415',
    quantity: '150',
    price: '414.5',
    validity: 'day',
    disclosed_quantity: '75',
  });
});

it('the body of a quote names a contract as an order does', () => {
  expect(quoteBody(named(NIFTY_CALL))).toEqual({
    stock_code: 'NIFTY',
    exchange_code: 'NFO',
    product_type: 'options',
    expiry_date: '2025-02-27T06:00:00.000Z',
    right: 'call',
    strike_price: '24800',
  });
});

describe('a name', () => {
  it.each([
    ['is not in the master', share('NOSUCH'), 'does not list NSE:NOSUCH'],
    ['is of an exchange that gives data only', { ...share('X'), exchange: 'MCX' as const }, 'MCX'],
  ])('that %s is refused in words', (_what, instrument, words) => {
    expect(iciciName(instrument, SYMBOLS)).toContain(words);
  });
});
