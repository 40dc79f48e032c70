import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { FeedMessage } from '../../../src/brokers/icici/wire/feed';
import { bfoQuote, nfoQuote, shareQuote } from '../../../src/brokers/icici/wire/feed-prices';
import { feedTime, feedValue } from '../../../src/brokers/icici/wire/feed-values';
import { add, decimal, divide, multiply, toFixed } from '../../../src/core/domain/decimal';
import type { Decimal } from '../../../src/core/domain/ids';
import { FEED_FILES, feedRow, feedRows, readFeed } from '../../support/icici-feed';

const dataOf = (number: string, index?: number): unknown => readFeed(feedRow(number, index)).data;
const ist = (text: string): number => Date.parse(`${text}+05:30`);

/** The kinds of the messages of each file, in their order. */
const KINDS: Readonly<Record<string, readonly FeedMessage['kind'][]>> = {
  '01': ['subscription', 'share candle', 'share candle'],
  '02': ['subscription', 'share quote', 'share quote'],
  '03': ['subscription', 'index quote', 'index quote'],
  '04': ['subscription', 'option candle', 'option candle'],
  '05': ['subscription', 'NFO quote', 'NFO quote'],
  '06': ['subscription', 'NFO depth', 'NFO depth'],
  '07': ['subscription', 'option candle', 'option candle'],
  '08': ['subscription', 'BFO quote', 'BFO quote'],
  '09': ['subscription', 'BFO depth', 'BFO depth'],
  '10': ['one-click call', 'one-click call'],
  '11': ['subscription', 'i-click call', 'i-click call'],
  '12': ['subscription', 'share quote', 'share quote', 'share quote', 'share quote'],
  '13': ['subscription'],
};

describe('the recorded messages of the feed', () => {
  it('are of files that this test knows, all of them', () => {
    expect(FEED_FILES.map((file) => file.slice(0, 2))).toEqual(Object.keys(KINDS).sort());
  });

  it.each(FEED_FILES)('%s is read, each message as its kind', (file) => {
    expect(feedRows(file).map((row) => readFeed(row).kind)).toEqual(KINDS[file.slice(0, 2)]);
  });
});

describe('a message of the feed', () => {
  it('of a share has exact prices, rupees for crores and an instant', () => {
    expect(dataOf('02')).toEqual({
      symbol: '2885',
      open: '1219.45',
      last: '1209.05',
      high: '1226.9',
      low: '1193.35',
      change: '-2.09',
      bPrice: '1209.05',
      bQty: 13,
      sPrice: '1209.35',
      sQty: 34,
      ltq: 1,
      avgPrice: '1208.86',
      quotes: 'Quotes Data',
      ttq: 10991550,
      totalBuyQt: 762919,
      totalSellQ: 619405,
      ttv: '13287200000',
      trend: null,
      lowerCktLm: '1111.4',
      upperCktLm: '1358.3',
      ltt: ist('2025-02-12T11:12:20'),
      close: '1234.85',
      exchange: 'NSE',
      stock_name: 'RELIANCE INDUSTRIES',
    });
  });

  it('of an index has nothing where nothing is traded, and a day without a leading zero', () => {
    expect(dataOf('03', 2)).toMatchObject({
      symbol: 'NIFTY 50',
      last: '25006.05',
      bPrice: null,
      ttq: null,
      ttv: null,
      trend: 'down',
      ltt: ist('2025-06-06T15:10:48'),
    });
  });

  it('of an NFO option names its contract', () => {
    expect(dataOf('05')).toMatchObject({
      symbol: '51219',
      OI: 4763100,
      CHNGOI: null,
      ttv: '383100000',
      exchange: 'NFO',
      product_type: 'options',
      expiry_date: '2025-02-13',
      strike_price: '23550',
      right: 'CE',
    });
  });

  it('of a book has its levels, best first', () => {
    const depth = z.object({ symbol: z.string(), time: z.number(), depth: z.array(z.unknown()) });
    const nfo = depth.parse(dataOf('06'));
    expect(nfo).toMatchObject({ symbol: '51219', time: ist('2025-02-12T12:16:18') });
    expect(nfo.depth).toHaveLength(5);
    expect(nfo.depth[4]).toEqual({
      buy: { price: '7.05', quantity: 6300, orders: 9 },
      sell: { price: '7.5', quantity: 13200, orders: 20 },
    });
    const bfo = depth.parse(dataOf('09'));
    expect(bfo.symbol).toBe('844663');
    expect(bfo.depth[3]).toEqual({
      buy: { price: '87.05', quantity: 20, orders: 1 },
      sell: { price: '88', quantity: 100, orders: 2 },
    });
  });

  it('of a candle has numbers for texts', () => {
    const prices = { low: '1199.5', high: '1200.15', open: '1199.95', close: '1200' };
    expect(dataOf('01')).toEqual({
      ...prices,
      interval: '1m',
      exchange_code: 'NSE',
      stock_code: 'RELIND',
      volume: 40752,
      datetime: ist('2025-02-12T10:04:00'),
    });
    expect(dataOf('07')).toMatchObject({
      exchange_code: 'BFO',
      expiry_date: '2025-02-18',
      strike_price: '78200',
      right_type: 'CE',
      volume: 4420,
      oi: 0,
    });
  });

  it('of a strategy is trimmed, with the day of its contract', () => {
    expect(dataOf('10', 0)).toMatchObject({
      strategy_date: ist('2025-02-07T14:29:29'),
      underlying: 'NIFTY',
      product_type: 'options',
      expiry_date: '2025-02-13',
      option_type: 'CE',
      action: 'BUY',
      minimum_lot_quantity: 75,
      last_traded_quantity: '23461.65',
    });
    expect(dataOf('10', 1)).toMatchObject({ product_type: 'futures', option_type: null });
    expect(dataOf('11')).toMatchObject({
      stock_code: 'MAHMAH',
      action_type: 'BUY',
      expiry_date: null,
      strike_price: null,
      option_type: null,
      recommended_date: ist('2025-01-02T08:55:02'),
      part_profit_percentage: ['0', '0'],
      recommended_update: '',
      subscription_type: 'i_click_2_gain',
    });
  });

  it('that answers a subscription says what for', () => {
    const names = ['4.1!3499', '4.1!2885'];
    expect(dataOf('12', 0)).toEqual({ message: { feed: 'prices', names } });
    expect(dataOf('11', 0)).toEqual({ message: { feed: 'strategy', names: ['i_click_2_gain'] } });
    expect(dataOf('13', 0)).toEqual({ message: { feed: 'orders' } });
  });
});

describe('the value traded', () => {
  const inCrore = (value: Decimal): string => toFixed(divide(value, 10_000_000, 10), 2);

  it.each([
    ['02', shareQuote],
    ['05', nfoQuote],
  ] as const)('of file %s is units times their average price', (number, schema) => {
    const { ttq, avgPrice, ttv } = schema.parse(feedRow(number));
    expect(inCrore(ttv)).toBe(inCrore(multiply(avgPrice ?? decimal(0), ttq)));
  });

  it('of BFO is of whole contracts: units times strike and average premium', () => {
    const { ttq, avgPrice, ttv } = bfoQuote.parse(feedRow('08'));
    // The strike is in the subscription only.
    const each = add(decimal('78200'), avgPrice ?? decimal(0));
    expect(inCrore(ttv)).toBe(inCrore(multiply(each, ttq)));
  });

  it('is read in lakh too, and refused without a unit', () => {
    expect(feedValue.parse('43.25L')).toBe('4325000');
    for (const text of ['43.25', '43.25K', 'C', '', '1,328.72C', '-1C', '1328.72c']) {
      expect([text, feedValue.safeParse(text).success]).toEqual([text, false]);
    }
  });
});

describe('a time of the feed', () => {
  it.each(['Thu Jun  6 15:10:48 2025', 'Fri Jun 31 15:10:48 2025', 'Fri Jun  6 24:10:48 2025', ''])(
    'that is none, %j, is refused',
    (text) => {
      expect(feedTime.safeParse(text).success).toBe(false);
    },
  );
});
