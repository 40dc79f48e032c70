import { z } from 'zod';
import { ZERO, isPositive } from '../../core/domain/decimal';
import type {
  BrokerPorts,
  CallContext,
  Funds,
  HoldingReport,
  PositionReport,
} from '../../core/ports/broker';
import type { IciciBook } from './book';
import { deliveryPositions, funds, positionReport } from './from-wire';
import type { IciciQuery } from './query';
import { iciciDemat, iciciFunds, iciciHolding, iciciPosition } from './wire/account';
import type { IciciHolding } from './wire/account';

type Ports = Pick<BrokerPorts, 'symbols' | 'logger'>;

/** Contracts as Breeze reports them, and today's share trades from the fills, which it leaves out. */
export const readPositions = async (
  query: IciciQuery,
  book: IciciBook,
  { symbols }: Ports,
  context: CallContext,
): Promise<readonly PositionReport[]> => {
  const rows = await query('GET', 'portfoliopositions', {}, z.array(iciciPosition), context);
  const reported = rows.flatMap((row) => positionReport(row, symbols) ?? []);
  return [
    ...reported.filter(({ product }) => product !== 'DELIVERY'),
    ...deliveryPositions(await book.fillsBesidePositions(context)),
  ];
};

/**
 * Settled shares with their cost. The demat account says how many, the portfolio of each exchange what
 * they cost; a cost that neither says is 0. Shares that today's master does not list are left out and
 * named in the log: no order could be made of them.
 */
export const readHoldings = async (
  query: IciciQuery,
  { symbols, logger }: Ports,
  context: CallContext,
): Promise<readonly HoldingReport[]> => {
  const rows = await query('GET', 'dematholdings', {}, z.array(iciciDemat), context);
  const held = rows.filter((row) => row.quantity > 0);
  if (held.length === 0) return [];
  const costs = new Map<string, IciciHolding>();
  for (const exchange of ['BSE', 'NSE'] as const) {
    const body = { exchange_code: exchange };
    const portfolio = await query('GET', 'portfolioholdings', body, z.array(iciciHolding), context);
    // NSE comes last and so holds where both name a share.
    for (const row of portfolio) costs.set(row.stock_code, row);
  }
  const unlisted: string[] = [];
  const holdings = held.flatMap(({ stock_code: code, quantity }): HoldingReport[] => {
    const found = symbols.find('NSE', code) ?? symbols.find('BSE', code);
    if (found === null) {
      unlisted.push(code);
      return [];
    }
    const cost = costs.get(code);
    const last = cost?.current_market_price ?? null;
    return [
      {
        instrument: { exchange: found.exchange, symbol: found.symbol },
        quantity,
        averagePrice: cost?.average_price ?? ZERO,
        lastPrice: last !== null && isPositive(last) ? last : null,
      },
    ];
  });
  if (unlisted.length > 0) {
    logger.warn({ codes: unlisted }, "holdings that today's Security Master does not list");
  }
  return holdings;
};

/** One call. */
export const readFunds = async (query: IciciQuery, context: CallContext): Promise<Funds> =>
  funds(await query('GET', 'funds', {}, iciciFunds, context));
