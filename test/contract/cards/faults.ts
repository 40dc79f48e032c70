import { expect } from '@jest/globals';
import { COMMAND_KINDS } from '../../../src/core/domain/command';
import type { CommandKind } from '../../../src/core/domain/command';
import type { BrokerOrderId } from '../../../src/core/domain/ids';
import { epochMs } from '../../../src/core/domain/ids';
import type { CallContext, CommandOutcome } from '../../../src/core/ports/broker';
import type { BrokerHarness, BrokerUnderTest, Card, ContractFault } from '../broker-contract';
import { cancel, modify, needsFaults, newTag, place, placed } from './steps';

interface Expected {
  readonly id: string;
  readonly fault: ContractFault;
  readonly outcome: (broker: BrokerUnderTest) => Readonly<Record<string, string>>;
  readonly requests: number;
}

const plainly =
  (kind: string, why?: string): Expected['outcome'] =>
  () =>
    why === undefined ? { kind } : { kind, why };

/** The table of outcomes: what each fault proves. */
const EXPECTED: readonly Expected[] = [
  { id: 'TC-30', fault: 'broker-refusal', outcome: plainly('rejected'), requests: 1 },
  {
    id: 'TC-31',
    fault: 'connection-refused',
    outcome: plainly('not-sent', 'no-connection'),
    requests: 0,
  },
  { id: 'TC-32', fault: 'hang', outcome: plainly('unknown', 'timeout'), requests: 1 },
  { id: 'TC-33', fault: 'reset-before-reply', outcome: plainly('unknown', 'reset'), requests: 1 },
  { id: 'TC-34', fault: 'reset-mid-body', outcome: plainly('unknown', 'reset'), requests: 1 },
  { id: 'TC-35', fault: 'html-502', outcome: plainly('unknown', 'server-error'), requests: 1 },
  {
    id: 'TC-36',
    fault: 'error-in-200',
    outcome: (broker) => ({ kind: broker.errorIn200 }),
    requests: 1,
  },
  { id: 'TC-37', fault: 'documented-429', outcome: plainly('not-sent', 'rate-limit'), requests: 1 },
  { id: 'TC-38', fault: 'undocumented-429', outcome: plainly('unknown', 'bad-reply'), requests: 1 },
  { id: 'TC-39', fault: 'truncated-json', outcome: plainly('unknown', 'bad-reply'), requests: 1 },
  { id: 'TC-44', fault: 'expired-token', outcome: plainly('not-sent', 'no-session'), requests: 1 },
];

const send = (
  harness: BrokerHarness,
  kind: CommandKind,
  resting: BrokerOrderId | null,
  context: CallContext,
): Promise<CommandOutcome> => {
  if (kind === 'place') return place(harness, harness.terms(), newTag(), context);
  if (resting === null) throw new Error('there is no order to act on');
  return kind === 'cancel'
    ? cancel(harness, resting, context)
    : modify(harness, resting, undefined, context);
};

const faultCard = (expected: Expected, kind: CommandKind): Card => ({
  id: `${expected.id}-${kind}`,
  title: `${kind} meets ${expected.fault}: the server sees ${expected.requests} request, the outcome tells no more than is proven`,
  skip: (broker, capabilities) => {
    if (broker.noFaults !== null) return broker.noFaults;
    return kind === 'modify' && !capabilities.canModify ? 'orders cannot be modified here' : null;
  },
  run: async (harness: BrokerHarness, broker: BrokerUnderTest): Promise<void> => {
    const resting = kind === 'place' ? null : await placed(harness);
    const before = harness.seen(kind);
    await harness.fault(kind, expected.fault);
    // A hanging server is given up at the deadline: a short one keeps the card short.
    const hangs = expected.fault === 'hang';
    const context = harness.context(hangs ? { deadlineAt: epochMs(harness.now() + 150) } : {});
    const outcome = await send(harness, kind, resting, context);
    expect(outcome).toMatchObject(expected.outcome(broker));
    expect(harness.seen(kind) - before).toBe(expected.requests);
    if (outcome.kind === 'not-sent' || outcome.kind === 'rejected') {
      expect(await harness.trulyDone(kind)).toBe(0);
    }
  },
});

/** TC-3x: what a fault on the way proves about a command; TC-44 a token that died, TC-58 the order behind a lost answer. */
export const faultCards: readonly Card[] = [
  ...EXPECTED.flatMap((expected) => COMMAND_KINDS.map((kind) => faultCard(expected, kind))),
  {
    id: 'TC-58',
    title:
      'an order whose answer was lost is found in the book by its tag, or as the one new row like it',
    skip: (broker, capabilities) =>
      needsFaults(broker, capabilities) ??
      (capabilities.clientTag === null ? 'there is no tag' : null),
    run: async (harness: BrokerHarness, { losesTags }: BrokerUnderTest): Promise<void> => {
      const tag = newTag();
      await placed(harness);
      const { reports } = harness.client;
      const before = (await reports.orders(harness.context())).map((row) => row.brokerOrderId);
      const terms = harness.terms();
      await harness.fault('place', 'reset-mid-body');
      expect((await place(harness, terms, tag)).kind).toBe('unknown');
      const found = (await reports.orders(harness.context())).filter((row) =>
        losesTags === true ? !before.includes(row.brokerOrderId) : row.clientTag === tag,
      );
      expect(found).toHaveLength(1);
      expect(found[0]?.terms).toEqual(terms);
      expect(await harness.trulyPlaced()).toBe(2);
    },
  },
];
