import { expect } from '@jest/globals';
import { brokerOrderId } from '../../../src/core/domain/ids';
import type { BrokerHarness, Card } from '../broker-contract';
import { always, cancel, changed, modify, placed, reported } from './steps';

const NOBODY = brokerOrderId('999999');

const canModify: Card['skip'] = (_broker, capabilities) =>
  capabilities.canModify ? null : 'orders cannot be modified here';

/** TC-2x: changing and cancelling. */
export const modifyCards: readonly Card[] = [
  {
    id: 'TC-20',
    title: 'a cancelled order is shown canceled',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const id = await placed(harness);
      expect(await cancel(harness, id)).toEqual({ kind: 'accepted', brokerOrderId: id });
      expect((await reported(harness, id)).status).toBe('canceled');
    },
  },
  {
    id: 'TC-21',
    title: 'cancelling a finished order is rejected and changes nothing',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      const id = await placed(harness);
      await cancel(harness, id);
      const before = await reported(harness, id);
      expect((await cancel(harness, id)).kind).toBe('rejected');
      expect(await reported(harness, id)).toEqual(before);
    },
  },
  {
    id: 'TC-22',
    title: 'cancelling an order that does not exist is rejected',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      expect((await cancel(harness, NOBODY)).kind).toBe('rejected');
    },
  },
  {
    id: 'TC-23',
    title: 'a modified order is shown with its new terms under the same id',
    skip: canModify,
    run: async (harness: BrokerHarness): Promise<void> => {
      const terms = harness.terms();
      const id = await placed(harness, terms);
      expect(await modify(harness, id)).toEqual({ kind: 'accepted', brokerOrderId: id });
      expect((await reported(harness, id)).terms).toEqual({ ...terms, ...changed(terms) });
      expect(await harness.trulyPlaced()).toBe(1);
    },
  },
  {
    id: 'TC-25',
    title: 'modifying a finished order is rejected and changes nothing',
    skip: canModify,
    run: async (harness: BrokerHarness): Promise<void> => {
      const id = await placed(harness);
      await cancel(harness, id);
      const before = await reported(harness, id);
      expect((await modify(harness, id)).kind).toBe('rejected');
      expect(await reported(harness, id)).toEqual(before);
    },
  },
  {
    id: 'TC-26',
    title: 'modifying an order that does not exist is rejected',
    skip: canModify,
    run: async (harness: BrokerHarness): Promise<void> => {
      expect((await modify(harness, NOBODY)).kind).toBe('rejected');
    },
  },
];
