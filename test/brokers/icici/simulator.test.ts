import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { iciciModule } from '../../../src/brokers/icici';
import { decimal } from '../../../src/core/domain/decimal';
import { accountId, brokerOrderId, clientTag } from '../../../src/core/domain/ids';
import type { BrokerOrderId } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms, PriceTerms } from '../../../src/core/domain/order';
import { contractFacts, contractInstrument } from '../../../src/core/instruments/symbol';
import type { BrokerClient, CommandOutcome, OrderReport } from '../../../src/core/ports/broker';
import type { IciciInstrument } from '../../../src/simulators/icici/instruments';
import { startIciciSimulator } from '../../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../../src/simulators/icici/simulator';
import { keyOf } from '../../../src/simulators/icici/instruments';
import { contractSymbolOf, share, symbolsOf } from '../../support/icici-symbols';
import { callContext, makePorts } from '../../contract/harnesses/ports';
import type { TestPorts } from '../../contract/harnesses/ports';

const SBIN = share('SBIN');
const MARKET: PriceTerms = { orderType: 'MARKET', limitPrice: null, triggerPrice: null };
const at = (price: string): PriceTerms => ({
  orderType: 'LIMIT',
  limitPrice: decimal(price),
  triggerPrice: null,
});

let simulator: IciciSimulator;
let own: TestPorts;
let client: BrokerClient;
/** A call and a future of the simulator, whose days depend on today. */
let call: Instrument;
let future: Instrument;

const listed = (one: IciciInstrument): Instrument => {
  const facts = contractFacts(contractSymbolOf(one));
  if (facts === null) throw new Error(`no contract ${keyOf(one)}`);
  return contractInstrument(facts, {
    exchange: one.exchange,
    name: one.name,
    lotSize: one.lotSize,
    tickSize: decimal((one.tickPaise ?? 0) / 100),
    freezeQuantity: null,
  });
};

beforeEach(async () => {
  simulator = await startIciciSimulator();
  const nifty = simulator.instruments.filter((one) => one.stockCode === 'NIFTY');
  const theCall = nifty.find((one) => one.right === 'CE');
  const theFuture = nifty.find((one) => one.kind === 'future');
  const [app] = simulator.user.apps;
  if (theCall === undefined || theFuture === undefined || app === undefined) {
    throw new Error('the simulator has contracts and an app');
  }
  call = listed(theCall);
  future = listed(theFuture);
  own = await makePorts({
    token: simulator.sessions.newest()?.token ?? null,
    instruments: [SBIN, call, future],
    symbols: symbolsOf([
      [SBIN, 'STABAN'],
      [call, keyOf(theCall)],
      [future, keyOf(theFuture)],
    ]),
  });
  const credentials = iciciModule.credentials.parse({
    apiKey: app.appKey,
    apiSecret: app.secretKey,
    endpoints: { api: simulator.apiUrl },
    outgoingAddress: '203.0.113.9',
  });
  client = iciciModule.create(accountId('icici-ab123456'), credentials, own.ports);
});
afterEach(async () => {
  await client.close();
  await own.close();
  await simulator.close();
});

const context = (): ReturnType<typeof callContext> => callContext(own.ports.clock);
const termsOf = (
  instrument: Instrument,
  prices: PriceTerms,
  side: 'BUY' | 'SELL' = 'BUY',
): OrderTerms => ({
  ...prices,
  instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
  side,
  product: instrument.kind === 'equity' ? 'DELIVERY' : 'CARRY_FORWARD',
  timeInForce: 'DAY',
  quantity: instrument.lotSize,
  disclosedQuantity: 0,
});
/** As the dispatcher does it: what is needed is read first. */
const place = async (
  instrument: Instrument,
  prices: PriceTerms,
  side?: 'BUY' | 'SELL',
): Promise<CommandOutcome> => {
  const terms = termsOf(instrument, prices, side);
  const reference = await client.execution.prepare?.({ terms, instrument }, context());
  const found = reference === null || reference === undefined ? {} : { reference };
  const command = { terms, instrument, clientTag: clientTag('TRN260101123456789'), ...found };
  return client.execution.place(command, context());
};
const placed = async (...order: Parameters<typeof place>): Promise<BrokerOrderId> => {
  const outcome = await place(...order);
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome.brokerOrderId;
};
const reported = async (id: BrokerOrderId): Promise<OrderReport | undefined> =>
  (await client.reports.orders(context())).find((row) => row.brokerOrderId === id);

describe('a login', () => {
  it('gives a token with which the account can be read', async () => {
    simulator.sessions.login(simulator.user.apps[0]?.appKey ?? '', '55599999');
    const url = 'https://127.0.0.1/?apisession=55599999';
    const grant = await client.session.login?.exchange(url, context());
    expect(grant?.identity).toBe('AB123456');
    expect(await client.session.probe(context())).toBe('expired');
    own.setToken(grant?.token ?? null);
    expect(await client.session.probe(context())).toBe('live');
  });
});

describe('a market order', () => {
  it.each([
    ['BUY', '1030'],
    ['SELL', '970'],
  ] as const)('to %s shares is a limit at 3 %% that trades at the market', async (side, limit) => {
    const id = await placed(SBIN, MARKET, side);
    expect(await reported(id)).toMatchObject({
      status: 'filled',
      averagePrice: '1000',
      terms: { orderType: 'LIMIT', limitPrice: limit, side },
    });
  });

  it.each([
    ['an option', () => call],
    ['a future', () => future],
  ])('in %s trades, on a tick of the contract', async (_what, instrument) => {
    const id = await placed(instrument(), MARKET);
    expect(await reported(id)).toMatchObject({ status: 'filled' });
    const positions = await client.reports.positions(context());
    expect(positions).toMatchObject([
      {
        instrument: { symbol: instrument().symbol },
        product: 'CARRY_FORWARD',
        quantity: instrument().lotSize,
      },
    ]);
  });

  it('without a price is not placed', async () => {
    simulator.market.set({ noPrices: ['STABAN'] });
    await expect(place(SBIN, MARKET)).rejects.toMatchObject({ code: 'NO_PRICE' });
    expect(simulator.book.orders()).toEqual([]);
  });
});

describe('an order', () => {
  it('from an address that is not registered is refused, with the address', async () => {
    simulator.broker.setAddresses(['203.0.113.1']);
    expect(await place(SBIN, at('900'))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('203.0.113.9'),
    });
  });

  it('that the exchange refuses later shows rejected, and where the reason is', async () => {
    simulator.plan.next('place', { kind: 'reject-later', message: 'circuit' });
    const id = await placed(SBIN, at('900'));
    expect(await reported(id)).toMatchObject({
      status: 'rejected',
      message: expect.stringContaining('ICICI site'),
    });
  });

  it('for the moment, or not at all, shows canceled', async () => {
    const terms = { ...termsOf(SBIN, at('900')), timeInForce: 'IOC' as const };
    const command = { terms, instrument: SBIN, clientTag: clientTag('TRN1') };
    const outcome = await client.execution.place(command, context());
    const id = outcome.kind === 'accepted' ? outcome.brokerOrderId : brokerOrderId('none');
    expect(await reported(id)).toMatchObject({
      status: 'canceled',
      terms: { timeInForce: 'IOC' },
    });
  });

  it('that was filled in part and then cancelled shows what was filled', async () => {
    const id = await placed(call, at('1'));
    simulator.book.fill(id, 25, decimal('1'));
    const { terms } = { terms: termsOf(call, at('1')) };
    await client.execution.cancel({ brokerOrderId: id, terms }, context());
    expect(await reported(id)).toMatchObject({ status: 'canceled', filledQuantity: 25 });
  });

  it('whose cancel or change was "done" without effect still shows as it was', async () => {
    const id = await placed(SBIN, at('900'));
    const terms = termsOf(SBIN, at('900'));
    const change = { ...at('905'), quantity: 3, disclosedQuantity: 0 };
    simulator.plan.next('cancel', { kind: 'ok-but-not-done' });
    simulator.plan.next('modify', { kind: 'ok-but-not-done' });
    // The answer alone is no proof; the reconciler reads the book until it shows the effect.
    const target = { brokerOrderId: id, terms };
    expect(await client.execution.cancel(target, context())).toMatchObject({ kind: 'accepted' });
    expect(
      await client.execution.modify({ ...target, instrument: SBIN, change }, context()),
    ).toMatchObject({ kind: 'accepted' });
    expect(await reported(id)).toMatchObject({ status: 'open', terms });
  });

  it('that breaks a rule of the exchange is refused in the words of the broker', async () => {
    expect(await place(SBIN, at('900.03'))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('multiple of the tick size'),
    });
  });
});

describe('holdings', () => {
  it('have their cost from the portfolio', async () => {
    simulator.accounts.setHoldings([
      { exchange: 'NSE', stockCode: 'STABAN', quantity: 7, averagePrice: '800.55' },
    ]);
    expect(await client.reports.holdings(context())).toEqual([
      {
        instrument: { exchange: 'NSE', symbol: 'SBIN' },
        quantity: 7,
        averagePrice: '800.55',
        lastPrice: '1000',
      },
    ]);
  });
});
