import { expect } from '@jest/globals';
import type { BrokerHarness, BrokerUnderTest, Card } from '../broker-contract';
import { always, needsFaults, newTag, place } from './steps';

/** TC-9x: limits. */
export const rateCards: readonly Card[] = [
  {
    id: 'TC-90',
    title: 'order calls have rules, each keeps a reserve for exits and names its source',
    skip: always,
    run: (_harness: BrokerHarness, broker: BrokerUnderTest): Promise<void> => {
      const rules = broker.module.rateRules.filter((rule) => rule.classes.includes('order'));
      expect(rules.length).toBeGreaterThan(0);
      for (const rule of rules) {
        expect(rule.entryLimit).toBeLessThan(rule.limit);
        expect(rule.entryLimit).toBeGreaterThan(0);
        expect(rule.windowMs).toBeGreaterThan(0);
        expect(rule.source).not.toBe('');
      }
      return Promise.resolve();
    },
  },
  {
    id: 'TC-91',
    title: 'a documented "too fast" says how long to wait',
    skip: needsFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      await harness.fault('place', 'documented-429');
      const outcome = await place(harness, harness.terms(), newTag());
      expect(outcome).toMatchObject({ kind: 'not-sent', why: 'rate-limit' });
      expect(outcome.kind === 'not-sent' && (outcome.retryAfterMs ?? 0)).toBeGreaterThan(0);
    },
  },
];
