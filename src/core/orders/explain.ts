import type { Command, Fill, OrderEventRow } from '../domain/command';
import { GatewayError } from '../domain/errors';
import { orderId } from '../domain/ids';
import type { Order } from '../domain/order';
import { istIso } from '../domain/time';
import type { Ledger } from '../ports/ledger';

/** The whole life of one order, for a person and for scripts. */
export interface OrderLife {
  readonly order: Order;
  readonly commands: readonly Command[];
  readonly events: readonly OrderEventRow[];
  readonly fills: readonly Fill[];
  /** One sentence: what is true now and what it means. */
  readonly verdict: string;
  /** Milliseconds between the steps of each command, null where a step has not happened. */
  readonly waits: readonly {
    readonly n: number;
    readonly kind: string;
    readonly queuedMs: number | null;
    readonly wireMs: number | null;
  }[];
}

/** @throws GatewayError ORDER_NOT_FOUND */
export const explainOrder = async (ledger: Ledger, id: string): Promise<OrderLife> => {
  const order = await ledger.order(orderId(id));
  if (order === null) throw new GatewayError('ORDER_NOT_FOUND', `Order ${id} not found`);
  const commands = await ledger.commandsOf(order.orderId);
  const events = await ledger.events(order.orderId);
  return {
    order,
    commands,
    events,
    fills: await ledger.fillsOf(order.orderId),
    verdict: verdictOf(order),
    waits: commands.map((command) => waitsOf(command, events)),
  };
};

const waitsOf = (
  command: Command,
  events: readonly OrderEventRow[],
): OrderLife['waits'][number] => {
  const own = events.filter((event) => event.n === command.n);
  const sent = own.findLast((event) => event.kind === 'submitted')?.at ?? null;
  const answered = own.findLast((event) => event.kind === 'outcome')?.at ?? null;
  return {
    n: command.n,
    kind: command.kind,
    queuedMs: sent === null ? null : sent - command.createdAt,
    wireMs: sent === null || answered === null ? null : answered - sent,
  };
};

const verdictOf = (order: Order): string => {
  const filled = `${String(order.filledQuantity)} of ${String(order.terms.quantity)} filled`;
  const why = order.reason === null ? '' : `: ${order.reason}`;
  if (order.inDoubtSince !== null) {
    return `In doubt since ${istIso(order.inDoubtSince)}: it may or may not be at the broker. It is not sent again; the books are read until that is settled.`;
  }
  switch (order.state) {
    case 'queued':
      return 'Waiting to be sent. The broker has not seen it.';
    case 'submitted':
      return 'On its way to the broker; no answer yet.';
    case 'accepted':
    case 'triggered':
      return `Live at the broker, ${filled}.`;
    case 'trigger_pending':
      return 'Live at the broker, waiting for its trigger price.';
    case 'partially_filled':
      return `Live at the broker, ${filled}.`;
    case 'pending_update':
      return `A change was sent and is not confirmed in the book yet, ${filled}.`;
    case 'pending_cancel':
      return `A cancel was sent and is not confirmed in the book yet, ${filled}.`;
    case 'filled':
      return `Complete, ${filled} at an average of ${order.averagePrice ?? 'an unknown price'}.`;
    case 'canceled':
      return `Cancelled, ${filled}${why}.`;
    case 'rejected':
      return `Refused by the broker${why}.`;
    case 'denied':
      return `Refused by Toran; the broker has no such order${why}.`;
    case 'expired':
      return `Expired${why}; ${filled}.`;
  }
};
