import {
  absolute,
  add,
  decimal,
  divide,
  multiply,
  negate,
  subtract,
  ZERO,
} from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { NeutralPosition, NeutralTrade } from './wire';

interface Net {
  readonly trade: NeutralTrade;
  quantity: number;
  average: Decimal;
  realized: Decimal;
}

/** Net positions by weighted average; crossing zero opens the rest at the trade's price. */
export const positionsOf = (
  trades: readonly NeutralTrade[],
  lastPrice: (symbol: string) => string,
): readonly NeutralPosition[] => {
  const nets = new Map<string, Net>();
  for (const trade of trades) {
    const key = `${trade.exchange}:${trade.symbol}:${trade.product}`;
    const net = nets.get(key) ?? { trade, quantity: 0, average: ZERO, realized: ZERO };
    nets.set(key, net);
    take(net, trade.side === 'buy' ? trade.quantity : -trade.quantity, decimal(trade.price));
  }
  return [...nets.values()].map((net) => {
    const last = decimal(lastPrice(net.trade.symbol));
    return {
      exchange: net.trade.exchange,
      symbol: net.trade.symbol,
      product: net.trade.product,
      quantity: net.quantity,
      average_price: net.average,
      last_price: last,
      realized_pnl: net.realized,
      unrealized_pnl: multiply(subtract(last, net.average), net.quantity),
    };
  });
};

const take = (net: Net, signed: number, price: Decimal): void => {
  const sameSide = net.quantity === 0 || Math.sign(net.quantity) === Math.sign(signed);
  const after = net.quantity + signed;
  if (sameSide) {
    const paid = add(
      multiply(net.average, Math.abs(net.quantity)),
      multiply(price, Math.abs(signed)),
    );
    net.average = divide(paid, Math.abs(after), 4);
  } else {
    const closed = Math.min(Math.abs(signed), Math.abs(net.quantity));
    const gain = multiply(subtract(price, net.average), closed);
    net.realized = add(net.realized, net.quantity > 0 ? gain : negate(gain));
    if (after === 0) net.average = ZERO;
    else if (Math.sign(after) !== Math.sign(net.quantity)) net.average = absolute(price);
  }
  net.quantity = after;
};
