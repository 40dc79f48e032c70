import type { OrderEventRow } from '../core/domain/command';
import { istIso } from '../core/domain/time';
import type { OrderLife } from '../core/orders/explain';
import { renderTable } from './render-table';

/** One page for a person: what was asked, every ledger row with its time, waits, fills, verdict. */
export const renderLife = (life: OrderLife): string => {
  const { order } = life;
  const { terms } = order;
  const price = [
    terms.limitPrice === null ? '' : ` at ${terms.limitPrice}`,
    terms.triggerPrice === null ? '' : ` trigger ${terms.triggerPrice}`,
  ].join('');
  const head = [
    `Order ${order.orderId}  account ${order.accountId}  ${order.origin === 'foreign' ? 'placed elsewhere' : `strategy "${order.strategy}"`}`,
    `  ${terms.side} ${String(terms.quantity)} ${terms.instrument.exchange}:${terms.instrument.symbol} ${terms.orderType}${price} ${terms.product} ${terms.timeInForce}${order.isExit ? ' (exit)' : ''}`,
    `  broker order ${order.brokerOrderId ?? 'none'}  tag ${order.clientTag ?? 'none'}  client order id ${order.clientOrderId ?? 'none'}`,
    `  correlation ${order.correlationId}`,
    `  state ${order.state}  filled ${String(order.filledQuantity)}  average ${order.averagePrice ?? 'none'}`,
  ];
  const first = life.events[0]?.at ?? order.createdAt;
  const history = life.events.map((event) => ({
    'time (IST)': istIso(event.at).slice(11, 23),
    '+ms': event.at - first,
    command: event.n ?? '',
    what: event.kind,
    detail: detailOf(event),
  }));
  const waits = life.waits.map((wait) => ({
    command: wait.n,
    kind: wait.kind,
    'queued ms': wait.queuedMs ?? 'not sent',
    'wire ms': wait.wireMs ?? (wait.queuedMs === null ? '' : 'no answer'),
  }));
  const fills = life.fills.map((fill) => ({
    trade: fill.tradeId,
    quantity: fill.quantity,
    price: fill.price,
    time: istIso(fill.filledAt),
  }));
  return [
    ...head,
    '',
    'History (ledger rows)',
    renderTable(history),
    'Waits',
    renderTable(waits),
    'Fills',
    renderTable(fills),
    `Verdict: ${life.verdict}`,
    '',
  ].join('\n');
};

const detailOf = (event: OrderEventRow): string =>
  Object.entries(event.detail)
    // The terms stand at the top of the page already.
    .filter(([key, value]) => value !== null && key !== 'terms')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
