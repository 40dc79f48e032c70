import { describe, expect, it } from '@jest/globals';
import { iciciMarketData } from '../../../src/brokers/icici/quotes';
import { iciciOptionChain } from '../../../src/brokers/icici/option-chain';
import { GatewayError } from '../../../src/core/domain/errors';
import {
  Answers,
  CALL,
  contract,
  index,
  recorded,
  share,
  symbolsOf,
} from '../../support/icici-answers';

const FUTURE = contract('NIFTY', '2025-02-27');
const RELIANCE = share('RELIANCE');
const RELIANCE_BSE = share('RELIANCE', 'BSE');
const NIFTY = index('NIFTY');
const CALL_760 = contract('ICICIBANK', '2025-08-28', '760', 'CE');
const PUT_760 = contract('ICICIBANK', '2025-08-28', '760', 'PE');
const symbols = symbolsOf(FUTURE, RELIANCE, RELIANCE_BSE, NIFTY, CALL_760, PUT_760);

const recordedRow = (): Readonly<Record<string, unknown>> => {
  const [row] = recorded('get_quotes') as Record<string, unknown>[];
  return { ...row };
};
/** A row of a share, in the form of the recorded one. */
const cashRow = (
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...recordedRow(),
  product_type: '',
  stock_code: 'RELIND ',
  expiry_date: '',
  right: '',
  strike_price: 0,
  ...changes,
});
const NOT_LISTED = { exchange_code: 'NA', ltp: 0, ltt: 'NA', best_bid_price: 0 };

describe('quotes', () => {
  it('read the recorded answer, exactly', async () => {
    const answers = new Answers(() => recorded('get_quotes'));
    const market = iciciMarketData(answers.query, symbols);
    expect(await market.quotes([FUTURE], CALL)).toEqual([
      {
        kind: 'quote',
        quote: {
          instrument: { exchange: 'NFO', symbol: 'NIFTY27FEB25FUT' },
          last: '23832.85',
          bid: '23832',
          ask: '23833.8',
          open: '23825',
          high: '23840.6',
          low: '23808',
          previousClose: '23785.4',
          volume: 623325,
          openInterest: null,
        },
      },
    ]);
    expect(answers.asked).toEqual([
      {
        method: 'GET',
        path: 'quotes',
        body: {
          stock_code: 'NIFTY',
          exchange_code: 'NFO',
          product_type: 'futures',
          expiry_date: '2025-02-27T06:00:00.000Z',
          right: 'others',
          strike_price: '0',
        },
      },
    ]);
  });

  it('take the row of the exchange, of the two that a share is answered with, by one call', async () => {
    const answers = new Answers(() => [
      cashRow({ exchange_code: 'NSE', ltp: 1402.5 }),
      cashRow({ exchange_code: 'BSE', ltp: '1403.05' }),
    ]);
    const market = iciciMarketData(answers.query, symbols);
    const found = await market.quotes([RELIANCE_BSE, RELIANCE], CALL);
    expect(found.map((one) => (one.kind === 'quote' ? one.quote.last : one.reason))).toEqual([
      '1403.05',
      '1402.5',
    ]);
    expect(answers.asked).toHaveLength(1);
  });

  it('have none where the stock is not listed, has not traded or was left out', async () => {
    const reasons = async (answer: () => unknown): Promise<unknown> => {
      const market = iciciMarketData(new Answers(answer).query, symbols);
      const [one] = await market.quotes([RELIANCE], CALL);
      return one?.kind === 'none' ? one.reason : one;
    };
    expect(await reasons(() => [cashRow(NOT_LISTED), cashRow({ exchange_code: 'BSE' })])).toBe(
      'ICICI does not list it on NSE',
    );
    expect(await reasons(() => [cashRow({ exchange_code: 'NSE', ltp: 0 })])).toBe(
      'it has not traded today',
    );
    expect(await reasons(() => null)).toBe('ICICI left it out of its answer');
  });

  it.each(['BROKER_REFUSED', 'SCHEMA', 'UNKNOWN_SYMBOL'] as const)(
    'say %s of one instrument beside the prices of the others, and fail when there is nothing else',
    async (code) => {
      const market = iciciMarketData(
        new Answers(({ body }) => {
          if (body['stock_code'] === 'NIFTY') return recorded('get_quotes');
          throw new GatewayError(code, 'quotes: (T2:155)');
        }).query,
        symbols,
      );
      expect(await market.quotes([RELIANCE, FUTURE, RELIANCE_BSE], CALL)).toMatchObject([
        { kind: 'none', instrument: RELIANCE, reason: 'quotes: (T2:155)' },
        { kind: 'quote' },
        { kind: 'none', instrument: RELIANCE_BSE, reason: 'quotes: (T2:155)' },
      ]);
      await expect(market.quotes([RELIANCE, RELIANCE_BSE], CALL)).rejects.toMatchObject({ code });
    },
  );

  it.each(['TIMEOUT', 'SESSION_EXPIRED', 'BROKER_THROTTLED'] as const)(
    'end at once with %s, which is not of one instrument',
    async (code) => {
      const answers = new Answers(({ body }) => {
        if (body['stock_code'] === 'NIFTY') return recorded('get_quotes');
        throw new GatewayError(code, 'quotes');
      });
      const asking = iciciMarketData(answers.query, symbols).quotes([RELIANCE, FUTURE], CALL);
      await expect(asking).rejects.toMatchObject({ code });
      expect(answers.asked).toHaveLength(1);
    },
  );

  it('never take the row of another contract', async () => {
    for (const changes of [
      { expiry_date: '27-Mar-2025' },
      { right: 'Call', strike_price: 24000 },
      { exchange_code: 'BFO' },
    ]) {
      const market = iciciMarketData(
        new Answers(() => [{ ...recordedRow(), ...changes }]).query,
        symbols,
      );
      expect(await market.quotes([FUTURE], CALL)).toMatchObject([{ kind: 'none' }]);
    }
  });

  it('name a word, a number and an instrument that they do not know', async () => {
    const ask = (changes: object): Promise<unknown> =>
      iciciMarketData(new Answers(() => [{ ...recordedRow(), ...changes }]).query, symbols).quotes(
        [FUTURE],
        CALL,
      );
    await expect(ask({ exchange_code: 'XFO' })).rejects.toThrow('"XFO\\" is no exchange');
    await expect(ask({ right: 'Kall' })).rejects.toThrow('"Kall\\" is no right');
    await expect(ask({ ltp: '23,832.85' })).rejects.toThrow('"23,832.85\\" is no number');
    await expect(ask({ total_quantity_traded: '1.5' })).rejects.toThrow('is no whole number');
    await expect(ask({ expiry_date: '31-Feb-2025' })).rejects.toThrow('is no date');
    const market = iciciMarketData(new Answers(() => []).query, symbols);
    await expect(market.quotes([share('ABB')], CALL)).rejects.toMatchObject({
      code: 'UNKNOWN_SYMBOL',
    });
  });

  it('ask for an index as for a share', async () => {
    const answers = new Answers(() => [cashRow({ exchange_code: 'NSE', stock_code: 'NIFTY' })]);
    const market = iciciMarketData(answers.query, symbols);
    expect(await market.quotes([NIFTY], CALL)).toMatchObject([
      { quote: { instrument: { exchange: 'NSE_INDEX', symbol: 'NIFTY' } } },
    ]);
    expect(answers.asked[0]?.body).toMatchObject({
      stock_code: 'NIFTY',
      exchange_code: 'NSE',
      product_type: 'cash',
    });
  });
});

describe('depth', () => {
  it('is the one level that the broker gives', async () => {
    const market = iciciMarketData(new Answers(() => recorded('get_quotes')).query, symbols);
    expect(await market.depth(FUTURE, CALL)).toMatchObject({
      last: '23832.85',
      bids: [{ price: '23832', quantity: 1500 }],
      asks: [{ price: '23833.8', quantity: 150 }],
      lastQuantity: null,
      totalBidQuantity: null,
      totalAskQuantity: null,
    });
  });

  it('is empty on a side where nobody stands, and NO_PRICE when there is no trade', async () => {
    const empty = { ...recordedRow(), best_bid_price: 0, best_bid_quantity: '0' };
    const market = iciciMarketData(new Answers(() => [empty]).query, symbols);
    expect(await market.depth(FUTURE, CALL)).toMatchObject({ bid: null, bids: [] });
    const none = iciciMarketData(new Answers(() => []).query, symbols);
    await expect(none.depth(FUTURE, CALL)).rejects.toMatchObject({ code: 'NO_PRICE' });
  });
});

describe('an option chain', () => {
  const chainAnswers = (): Answers =>
    new Answers(({ body }) =>
      recorded(body['right'] === 'call' ? 'get_option_chain_quotes' : 'get_option_chain_quotes-2'),
    );

  it('joins the recorded calls and puts by strike', async () => {
    const answers = chainAnswers();
    const chain = await iciciOptionChain(answers.query, symbols).chain(PUT_760, CALL);
    expect(chain).toMatchObject({ underlying: 'ICICIBANK', expiry: '2025-08-28', spot: '1430.1' });
    expect(chain.quotes.map((one) => `${one.strike} ${one.right}`)).toEqual([
      '760 CE',
      '760 PE',
      '780 CE',
      '780 PE',
    ]);
    expect(chain.quotes[0]).toEqual({
      strike: '760',
      right: 'CE',
      instrument: { exchange: 'NFO', symbol: 'ICICIBANK28AUG25760CE' },
      last: null,
      bid: null,
      ask: null,
      bidQuantity: 0,
      askQuantity: 0,
      previousClose: null,
      volume: 0,
      openInterest: 0,
    });
    expect(chain.quotes[2]?.instrument).toBeNull();
    expect(answers.asked.map(({ body }) => body['right'])).toEqual(['call', 'put']);
    expect(answers.asked[0]).toEqual({
      method: 'GET',
      path: 'optionchain',
      body: {
        stock_code: 'ICIBAN',
        exchange_code: 'NFO',
        product_type: 'options',
        expiry_date: '2025-08-28T06:00:00.000Z',
        right: 'call',
        strike_price: '',
      },
    });
  });

  it('of an expired contract is empty, and of no option is refused', async () => {
    const none = iciciOptionChain(new Answers(() => null).query, symbols);
    expect(await none.chain(CALL_760, CALL)).toMatchObject({ spot: null, quotes: [] });
    await expect(none.chain(FUTURE, CALL)).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('with a row of another right or expiry is an error', async () => {
    const mixed = new Answers(() => recorded('get_option_chain_quotes'));
    await expect(iciciOptionChain(mixed.query, symbols).chain(CALL_760, CALL)).rejects.toThrow(
      'asked for PE of 2025-08-28, a row is CE of 2025-08-28',
    );
  });
});
