import { isGatewayError } from '../domain/errors';
import type { Instrument } from '../domain/instrument';
import { instrumentKey } from '../domain/instrument';
import type { Order, OrderTerms, Side } from '../domain/order';
import { isTerminal } from '../domain/order-state';
import type { Capabilities, PositionReport } from '../ports/broker';
import type { IntentFacts } from '../ports/ledger';
import { reducible } from './exit';
import type { LeftOpen } from './positions-types';
import { checkOrder } from './pretrade-check';

/** The exits of one position, and what of it stays open for a reason. */
export interface ExitPlan {
  readonly terms: readonly OrderTerms[];
  readonly left: LeftOpen | null;
}

/**
 * Exits of one position at the market. Never more than the broker says is open, and never more than
 * the ledger says is free: orders that are under way, in doubt or waiting as a stop on the closing
 * side have that much of the position already. Above the freeze limit it becomes several orders.
 */
export const exitPlan = (
  position: PositionReport,
  facts: IntentFacts & { readonly net: number },
  instrument: Instrument | null,
  capabilities: readonly Capabilities[],
): ExitPlan => {
  const { product } = position;
  const side: Side = position.quantity > 0 ? 'SELL' : 'BUY';
  const open = Math.abs(position.quantity);
  const leave = (quantity: number, code: string, message: string): LeftOpen => ({
    instrument: position.instrument,
    product,
    side,
    quantity,
    code,
    message,
  });
  if (instrument === null) {
    const name = instrumentKey(position.instrument);
    return { terms: [], left: leave(open, 'UNKNOWN_SYMBOL', `${name} is not in the catalogue`) };
  }
  if (Math.sign(facts.net) !== Math.sign(position.quantity)) {
    const said = `${disagreement(position, facts)}: look again, then close`;
    return { terms: [], left: leave(open, 'POSITION_UNKNOWN', said) };
  }
  const order = exitTerms(position, side);
  const free = Math.min(open, reducible(facts.net, order, facts.openOrders));
  const quantity = free - (free % instrument.lotSize);
  const terms = pieces(quantity, instrument).map((piece) => ({ ...order, quantity: piece }));
  try {
    for (const piece of terms) for (const can of capabilities) checkOrder(piece, instrument, can);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { terms: [], left: leave(open, error.code, error.message) };
  }
  if (quantity < free) {
    const lot = `${String(free - quantity)} is less than a lot of ${String(instrument.lotSize)}`;
    return { terms, left: leave(open - quantity, 'LOT_SIZE', lot) };
  }
  // More by the fills than by the broker's word is closed as far as both agree.
  const rest = Math.max(open, Math.abs(facts.net)) - quantity;
  if (rest === 0) return { terms, left: null };
  const busy = facts.openOrders.filter((one) => !isTerminal(one.state) && one.terms.side === side);
  return {
    terms,
    left:
      busy.length === 0
        ? leave(
            rest,
            'POSITION_UNKNOWN',
            `${disagreement(position, facts)}: look again, then close`,
          )
        : leave(rest, 'EXIT_UNDER_WAY', underWay(side, busy)),
  };
};

const disagreement = (position: PositionReport, facts: { readonly net: number }): string =>
  `the broker says ${String(position.quantity)}, its fills say ${String(facts.net)}`;

const exitTerms = (position: PositionReport, side: Side): OrderTerms => ({
  instrument: position.instrument,
  product: position.product,
  side,
  timeInForce: 'DAY',
  orderType: 'MARKET',
  limitPrice: null,
  triggerPrice: null,
  quantity: Math.abs(position.quantity),
  disclosedQuantity: 0,
});

/** `quantity` in parts of at most the freeze limit, whole lots each. */
const pieces = (quantity: number, instrument: Instrument): readonly number[] => {
  if (quantity === 0) return [];
  const { freezeQuantity, lotSize } = instrument;
  if (freezeQuantity === null || quantity <= freezeQuantity) return [quantity];
  const most = Math.max(lotSize, freezeQuantity - (freezeQuantity % lotSize));
  const count = Math.ceil(quantity / most);
  return Array.from({ length: count }, (_, i) => Math.min(most, quantity - i * most));
};

const underWay = (side: Side, busy: readonly Order[]): string => {
  const ids = busy.map((order) => order.orderId).join(', ');
  const doubt = busy.some((order) => order.inDoubtSince !== null) ? ' (in doubt)' : '';
  return `${side} orders are open for it${doubt}: ${ids}; cancel them, then close again`;
};
