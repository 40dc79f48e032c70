import { expect } from '@jest/globals';
import { compare, parseDecimal } from '../../../src/core/domain/decimal';
import { instrumentKey } from '../../../src/core/domain/instrument';
import type { MarketDataSource } from '../../../src/core/ports/broker';
import type { BrokerHarness, Card } from '../broker-contract';
import { failureCode } from './steps';

const needsMarketData: Card['skip'] = (broker) => broker.noMarketData;

const source = (harness: BrokerHarness): MarketDataSource => {
  const { marketData } = harness.client;
  if (marketData === undefined) throw new Error('the client has no market data');
  return marketData;
};

/** Market-data cards of TC-6x. */
export const marketDataCards: readonly Card[] = [
  {
    id: 'TC-61',
    title: 'market-data: each instrument gets one exact quote, in the given order',
    skip: needsMarketData,
    run: async (harness: BrokerHarness): Promise<void> => {
      const wanted = [...harness.instruments].reverse();
      const found = await source(harness).quotes(wanted, harness.context());
      expect(found.map((one) => (one.kind === 'quote' ? one.quote.instrument : null))).toEqual(
        wanted.map(({ exchange, symbol }) => ({ exchange, symbol })),
      );
      for (const one of found) {
        if (one.kind !== 'quote') throw new Error('there is a price');
        const { last, bid, ask, high, low, volume } = one.quote;
        expect(parseDecimal(last)).toBe(last);
        expect(Number.isSafeInteger(volume)).toBe(true);
        if (bid !== null && ask !== null) expect(compare(bid, ask)).not.toBe(1);
        if (high !== null) expect(compare(last, high)).not.toBe(1);
        if (low !== null) expect(compare(last, low)).not.toBe(-1);
      }
    },
  },
  {
    id: 'TC-62',
    title: 'market-data: depth is best first, at most five levels a side, and fits the quote',
    skip: needsMarketData,
    run: async (harness: BrokerHarness): Promise<void> => {
      const [first] = harness.instruments;
      if (first === undefined) throw new Error('the harness has instruments');
      const depth = await source(harness).depth(first, harness.context());
      expect(depth.bids[0]?.price ?? null).toBe(depth.bid);
      expect(depth.asks[0]?.price ?? null).toBe(depth.ask);
      for (const [side, sign] of [
        [depth.bids, -1],
        [depth.asks, 1],
      ] as const) {
        expect(side.length).toBeLessThanOrEqual(5);
        side.forEach(({ price, quantity }, index) => {
          const before = side[index - 1];
          expect(quantity).toBeGreaterThan(0);
          if (before !== undefined) expect(compare(price, before.price)).toBe(sign);
        });
      }
    },
  },
  {
    id: 'TC-63',
    title: 'market-data: a price that is not there is said with a reason, beside those that are',
    skip: needsMarketData,
    run: async (harness: BrokerHarness): Promise<void> => {
      const [gone] = harness.instruments;
      if (gone === undefined) throw new Error('the harness has instruments');
      // The template must fail before anything is steered.
      await source(harness).quotes(harness.instruments, harness.context());
      harness.dropPrice(gone.symbol);
      const found = await source(harness).quotes(harness.instruments, harness.context());
      expect(found[0]).toMatchObject({ kind: 'none' });
      expect(found[0]?.kind === 'none' && found[0].reason !== '').toBe(true);
      expect(found.slice(1).every((one) => one.kind === 'quote')).toBe(true);
      const depth = source(harness).depth(gone, harness.context());
      expect(await failureCode(depth)).toBe('NO_PRICE');
    },
  },
  {
    id: 'TC-64',
    title: 'market-data: a query takes one slot first, and without a slot nothing is asked',
    skip: needsMarketData,
    run: async (harness: BrokerHarness): Promise<void> => {
      await source(harness).quotes(harness.instruments, harness.context());
      // Some brokers take one instrument a call. Without a server nothing is seen.
      expect(harness.paced()).toBeGreaterThan(0);
      const seen = harness.seen('query');
      if (seen > 0) expect(harness.paced()).toBe(seen);
      harness.refuseQueries();
      const refused = source(harness).quotes(harness.instruments, harness.context());
      expect(await failureCode(refused)).toBe('BUCKET_FULL');
      expect(harness.seen('query')).toBe(seen);
      expect(new Set(harness.instruments.map(instrumentKey)).size).toBeGreaterThan(1);
    },
  },
];

const needsMargin: Card['skip'] = (broker) => broker.noMargin;

/** Margin cards of TC-6x. */
export const marginCards: readonly Card[] = [
  {
    id: 'TC-66',
    title: 'margin: the parts add up, more costs more, and each call takes one slot',
    skip: needsMargin,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { margin } = harness.client;
      const [instrument] = harness.instruments;
      if (margin === undefined || instrument === undefined) throw new Error('no margin source');
      const { exchange, symbol } = instrument;
      const order = { terms: { ...harness.terms(), instrument: { exchange, symbol } }, instrument };
      const one = await margin.required([order], harness.context());
      const two = await margin.required([order, order], harness.context());
      expect(compare(two.total, one.total)).toBe(1);
      expect(parseDecimal(one.total)).toBe(one.total);
      expect(harness.paced()).toBe(2);
      harness.refuseQueries();
      expect(await failureCode(margin.required([order], harness.context()))).toBe('BUCKET_FULL');
    },
  },
];
