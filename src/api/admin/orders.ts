import { z } from 'zod';
import { orderId } from '../../core/domain/ids';
import { NOTHING, text, visible } from '../fields';
import { exampleOrderRow } from '../openalgo/order-book';
import { orderRow, orderRowSchema } from '../openalgo/rows';
import { defineRoute, InvalidFields, success } from '../route';
import { adminAccess, adminFailure, adminFailures, idParams, invalidBody } from './admin-route';

const notFound = adminFailure('No such order', 404, 'ORDER_NOT_FOUND', 'Order not found.');

/** `GET /api/admin/orders/:id/explain`. */
export const explainOrder = defineRoute({
  name: 'explainOrder',
  method: 'get',
  path: '/api/admin/orders/:id/explain',
  access: adminAccess,
  family: 'admin',
  summary: 'The whole life of an order: rows, waits, wire times, verdict.',
  body: NOTHING,
  params: idParams,
  answer: z.object({
    status: z.literal('success'),
    explanation: z.record(z.string(), z.unknown()),
  }),
  examples: {
    request: null,
    success: { status: 'success', explanation: { orderId: '250909000000041', state: 'filled' } },
    failures: [notFound, ...adminFailures],
  },
  handle: async ({ params }, call) =>
    success({ explanation: await call.deps.explain(orderId(params.id)) }),
});

const verdictBody = z.strictObject({
  adopt: visible(64).optional(),
  not_placed: z.literal(true, { error: 'Must be true.' }).optional(),
  reason: text(1, 200).optional(),
});

type Verdict = { readonly adopt: string } | { readonly notPlaced: string };

/** Exactly one verdict. @throws InvalidFields */
const verdictOf = (body: z.output<typeof verdictBody>): Verdict => {
  if ((body.adopt === undefined) === (body.not_placed === undefined)) {
    throw new InvalidFields({ _schema: ['Give either adopt or not_placed.'] });
  }
  if (body.adopt !== undefined) {
    if (body.reason !== undefined) throw new InvalidFields({ reason: ['Only with not_placed.'] });
    return { adopt: body.adopt };
  }
  if (body.reason === undefined) {
    throw new InvalidFields({ reason: ['Missing data for required field.'] });
  }
  return { notPlaced: body.reason };
};

/** `POST /api/admin/orders/:id/resolve`. */
export const resolveOrder = defineRoute({
  name: 'resolveOrder',
  method: 'post',
  path: '/api/admin/orders/:id/resolve',
  access: adminAccess,
  family: 'admin',
  summary: 'A person’s word on an order in doubt: adopt a broker order, or it was not placed.',
  body: verdictBody,
  params: idParams,
  answer: z.object({ status: z.literal('success'), order: orderRowSchema }),
  examples: {
    request: { not_placed: true, reason: 'Not in the broker’s order book at 15:45' },
    success: { status: 'success', order: exampleOrderRow },
    failures: [
      invalidBody('_schema', 'Give either adopt or not_placed.'),
      notFound,
      ...adminFailures,
    ],
  },
  handle: async ({ body, params }, call) => {
    const actor = call.caller.apiKeyId;
    const order = await call.deps.orders.resolve(orderId(params.id), verdictOf(body), actor);
    return success({ order: orderRow(order) });
  },
});
