import { describe, expect, it } from '@jest/globals';
import { brokerModules } from '../../src/brokers/registry';
import { brokerContract, CARDS } from './broker-contract';
import type { BrokerUnderTest } from './broker-contract';
import { harnesses } from './harnesses';

describe('the contract suite', () => {
  it('has a harness for every registered broker', () => {
    const without = brokerModules.map((module) => module.id).filter((id) => !(id in harnesses));
    expect(without).toEqual([]);
  });

  it('numbers every card once', () => {
    const ids = CARDS.map((card) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

for (const module of brokerModules) {
  const underTest: ((broker: typeof module) => BrokerUnderTest) | undefined = harnesses[module.id];
  if (underTest !== undefined) brokerContract(underTest(module));
}
