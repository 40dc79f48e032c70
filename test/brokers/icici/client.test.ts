import { describe, expect, it } from '@jest/globals';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerOrderId, clientTag } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms, PriceTerms } from '../../../src/core/domain/order';
import type { CommandOutcome, PlaceOrder } from '../../../src/core/ports/broker';
import { answered, publishedAnswer, refusal } from '../../support/icici';
import { scriptedClient, success, TOKEN } from '../../support/icici-client';
import type { ScriptedClient, SeenCall } from '../../support/icici-client';
import { NIFTY_CALL, share } from '../../support/icici-symbols';

const ITC = share('ITC');
const MINUTE = { Status: 5, Error: 'Limit exceed: API call per minute:Try after some time' };
const rowsOf = (name: string): Record<string, unknown>[] =>
  publishedAnswer(name)['Success'] as Record<string, unknown>[]; // as published
const [ORDER = {}] = rowsOf('get_order_list');
const [FILL = {}] = rowsOf('get_trade_detail');

const order = (
  instrument: Instrument,
  changes: Partial<Pick<OrderTerms, 'product' | 'side'>> = {},
  prices: PriceTerms = { orderType: 'LIMIT', limitPrice: decimal('420'), triggerPrice: null },
): PlaceOrder => ({
  terms: {
    ...prices,
    instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
    side: 'BUY',
    product: 'DELIVERY',
    timeInForce: 'DAY',
    quantity: 75,
    disclosedQuantity: 0,
    ...changes,
  },
  instrument,
  clientTag: clientTag('TRN260101123456789'),
});
const MARKET: PriceTerms = { orderType: 'MARKET', limitPrice: null, triggerPrice: null };
const STOP_MARKET: PriceTerms = {
  orderType: 'STOP_MARKET',
  limitPrice: null,
  triggerPrice: decimal('415'),
};
const place = (scripted: ScriptedClient, command: PlaceOrder): Promise<CommandOutcome> =>
  scripted.client.execution.place(command, scripted.context());

describe('an order', () => {
  it('is one signed call over a connection proven live, without a slot of its own', async () => {
    const scripted = scriptedClient(() => answered(publishedAnswer('place_order')));
    expect(await place(scripted, order(ITC))).toMatchObject({ kind: 'accepted' });
    expect(scripted.paced()).toBe(0);
    expect(scripted.calls).toMatchObject([
      { method: 'POST', path: 'order', request: { freshConnection: true } },
    ]);
    const { headers, body } = scripted.calls[0]?.request ?? {};
    expect(headers?.['x-checksum']).toMatch(/^token [0-9a-f]{64}$/);
    expect(body).not.toMatch(/[:,] /);
  });

  it.each([
    ['INTRADAY', order(ITC, { product: 'INTRADAY' }), 'no intraday margin'],
    ['CNC of a contract', order(NIFTY_CALL), 'NRML for futures and options'],
    ['NRML of a share', order(ITC, { product: 'CARRY_FORWARD' }), 'CNC is for shares'],
    ['a stop without a limit', order(ITC, {}, STOP_MARKET), 'limits only'],
    ['a market order without a price', order(ITC, {}, MARKET), 'was not read'],
    ['a share that the master does not list', order(share('NOSUCH')), 'does not list'],
  ])('for %s is refused before anything is sent', async (_what, command, words) => {
    const scripted = scriptedClient();
    const outcome = await place(scripted, command);
    expect(outcome).toMatchObject({ kind: 'rejected' });
    expect(outcome.kind === 'rejected' && outcome.message).toContain(words);
    expect(scripted.calls).toEqual([]);
  });

  it('that is refused for no known reason shows the address that the broker sees', async () => {
    const scripted = scriptedClient(() => refusal('Requests from this source are not allowed'));
    expect(await place(scripted, order(ITC))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('203.0.113.9'),
    });
  });

  it('that meets words nobody knows is in doubt, and the log has the words and the address', async () => {
    const scripted = scriptedClient(() => refusal('Something happened'));
    expect(await place(scripted, order(ITC))).toMatchObject({ kind: 'unknown' });
    expect(JSON.stringify(scripted.warnings)).toContain('Something happened');
    expect(JSON.stringify(scripted.warnings)).toContain('203.0.113.9');
  });

  it('that meets a dead session was not taken; the token is reported and not used again', async () => {
    const scripted = scriptedClient(() =>
      answered({ Status: 5, Error: 'Authentication Fail :: Invalid Checksum.' }, 401),
    );
    const outcome: CommandOutcome = { kind: 'not-sent', why: 'no-session' };
    expect(await place(scripted, order(ITC))).toEqual(outcome);
    expect(scripted.died).toEqual([`${TOKEN} Authentication Fail :: Invalid Checksum.`]);
    expect(await place(scripted, order(ITC))).toEqual(outcome);
    expect(scripted.calls).toHaveLength(1);
  });

  it('rests with all calls after "too many", longer each time, and then goes again', async () => {
    const scripted = scriptedClient(() => answered(MINUTE, 401));
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const outcome = await place(scripted, order(ITC));
      waits.push(outcome.kind === 'not-sent' ? (outcome.retryAfterMs ?? 0) : 0);
      expect(await place(scripted, order(ITC))).toMatchObject({ why: 'rate-limit' });
      await expect(scripted.client.reports.funds(scripted.context())).rejects.toMatchObject({
        code: 'BROKER_THROTTLED',
        retryAfterMs: waits.at(-1),
      });
      await scripted.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([60_000, 120_000, 240_000]);
    expect(scripted.calls).toHaveLength(3);
    scripted.answer(() => answered(publishedAnswer('place_order')));
    expect(await place(scripted, order(ITC))).toMatchObject({ kind: 'accepted' });
  });

  it('rests until midnight in India when the calls of the day are used up', async () => {
    const day = { Success: null, Status: 5, Error: 'Limit exceed: API call per day: ' };
    const scripted = scriptedClient(() => answered(day, 401));
    expect(await place(scripted, order(ITC))).toMatchObject({ retryAfterMs: 14 * 3_600_000 });
  });

  it('is cancelled without its instrument, by exchange and id', async () => {
    const scripted = scriptedClient(() => answered(publishedAnswer('cancel_order')));
    const { terms } = order(share('NOSUCH'));
    const id = brokerOrderId('20250205N300001234');
    const outcome = await scripted.client.execution.cancel(
      { brokerOrderId: id, terms },
      scripted.context(),
    );
    expect(outcome).toEqual({ kind: 'accepted', brokerOrderId: id });
    expect(scripted.calls).toMatchObject([
      { method: 'DELETE', path: 'order', body: { exchange_code: 'NSE', order_id: id } },
    ]);
  });

  it('cannot be changed into a market order', async () => {
    const scripted = scriptedClient();
    const { terms, instrument } = order(ITC);
    const outcome = await scripted.client.execution.modify(
      {
        brokerOrderId: brokerOrderId('20250205N300001234'),
        terms,
        instrument,
        change: { ...MARKET, quantity: 75, disclosedQuantity: 0 },
      },
      scripted.context(),
    );
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'UNSUPPORTED_ORDER_TYPE' });
    expect(scripted.calls).toEqual([]);
  });
});

describe('a market order', () => {
  const QUOTES = [
    { exchange_code: 'NSE', ltp: 420, upper_circuit: 460, lower_circuit: 380 },
    { exchange_code: 'BSE', ltp: 421.1, upper_circuit: 461, lower_circuit: 381 },
  ];
  const quoted =
    (rows: unknown) =>
    (call: SeenCall): ReturnType<typeof success> =>
      call.path === 'quotes' ? success(rows) : answered(publishedAnswer('place_order'));
  const prepared = async (scripted: ScriptedClient, command: PlaceOrder): Promise<PlaceOrder> => {
    const found = await scripted.client.execution.prepare?.(command, scripted.context());
    return found === null || found === undefined ? command : { ...command, reference: found };
  };

  it('reads its price in a paced query first, and then is one limit order', async () => {
    const scripted = scriptedClient(quoted(QUOTES));
    const command = await prepared(scripted, order(ITC, {}, MARKET));
    expect(scripted.paced()).toBe(1);
    expect(await place(scripted, command)).toMatchObject({ kind: 'accepted' });
    expect(scripted.paced()).toBe(1);
    expect(
      scripted.calls.map((call) => [call.path, call.body['order_type'], call.body['price']]),
    ).toEqual([
      ['quotes', undefined, undefined],
      ['order', 'limit', '432.6'],
    ]);
  });

  it('takes the row of its own exchange, whichever comes first', async () => {
    const scripted = scriptedClient(quoted(QUOTES));
    const bse = share('RELIANCE', 'BSE');
    const sell = order(bse, { side: 'SELL' }, MARKET);
    await place(scripted, await prepared(scripted, sell));
    expect(scripted.calls.at(-1)?.body).toMatchObject({
      stock_code: 'RELIND',
      price: '408.5',
      action: 'sell',
    });
  });

  it('is not needed by a limit order', async () => {
    const scripted = scriptedClient();
    expect(await prepared(scripted, order(ITC))).not.toHaveProperty('reference');
    expect(scripted.calls).toEqual([]);
  });

  it.each([
    ['is not listed there', [{ exchange_code: 'NA', ltp: 0, ltt: 'NA' }]],
    ['has not traded', [{ exchange_code: 'NSE', ltp: 0 }]],
    ['is on the other exchange only', [QUOTES[1]]],
    ['is not found', []],
  ])('of a share that %s ends with that reason', async (_what, rows) => {
    const scripted = scriptedClient(quoted(rows));
    await expect(prepared(scripted, order(ITC, {}, MARKET))).rejects.toMatchObject({
      code: 'NO_PRICE',
    });
  });

  it.each([
    ['another strike', { strike_price: 24900 }],
    ['another day', { expiry_date: '06-Mar-2025' }],
    ['the other right', { right: 'Put' }],
    ['another underlying', { stock_code: 'CNXBAN' }],
  ])('of a contract takes no price of %s', async (_what, other) => {
    const row = {
      ...{ exchange_code: 'NFO', stock_code: 'NIFTY ', ltp: 101.25 },
      ...{ expiry_date: '27-Feb-2025', strike_price: 24800.0, right: 'Call' },
    };
    const call = order(NIFTY_CALL, { product: 'CARRY_FORWARD' }, MARKET);
    expect(await prepared(scriptedClient(quoted([row])), call)).toHaveProperty('reference');
    const wrong = prepared(scriptedClient(quoted([{ ...row, ...other }])), call);
    await expect(wrong).rejects.toMatchObject({ code: 'NO_PRICE' });
  });

  it('of a contract takes a row that lacks the names', async () => {
    const scripted = scriptedClient(quoted([{ ltp: 101.25 }]));
    const call = order(NIFTY_CALL, { product: 'CARRY_FORWARD' }, MARKET);
    await place(scripted, await prepared(scripted, call));
    expect(scripted.calls.at(-1)?.body).toMatchObject({ price: '111.35', right: 'call' });
  });

  it('shows in the book as the limit that it is', async () => {
    const scripted = scriptedClient((call) =>
      call.path === 'order' && call.body['exchange_code'] === 'NSE'
        ? success([{ ...ORDER, price: '432.60' }])
        : null,
    );
    const [row] = await scripted.client.reports.orders(scripted.context());
    expect(row?.terms).toMatchObject({ orderType: 'LIMIT', limitPrice: '432.6' });
  });
});

describe('the books', () => {
  const filled = { ...ORDER, status: 'Executed', pending_quantity: '0', average_price: '419.5' };
  const nse =
    (orders: unknown[], fills: unknown[] = []) =>
    (call: SeenCall): ReturnType<typeof success> | null => {
      if (call.path === 'trades') return success(fills);
      return call.body['exchange_code'] === 'NSE' && call.path === 'order' ? success(orders) : null;
    };
  const paths = (scripted: ScriptedClient): string[] =>
    scripted.calls.map((call) => `${call.path} ${call.body['exchange_code'] ?? ''}`);

  it('read the orders of every exchange, one call each, for today in India', async () => {
    const scripted = scriptedClient(nse([ORDER]));
    expect(await scripted.client.reports.orders(scripted.context())).toHaveLength(1);
    expect(paths(scripted)).toEqual(['order NSE', 'order BSE', 'order NFO', 'order BFO']);
    expect(scripted.paced()).toBe(4);
    const day = '2025-02-05T06:00:00.000Z';
    expect(scripted.calls[0]?.body).toEqual({ exchange_code: 'NSE', from_date: day, to_date: day });
  });

  it.each(['NSE', 'BSE', 'NFO', 'BFO'])('fail as a whole when %s fails', async (broken) => {
    const scripted = scriptedClient((call) =>
      call.body['exchange_code'] === broken ? answered('<html>', 502) : success([]),
    );
    await expect(scripted.client.reports.orders(scripted.context())).rejects.toMatchObject({
      code: 'SCHEMA',
    });
  });

  it('read one exchange for the ids beside which an order will stand', async () => {
    const scripted = scriptedClient(nse([ORDER]));
    expect(await scripted.client.reports.orderIds?.(ITC, scripted.context())).toEqual([
      '20250205N300001234',
    ]);
    expect(await scripted.client.reports.orderIds?.(NIFTY_CALL, scripted.context())).toEqual([]);
    expect(paths(scripted)).toEqual(['order NSE', 'order NFO']);
  });

  it('ask for the fills of an order until they explain what is filled, and then no more', async () => {
    const scripted = scriptedClient(nse([filled]));
    const look = async (): Promise<number> => {
      await scripted.client.reports.orders(scripted.context());
      scripted.calls.length = 0;
      return (await scripted.client.reports.fills(scripted.context())).length;
    };
    // The trade book is behind the order book.
    expect([await look(), paths(scripted)]).toEqual([0, ['trades NSE']]);
    scripted.answer(nse([filled], [FILL]));
    expect([await look(), paths(scripted)]).toEqual([1, ['trades NSE']]);
    expect([await look(), paths(scripted)]).toEqual([1, []]);
  });

  it('read the orders anew for fills that are asked for alone, or once more', async () => {
    const scripted = scriptedClient(nse([]));
    const { reports } = scripted.client;
    await reports.fills(scripted.context());
    expect(scripted.calls).toHaveLength(4);
    await reports.orders(scripted.context());
    await reports.fills(scripted.context());
    expect(scripted.calls).toHaveLength(8);
    await reports.fills(scripted.context());
    expect(scripted.calls).toHaveLength(12);
    await reports.orders(scripted.context());
    await scripted.clock.advance(2_000);
    await reports.fills(scripted.context());
    expect(scripted.calls).toHaveLength(20);
  });

  it('show shares bought today among the positions, which the broker leaves out', async () => {
    const scripted = scriptedClient(nse([filled], [FILL]));
    const positions = await scripted.client.reports.positions(scripted.context());
    expect(positions).toMatchObject([
      { instrument: { symbol: 'ITC' }, product: 'DELIVERY', quantity: 1, averagePrice: '452.2' },
    ]);
  });

  it('take the words of an empty position book for none', async () => {
    const empty = answered({ Success: null, Status: 200, Error: 'No Positions available.' });
    const scripted = scriptedClient((call) => (call.path === 'portfoliopositions' ? empty : null));
    expect(await scripted.client.reports.positions(scripted.context())).toEqual([]);
  });

  it('join holdings with their cost, and name in the log what the master does not list', async () => {
    const demat = (stock_code: string, quantity: string): Record<string, string> => ({
      ...(rowsOf('get_demat_holdings')[0] as Record<string, string>), // as published
      stock_code,
      quantity,
    });
    const scripted = scriptedClient((call) => {
      if (call.path === 'dematholdings') {
        return success([demat('RELIND', '10'), demat('UNITEC', '1'), demat('ITC', '0')]);
      }
      return call.path === 'portfolioholdings' && call.body['exchange_code'] === 'NSE'
        ? success([
            {
              ...rowsOf('get_portfolio_holdings')[0],
              stock_code: 'RELIND',
              quantity: '10',
              average_price: '1200.50',
              current_market_price: '1250.1',
            },
          ])
        : null;
    });
    expect(await scripted.client.reports.holdings(scripted.context())).toEqual([
      {
        instrument: { exchange: 'NSE', symbol: 'RELIANCE' },
        quantity: 10,
        averagePrice: '1200.5',
        lastPrice: '1250.1',
      },
    ]);
    expect(JSON.stringify(scripted.warnings)).toContain('UNITEC');
  });

  it('ask for nothing without a session', async () => {
    const scripted = scriptedClient();
    scripted.setToken(null);
    await expect(scripted.client.reports.orders(scripted.context())).rejects.toMatchObject({
      code: 'NO_SESSION',
    });
    expect(scripted.calls).toEqual([]);
  });
});
