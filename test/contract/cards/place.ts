import { expect } from '@jest/globals';
import { epochMs, monotonicMs } from '../../../src/core/domain/ids';
import { ORDER_TYPES } from '../../../src/core/domain/order';
import type { OrderType } from '../../../src/core/domain/order';
import type { BrokerHarness, BrokerUnderTest, Card } from '../broker-contract';
import { always, newTag, place, placed, reported } from './steps';

const typeCard = (type: OrderType, number: number): Card => ({
  id: `TC-1${number}`,
  title: `a ${type} order stands in the book with the very terms that were sent`,
  skip: (_broker, capabilities) =>
    capabilities.orderTypes[type] === 'native' ? null : `${type} is not native here`,
  run: async (harness: BrokerHarness): Promise<void> => {
    const terms = harness.termsOfType(type);
    const id = await placed(harness, terms);
    expect((await reported(harness, id)).terms).toEqual(terms);
  },
});

const nothingSent = async (harness: BrokerHarness): Promise<void> => {
  expect(harness.seen('place')).toBe(0);
  expect(await harness.trulyPlaced()).toBe(0);
};

/** TC-1x: placing. */
export const placeCards: readonly Card[] = [
  {
    id: 'TC-10',
    title: 'a resting order is accepted once and shown open with its tag',
    skip: always,
    run: async (harness: BrokerHarness, { losesTags }: BrokerUnderTest): Promise<void> => {
      const tag = newTag();
      const id = await placed(harness, harness.terms(), tag);
      const row = await reported(harness, id);
      const clientTag = losesTags === true ? null : tag;
      expect(row).toMatchObject({ status: 'open', filledQuantity: 0, clientTag });
      expect(row.averagePrice).toBeNull();
      expect(await harness.trulyPlaced()).toBe(1);
    },
  },
  ...ORDER_TYPES.map((type, index) => typeCard(type, index + 1)),
  {
    id: 'TC-15',
    title: 'a refusal of the broker is rejected, with its code and words, and nothing is placed',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const outcome = await place(harness, await harness.refusedTerms());
      expect(outcome).toMatchObject({ kind: 'rejected' });
      if (outcome.kind !== 'rejected') return;
      expect(outcome.code).not.toBe('');
      expect(outcome.message).not.toBe('');
      const open = (await harness.client.reports.orders(harness.context())).filter(
        (row) => row.status === 'open',
      );
      expect(open).toEqual([]);
    },
  },
  {
    id: 'TC-16',
    title: 'after sendBy nothing is sent and the outcome says so',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const late = harness.context({ sendBy: monotonicMs(-1) });
      expect((await place(harness, harness.terms(), newTag(), late)).kind).toBe('not-sent');
      await nothingSent(harness);
    },
  },
  {
    id: 'TC-17',
    title: 'an aborted call sends nothing and the outcome says so',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const aborted = harness.context({ signal: AbortSignal.abort() });
      expect((await place(harness, harness.terms(), newTag(), aborted)).kind).toBe('not-sent');
      await nothingSent(harness);
    },
  },
  {
    id: 'TC-18',
    title: 'past its deadline nothing is sent and the outcome says so',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const past = harness.context({ deadlineAt: epochMs(harness.now() - 1) });
      expect((await place(harness, harness.terms(), newTag(), past)).kind).toBe('not-sent');
      await nothingSent(harness);
    },
  },
  {
    id: 'TC-19',
    title: 'orders placed at the same time get ids of their own',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const ids = await Promise.all([1, 2, 3, 4, 5].map(() => placed(harness)));
      expect(new Set(ids).size).toBe(5);
      expect(await harness.trulyPlaced()).toBe(5);
    },
  },
];
