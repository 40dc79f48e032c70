import { z } from 'zod';
import type { CancelAllAnswer, OpenCancellation } from '../../core/orders/service-types';
import { account, apikey, NOTHING, oneOf } from '../fields';
import type { Answer, JsonObject } from '../route';
import { defineRoute, InvalidFields, success } from '../route';
import { bodyFailures, EXAMPLE_KEY, keyFailures, unknownAccount, wrongField } from './examples';
import { practiceMarks } from './order-answer';
import { orderBody, termFields } from './terms';

const openSchema = z.object({ orderid: z.string(), message: z.string() });

const told = ({ order, message }: OpenCancellation): z.infer<typeof openSchema> => ({
  orderid: order.orderId,
  message,
});

const counted = (count: number, noun: string): string =>
  `${String(count)} ${noun}${count === 1 ? '' : 's'}`;

const summary = ({ canceled, failed, pending }: CancelAllAnswer): string => {
  if (canceled.length + failed.length + pending.length === 0) return 'No open orders to cancel';
  const done = `Canceled ${counted(canceled.length, 'order')}. Failed to cancel ${counted(failed.length, 'order')}.`;
  return pending.length === 0
    ? done
    : `${done} ${counted(pending.length, 'cancellation')} not confirmed yet.`;
};

const answerOf = (answer: CancelAllAnswer, marks: JsonObject): Answer =>
  success({
    canceled_orders: answer.canceled.map((order) => order.orderId),
    failed_cancellations: answer.failed.map(told),
    pending_cancellations: answer.pending.map(told),
    message: summary(answer),
    account: answer.account,
    ...(answer.leftAlone === 0 ? {} : { left_alone: answer.leftAlone }),
    ...marks,
    ...practiceMarks(answer.practice),
  });

/** `POST /api/v1/cancelallorder`. */
export const cancelAllOrder = defineRoute({
  name: 'cancelallorder',
  method: 'post',
  path: '/api/v1/cancelallorder',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Cancels every open order of the account, waiting stops too.',
  description:
    'Orders that are still queued end first and without a call; the others are cancelled at the broker, ' +
    'also those that were placed elsewhere. strategy selects nothing unless scope is "strategy". ' +
    'pending_cancellations are remembered or sent, but not confirmed: an order in doubt is cancelled ' +
    'once it is found. It acts where the new orders of the account go now; left_alone counts open ' +
    'orders on the other side of the live switch.',
  body: orderBody({
    apikey: apikey(),
    strategy: termFields.strategy,
    scope: oneOf(['strategy']).optional().meta({ description: 'only orders of this strategy' }),
    account: account(),
  }),
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    canceled_orders: z.array(z.string()),
    failed_cancellations: z.array(openSchema),
    pending_cancellations: z.array(openSchema),
    message: z.string(),
    account: z.string(),
    left_alone: z.int().optional(),
    simulated: z.literal(true).optional(),
    mode: z.literal('analyze').optional(),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, strategy: 'ema-cross' },
    success: {
      status: 'success',
      canceled_orders: ['250909000000041', '250909000000042'],
      failed_cancellations: [],
      pending_cancellations: [],
      message: 'Canceled 2 orders. Failed to cancel 0 orders.',
      account: 'paper-main',
      simulated: true,
    },
    failures: [
      wrongField('scope', 'Must be one of: strategy.'),
      unknownAccount,
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body }, call) => {
    const named = body.account ?? null;
    if (body.scope !== undefined && body.strategy === '') {
      throw new InvalidFields({ strategy: ['Must not be empty when scope is "strategy".'] });
    }
    const marks = call.accounts.marks(await call.deps.books.account(named));
    const strategy = body.scope === undefined ? null : body.strategy;
    const answer = await call.deps.orders.cancelAll({ account: named, strategy }, call.caller);
    return answerOf(answer, marks);
  },
});
