import { decimal } from '../../../src/core/domain/decimal';
import { accountId } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms } from '../../../src/core/domain/order';
import type { BrokerModule } from '../../../src/core/ports/broker';
import type { Fault } from '../../../src/simulators/core/faults';
import type { Quirks } from '../../../src/simulators/icici/quirks';
import { startIciciSimulator } from '../../../src/simulators/icici/simulator';
import { symbolsOf } from '../../support/icici-symbols';
import type { Listed } from '../../support/icici-symbols';
import type { BrokerHarness, BrokerUnderTest, ContractFault } from '../broker-contract';
import { callContext, makePorts, SHARES } from './ports';

const QUERIES = [
  'customerdetails',
  'orders',
  'order',
  'trades',
  'trade',
  'positions',
  'holdings',
  'demat',
  'funds',
  'quotes',
];

/** How the simulator commits each fault; null has a switch of its own. */
const SIMULATED: Readonly<Record<ContractFault, Fault | null>> = {
  'broker-refusal': { kind: 'refuse', code: '', message: 'Invalid Market/Limit indicator:' },
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

/** ICICI's code of the shares that every harness knows. */
const CODES: Readonly<Record<string, string>> = { SBIN: 'STABAN', INFY: 'INFTEC' };
const codeOf = ({ symbol }: Pick<Instrument, 'symbol'>): string => CODES[symbol] ?? symbol;
const LISTED: readonly Listed[] = SHARES.map((share) => [share, codeOf(share)]);

/** Far below the market of the simulator, where SBIN stands at 1000. */
const restingTerms = (changes: Partial<OrderTerms> = {}): OrderTerms => {
  const resting: OrderTerms = {
    orderType: 'LIMIT',
    limitPrice: decimal('900.5'),
    triggerPrice: null,
    instrument: { exchange: 'NSE', symbol: 'SBIN' },
    side: 'BUY',
    product: 'DELIVERY',
    timeInForce: 'DAY',
    quantity: 10,
    disclosedQuantity: 0,
  };
  // The changes never touch the price terms, so the union stays intact.
  return { ...resting, ...changes } as OrderTerms;
};

const termsOfType = (type: OrderTerms['orderType']): OrderTerms => {
  const common = restingTerms();
  const limitPrice = decimal('1100.5');
  const triggerPrice = decimal('1100');
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

const open = async (module: BrokerModule, quirks: Quirks): Promise<BrokerHarness> => {
  const simulator = await startIciciSimulator();
  simulator.broker.setQuirks(quirks);
  const [app] = simulator.user.apps;
  const token = simulator.sessions.newest()?.token;
  if (app === undefined || token === undefined) throw new Error('the simulator has a session');
  const own = await makePorts({ token, instruments: SHARES, symbols: symbolsOf(LISTED) });
  const { clock } = own.ports;
  const account = accountId('contract');
  const credentials = module.credentials.parse({
    apiKey: app.appKey,
    apiSecret: app.secretKey,
    endpoints: {
      api: simulator.apiUrl,
      historical: simulator.historyUrl,
      feeds: simulator.feedsUrl,
    },
  });
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
      const refuse: Fault = { kind: 'refuse', code: '', message: 'Insufficient limits' };
      simulator.plan.next('place', refuse);
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
      simulator.book.fill(id, quantity, decimal(price));
      return Promise.resolve();
    },
    setToken: (which) => {
      own.setToken(which === null ? null : which === 'right' ? token : 'd3Jvbmc6MQ==');
    },
    corruptBook: () => {
      simulator.plan.next('orders', { kind: 'unknown-word' });
      return Promise.resolve({ word: 'Parked' });
    },
    dropPrice: (symbol) => {
      simulator.market.set({ noPrices: [codeOf({ symbol })] });
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
        simulator.feed.sendRaw(['what is this']);
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

const underTest = (module: BrokerModule, quirks: Quirks): BrokerUnderTest => ({
  module,
  noFaults: null,
  noFills: null,
  noSession: null,
  noMarketData: null,
  noMargin: 'its calculator knows contracts only',
  untaggedStream: 'its messages carry no tag',
  // Of share orders.
  timeStepMs: 60_000,
  errorIn200: 'unknown',
  open: () => open(module, quirks),
});

/** The Breeze adapter with its simulator. */
export const iciciUnderTest = (module: BrokerModule): BrokerUnderTest => underTest(module, {});

/** The same, where no book ever gives a tag back, codes have a blank behind them, and numbers are texts. */
export const taglessIciciUnderTest = (module: BrokerModule): BrokerUnderTest => ({
  ...underTest(module, { neverTags: true, trailingSpaces: true, numbersAsText: true }),
  losesTags: true,
});
