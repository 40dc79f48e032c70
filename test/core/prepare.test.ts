import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerModules } from '../../src/brokers/registry';
import { decimal } from '../../src/core/domain/decimal';
import { GatewayError } from '../../src/core/domain/errors';
import type { ErrorCode } from '../../src/core/domain/error-codes';
import { brokerOrderId } from '../../src/core/domain/ids';
import { Dispatcher } from '../../src/core/orders/dispatcher';
import type { BrokerClient, MarketReference } from '../../src/core/ports/broker';
import type { Accounts } from '../../src/core/sessions/accounts';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { ACCOUNT, LedgerBench } from '../support/gateway-ledger';
import { OPEN_GATE } from '../support/open-gate';
import { quiet } from '../support/gateway-redis';

const REFERENCE: MarketReference = { last: decimal('100'), upperBand: null, lowerBand: null };
const SBIN = { exchange: 'NSE', symbol: 'SBIN', lotSize: 1, freezeQuantity: null };

let bench: LedgerBench;
/** What happened, in its order. */
let steps: string[];

beforeEach(async () => {
  bench = await LedgerBench.open();
  steps = [];
});
afterEach(async () => {
  await bench.close();
});

const never = (): never => {
  throw new Error('not called in this test');
};

/** Dispatches one new order to a broker whose parts say what they were asked. */
const dispatch = async (
  prepare: NonNullable<BrokerClient['execution']['prepare']>,
  module = 'paper',
): Promise<string> => {
  const client: BrokerClient = {
    session: { probe: never },
    execution: {
      prepare: (command, context) => {
        steps.push('prepare');
        return prepare(command, context);
      },
      place: ({ reference }) => {
        steps.push(`place at ${reference?.last ?? 'nothing'}`);
        return Promise.resolve({ kind: 'accepted', brokerOrderId: brokerOrderId('B1') });
      },
      modify: never,
      cancel: never,
    },
    reports: {
      orders: never,
      orderIds: ({ exchange }) => {
        steps.push(`ids of ${exchange}`);
        return Promise.resolve([brokerOrderId('B0')]);
      },
      fills: never,
      positions: never,
      holdings: never,
      funds: never,
    },
    close: () => Promise.resolve(),
  };
  const dispatcher = new Dispatcher({
    ledger: bench.ledger,
    clock: bench.clock,
    // The two calls that the dispatcher makes.
    accounts: {
      resolve: () => Promise.resolve({}),
      open: () =>
        Promise.resolve({
          module: brokerModules.find((one) => one.id === module),
          client,
          rateRules: [{ windowMs: 1_000 }],
        }),
    } as unknown as Accounts,
    sessions: OPEN_GATE,
    bucket: {
      take: () => {
        steps.push('slot');
        return Promise.resolve({ granted: true, fill: [] });
      },
      move: () => Promise.resolve(),
      penalise: () => Promise.resolve(),
    },
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    instruments: { find: () => SBIN as never }, // the facts that are read
    logger: quiet,
    metrics: new PromMetrics(),
    sendByMs: 2_000,
    crashPoint: () => undefined,
  });
  const { orderId } = await bench.queued();
  try {
    await dispatcher.handle({ accountId: ACCOUNT, orderId, n: 1, attempt: 1 }, 'normal');
  } catch (fault) {
    steps.push(fault instanceof GatewayError ? `threw ${fault.code}` : String(fault));
  }
  await dispatcher.drain();
  return (await bench.order(orderId)).orderId;
};

describe('what a broker needs before a placement', () => {
  it('is read before the slot is taken, and reaches the placement', async () => {
    await dispatch(() => Promise.resolve(REFERENCE));
    expect(steps).toEqual(['prepare', 'slot', 'place at 100']);
  });

  it('may be nothing', async () => {
    await dispatch(() => Promise.resolve(null));
    expect(steps).toEqual(['prepare', 'slot', 'place at nothing']);
  });

  it.each<ErrorCode>(['NO_PRICE', 'UNKNOWN_SYMBOL', 'BROKER_REFUSED'])(
    'ends the order with its reason when it is not to be had: %s',
    async (code) => {
      const id = await dispatch(() => Promise.reject(new GatewayError(code, 'no last price')));
      expect(steps).toEqual(['prepare']);
      const found = (await bench.ledger.orders(ACCOUNT, bench.now())).find(
        (one) => one.orderId === id,
      );
      expect(found).toMatchObject({ state: 'denied', reasonCode: code, reason: 'no last price' });
    },
  );

  it.each<ErrorCode>(['TIMEOUT', 'BUCKET_FULL', 'NO_SESSION', 'BROKER_THROTTLED'])(
    'leaves the order queued when it may be had later: %s',
    async (code) => {
      const id = await dispatch(() => Promise.reject(new GatewayError(code, 'later')));
      expect(steps).toEqual(['prepare', `threw ${code}`]);
      const found = (await bench.ledger.orders(ACCOUNT, bench.now())).find(
        (one) => one.orderId === id,
      );
      expect(found).toMatchObject({ state: 'queued' });
    },
  );
});

it('the ids beside which an order will stand are read where that is cheaper, for lost tags', async () => {
  await dispatch(() => Promise.resolve(null), 'neutral-tagless');
  expect(steps).toEqual(['prepare', 'ids of NSE', 'slot', 'place at nothing']);
});
