import { describe, expect, it } from '@jest/globals';
import { templateModule } from '../../src/brokers/_template';
import { accountId, epochMs } from '../../src/core/domain/ids';
import { CARDS } from './broker-contract';
import type { BrokerHarness, BrokerUnderTest } from './broker-contract';
import { restingTerms, termsOfType } from './harnesses/neutral';
import { callContext, makePorts, SHARES } from './harnesses/ports';

const done = (): Promise<void> => Promise.resolve();

/** There is no server: everything that steers one does nothing. */
const openTemplate = async (): Promise<BrokerHarness> => {
  const own = await makePorts({ token: 'token', instruments: SHARES });
  const { clock } = own.ports;
  const account = accountId('template');
  return {
    account,
    client: templateModule.create(account, { apiKey: 'none' }, own.ports),
    instruments: SHARES,
    context: (changes) => callContext(clock, changes),
    now: () => epochMs(clock.now()),
    terms: (changes) => restingTerms(changes),
    termsOfType,
    refusedTerms: () => Promise.resolve(restingTerms()),
    seen: () => 0,
    trulyPlaced: () => Promise.resolve(0),
    trulyDone: () => Promise.resolve(0),
    fault: done,
    fill: done,
    setToken: () => undefined,
    corruptBook: () => Promise.resolve({ word: '' }),
    dropPrice: () => undefined,
    paced: () => 0,
    refuseQueries: () => undefined,
    stream: { next: done, drop: done, sendUnknown: done, opened: () => 0 },
    close: () => own.close(),
  };
};

const template: BrokerUnderTest = {
  module: templateModule,
  noFaults: null,
  noFills: null,
  noSession: null,
  noMarketData: null,
  noMargin: null,
  errorIn200: 'unknown',
  open: openTemplate,
};

/** How a card ended: the code of its error, or that it passed. */
const endOf = async (run: () => Promise<void>): Promise<string> => {
  try {
    await run();
    return 'passed';
  } catch (fault) {
    return fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault);
  }
};

describe('a broker made from the template', () => {
  it.each(CARDS.map((card) => [`${card.id} ${card.title}`, card] as const))(
    'fails %s with "not implemented"',
    async (_name, card) => {
      expect(card.skip(template, templateModule.capabilities)).toBeNull();
      const harness = await openTemplate();
      try {
        // A card whose first step must fail asserts on the code itself; both ways it names NOT_IMPLEMENTED.
        expect(await endOf(() => card.run(harness, template))).toContain('NOT_IMPLEMENTED');
      } finally {
        await harness.close();
      }
    },
  );
});
