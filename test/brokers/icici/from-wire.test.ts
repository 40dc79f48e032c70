import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parsed } from '../../../src/brokers/icici/errors';
import {
  deliveryPositions,
  fillReports,
  funds,
  orderReport,
  positionReport,
} from '../../../src/brokers/icici/from-wire';
import {
  iciciCustomer,
  iciciDemat,
  iciciFunds,
  iciciHolding,
  iciciPosition,
} from '../../../src/brokers/icici/wire/account';
import { iciciOrderId, iciciFill, iciciOrder } from '../../../src/brokers/icici/wire/orders';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerOrderId, epochMs, tradeId } from '../../../src/core/domain/ids';
import type { FillReport, OrderReport } from '../../../src/core/ports/broker';
import { publishedAnswer } from '../../support/icici';
import { LISTED, symbolsOf } from '../../support/icici-symbols';

const SYMBOLS = symbolsOf(LISTED);
const success = <T>(name: string, schema: z.ZodType<T>): T =>
  parsed(publishedAnswer(name)['Success'], schema, name, 'test');
const firstOf = (name: string): Record<string, unknown> => {
  const [row] = success(name, z.array(z.record(z.string(), z.unknown())));
  if (row === undefined) throw new Error(`${name} has no row`);
  return row;
};
const PUBLISHED = firstOf('get_order_list');
const report = (changes: Record<string, unknown> = {}): OrderReport | null =>
  orderReport(parsed({ ...PUBLISHED, ...changes }, iciciOrder, 'row', 'test'), SYMBOLS);

const CALL = {
  exchange_code: 'NFO',
  stock_code: 'NIFTY ',
  product_type: 'Options',
  expiry_date: '27-FEB-25',
  right: 'Call',
  strike_price: 24800.0,
};

describe('a published answer', () => {
  it.each([
    ['place_order', iciciOrderId],
    ['place_order-2', iciciOrderId],
    ['place_order-3', iciciOrderId],
    ['modify_order', iciciOrderId],
    ['cancel_order', iciciOrderId],
    ['square_off', iciciOrderId],
    ['square_off-2', iciciOrderId],
    ['get_customer_details', iciciCustomer],
    ['get_funds', iciciFunds],
    ['get_demat_holdings', z.array(iciciDemat).length(1)],
    ['get_portfolio_holdings', z.array(iciciHolding).length(1)],
    ['get_portfolio_positions', z.array(iciciPosition).length(1)],
    ['get_order_list', z.array(iciciOrder).length(1)],
    ['get_order_detail', z.array(iciciOrder).length(1)],
    ['get_trade_detail', z.array(iciciFill).length(1)],
  ] as [string, z.ZodType][])('%s is read', (name, schema) => {
    expect(() => success(name, schema)).not.toThrow();
  });
});

describe('a row of the order book', () => {
  it('is read with exact prices, whole quantities and an instant', () => {
    expect(report()).toEqual({
      brokerOrderId: '20250205N300001234',
      exchangeOrderId: null,
      clientTag: null,
      terms: {
        orderType: 'LIMIT',
        limitPrice: '420',
        triggerPrice: null,
        instrument: { exchange: 'NSE', symbol: 'ITC' },
        side: 'BUY',
        product: 'DELIVERY',
        timeInForce: 'DAY',
        quantity: 1,
        disclosedQuantity: 0,
      },
      status: 'open',
      filledQuantity: 0,
      averagePrice: null,
      message: null,
      placedAt: Date.parse('2025-02-05T09:26:00+05:30'),
    });
  });

  it('is read the same with blanks, other letters and numbers for texts', () => {
    const other = {
      stock_code: ' ITC ',
      quantity: 1,
      price: 420.0,
      status: 'ORDERED ',
      action: 'buy',
      validity: 'DAY',
      right: '*',
      strike_price: '0',
    };
    expect(report(other)).toEqual(report());
  });

  it('says the tag that came back and the seconds where they are written', () => {
    const row = report({
      user_remark: ' TRN260101123456789',
      order_datetime: '05-FEB-2025 13:07:26',
    });
    expect(row).toMatchObject({
      clientTag: 'TRN260101123456789',
      placedAt: Date.parse('2025-02-05T13:07:26+05:30'),
    });
  });

  it.each([
    ['an option', CALL, 'NIFTY27FEB2524800CE'],
    ['a future', { ...CALL, right: 'Others', strike_price: 0 }, 'NIFTY27FEB25FUT'],
    ['a share under its code', { stock_code: 'STABAN' }, 'SBIN'],
    [
      'a contract that has left the master',
      { ...CALL, expiry_date: '30-Jan-2025', stock_code: 'CNXBAN', strike_price: '50500.5' },
      'BANKNIFTY30JAN2550500.5CE',
    ],
    [
      'a contract on a share that has left the master',
      { ...CALL, expiry_date: '30-Jan-2025', stock_code: 'RELIND', strike_price: 1300 },
      'RELIANCE30JAN251300CE',
    ],
  ])('names %s', (_what, changes, symbol) => {
    expect(report(changes)?.terms.instrument.symbol).toBe(symbol);
  });

  it.each([
    ['Requested', { pending_quantity: '10', cancelled_quantity: '0' }, 'open', 0],
    ['Queued', { pending_quantity: '10', cancelled_quantity: '0' }, 'open', 0],
    ['Ordered', { pending_quantity: '10', cancelled_quantity: '0' }, 'open', 0],
    ['Freezed', { pending_quantity: '10', cancelled_quantity: '0' }, 'open', 0],
    ['Partially Executed', { pending_quantity: '6', cancelled_quantity: '0' }, 'open', 4],
    ['Executed', { pending_quantity: '0', cancelled_quantity: '0' }, 'filled', 10],
    ['Rejected', { pending_quantity: '10', cancelled_quantity: '0' }, 'rejected', 0],
    // As it was seen: both fields hold the whole quantity.
    ['Cancelled', { pending_quantity: '10', cancelled_quantity: '10' }, 'canceled', 0],
    ['Expired', { pending_quantity: '10', cancelled_quantity: '0' }, 'expired', 0],
    [
      'Partially Executed And Cancelled',
      { pending_quantity: '0', cancelled_quantity: '6' },
      'canceled',
      4,
    ],
    [
      'Partially Executed And Expired',
      { pending_quantity: '6', cancelled_quantity: '6' },
      'expired',
      4,
    ],
  ])('that is %s is told', (status, quantities, told, filled) => {
    const row = report({ status, quantity: '10', average_price: '419.5', ...quantities });
    expect(row).toMatchObject({ status: told, filledQuantity: filled });
    expect(row?.averagePrice).toBe(filled > 0 ? '419.5' : null);
  });

  it('that was rejected says where its reason is to be found', () => {
    expect(report({ status: 'Rejected' })?.message).toContain('order book on the ICICI site');
  });

  it.each([
    ['before its trigger', 'Ordered', '10', 'trigger_pending', 0],
    ['once it trades', 'Partially Executed', '6', 'triggered', 4],
  ])('of a stop is told %s', (_when, status, pending, told, filled) => {
    const stop = { order_type: 'StopLoss', stoploss: '415.00', price: '414.5', quantity: '10' };
    expect(report({ ...stop, status, pending_quantity: pending })).toMatchObject({
      status: told,
      filledQuantity: filled,
      terms: { orderType: 'STOP_LIMIT', triggerPrice: '415', limitPrice: '414.5' },
    });
  });

  it.each([
    ['BTST', 'DELIVERY'],
    ['Margin', 'INTRADAY'],
    ['OptionPlus', 'INTRADAY'],
  ])('of the product %s, placed elsewhere, is shown', (product_type, product) => {
    expect(report({ product_type })?.terms.product).toBe(product);
  });

  it('of a product that we have no word for is left out', () => {
    expect(report({ product_type: 'MTF' })).toBeNull();
  });

  it.each([
    ['status', 'Iceberg'],
    ['product_type', 'Magic'],
    ['action', 'Hold'],
    ['order_type', 'Trailing'],
    ['validity', 'GTC'],
    ['right', 'Both'],
    ['quantity', '1.5'],
    ['price', 'four'],
    ['order_datetime', '31-Feb-2025 10:00'],
    ['expiry_date', 'tomorrow'],
  ])('with an unknown %s is an error that names it', (field, word) => {
    expect(() => report({ [field]: word })).toThrow(field);
    expect(() => report({ [field]: word })).toThrow(word);
  });

  it.each([
    ['a limit order without its price', { price: '0' }],
    ['a stop without its trigger', { order_type: 'StopLoss' }],
    ['a partial fill of nothing', { status: 'Partially Executed', pending_quantity: '1' }],
    ['more pending than ordered', { pending_quantity: '2' }],
    ['a share that the master does not list', { stock_code: 'NOSUCH' }],
    ['an exchange that is not traded', { exchange_code: 'NDX' }],
    ['a contract without an expiry', { ...CALL, expiry_date: null }],
  ])('that is %s is an error, not a guess', (_what, changes) => {
    expect(() => report(changes)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
  });
});

describe('the fills of an order', () => {
  const order = (side: 'Buy' | 'Sell' = 'Buy'): OrderReport => {
    const made = report({ status: 'Executed', pending_quantity: '0', action: side });
    if (made === null) throw new Error('the order is told');
    return made;
  };
  const published = firstOf('get_trade_detail');
  const fills = (...changes: Record<string, unknown>[]): FillReport[] =>
    fillReports(
      parsed(
        changes.map((change) => ({ ...published, ...change })),
        z.array(iciciFill),
        'rows',
        'test',
      ),
      order(),
    );

  it('are named by the order and the trade id of the exchange', () => {
    expect(fills({}, { exchange_trade_id: '123456790', executed_quantity: 2 })).toEqual([
      {
        tradeId: '20250205N300001234:123456789',
        brokerOrderId: '20250205N300001234',
        instrument: { exchange: 'NSE', symbol: 'ITC' },
        side: 'BUY',
        product: 'DELIVERY',
        quantity: 1,
        price: '452.2',
        filledAt: Date.parse('2025-02-05T10:41:24+05:30'),
      },
      expect.objectContaining({ tradeId: '20250205N300001234:123456790', quantity: 2 }),
    ]);
  });

  it.each([
    ['two of one name', [{}, { executed_quantity: '2' }]],
    ['one of the other side', [{ action: 'S' }]],
  ])('with %s are an error', (_what, changes) => {
    expect(() => fills(...changes)).toThrow(expect.objectContaining({ code: 'SCHEMA' }));
  });

  it.each([
    ['exchange_trade_id', ''],
    ['executed_quantity', '0'],
    ['execution_price', 'NA'],
  ])('without a %s are an error that names it', (field, value) => {
    expect(() => fills({ [field]: value })).toThrow(field);
  });
});

describe('a position', () => {
  const published = firstOf('get_portfolio_positions');
  const position = (changes: Record<string, unknown>): ReturnType<typeof positionReport> =>
    positionReport(parsed({ ...published, ...changes }, iciciPosition, 'row', 'test'), SYMBOLS);

  it.each([
    ['Buy', 75, '-150'],
    ['Sell', -75, '150'],
  ])('of the side %s has the sign of it', (action, quantity, unrealizedPnl) => {
    expect(position({ action, quantity: '75', average_price: '31.95' })).toEqual({
      instrument: { exchange: 'NFO', symbol: 'NIFTY27FEB2524800CE' },
      product: 'CARRY_FORWARD',
      quantity,
      averagePrice: '31.95',
      lastPrice: '29.95',
      realizedPnl: '0',
      unrealizedPnl,
    });
  });

  it('that is flat is left out', () => {
    expect(position({})).toBeNull();
  });

  it('with a quantity and no side is an error', () => {
    expect(() => position({ quantity: '75' })).toThrow('without a side');
  });
});

describe('positions of shares, made from the fills of today', () => {
  const fill = (
    side: 'BUY' | 'SELL',
    quantity: number,
    price: string,
    product: FillReport['product'] = 'DELIVERY',
  ): FillReport => ({
    tradeId: tradeId(`${side}${quantity}${price}`),
    brokerOrderId: brokerOrderId('1'),
    instrument: { exchange: 'NSE', symbol: 'ITC' },
    side,
    product,
    quantity,
    price: decimal(price),
    filledAt: epochMs(0),
  });

  it.each([
    ['bought', [fill('BUY', 4, '100'), fill('BUY', 6, '110')], 10, '106', '0'],
    ['sold from the holdings', [fill('SELL', 5, '100')], -5, '100', '0'],
    ['bought and sold in part', [fill('BUY', 10, '100'), fill('SELL', 4, '103')], 6, '100', '12'],
    ['bought and sold', [fill('BUY', 4, '100'), fill('SELL', 4, '99.5')], 0, '100', '-2'],
  ])('%s', (_what, fills, quantity, averagePrice, realizedPnl) => {
    expect(deliveryPositions(fills)).toMatchObject([{ quantity, averagePrice, realizedPnl }]);
  });

  it('leave contracts to the broker', () => {
    expect(deliveryPositions([fill('BUY', 75, '10', 'CARRY_FORWARD')])).toEqual([]);
  });
});

it('funds are what is allocated to shares and contracts, less what is blocked', () => {
  expect(funds(success('get_funds', iciciFunds))).toMatchObject({
    availableCash: '387499999.47',
    utilisedMargin: '12500000.53',
  });
});
