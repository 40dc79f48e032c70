import { expect } from '@jest/globals';
import { decimal } from '../../../src/core/domain/decimal';
import type { BrokerOrderId, ClientTag } from '../../../src/core/domain/ids';
import { clientTag } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import { instrumentKey } from '../../../src/core/domain/instrument';
import type { ModifiableTerms, OrderTerms } from '../../../src/core/domain/order';
import type { CallContext, CommandOutcome, OrderReport } from '../../../src/core/ports/broker';
import type { BrokerHarness, Card } from '../broker-contract';

export const always: Card['skip'] = () => null;
export const needsFaults: Card['skip'] = (broker) => broker.noFaults;
export const needsFills: Card['skip'] = (broker) => broker.noFills;
export const needsSession: Card['skip'] = (broker) => broker.noSession;

let tags = 0;
/** A tag that no other order has. */
export const newTag = (): ClientTag => {
  tags += 1;
  return clientTag(`T${String(tags).padStart(6, '0')}`);
};

export const instrumentOf = (harness: BrokerHarness, terms: OrderTerms): Instrument => {
  const key = instrumentKey(terms.instrument);
  const found = harness.instruments.find((one) => instrumentKey(one) === key);
  if (found === undefined) throw new Error(`the harness does not know ${key}`);
  return found;
};

export const place = (
  harness: BrokerHarness,
  terms: OrderTerms,
  tag: ClientTag = newTag(),
  context: CallContext = harness.context(),
): Promise<CommandOutcome> =>
  harness.client.execution.place(
    { terms, instrument: instrumentOf(harness, terms), clientTag: tag },
    context,
  );

/** Places and gives the broker's id; fails unless it was accepted. */
export const placed = async (
  harness: BrokerHarness,
  terms: OrderTerms = harness.terms(),
  tag: ClientTag = newTag(),
): Promise<BrokerOrderId> => {
  const outcome = await place(harness, terms, tag);
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.brokerOrderId;
};

export const cancel = (
  harness: BrokerHarness,
  id: BrokerOrderId,
  context: CallContext = harness.context(),
): Promise<CommandOutcome> => {
  const terms = harness.terms();
  return harness.client.execution.cancel({ brokerOrderId: id, terms }, context);
};

/** The resting order's terms with another quantity and price. */
export const changed = (terms: OrderTerms): ModifiableTerms => {
  if (terms.orderType !== 'LIMIT') throw new Error('the resting order is a limit order');
  return {
    orderType: 'LIMIT',
    limitPrice: decimal(Number(terms.limitPrice) - 1),
    triggerPrice: null,
    quantity: terms.quantity + 2,
    disclosedQuantity: 0,
  };
};

export const modify = (
  harness: BrokerHarness,
  id: BrokerOrderId,
  change: ModifiableTerms = changed(harness.terms()),
  context: CallContext = harness.context(),
): Promise<CommandOutcome> => {
  const terms = harness.terms();
  return harness.client.execution.modify(
    { brokerOrderId: id, terms, change, instrument: instrumentOf(harness, terms) },
    context,
  );
};

/** The one row of the book with this id. */
export const reported = async (harness: BrokerHarness, id: BrokerOrderId): Promise<OrderReport> => {
  const rows = (await harness.client.reports.orders(harness.context())).filter(
    (row) => row.brokerOrderId === id,
  );
  expect(rows).toHaveLength(1);
  const [row] = rows;
  if (row === undefined) throw new Error(`no order ${id} in the book`);
  return row;
};

/** The code of the GatewayError that `promise` fails with; fails when it does not fail so. */
export const failureCode = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault) return String(fault.code);
    throw fault;
  }
  throw new Error('it did not fail');
};
