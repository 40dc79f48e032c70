import { expect } from '@jest/globals';
import type { BrokerHarness, Card } from '../broker-contract';
import { always, failureCode, needsSession, newTag, place, placed } from './steps';

/** TC-4x: sessions. */
export const sessionCards: readonly Card[] = [
  {
    id: 'TC-40',
    title: 'a working session is live',
    skip: always,
    run: async (harness: BrokerHarness): Promise<void> => {
      expect(await harness.client.session.probe(harness.context())).toBe('live');
    },
  },
  {
    id: 'TC-41',
    title: 'a dead session is expired, and a read with it fails instead of being empty',
    skip: needsSession,
    run: async (harness: BrokerHarness): Promise<void> => {
      harness.setToken('wrong');
      expect(await harness.client.session.probe(harness.context())).toBe('expired');
      const { reports } = harness.client;
      // A dead token that was reported is not given out again.
      harness.setToken('wrong');
      expect(await failureCode(reports.orders(harness.context()))).toBe('SESSION_EXPIRED');
      harness.setToken('wrong');
      expect(await failureCode(reports.positions(harness.context()))).toBe('SESSION_EXPIRED');
    },
  },
  {
    id: 'TC-42',
    title: 'without a token nothing is sent',
    skip: needsSession,
    run: async (harness: BrokerHarness): Promise<void> => {
      harness.setToken(null);
      const outcome = await place(harness, harness.terms(), newTag());
      expect(outcome).toEqual({ kind: 'not-sent', why: 'no-session' });
      expect(await failureCode(harness.client.reports.fills(harness.context()))).toBe('NO_SESSION');
      expect(harness.seen('place') + harness.seen('query')).toBe(0);
    },
  },
  {
    id: 'TC-43',
    title: 'a renewed token is used by the next call',
    skip: needsSession,
    run: async (harness: BrokerHarness): Promise<void> => {
      harness.setToken('wrong');
      expect((await place(harness, harness.terms(), newTag())).kind).toBe('not-sent');
      harness.setToken('right');
      await placed(harness);
      expect(await harness.trulyPlaced()).toBe(1);
    },
  },
];
