import { expect } from '@jest/globals';
import { parseDecimal } from '../../../src/core/domain/decimal';
import type { BrokerHarness, BrokerUnderTest, Card, ContractFault } from '../broker-contract';
import {
  always,
  failureCode,
  needsFaults,
  needsFills,
  newTag,
  place,
  placed,
  reported,
} from './steps';

const READ_FAULTS: readonly (readonly [ContractFault, string])[] = [
  ['connection-refused', 'CONNECT'],
  ['reset-before-reply', 'RESET'],
  ['reset-mid-body', 'RESET'],
  ['html-502', 'SCHEMA'],
  ['error-in-200', 'SCHEMA'],
  ['documented-429', 'BROKER_THROTTLED'],
  ['truncated-json', 'TRUNCATED'],
  ['expired-token', 'SESSION_EXPIRED'],
];

/** TC-5x: books. */
export const reportCards: readonly Card[] = [
  {
    id: 'TC-50',
    title: 'a new account has empty books and exact funds',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { reports } = harness.client;
      expect(await reports.orders(harness.context())).toEqual([]);
      expect(await reports.fills(harness.context())).toEqual([]);
      expect(await reports.positions(harness.context())).toEqual([]);
      expect(await reports.holdings(harness.context())).toEqual([]);
      const funds = await reports.funds(harness.context());
      const amounts = [
        funds.availableCash,
        funds.collateral,
        funds.utilisedMargin,
        funds.realizedPnl,
        funds.unrealizedPnl,
      ];
      for (const amount of amounts) expect(parseDecimal(amount)).toBe(amount);
    },
  },
  {
    id: 'TC-51',
    title: 'a partial fill is shown in the order, the trades and the position alike',
    skip: needsFills,
    run: async (harness: BrokerHarness): Promise<void> => {
      const terms = harness.terms({ quantity: 10 });
      const id = await placed(harness, terms);
      const price = terms.limitPrice ?? '1';
      await harness.fill(id, 4, price);
      const row = await reported(harness, id);
      expect(row).toMatchObject({ status: 'open', filledQuantity: 4, averagePrice: price });
      const fills = await harness.client.reports.fills(harness.context());
      expect(fills).toMatchObject([
        { brokerOrderId: id, instrument: terms.instrument, side: terms.side, quantity: 4, price },
      ]);
      const positions = await harness.client.reports.positions(harness.context());
      expect(positions).toMatchObject([
        { instrument: terms.instrument, product: terms.product, quantity: 4, averagePrice: price },
      ]);
    },
  },
  {
    id: 'TC-52',
    title: 'each fill has a trade id of its own, the same at every read',
    skip: needsFills,
    run: async (harness: BrokerHarness): Promise<void> => {
      const terms = harness.terms({ quantity: 10 });
      const id = await placed(harness, terms);
      await harness.fill(id, 4, terms.limitPrice ?? '1');
      await harness.fill(id, 6, terms.limitPrice ?? '1');
      const first = await harness.client.reports.fills(harness.context());
      const second = await harness.client.reports.fills(harness.context());
      expect(new Set(first.map((fill) => fill.tradeId)).size).toBe(2);
      expect(second).toEqual(first);
      expect(await reported(harness, id)).toMatchObject({ status: 'filled', filledQuantity: 10 });
    },
  },
  {
    id: 'TC-53',
    title: 'the time of an order is the time at which it was placed',
    skip: always,
    run: async (harness: BrokerHarness, broker: BrokerUnderTest): Promise<void> => {
      const before = harness.now();
      const id = await placed(harness);
      const { placedAt } = await reported(harness, id);
      expect(placedAt).not.toBeNull();
      const late = (placedAt ?? 0) - before;
      expect(late).toBeLessThan(5_000);
      // Brokers write seconds, some of them minutes.
      expect(late).toBeGreaterThan(-5_000 - (broker.timeStepMs ?? 0));
    },
  },
  ...READ_FAULTS.map(([fault, code]): Card => ({
    id: `TC-54-${fault}`,
    title: `a read that meets ${fault} fails with ${code} and is never an empty book`,
    skip: needsFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      await harness.fault('orders', fault);
      expect(await failureCode(harness.client.reports.orders(harness.context()))).toBe(code);
      expect(harness.seen('query')).toBe(fault === 'connection-refused' ? 0 : 1);
    },
  })),
  {
    id: 'TC-55',
    title: 'a word outside the documented enumeration is an error that names it',
    skip: needsFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      await placed(harness);
      const { word } = await harness.corruptBook();
      const reading = harness.client.reports.orders(harness.context());
      await expect(reading).rejects.toMatchObject({ code: 'SCHEMA' });
      await expect(reading).rejects.toThrow(word);
    },
  },
  {
    id: 'TC-56',
    title: 'every query takes one slot first, and without a slot nothing is sent',
    skip: needsFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      await harness.client.reports.orders(harness.context());
      // A book may be made of several queries.
      const asked = harness.seen('query');
      expect(asked).toBeGreaterThan(0);
      expect(harness.paced()).toBe(asked);
      harness.refuseQueries();
      const refused = failureCode(harness.client.reports.orders(harness.context()));
      expect(await refused).toBe('BUCKET_FULL');
      expect(harness.seen('query')).toBe(asked);
    },
  },
  {
    id: 'TC-57',
    title: 'a command takes no slot of its own: the dispatcher has paid for it',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      await place(harness, harness.terms(), newTag());
      expect(harness.paced()).toBe(0);
    },
  },
];
