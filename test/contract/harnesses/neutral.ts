import { decimal } from '../../../src/core/domain/decimal';
import { accountId } from '../../../src/core/domain/ids';
import type { OrderTerms } from '../../../src/core/domain/order';
import type { BrokerModule } from '../../../src/core/ports/broker';
import type { Fault } from '../../../src/simulators/core/faults';
import { startNeutralSimulator } from '../../../src/simulators/neutral/simulator';
import type { BrokerHarness, BrokerUnderTest, ContractFault } from '../broker-contract';
import { callContext, makePorts, SHARES } from './ports';

const TOKEN = 'right-token';
const QUERIES = [
  'orders',
  'order',
  'trades',
  'positions',
  'holdings',
  'funds',
  'session',
  'quotes',
  'depth',
];

/** How the neutral simulator commits each fault; null has a switch of its own. */
const SIMULATED: Readonly<Record<ContractFault, Fault | null>> = {
  'broker-refusal': { kind: 'refuse', code: 'RISK_REJECTED', message: 'refused by risk' },
  'connection-refused': null,
  hang: { kind: 'hang', effectAfterMs: null },
  'reset-before-reply': { kind: 'reset', when: 'after' },
  'reset-mid-body': { kind: 'reset', when: 'body' },
  'html-502': { kind: 'html', status: 502, applied: true },
  'error-in-200': { kind: 'error-in-200', applied: true },
  'documented-429': { kind: 'throttle', retryAfterMs: 250 },
  'undocumented-429': { kind: 'undocumented-429', applied: true },
  'truncated-json': { kind: 'truncated' },
  'expired-token': { kind: 'token-death' },
};

export const restingTerms = (changes: Partial<OrderTerms> = {}): OrderTerms => {
  const resting: OrderTerms = {
    orderType: 'LIMIT',
    limitPrice: decimal('90.5'),
    triggerPrice: null,
    instrument: { exchange: 'NSE', symbol: 'SBIN' },
    side: 'BUY',
    product: 'INTRADAY',
    timeInForce: 'DAY',
    quantity: 10,
    disclosedQuantity: 0,
  };
  // The changes never touch the price terms, so the union stays intact.
  return { ...resting, ...changes } as OrderTerms;
};

export const termsOfType = (type: OrderTerms['orderType']): OrderTerms => {
  const common = restingTerms();
  const limitPrice = decimal('120.5');
  const triggerPrice = decimal('120');
  switch (type) {
    case 'MARKET':
      return { ...common, orderType: 'MARKET', limitPrice: null, triggerPrice: null };
    case 'LIMIT':
      return common;
    case 'STOP_LIMIT':
      return { ...common, orderType: 'STOP_LIMIT', limitPrice, triggerPrice };
    case 'STOP_MARKET':
      return { ...common, orderType: 'STOP_MARKET', limitPrice: null, triggerPrice };
  }
};

const open = async (module: BrokerModule): Promise<BrokerHarness> => {
  const simulator = await startNeutralSimulator({ token: TOKEN });
  const own = await makePorts({ token: TOKEN, instruments: SHARES });
  const { clock } = own.ports;
  const account = accountId('contract');
  const credentials = module.credentials.parse({ baseUrl: simulator.url, token: null });
  const client = module.create(account, credentials, own.ports);
  const count = (names: readonly string[]): number => {
    const { requests } = simulator.stats();
    return names.reduce((sum, name) => sum + (requests[name] ?? 0), 0);
  };
  const happened = (operation: string): Promise<number> =>
    Promise.resolve(simulator.log.since().filter((event) => event.operation === operation).length);

  return {
    account,
    client,
    instruments: SHARES,
    context: (changes) => callContext(clock, changes),
    now: () => clock.now(),
    terms: (changes) => restingTerms(changes),
    termsOfType,
    refusedTerms: () => {
      simulator.plan.next('place', {
        kind: 'refuse',
        code: 'INSUFFICIENT_FUNDS',
        message: 'not enough funds',
      });
      return Promise.resolve(restingTerms());
    },
    seen: (kind) => count(kind === 'query' ? QUERIES : [kind]),
    trulyPlaced: () => happened('place'),
    trulyDone: happened,
    fault: async (target, fault) => {
      const simulated = SIMULATED[fault];
      if (simulated !== null) {
        simulator.plan.next(target, simulated);
        return;
      }
      // A kept connection could still be written to before its reset is noticed.
      await own.forgetConnections();
      await simulator.server.setListening(false);
    },
    fill: (id, quantity, price) => {
      simulator.book.fill(id, quantity, price);
      return Promise.resolve();
    },
    setToken: (token) => {
      own.setToken(token === null ? null : token === 'right' ? TOKEN : 'wrong-token');
    },
    corruptBook: () => {
      simulator.plan.next('orders', { kind: 'unknown-word' });
      return Promise.resolve({ word: 'iceberg' });
    },
    dropPrice: (symbol) => {
      simulator.market.set({ noPrices: [symbol] });
    },
    paced: () => own.paced(),
    refuseQueries: () => {
      own.refuseQueries();
    },
    stream: {
      next: (how) => {
        const operation = how === 'before-answer' ? 'place' : 'update';
        const times = how === 'stale-partial' ? null : 1;
        simulator.plan.next(operation, { kind: 'update', how, delayMs: 100 }, times);
        return Promise.resolve();
      },
      drop: () => {
        simulator.feed.drop();
        return Promise.resolve();
      },
      sendUnknown: () => {
        simulator.feed.sendRaw('{"type":"something new"}');
        return Promise.resolve();
      },
      opened: () => simulator.feed.opened,
    },
    close: async () => {
      await client.close();
      await own.close();
      await simulator.close();
    },
  };
};

/** A module of the neutral broker with its simulator. */
export const neutralUnderTest = (module: BrokerModule): BrokerUnderTest => ({
  module,
  noFaults: null,
  noFills: null,
  noSession: null,
  noMarketData: null,
  noMargin: 'it has no margin calculator',
  errorIn200: 'unknown',
  open: () => open(module),
});
