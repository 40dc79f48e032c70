import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { hookCaller } from '../../core/webhooks/hooks';
import { strategyLeg } from '../../core/webhooks/signals';
import { signedPosition, text, visible } from '../fields';
import { clientOrderIdOf } from '../openalgo/order-request';
import { defineRoute, parseWith } from '../route';
import { contractFailures } from './examples';

const alert = z.strictObject({
  symbol: text(1, 50),
  /** In any case, as the contract has it. */
  action: text(1, 4)
    .transform((word) => word.toUpperCase())
    .pipe(z.enum(['BUY', 'SELL'], { error: 'Must be BUY or SELL.' })),
  position_size: signedPosition().optional(),
  client_order_id: visible(64).optional(),
});

/** `POST /strategy/webhook/:id`. */
export const strategyWebhook = defineRoute({
  name: 'strategyWebhook',
  method: 'post',
  path: '/strategy/webhook/:id',
  access: { kind: 'public', reason: 'The id in the URL is the secret, by contract.' },
  family: 'strategy',
  summary: 'One alert of a strategy: an entry or an exit of a mapped symbol, by its trading mode.',
  description:
    'Answered as soon as the order is on disk, before the broker is called. Faults of the contract that ' +
    'it answers 500 (a position_size that is no whole number, a body that is no JSON object) are 400.',
  // Who is not proven yet hears nothing about the fields.
  body: z.looseObject({}),
  params: z.object({ id: text(1, 64) }),
  answer: z.object({
    message: z.string(),
    orderid: z.string(),
    replayed: z.literal(true).optional(),
  }),
  examples: {
    request: { symbol: 'SBIN', action: 'BUY', position_size: 10 },
    success: { message: 'Order queued successfully for SBIN', orderid: '250909000000041' },
    failures: contractFailures(false),
  },
  handle: ({ body, params }, call) =>
    call.gate.counted('strategy', async () => {
      const hook = await call.gate.admit('strategy', null, params.id, call);
      const { settings } = hook;
      if (settings.kind !== 'strategy') throw new GatewayError('INTERNAL', 'not a strategy hook');
      const signal = parseWith(alert, body);
      const leg = strategyLeg(
        settings,
        {
          symbol: signal.symbol,
          side: signal.action,
          positionSize: signal.position_size ?? null,
        },
        hook.label,
        call.deps.clock.now(),
      );
      const source = hookCaller(hook.hookId);
      const { order, replayed } = await call.deps.orders.place(
        {
          account: hook.accountId,
          terms: leg.terms,
          strategy: leg.strategy,
          clientOrderId: clientOrderIdOf(signal.client_order_id, call),
          ...(leg.smart === null ? {} : { smart: leg.smart }),
        },
        {
          apiKeyId: source,
          correlationId: call.caller.correlationId,
          waitMs: 0,
          received: call.received(source),
        },
      );
      return {
        status: 200,
        json: {
          message: `Order queued successfully for ${signal.symbol}`,
          orderid: order.orderId,
          ...(replayed ? { replayed } : {}),
        },
      };
    }),
});
