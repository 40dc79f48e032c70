import { compare } from '../../core/domain/decimal';
import { GatewayError } from '../../core/domain/errors';
import type { Decimal } from '../../core/domain/ids';
import type { BrokerSymbols, CallContext } from '../../core/ports/broker';
import type { ChainQuote, OptionChainSource } from '../../core/ports/market-data';
import { contractCode } from './contract-code';
import { dataName } from './data-name';
import type { DataName } from './data-name';
import type { IciciQuery } from './query';
import { iciciChain } from './wire/market';
import type { IciciChainRow } from './wire/market';

type OptionName = DataName & { readonly contract: NonNullable<DataName['contract']> };

/**
 * Chains of GET optionchain: one call for the calls and one for the puts. Rows of another expiry or right
 * than asked for are an error, not data.
 */
export const iciciOptionChain = (query: IciciQuery, symbols: BrokerSymbols): OptionChainSource => {
  const quoteOf = (
    { exchangeCode, stockCode, contract }: OptionName,
    right: 'CE' | 'PE',
    row: IciciChainRow,
  ): ChainQuote => {
    const code = contractCode({
      stockCode,
      expiry: contract.expiry,
      strike: row.strike_price,
      right,
    });
    const listed = symbols.find(exchangeCode, code);
    return {
      strike: row.strike_price,
      right,
      instrument: listed === null ? null : { exchange: listed.exchange, symbol: listed.symbol },
      last: row.ltp,
      bid: row.best_bid_price,
      ask: row.best_offer_price,
      bidQuantity: row.best_bid_quantity ?? 0,
      askQuantity: row.best_offer_quantity ?? 0,
      previousClose: row.previous_close,
      volume: row.total_quantity_traded ?? 0,
      openInterest: row.open_interest,
    };
  };

  const side = async (
    name: OptionName,
    right: 'CE' | 'PE',
    context: CallContext,
  ): Promise<readonly IciciChainRow[]> => {
    const { exchangeCode, stockCode, contract } = name;
    const body = {
      stock_code: stockCode,
      exchange_code: exchangeCode,
      product_type: 'options',
      expiry_date: `${contract.expiry}T06:00:00.000Z`,
      right: right === 'CE' ? 'call' : 'put',
      strike_price: '',
    };
    const rows = await query('GET', 'optionchain', body, iciciChain, context);
    const stray = rows.find((row) => row.right !== right || row.expiry_date !== contract.expiry);
    if (stray === undefined) return rows;
    throw new GatewayError(
      'SCHEMA',
      `optionchain: asked for ${right} of ${contract.expiry}, a row is ${String(stray.right)} of ${stray.expiry_date}`,
      { correlationId: context.correlationId },
    );
  };

  return {
    chain: async (of, context) => {
      const name = dataName(symbols, of, context.correlationId);
      const { contract } = name;
      if (contract === null || of.kind !== 'option') {
        throw new GatewayError('VALIDATION', `symbol: ${of.symbol} is no option`, {
          field: 'symbol',
          correlationId: context.correlationId,
        });
      }
      const option = { ...name, contract };
      const calls = await side(option, 'CE', context);
      const puts = await side(option, 'PE', context);
      const quotes = [
        ...calls.map((row) => quoteOf(option, 'CE', row)),
        ...puts.map((row) => quoteOf(option, 'PE', row)),
      ];
      // A stable sort: the call of a strike stays before its put.
      quotes.sort((a, b) => compare(a.strike, b.strike));
      return {
        underlying: of.underlying,
        expiry: contract.expiry,
        spot: newestSpot(puts) ?? newestSpot(calls),
        quotes,
      };
    },
  };
};

const newestSpot = (rows: readonly IciciChainRow[]): Decimal | null =>
  rows.find((row) => row.spot_price !== null)?.spot_price ?? null;
