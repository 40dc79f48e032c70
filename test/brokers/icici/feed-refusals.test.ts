import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { feedMessage } from '../../../src/brokers/icici/wire/feed';
import { GatewayError } from '../../../src/core/domain/errors';
import { FEED_FILES, feedRow, readFeed } from '../../support/icici-feed';
import type { FeedRow } from '../../support/icici-feed';

describe('a message that is not as recorded', () => {
  const errorOf = (row: FeedRow): string => {
    try {
      readFeed(row);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'SCHEMA') return error.message;
      throw error;
    }
    throw new Error('it was read');
  };
  const levelsOf = (number: string, changes: FeedRow): FeedRow => {
    const row = feedRow(number);
    const [first, ...others] = z.array(z.record(z.string(), z.unknown())).parse(row['depth']);
    return { ...row, depth: [{ ...first, ...changes }, ...others] };
  };
  const changed = (number: string, changes: FeedRow, index = 1): FeedRow => ({
    ...feedRow(number, index),
    ...changes,
  });

  it.each([
    ['subscription', changed('13', { message: 'Stock NIFTY failed' }, 0), ['message', 'failed']],
    ['share quote', changed('02', { exchange: 'NSE Debt' }), ['exchange', 'NSE Debt']],
    ['share quote: unit', changed('02', { ttv: '1328.72M' }), ['ttv', '1328.72M']],
    ['share quote: null', changed('02', { bPrice: null }), ['bPrice', 'null']],
    ['share quote: below 0', changed('02', { last: -1 }), ['last', '-1']],
    ['share quote: new field', changed('02', { spread: 1 }), ['spread']],
    ['share quote: room', changed('02', { symbol: '6.1!2885' }), ['symbol', '6.1!2885']],
    ['index quote', changed('03', { trend: '~' }), ['trend', '~']],
    ['index quote: traded', changed('03', { ltq: 75 }), ['ltq', '75']],
    ['NFO quote', changed('05', { right: 'Straddle' }), ['right', 'Straddle']],
    ['NFO quote: expiry', changed('05', { expiry_date: '31-Feb-2025' }), ['expiry_date', '31-Feb']],
    ['BFO quote', changed('08', { ttv: '6338.74C' }), ['ttv', '6338.74C']],
    ['NFO depth', levelsOf('06', { 'BuyFlag-1': 'Z' }), ['depth.0.BuyFlag-1', 'Z']],
    ['BFO depth', levelsOf('09', { 'SellFlag-1': '' }), ['depth.0', 'SellFlag']],
    ['BFO depth: level', levelsOf('09', { 'BestBuyQty-2': 1 }), ['depth.0.BestBuyQty-2']],
    ['share candle', changed('01', { interval: '2minute' }), ['interval', '2minute']],
    ['option candle', changed('04', { right_type: 'XX' }), ['right_type', 'XX']],
    ['one-click call', changed('10', { call_action: 'Call Moved' }), ['call_action', 'Call Moved']],
    ['one-click call: right', changed('10', { option_type: 'put' }), ['option_type', 'put']],
    ['i-click call', changed('11', { iclick_status: 'shut' }), ['iclick_status', 'shut']],
    ['i-click call: price', changed('11', { recommended_price_to: '3069' }), ['price_and_date']],
    ['nothing that we know', { stock_code: 'NIFTY' }, ['stock_code']],
  ] as [string, FeedRow, string[]][])(
    'is an error that names what is wrong: %s',
    (_, row, words) => {
      const message = errorOf(row);
      for (const word of words) expect(message).toContain(word);
    },
  );

  it('is one too when a field is missing, whichever it is', () => {
    for (const number of FEED_FILES.map((file) => file.slice(0, 2))) {
      const row = feedRow(number, number === '13' ? 0 : 1);
      for (const name of Object.keys(row)) {
        const rest = Object.fromEntries(Object.entries(row).filter(([other]) => other !== name));
        expect([number, name, feedMessage.safeParse(rest).success]).toEqual([number, name, false]);
      }
    }
  });
});
