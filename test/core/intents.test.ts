import { describe, expect, it } from '@jest/globals';
import type { Command } from '../../src/core/domain/command';
import { GatewayError } from '../../src/core/domain/errors';
import { epochMs } from '../../src/core/domain/ids';
import type { Order } from '../../src/core/domain/order';
import { blankCommand, decide } from '../../src/core/orders/intents';
import type { Intent, IntentFacts } from '../../src/core/ports/ledger';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';
import { order, terms } from '../support/gateway-orders';

const ENTRY_MS = 30_000;
const EXIT_MS = 120_000;
const deps = {
  clock: new FakeClock(),
  random: new SeededRandom(1),
  entryDeadlineMs: ENTRY_MS,
  exitDeadlineMs: EXIT_MS,
};

const draftOf = (made: Order): Intent => {
  const command: Command = {
    ...blankCommand(made, 'c-1', epochMs(made.createdAt + ENTRY_MS), made.createdAt),
    n: 1,
    kind: 'place',
    lane: 'normal',
    state: 'queued',
    change: null,
  };
  return { order: made, command, idempotency: null };
};

const sell = (quantity: number, changes: Partial<Order> = {}): Intent =>
  draftOf(order({ terms: terms({ side: 'SELL', quantity }), ...changes }));
const buy = (quantity: number, changes: Partial<Order> = {}): Intent =>
  draftOf(order({ terms: terms({ side: 'BUY', quantity }), ...changes }));
const towards = (position: number): Intent =>
  draftOf(order({ terms: terms({ quantity: 1 }), smart: { position, flatQuantity: 0 } }));
const live = (side: 'BUY' | 'SELL', quantity: number, changes: Partial<Order> = {}): Order =>
  order({ state: 'accepted', terms: terms({ side, quantity }), ...changes });

const facts = (changes: Partial<IntentFacts> = {}): IntentFacts => ({
  net: 10,
  openOrders: [],
  stoppedReason: null,
  tradesLive: false,
  analyzing: false,
  ...changes,
});

/** What decide() refuses with. */
const refusal = (draft: Intent, given: IntentFacts, forced = false): GatewayError => {
  try {
    decide(draft, given, deps, forced);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('the order was taken');
};

const expectExit = (intent: Intent): void => {
  const { order: made, command } = intent;
  expect(made.isExit).toBe(true);
  expect(command.lane).toBe('urgent');
  expect(command.deadlineAt).toBe(made.createdAt + EXIT_MS);
};
const expectEntry = (intent: Intent): void => {
  const { order: made, command } = intent;
  expect(made.isExit).toBe(false);
  expect(command.lane).toBe('normal');
  expect(command.deadlineAt).toBe(made.createdAt + ENTRY_MS);
};

describe('an order is an exit', () => {
  it.each<[string, Intent, Partial<IntentFacts>]>([
    ['a sale of all of a long position', sell(10), {}],
    ['a sale of a part of it', sell(4), {}],
    ['a purchase of all of a short position', buy(10), { net: -10 }],
    ['a sale of what another sale leaves', sell(4), { openOrders: [live('SELL', 6)] }],
    [
      'a sale beside one that is filled in part',
      sell(6),
      { openOrders: [live('SELL', 6, { filledQuantity: 2 })] },
    ],
    ['a sale beside an open purchase', sell(10), { openOrders: [live('BUY', 5)] }],
    ['a smart order to flat', towards(0), {}],
    ['a smart order towards zero', towards(3), {}],
    ['a smart order of a short position towards zero', towards(-3), { net: -10 }],
  ])('when it is %s', (_name, draft, changes) => {
    expectExit(decide(draft, facts(changes), deps, false));
    const stopped = facts({ ...changes, stoppedReason: 'holiday' });
    expectExit(decide(draft, stopped, deps, false));
  });
});

describe('an order is an entry', () => {
  it.each<[string, Intent, Partial<IntentFacts>]>([
    ['a purchase for a long position', buy(1), {}],
    ['a sale for a short position', sell(1), { net: -10 }],
    ['any order without a position', sell(1), { net: 0 }],
    ['any order while the position is not known', sell(1), { net: null }],
    ['a sale of more than the position, as a whole', sell(11), {}],
    ['a sale that another sale leaves no room for', sell(5), { openOrders: [live('SELL', 6)] }],
    [
      'a sale that one in doubt may have done already',
      sell(10),
      { openOrders: [live('SELL', 10, { state: 'submitted', inDoubtSince: epochMs(1) })] },
    ],
    ['a smart order that adds', towards(11), {}],
    ['a smart order that turns the position round', towards(-1), {}],
    ['a smart order while the position is not known', towards(0), { net: null }],
    ['a smart order to flat beside an open sale', towards(0), { openOrders: [live('SELL', 1)] }],
  ])('when it is %s, and is refused while entries are stopped', (_name, draft, changes) => {
    expectEntry(decide(draft, facts(changes), deps, false));
    const error = refusal(draft, facts({ ...changes, stoppedReason: 'holiday' }));
    expect(error.code).toBe('ACCOUNT_STOPPED');
    expect(error.message).toContain('holiday');
  });

  it('is told of force_exit only when an order in doubt may hide that it is an exit', () => {
    const inDoubt = live('SELL', 10, { inDoubtSince: epochMs(1) });
    const stopped = { stoppedReason: 'holiday' };
    expect(refusal(sell(10), facts({ ...stopped, openOrders: [inDoubt] })).message).toContain(
      'force_exit',
    );
    expect(
      refusal(sell(10), facts({ ...stopped, openOrders: [live('SELL', 10)] })).message,
    ).not.toContain('force_exit');
  });
});

describe('a forced exit', () => {
  const hidden = {
    openOrders: [live('SELL', 10, { inDoubtSince: epochMs(1) })],
    stoppedReason: 'holiday',
  };

  it('goes as an exit although an order in doubt hides it and entries are stopped', () => {
    expectExit(decide(sell(10), facts(hidden), deps, true));
    expectExit(decide(buy(10), facts({ ...hidden, net: -10 }), deps, true));
  });

  it.each<[string, Intent, Partial<IntentFacts>]>([
    ['larger than the position', sell(11), {}],
    ['on the side that adds', buy(1), {}],
    ['on the side that adds to a short position', sell(1), { net: -10 }],
    ['without a position', sell(1), { net: 0 }],
    ['without a position, on the other side', buy(1), { net: 0 }],
    ['of a position that is not known', sell(1), { net: null }],
    ['a smart order', towards(0), {}],
  ])('is refused when it is %s', (_name, draft, changes) => {
    const error = refusal(draft, facts({ ...hidden, ...changes }), true);
    expect(error).toMatchObject({ code: 'VALIDATION', field: 'force_exit' });
    // Also while nothing is stopped: the word would be wrong.
    expect(refusal(draft, facts(changes), true).code).toBe('VALIDATION');
  });
});
