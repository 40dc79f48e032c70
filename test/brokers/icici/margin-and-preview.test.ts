import { describe, expect, it } from '@jest/globals';
import { iciciMarginSource } from '../../../src/brokers/icici/margin';
import { iciciPreviewSource } from '../../../src/brokers/icici/preview';
import { iciciMarketData } from '../../../src/brokers/icici/quotes';
import { decimal } from '../../../src/core/domain/decimal';
import type { Instrument } from '../../../src/core/domain/instrument';
import type { OrderTerms, Product } from '../../../src/core/domain/order';
import type { MarginOrder } from '../../../src/core/ports/broker';
import { Answers, CALL, contract, recorded, share, symbolsOf } from '../../support/icici-answers';

const RELIANCE = share('RELIANCE');
const FUTURE = contract('NIFTY', '2025-02-27');
const OPTION = contract('BANKNIFTY', '2025-02-27', '50000', 'CE');
const symbols = symbolsOf(RELIANCE, FUTURE, OPTION);

const order = (instrument: Instrument, limit: string | null, product: Product): MarginOrder => {
  const prices =
    limit === null
      ? ({ orderType: 'MARKET', limitPrice: null, triggerPrice: null } as const)
      : ({ orderType: 'LIMIT', limitPrice: decimal(limit), triggerPrice: null } as const);
  const terms: OrderTerms = {
    ...prices,
    instrument: { exchange: instrument.exchange, symbol: instrument.symbol },
    side: 'BUY',
    product,
    quantity: 75,
    disclosedQuantity: 0,
    timeInForce: 'DAY',
  };
  return { terms, instrument };
};
const answering = (): Answers =>
  new Answers(({ path }) =>
    recorded(
      path === 'quotes'
        ? 'get_quotes'
        : path === 'preview_order'
          ? 'preview_order'
          : 'margin_calculator',
    ),
  );

describe('margin', () => {
  it('is what the calculator says of all contracts together', async () => {
    const answers = answering();
    const margin = iciciMarginSource(
      answers.query,
      symbols,
      iciciMarketData(answers.query, symbols),
    );
    const orders = [
      order(FUTURE, '23400', 'CARRY_FORWARD'),
      order(OPTION, '1150', 'CARRY_FORWARD'),
    ];
    expect(await margin.required(orders, CALL)).toEqual({
      total: '493011.26',
      span: '493011.26',
      exposure: null,
    });
    expect(answers.asked).toHaveLength(1);
    expect(answers.asked[0]).toMatchObject({ method: 'POST', path: 'margincalculator' });
    expect(answers.asked[0]?.body['list_of_positions']).toMatchObject([
      {
        strike_price: '0',
        quantity: '75',
        right: 'others',
        product: 'futures',
        action: 'buy',
        price: '23400',
        expiry_date: '27-Feb-2025',
        stock_code: 'NIFTY',
      },
      { strike_price: '50000', right: 'call', product: 'options', stock_code: 'CNXBAN' },
    ]);
  });

  it('of a market order is asked for at the last price, and has none without it', async () => {
    const answers = answering();
    const margin = iciciMarginSource(
      answers.query,
      symbols,
      iciciMarketData(answers.query, symbols),
    );
    await margin.required([order(FUTURE, null, 'CARRY_FORWARD')], CALL);
    expect(answers.asked.map(({ path }) => path)).toEqual(['quotes', 'margincalculator']);
    expect(answers.asked[1]?.body['list_of_positions']).toMatchObject([{ price: '23832.85' }]);
    const silent = new Answers(() => []);
    const none = iciciMarginSource(silent.query, symbols, iciciMarketData(silent.query, symbols));
    await expect(none.required([order(FUTURE, null, 'CARRY_FORWARD')], CALL)).rejects.toMatchObject(
      { code: 'NO_PRICE' },
    );
  });

  it('of shares is refused, also beside contracts: there is no calculator for them', async () => {
    const answers = answering();
    const margin = iciciMarginSource(
      answers.query,
      symbols,
      iciciMarketData(answers.query, symbols),
    );
    await expect(
      margin.required(
        [order(FUTURE, '1', 'CARRY_FORWARD'), order(RELIANCE, '1', 'DELIVERY')],
        CALL,
      ),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED', message: /NSE:RELIANCE/ });
    expect(answers.asked).toEqual([]);
  });
});

describe('the preview of an order', () => {
  it('reads the recorded charges', async () => {
    const answers = answering();
    const preview = iciciPreviewSource(
      answers.query,
      symbols,
      iciciMarketData(answers.query, symbols),
    );
    expect(await preview.charges(order(RELIANCE, '440', 'DELIVERY'), CALL)).toEqual({
      brokerage: '0.31',
      exchangeCharges: '0.01',
      stampDuty: '0.07',
      transactionTax: '0.44',
      regulatorFee: '0',
      gst: '0.06',
      total: '0.89',
    });
    expect(answers.asked[0]?.body).toEqual({
      stock_code: 'RELIND',
      exchange_code: 'NSE',
      product: 'cash',
      order_type: 'limit',
      price: '440',
      action: 'buy',
      quantity: '75',
      expiry_date: '',
      right: '',
      strike_price: '',
      specialflag: 'N',
      stoploss: '',
      order_rate_fresh: '',
    });
  });

  it('refuses a product that cannot be ordered', async () => {
    const answers = answering();
    const preview = iciciPreviewSource(
      answers.query,
      symbols,
      iciciMarketData(answers.query, symbols),
    );
    for (const one of [order(RELIANCE, '440', 'INTRADAY'), order(FUTURE, '440', 'DELIVERY')]) {
      await expect(preview.charges(one, CALL)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
    expect(answers.asked).toEqual([]);
  });
});
