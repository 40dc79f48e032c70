import { expect } from '@jest/globals';
import type { OrderHint, OrderStream } from '../../../src/core/ports/broker';
import { until } from '../../support/until';
import type { BrokerHarness, BrokerUnderTest, Card } from '../broker-contract';
import { needsFaults, newTag, place, placed, reported } from './steps';

const LIMIT_MS = 3_000;

const open = async (
  harness: BrokerHarness,
  signal = harness.context().signal,
): Promise<{ readonly hints: OrderHint[]; readonly stream: OrderStream }> => {
  const hints: OrderHint[] = [];
  const updates = harness.client.orderUpdates;
  if (updates === undefined) throw new Error('there is no stream');
  const stream = await updates.open((hint) => hints.push(hint), harness.context({ signal }));
  return { hints, stream };
};

const needsStream: Card['skip'] = (broker) => broker.noStream ?? null;
const streamWithFaults: Card['skip'] = (broker, capabilities) =>
  needsStream(broker, capabilities) ?? needsFaults(broker, capabilities);

/** TC-7x: streams. A hint says where to look; only the book says what is there. */
export const streamCards: readonly Card[] = [
  {
    id: 'TC-70',
    title: 'a change of an order is hinted at, by its id or as "look"',
    skip: needsStream,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { hints, stream } = await open(harness);
      const id = await placed(harness);
      await until(
        () => hints.some((hint) => hint.brokerOrderId === id || hint.brokerOrderId === null),
        LIMIT_MS,
      );
      await stream.close();
    },
  },
  {
    id: 'TC-71',
    title: 'an update that comes before the answer of its place is a hint like any other',
    skip: streamWithFaults,
    run: async (harness: BrokerHarness, broker: BrokerUnderTest): Promise<void> => {
      const { hints, stream } = await open(harness);
      await harness.stream.next('before-answer');
      const tag = newTag();
      let answered = false;
      const placing = place(harness, harness.terms(), tag).then((outcome) => {
        answered = true;
        return outcome;
      });
      await until(() => hints.length > 0, LIMIT_MS);
      expect(answered).toBe(false);
      if (broker.untaggedStream === undefined) expect(hints[0]?.clientTag).toBe(tag);
      expect(await placing).toMatchObject({ kind: 'accepted' });
      await stream.close();
    },
  },
  ...(['duplicate', 'reorder', 'stale-partial'] as const).map((how, index): Card => ({
    id: `TC-7${index + 2}`,
    title: `${how} updates change nothing in what the book is read to say`,
    skip: streamWithFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { hints, stream } = await open(harness);
      await harness.stream.next(how);
      const terms = harness.terms({ quantity: 4 });
      const id = await placed(harness, terms);
      await harness.fill(id, 4, terms.limitPrice ?? '1');
      await until(() => hints.length >= (how === 'reorder' ? 2 : 3), LIMIT_MS);
      for (const hint of hints)
        expect(Object.keys(hint).sort()).toEqual(['brokerOrderId', 'clientTag']);
      expect(await reported(harness, id)).toMatchObject({ status: 'filled', filledQuantity: 4 });
      await stream.close();
    },
  })),
  {
    id: 'TC-78',
    title: 'the context of the opening call bounds the opening, not the stream',
    skip: streamWithFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      const opening = new AbortController();
      const { hints, stream } = await open(harness, opening.signal);
      opening.abort();
      const id = await placed(harness);
      await until(
        () => hints.some((hint) => hint.brokerOrderId === id || hint.brokerOrderId === null),
        LIMIT_MS,
      );
      expect(harness.stream.opened()).toBe(1);
      await stream.close();
    },
  },
  {
    id: 'TC-75',
    title: 'after a break the stream opens again and hints to look at everything',
    skip: streamWithFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { hints, stream } = await open(harness);
      await harness.stream.drop();
      await until(() => harness.stream.opened() === 2, LIMIT_MS);
      await until(() => hints.some((hint) => hint.brokerOrderId === null), LIMIT_MS);
      hints.length = 0;
      const id = await placed(harness);
      await until(() => hints.some((hint) => hint.brokerOrderId === id), LIMIT_MS);
      await stream.close();
    },
  },
  {
    id: 'TC-76',
    title: 'an unknown message is a hint to look, not silence',
    skip: streamWithFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { hints, stream } = await open(harness);
      await harness.stream.sendUnknown();
      await until(() => hints.length > 0, LIMIT_MS);
      expect(hints).toEqual([{ brokerOrderId: null, clientTag: null }]);
      await stream.close();
    },
  },
  {
    id: 'TC-77',
    title: 'a closed stream is silent and does not open again',
    skip: streamWithFaults,
    run: async (harness: BrokerHarness): Promise<void> => {
      const { hints, stream } = await open(harness);
      await stream.close();
      const other = await open(harness);
      await placed(harness);
      // The second stream proves that the update went out.
      await until(() => other.hints.length > 0, LIMIT_MS);
      expect(hints).toEqual([]);
      expect(harness.stream.opened()).toBe(2);
      await other.stream.close();
    },
  },
];
