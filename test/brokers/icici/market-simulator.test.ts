import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { iciciModule } from '../../../src/brokers/icici';
import { readIciciMaster } from '../../../src/brokers/icici/master';
import { iciciMasterSource } from '../../../src/brokers/icici/master-source';
import { compare, decimal } from '../../../src/core/domain/decimal';
import { accountId, epochMs } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms } from '../../../src/core/domain/order';
import { DAY_MS, istDate, startOfIstDay } from '../../../src/core/domain/time';
import type { BrokerClient, BrokerSymbols } from '../../../src/core/ports/broker';
import type { MasterReading } from '../../../src/core/ports/master';
import { startIciciSimulator } from '../../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../../src/simulators/icici/simulator';
import { callContext, makePorts } from '../../contract/harnesses/ports';
import type { TestPorts } from '../../contract/harnesses/ports';

let simulator: IciciSimulator;
let own: TestPorts;
let client: BrokerClient;
let reading: MasterReading;

const symbolsOf = ({ listed }: MasterReading): BrokerSymbols => ({
  nameOf: (id) => {
    const found = listed.find(
      ({ instrument: one }) => one.exchange === id.exchange && one.symbol === id.symbol,
    );
    if (found === undefined) return null;
    const { brokerSymbol: symbol, brokerExchange: exchange, token } = found;
    return { symbol, exchange, token };
  },
  find: (exchange, symbol) =>
    listed.find((one) => one.brokerExchange === exchange && one.brokerSymbol === symbol)
      ?.instrument ?? null,
});
const first = (wanted: (one: Instrument) => boolean): Instrument => {
  const found = reading.listed.find(({ instrument }) => wanted(instrument));
  if (found === undefined) throw new Error('the simulator lists one');
  return found.instrument;
};
const option = (): Instrument =>
  first((one) => one.kind === 'option' && one.underlying === 'NIFTY' && one.right === 'CE');
const future = (): Instrument => first((one) => one.kind === 'future');
const share = (): Instrument => first((one) => one.exchange === 'NSE' && one.symbol === 'SBIN');
const context = (): ReturnType<typeof callContext> =>
  callContext(own.ports.clock, { deadlineAt: epochMs(own.ports.clock.now() + 60_000) });
const part = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the client has this part');
  return value;
};

beforeEach(async () => {
  simulator = await startIciciSimulator({ limits: [] });
  const zip = new Uint8Array(await (await fetch(simulator.masterUrl)).arrayBuffer());
  reading = readIciciMaster(zip, iciciMasterSource.dayOf(zip));
  own = await makePorts({
    token: simulator.sessions.newest()?.token ?? null,
    instruments: reading.listed.map(({ instrument }) => instrument),
    symbols: symbolsOf(reading),
  });
  const [app] = simulator.user.apps;
  const credentials = iciciModule.credentials.parse({
    apiKey: app?.appKey,
    apiSecret: app?.secretKey,
    endpoints: { api: simulator.apiUrl, historical: simulator.historyUrl },
  });
  client = iciciModule.create(accountId('icici-ab123456'), credentials, own.ports);
});
afterEach(async () => {
  await client.close();
  await own.close();
  await simulator.close();
});

const terms = (instrument: Instrument, changes: Partial<OrderTerms> = {}): OrderTerms =>
  ({
    orderType: 'LIMIT',
    limitPrice: decimal('100'),
    triggerPrice: null,
    instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
    side: 'SELL',
    product: instrument.expiry === null ? 'DELIVERY' : 'CARRY_FORWARD',
    timeInForce: 'DAY',
    quantity: instrument.lotSize,
    disclosedQuantity: 0,
    ...changes,
  }) as OrderTerms; // the changes keep the price terms together

describe('market data of Breeze', () => {
  it('has a master of today, and quotes of everything in it', async () => {
    expect(reading.asOf).toBe(istDate(own.ports.clock.now()));
    const all = reading.listed.map(({ instrument }) => instrument);
    const found = await part(client.marketData).quotes(all, context());
    const none = found.flatMap((one) => (one.kind === 'none' ? [one] : []));
    // A bond and a commodity: in the master, and not quoted by the simulator.
    expect(none.map(({ instrument }) => instrument.exchange).sort()).toEqual(['MCX', 'NSE']);
    expect(none.every(({ reason }) => reason.includes('T2:155'))).toBe(true);
    const depth = await part(client.marketData).depth(future(), context());
    expect(depth.bids.length + depth.asks.length).toBeGreaterThan(0);
  });

  it('has the chain of an option', async () => {
    const chain = await part(client.optionChain).chain(option(), context());
    expect(chain.quotes.length).toBeGreaterThan(1);
    expect(chain.quotes.every((one) => one.instrument !== null)).toBe(true);
    expect(chain.quotes.map((one) => one.right)).toContain('PE');
  });

  it('has candles over several pages, ascending and each once', async () => {
    const to = epochMs(startOfIstDay(istDate(own.ports.clock.now())) - 1);
    const from = epochMs(to - 10 * DAY_MS);
    for (const one of [share(), future(), option()]) {
      const candles = await part(client.history).candles(one, '1m', { from, to }, context());
      expect(candles.length).toBeGreaterThan(1_000);
      candles.forEach((candle, index) => {
        expect(candle.at).toBeGreaterThan(candles[index - 1]?.at ?? 0);
        expect(compare(candle.high, candle.low)).not.toBe(-1);
      });
      const days = await part(client.history).candles(one, 'D', { from, to }, context());
      expect(days.length).toBeGreaterThan(4);
    }
  });

  it('has the margin of contracts and the charges of orders', async () => {
    const one = { terms: terms(future()), instrument: future() };
    const margin = await part(client.margin).required([one], context());
    expect(compare(margin.total, decimal(0))).toBe(1);
    const charges = await part(client.preview).charges(
      { terms: terms(share(), { side: 'BUY' }), instrument: share() },
      context(),
    );
    expect(compare(charges.total, decimal(0))).toBe(1);
  });

  it('keeps GTT orders', async () => {
    const gtt = part(client.gtt);
    const leg = (trigger: string, limit: string) => ({
      triggerPrice: decimal(trigger),
      limitPrice: decimal(limit),
    });
    const placed = await gtt.place(
      {
        instrument: option(),
        product: 'CARRY_FORWARD',
        quantity: option().lotSize,
        plan: {
          kind: 'entry-and-exits',
          entry: { side: 'BUY', limitPrice: decimal('100') },
          target: leg('149', '150'),
          stop: leg('71', '70'),
        },
      },
      context(),
    );
    if (placed.kind !== 'accepted') throw new Error(JSON.stringify(placed));
    const id = placed.brokerOrderId;
    const today = istDate(own.ports.clock.now());
    expect(await gtt.list(today, today, context())).toMatchObject([
      { gttId: id, kind: 'entry-and-exits', instrument: { symbol: option().symbol } },
    ]);
    const change = {
      kind: 'exits',
      side: 'SELL',
      target: leg('159', '160'),
      stop: leg('81', '80'),
    } as const;
    expect(await gtt.modify(id, option(), change, context())).toMatchObject({ kind: 'accepted' });
    expect((await gtt.list(today, today, context()))[0]?.legs).toMatchObject([
      { role: 'target', limitPrice: '160' },
      { role: 'stop', limitPrice: '80' },
    ]);
    expect(await gtt.cancel(id, option(), context())).toMatchObject({ kind: 'accepted' });
    const [left] = await gtt.list(today, today, context());
    expect(left?.legs.map((one) => one.status)).toEqual(['Cancelled', 'Cancelled']);
  });
});
