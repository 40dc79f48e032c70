import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BASE_STATES,
  isTerminal,
  isWorking,
  nextState,
  openAlgoStatus,
  ORDER_EVENTS,
  ORDER_STATES,
  visibleState,
} from '../../src/core/domain/order-state';
import type { BaseState, OrderEvent } from '../../src/core/domain/order-state';

/** What a broker's book says one after the other in the life of one order, and how it ends. */
interface History {
  readonly evidence: readonly OrderEvent[];
  readonly end: BaseState;
}

const ENDS = {
  seen_filled: 'filled',
  seen_canceled: 'canceled',
  seen_rejected: 'rejected',
  seen_expired: 'expired',
} as const satisfies Partial<Record<OrderEvent, BaseState>>;
type Ending = keyof typeof ENDS;
const ENDINGS: readonly Ending[] = [
  'seen_filled',
  'seen_canceled',
  'seen_rejected',
  'seen_expired',
];

const history: fc.Arbitrary<History> = fc
  .record({
    stop: fc.boolean(),
    triggered: fc.boolean(),
    partial: fc.boolean(),
    ending: fc.constantFrom<Ending | null>(null, ...ENDINGS),
    lateFill: fc.boolean(),
  })
  .map(({ stop, triggered, partial, ending, lateFill }) => {
    const steps: { readonly event: OrderEvent; readonly state: BaseState }[] = [
      { event: 'seen_open', state: 'accepted' },
    ];
    if (stop) steps.push({ event: 'seen_trigger_pending', state: 'trigger_pending' });
    if (stop && triggered) steps.push({ event: 'seen_triggered', state: 'triggered' });
    if (partial && (!stop || triggered)) {
      steps.push({ event: 'seen_partial', state: 'partially_filled' });
    }
    if (ending !== null) steps.push({ event: ending, state: ENDS[ending] });
    if (ending !== null && lateFill) steps.push({ event: 'seen_filled', state: 'filled' });
    return {
      evidence: steps.map((step) => step.event),
      end: steps.at(-1)?.state ?? 'accepted',
    };
  });

/** Every event of the history at least once, in any order, some several times. */
const retold = (events: readonly OrderEvent[]): fc.Arbitrary<readonly OrderEvent[]> =>
  fc
    .array(fc.constantFrom(...events), { maxLength: 6 })
    .chain((again) =>
      fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
    );

const play = (start: BaseState, events: readonly OrderEvent[]): BaseState =>
  events.reduce<BaseState>((state, event) => nextState(state, event) ?? state, start);

describe('the table of order states', () => {
  it.each(['queued', 'submitted', 'accepted', 'denied'] as const)(
    'ends a %s order in the same state however its evidence is reordered or repeated',
    (start) => {
      fc.assert(
        fc.property(
          history.chain((one) =>
            retold(one.evidence).map((events) => ({ events, end: one.end, told: one.evidence })),
          ),
          ({ events, end, told }) => {
            expect(play(start, told)).toBe(end);
            expect(play(start, events)).toBe(end);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it('lets the answer to the place call come at any moment of the evidence', () => {
    fc.assert(
      fc.property(
        history.chain((one) =>
          retold([...one.evidence, 'accept']).map((events) => ({ events, end: one.end })),
        ),
        ({ events, end }) => {
          expect(play('submitted', events)).toBe(end);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps a finished order finished, but for a proven fill and a denied order that is found', () => {
    const finished = BASE_STATES.filter(isTerminal);
    expect(finished).toEqual(['filled', 'canceled', 'rejected', 'denied', 'expired']);
    for (const state of finished) {
      for (const event of ORDER_EVENTS) {
        const next = nextState(state, event) ?? state;
        if (state !== 'denied') {
          const late = event === 'seen_filled';
          expect(`${state} ${event} ${next}`).toBe(`${state} ${event} ${late ? 'filled' : state}`);
          continue;
        }
        const found = event.startsWith('seen_') || event === 'accept';
        expect(`${event} ${String(next === 'denied')}`).toBe(`${event} ${String(!found)}`);
      }
    }
  });

  it('never goes back to unsent or unanswered on evidence of the broker', () => {
    const seen = ORDER_EVENTS.filter((event) => event.startsWith('seen_') || event === 'accept');
    fc.assert(
      fc.property(
        fc.constantFrom(...BASE_STATES),
        fc.array(fc.constantFrom(...seen)),
        (start, events) => {
          const end = play(start, events);
          if (end !== start) expect(['queued', 'submitted', 'denied']).not.toContain(end);
        },
      ),
    );
  });

  it('sends back to the queue only what was submitted and provably not sent', () => {
    const back = BASE_STATES.flatMap((state) =>
      ORDER_EVENTS.filter((event) => nextState(state, event) === 'queued').map(
        (e) => `${state} ${e}`,
      ),
    );
    expect(back).toEqual(['submitted not_sent']);
  });

  it('reaches submitted only from queued', () => {
    const ways = BASE_STATES.flatMap((state) =>
      ORDER_EVENTS.filter((e) => nextState(state, e) === 'submitted').map((e) => `${state} ${e}`),
    );
    expect(ways).toEqual(['queued submit']);
  });
});

describe('what a person sees', () => {
  it.each(BASE_STATES)('shows a command under way only on a working order: %s', (base) => {
    expect(visibleState(base, null)).toBe(base);
    expect(visibleState(base, 'cancel')).toBe(isWorking(base) ? 'pending_cancel' : base);
    expect(visibleState(base, 'update')).toBe(isWorking(base) ? 'pending_update' : base);
  });

  it('counts a command under way as working, not finished', () => {
    for (const state of ['pending_cancel', 'pending_update'] as const) {
      expect([isWorking(state), isTerminal(state)]).toEqual([true, false]);
    }
  });

  it('has one word of the OpenAlgo contract for every state', () => {
    expect(Object.fromEntries(ORDER_STATES.map((state) => [state, openAlgoStatus(state)]))).toEqual(
      {
        queued: 'open',
        submitted: 'open',
        accepted: 'open',
        trigger_pending: 'trigger pending',
        triggered: 'open',
        partially_filled: 'open',
        filled: 'complete',
        canceled: 'cancelled',
        rejected: 'rejected',
        denied: 'rejected',
        expired: 'cancelled',
        pending_update: 'open',
        pending_cancel: 'open',
      },
    );
  });
});
