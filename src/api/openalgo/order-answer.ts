import { z } from 'zod';
import type { Command } from '../../core/domain/command';
import type { Order } from '../../core/domain/order';
import { openAlgoStatus, ORDER_STATES } from '../../core/domain/order-state';
import type { CommandAnswer } from '../../core/orders/service-types';
import type { Answer, JsonObject } from '../route';
import { success } from '../route';

/** Said whenever bytes may have reached the broker without an answer. */
export const IN_DOUBT_MESSAGE = 'sent, not confirmed; do not resend';

/** Success body of an order call: the contract's two keys and ours. */
export const orderAnswerSchema = z
  .object({
    status: z.literal('success'),
    orderid: z.string(),
    state: z.enum(ORDER_STATES).optional(),
    order_status: z.string().optional(),
    account: z.string().optional(),
    broker_order_id: z.string().optional(),
    client_order_id: z.string().optional(),
    command_state: z.string().optional(),
    replayed: z.literal(true).optional(),
    simulated: z.literal(true).optional(),
    mode: z.literal('analyze').optional(),
    in_doubt: z.literal(true).optional(),
    message: z.string().optional(),
  })
  .meta({ id: 'OrderAnswer' });

/** What an answer about practice carries, whatever account was named; otherwise nothing. */
export const practiceMarks = (practice: boolean): JsonObject =>
  practice ? { mode: 'analyze', simulated: true } : {};

const facts = (order: Order): JsonObject => ({
  orderid: order.orderId,
  state: order.state,
  order_status: openAlgoStatus(order.state),
  account: order.accountId,
  ...(order.brokerOrderId === null ? {} : { broker_order_id: order.brokerOrderId }),
  ...(order.clientOrderId === null ? {} : { client_order_id: order.clientOrderId }),
  ...(order.inDoubtSince === null ? {} : { in_doubt: true }),
  ...practiceMarks(order.practice),
});

const refusal = (order: Order, code: string | null, reason: string | null, fallback: string) => ({
  status: 400,
  json: {
    status: 'error',
    message: reason ?? fallback,
    ...(code === null ? {} : { code }),
    ...facts(order),
  },
});

/** Finished without ever working: the broker or we refused it, or it waited past its deadline. */
const neverWorked = (order: Order): boolean =>
  order.state === 'rejected' ||
  order.state === 'denied' ||
  (order.state === 'expired' && order.brokerOrderId === null);

/**
 * What a placement is answered. In doubt is a success on the wire, because clients take everything
 * but 200 for "not placed" and send again.
 */
export const placeAnswer = (answer: CommandAnswer, marks: JsonObject): Answer => {
  const { order, command } = answer;
  const extra = { ...marks, ...(answer.replayed ? { replayed: true } : {}) };
  // Before the refusal: what may be live at the broker is never called failed.
  if (order.inDoubtSince !== null || command?.state === 'in_doubt') {
    return success({ ...facts(order), in_doubt: true, message: IN_DOUBT_MESSAGE, ...extra });
  }
  if (neverWorked(order)) {
    const said = refusal(
      order,
      order.reasonCode,
      order.reason,
      `The order was ${order.state}; no reason was given.`,
    );
    return { status: said.status, json: { ...said.json, ...extra } };
  }
  return success({ ...facts(order), ...extra });
};

/** What a modify or cancel is answered: how its own command stands, and the order beside it. */
export const commandAnswer = (answer: CommandAnswer, marks: JsonObject): Answer => {
  const { order, command } = answer;
  const base = { ...facts(order), ...marks };
  if (command === null) return success(base);
  switch (command.state) {
    case 'in_doubt':
      return success({
        ...base,
        command_state: command.state,
        in_doubt: true,
        message: IN_DOUBT_MESSAGE,
      });
    case 'rejected':
    case 'denied':
    case 'expired':
      return commandRefusal(order, command, marks);
    case 'held':
      return success({
        ...base,
        command_state: command.state,
        message: 'remembered; it is sent once the broker’s id of the order is known',
      });
    case 'queued':
    case 'submitted':
    case 'accepted':
      return success({ ...base, command_state: command.state });
  }
};

const commandRefusal = (order: Order, command: Command, marks: JsonObject): Answer => {
  const said = refusal(
    order,
    command.reasonCode,
    command.reason,
    `The ${command.kind} was ${command.state}; no reason was given.`,
  );
  return { status: said.status, json: { ...said.json, command_state: command.state, ...marks } };
};
