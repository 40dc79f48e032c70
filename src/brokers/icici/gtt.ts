import { brokerOrderId } from '../../core/domain/ids';
import type { BrokerOrderId, IsoDate } from '../../core/domain/ids';
import type { Instrument } from '../../core/domain/instrument';
import type { Side } from '../../core/domain/order';
import { istDate } from '../../core/domain/time';
import type { BrokerSymbols, CommandOutcome } from '../../core/ports/broker';
import type { Clock } from '../../core/ports/clock';
import type { GttClient, GttLeg, GttReport, PlaceGtt } from '../../core/ports/market-data';
import { contractCode, parseContractCode } from './contract-code';
import type { IciciContract } from './contract-code';
import { NSE_INDEX_CODES } from './index-codes';
import { iciciProduct, iciciRight } from './data-name';
import type { IciciCommand } from './command';
import type { IciciQuery } from './query';
import { gttAnswer, gttBook } from './wire/gtt';
import type { IciciGtt } from './wire/gtt';

export interface IciciGttOptions {
  readonly query: IciciQuery;
  readonly command: IciciCommand;
  readonly symbols: BrokerSymbols;
  readonly clock: Clock;
}

const EXCHANGES = ['NFO', 'BFO'] as const;
/** Indices with derivatives on BSE; those of NSE are in the table of the master. */
const BSE_INDEX_CODES: ReadonlySet<string> = new Set(['BSESEN', 'BANKEX', 'BSEFOC']);

interface GttName {
  readonly exchangeCode: string;
  readonly contract: IciciContract;
}

const refused = (why: string): CommandOutcome => ({
  kind: 'rejected',
  code: 'UNSUPPORTED',
  message: why,
});

/** GTT calls write the seconds with two decimals. */
const dateText = (date: IsoDate): string => `${date}T06:00:00.00Z`;
const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');
const isIndex = (stockCode: string): boolean =>
  NSE_INDEX_CODES.has(stockCode) || BSE_INDEX_CODES.has(stockCode);

const legFields = (side: Side, leg: GttLeg, type?: 'target' | 'stoploss'): object => ({
  ...(type === undefined ? {} : { gtt_leg_type: type }),
  action: side.toLowerCase(),
  limit_price: leg.limitPrice,
  trigger_price: leg.triggerPrice,
});
const exitFields = (side: Side, target: GttLeg, stop: GttLeg): readonly object[] => [
  legFields(side, target, 'target'),
  legFields(side, stop, 'stoploss'),
];

const planFields = ({ plan }: PlaceGtt): object => {
  if (plan.kind === 'single') {
    return { gtt_type: 'single', order_details: [legFields(plan.side, plan.leg)] };
  }
  const { entry, target, stop } = plan;
  return {
    gtt_type: 'cover_oco',
    fresh_order_action: entry.side.toLowerCase(),
    fresh_order_price: entry.limitPrice,
    fresh_order_type: 'limit',
    order_details: exitFields(opposite(entry.side), target, stop),
  };
};

/** GTT orders of gttorder: options and futures, as in every published sample; never shares. */
export const iciciGtt = (options: IciciGttOptions): GttClient => {
  const { query, command, symbols, clock } = options;

  const nameOf = (instrument: Instrument): GttName | null => {
    const listed = symbols.nameOf(instrument);
    const contract = listed === null ? null : parseContractCode(listed.symbol);
    const exchangeCode = EXCHANGES.find((one) => one === listed?.exchange);
    return contract === null || exchangeCode === undefined ? null : { exchangeCode, contract };
  };
  const notOffered = (instrument: Instrument): CommandOutcome =>
    refused(
      `ICICI takes GTT orders in futures and options of its master of today, not in ${instrument.symbol}`,
    );

  const reportOf = (wire: IciciGtt): GttReport => {
    const contract = contractOf(wire);
    const brokerSymbol = contractCode(contract);
    const listed = symbols.find(wire.exchange_code, brokerSymbol);
    return {
      gttId: idOf(wire),
      instrument: listed === null ? null : { exchange: listed.exchange, symbol: listed.symbol },
      brokerSymbol,
      kind: wire.gtt_type,
      quantity: wire.quantity,
      legs: wire.order_details.map((leg) => ({
        role: leg.gtt_leg_type ?? 'single',
        side: leg.action,
        triggerPrice: leg.trigger_price,
        limitPrice: leg.limit_price,
        status: leg.status,
      })),
      entryOrderId: wire.fresh_order_id === null ? null : brokerOrderId(wire.fresh_order_id),
      placedAt: wire.order_datetime,
    };
  };

  return {
    place: async (order, context) => {
      const { instrument, product, quantity } = order;
      const name = nameOf(instrument);
      if (name === null) return notOffered(instrument);
      if (product !== 'CARRY_FORWARD') return refused(`ICICI has no ${product} in contracts`);
      const { exchangeCode, contract } = name;
      const body = {
        exchange_code: exchangeCode,
        stock_code: contract.stockCode,
        product: iciciProduct(contract),
        quantity: String(quantity),
        expiry_date: dateText(contract.expiry),
        right: iciciRight(contract),
        strike_price: contract.strike ?? '0',
        ...planFields(order),
        index_or_stock: isIndex(contract.stockCode) ? 'index' : 'stock',
        trade_date: dateText(istDate(clock.now())),
      };
      return command('POST', 'gttorder', body, gttAnswer, context);
    },
    modify: async (gttId, instrument, change, context) => {
      const name = nameOf(instrument);
      if (name === null) return notOffered(instrument);
      const body = {
        exchange_code: name.exchangeCode,
        gtt_order_id: gttId,
        // Placed as `cover_oco`, changed as `oco`: so the published samples.
        gtt_type: change.kind === 'single' ? 'single' : 'oco',
        order_details:
          change.kind === 'single'
            ? [legFields(change.side, change.leg)]
            : exitFields(change.side, change.target, change.stop),
      };
      return command('PUT', 'gttorder', body, gttAnswer, context);
    },
    cancel: async (gttId, instrument, context) => {
      const name = nameOf(instrument);
      if (name === null) return notOffered(instrument);
      const body = { exchange_code: name.exchangeCode, gtt_order_id: gttId };
      return command('DELETE', 'gttorder', body, gttAnswer, context);
    },
    list: async (from, to, context) => {
      const reports: GttReport[] = [];
      for (const exchange of EXCHANGES) {
        const body = {
          exchange_code: exchange,
          from_date: dateText(from),
          to_date: dateText(to),
        };
        const rows = await query('GET', 'gttorder', body, gttBook, context);
        reports.push(...rows.map(reportOf));
      }
      return reports;
    },
  };
};

const contractOf = (wire: IciciGtt): IciciContract => {
  const { stock_code: stockCode, expiry_date: expiry, right, strike_price: strike } = wire;
  return right === null
    ? { stockCode, expiry, strike: null, right: null }
    : { stockCode, expiry, strike, right };
};

const idOf = (wire: IciciGtt): BrokerOrderId => brokerOrderId(wire.order_details[0].gtt_order_id);
