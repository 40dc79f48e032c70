import { add, divide, multiply, negate, subtract, ZERO } from '../../core/domain/decimal';
import type { Decimal } from '../../core/domain/ids';
import type { IciciInstrument } from './instruments';
import { keyOf } from './instruments';
import type { IciciTrade } from './order';

/** What a user's trades in one instrument come to; the quantity is signed. */
export interface Net {
  readonly instrument: IciciInstrument;
  readonly quantity: number;
  readonly average: Decimal;
  readonly realized: Decimal;
}

/** Net by weighted average; crossing zero opens the rest at the trade's price. */
export const netOf = (trades: readonly IciciTrade[]): readonly Net[] => {
  const nets = new Map<string, Net>();
  for (const { order, quantity, price } of trades) {
    const { instrument, action } = order;
    const key = `${instrument.exchange}:${keyOf(instrument)}`;
    const net = nets.get(key) ?? { instrument, quantity: 0, average: ZERO, realized: ZERO };
    nets.set(key, after(net, action === 'buy' ? quantity : -quantity, price));
  }
  return [...nets.values()];
};

const after = (net: Net, signed: number, price: Decimal): Net => {
  const quantity = net.quantity + signed;
  if (net.quantity === 0 || Math.sign(net.quantity) === Math.sign(signed)) {
    const paid = add(
      multiply(net.average, Math.abs(net.quantity)),
      multiply(price, Math.abs(signed)),
    );
    return { ...net, quantity, average: divide(paid, Math.abs(quantity), 4) };
  }
  const closed = Math.min(Math.abs(signed), Math.abs(net.quantity));
  const gain = multiply(subtract(price, net.average), closed);
  const realized = add(net.realized, net.quantity > 0 ? gain : negate(gain));
  const crossed = quantity !== 0 && Math.sign(quantity) !== Math.sign(net.quantity);
  const average = quantity === 0 ? ZERO : crossed ? price : net.average;
  return { ...net, quantity, average, realized };
};
