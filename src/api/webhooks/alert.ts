import { z } from 'zod';
import type { OrderTerms } from '../../core/domain/order';
import { hookCaller } from '../../core/webhooks/hooks';
import type { Hook } from '../../core/webhooks/hooks';
import { requireInScope } from '../../core/webhooks/scope';
import type { AlertSettings } from '../../core/webhooks/settings';
import { GatewayError } from '../../core/domain/errors';
import { signedPosition, smartQuantity, text } from '../fields';
import {
  bodyFailures,
  placementFailures,
  wrongField,
  EXAMPLE_ORDER_ID,
} from '../openalgo/examples';
import { orderAnswerSchema, placeAnswer } from '../openalgo/order-answer';
import { callFields, clientOrderIdOf, legFields, termsOf } from '../openalgo/order-request';
import { nothingDone, smartAnswer, smartTermsOf } from '../openalgo/place-smart-order';
import { orderBody, termFields } from '../openalgo/terms';
import type { Answer, Call } from '../route';
import { defineRoute, parseWith } from '../route';
import { alertFailures, EXAMPLE_TOKEN } from './examples';

const token = text(1, 256);

/** Our own path, so nothing is left to a default: price type and product are named. */
const shared = {
  token,
  strategy: termFields.strategy.optional(),
  ...legFields,
  pricetype: termFields.pricetype,
  product: termFields.product,
  ...callFields,
};
const plainBody = orderBody(shared);
const smartBody = orderBody({
  ...shared,
  quantity: smartQuantity(),
  position_size: signedPosition(),
});

/** Who is not proven yet hears nothing about the other fields. */
const envelope = z.looseObject({ token });

interface Wanted {
  readonly terms: OrderTerms;
  /** As the body named it. */
  readonly quantity: number;
  readonly strategy: string | undefined;
  readonly account: string | undefined;
  readonly clientOrderId: string | undefined;
  readonly smart: { readonly position: number; readonly flatQuantity: number } | null;
}

/** The order in the body; smart when it names a position_size. @throws InvalidFields, GatewayError */
const wantedBy = (body: Readonly<Record<string, unknown>>): Wanted => {
  if (!('position_size' in body)) {
    const order = parseWith(plainBody, body);
    return { ...named(order), terms: termsOf(order), smart: null };
  }
  const order = parseWith(smartBody, body);
  const smart = { position: order.position_size, flatQuantity: order.quantity };
  return { ...named(order), terms: smartTermsOf(order), smart };
};

const named = (
  order: z.output<typeof plainBody> | z.output<typeof smartBody>,
): Omit<Wanted, 'terms' | 'smart'> => ({
  quantity: order.quantity,
  strategy: order.strategy,
  account: order.account,
  clientOrderId: order.client_order_id,
});

const place = async (
  hook: Hook,
  settings: AlertSettings,
  body: Readonly<Record<string, unknown>>,
  call: Call,
): Promise<Answer> => {
  const wanted = wantedBy(body);
  const account = await call.deps.books.account(hook.accountId);
  if (
    wanted.account !== undefined &&
    ![account.accountId, account.label].includes(wanted.account)
  ) {
    throw new GatewayError('WEBHOOK_SCOPE', 'account: this webhook has another one.', {
      field: 'account',
    });
  }
  requireInScope(settings, wanted, call.deps.clock.now());
  const request = {
    account: account.accountId,
    terms: wanted.terms,
    strategy: wanted.strategy ?? hook.label,
    clientOrderId: clientOrderIdOf(wanted.clientOrderId, call),
    ...(wanted.smart === null ? {} : { smart: wanted.smart }),
  };
  const source = hookCaller(hook.hookId);
  const answer = await call.deps.orders.place(request, {
    apiKeyId: source,
    correlationId: call.caller.correlationId,
    waitMs: call.deps.webhooks.waitMs,
    received: call.received(source),
  });
  const marks = call.accounts.marks(account);
  return wanted.smart === null ? placeAnswer(answer, marks) : smartAnswer(answer, marks);
};

/** `POST /webhook/:id`. */
export const alertWebhook = defineRoute({
  name: 'alertWebhook',
  method: 'post',
  path: '/webhook/:id',
  access: { kind: 'public', reason: 'The token in the body is proven by the handler.' },
  family: 'text',
  summary: 'Places one order for the sender of an alert, within the settings of its webhook.',
  description:
    'The body is that of placeorder, or with position_size that of placesmartorder, with token in the ' +
    'place of apikey; pricetype and product are required, strategy is the label of the webhook when ' +
    'absent. The answer comes once the order is on disk and its outcome is known, or after ' +
    'TORAN_WEBHOOK_WAIT_MS with the state so far.',
  body: envelope,
  params: z.object({ id: text(1, 64) }),
  answer: z.union([orderAnswerSchema, nothingDone]),
  examples: {
    request: {
      token: EXAMPLE_TOKEN,
      exchange: 'NSE',
      symbol: 'SBIN',
      action: 'buy',
      quantity: '5',
      pricetype: 'MARKET',
      product: 'MIS',
      client_order_id: 'ema-2026-01-08T09:30:00Z-buy',
    },
    success: {
      status: 'success',
      orderid: EXAMPLE_ORDER_ID,
      state: 'accepted',
      order_status: 'open',
      account: 'paper-main',
      client_order_id: 'ema-2026-01-08T09:30:00Z-buy',
      broker_order_id: 'P000000019',
      simulated: true,
    },
    failures: [
      wrongField('quantity', 'Quantity must be a positive number.'),
      ...alertFailures,
      ...placementFailures,
      ...bodyFailures,
    ],
  },
  handle: ({ body, params }, call) =>
    call.gate.counted('alert', async () => {
      const hook = await call.gate.admit('alert', params.id, body.token, call);
      if (hook.settings.kind !== 'alert') throw new GatewayError('INTERNAL', 'not an alert hook');
      return place(hook, hook.settings, body, call);
    }),
});
