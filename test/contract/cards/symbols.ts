import { expect } from '@jest/globals';
import type { BrokerHarness, Card } from '../broker-contract';
import { always, placed, reported } from './steps';

/** TC-6x: symbols. */
export const symbolCards: readonly Card[] = [
  {
    id: 'TC-60',
    title: 'every instrument comes back from the book as it was sent',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      expect(harness.instruments.length).toBeGreaterThan(1);
      for (const { exchange, symbol } of harness.instruments) {
        const terms = { ...harness.terms(), instrument: { exchange, symbol } };
        const id = await placed(harness, terms);
        expect((await reported(harness, id)).terms.instrument).toEqual({ exchange, symbol });
      }
    },
  },
];
