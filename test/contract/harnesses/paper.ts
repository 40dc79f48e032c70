import { decimal } from '../../../src/core/domain/decimal';
import { accountId } from '../../../src/core/domain/ids';
import type { BrokerModule } from '../../../src/core/ports/broker';
import type { Clock } from '../../../src/core/ports/clock';
import type { MarketData } from '../../../src/core/ports/market';
import { SystemClock } from '../../../src/infra/system-clock';
import type { BrokerHarness, BrokerUnderTest } from '../broker-contract';
import { restingTerms, termsOfType } from './neutral';
import { callContext, makePorts, SHARES } from './ports';

/** Every share stands at 100 and never moves: limit orders at 90.5 rest. */
const stillMarket = (clock: Clock, without: ReadonlySet<string>): MarketData => ({
  label: 'still',
  now: () => clock.now(),
  isOpen: () => true,
  day: (instrument) =>
    without.has(instrument.symbol)
      ? null
      : {
          open: decimal('100'),
          high: decimal('100'),
          low: decimal('100'),
          previousClose: null,
          volume: 1_000_000,
          openInterest: null,
        },
  priceAt: () => decimal('100'),
  quote: (instrument, since) =>
    without.has(instrument.symbol)
      ? null
      : {
          instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
          at: clock.now(),
          last: decimal('100'),
          bid: decimal('99.95'),
          ask: decimal('100.05'),
          cumulativeVolume: 1_000_000,
          depth: 10_000,
          high: decimal('100'),
          low: decimal('100'),
          rangeSince: since,
        },
});

const unreachable = (): never => {
  throw new Error('a card that needs this is skipped for the paper broker');
};

const open = async (module: BrokerModule): Promise<BrokerHarness> => {
  const clock = new SystemClock();
  const without = new Set<string>();
  const own = await makePorts({
    token: null,
    instruments: SHARES,
    clock,
    market: stillMarket(clock, without),
  });
  const account = accountId('contract');
  const client = module.create(account, module.credentials.parse({}), own.ports);
  const context: BrokerHarness['context'] = (changes) => callContext(clock, changes);
  return {
    account,
    client,
    instruments: SHARES,
    context,
    now: () => clock.now(),
    terms: (changes) => restingTerms(changes),
    termsOfType,
    // Nothing is held that could be sold for delivery.
    refusedTerms: () => Promise.resolve(restingTerms({ side: 'SELL', product: 'DELIVERY' })),
    seen: () => 0,
    trulyPlaced: async () => (await client.reports.orders(context())).length,
    trulyDone: unreachable,
    fault: unreachable,
    fill: unreachable,
    setToken: unreachable,
    corruptBook: unreachable,
    dropPrice: (symbol) => {
      without.add(symbol);
    },
    paced: () => own.paced(),
    refuseQueries: () => {
      own.refuseQueries();
    },
    stream: {
      next: unreachable,
      drop: unreachable,
      sendUnknown: unreachable,
      opened: unreachable,
    },
    close: async () => {
      await client.close();
      await own.close();
    },
  };
};

/** The paper broker: no network lies between it and the gateway. */
export const paperUnderTest = (module: BrokerModule): BrokerUnderTest => ({
  module,
  noFaults: 'it has no network that could fail',
  noFills: 'its own market fills its orders',
  noSession: 'it needs no session',
  noMarketData: null,
  noMargin: null,
  errorIn200: 'unknown',
  open: () => open(module),
});
