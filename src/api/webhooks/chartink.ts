import { z } from 'zod';
import { GatewayError, isGatewayError } from '../../core/domain/errors';
import { hookCaller } from '../../core/webhooks/hooks';
import { chartinkLegs } from '../../core/webhooks/signals';
import { text } from '../fields';
import type { Answer } from '../route';
import { defineRoute, parseWith } from '../route';
import { contractFailures } from './examples';

const MAX_STOCKS = 500;

/** ChartInk's form; its other fields mean nothing here. */
const alert = z.object({
  stocks: text(1, 16_000)
    .transform((list) =>
      list
        .split(',')
        .map((symbol) => symbol.trim())
        .filter((symbol) => symbol !== ''),
    )
    .refine((symbols) => symbols.length > 0 && symbols.length <= MAX_STOCKS, {
      error: `Must name 1 to ${MAX_STOCKS} symbols.`,
    }),
  scan_name: text(1, 500),
});

const answer = z.object({
  status: z.enum(['success', 'warning']),
  message: z.string(),
  orderids: z.array(z.string()).optional(),
  replayed: z.literal(true).optional(),
});

const said = (body: z.output<typeof answer>): Answer => ({ status: 200, json: body });

/** `POST /chartink/webhook/:id`. */
export const chartinkWebhook = defineRoute({
  name: 'chartinkWebhook',
  method: 'post',
  path: '/chartink/webhook/:id',
  access: { kind: 'public', reason: 'The id in the URL is the secret, by contract.' },
  family: 'chartink',
  summary: 'One alert of a ChartInk scan: entries or exits of the mapped symbols among its stocks.',
  description:
    'scan_name says what to do: it contains BUY, SELL, SHORT or COVER. All orders of one alert are ' +
    'written in one transaction, and the answer comes before the broker is called.',
  body: z.looseObject({}),
  params: z.object({ id: text(1, 64) }),
  answer,
  examples: {
    request: {
      stocks: 'SBIN,INFY',
      trigger_prices: '812.4,1503.2',
      triggered_at: '10:15 am',
      scan_name: 'Opening range BUY',
      scan_url: 'opening-range-buy',
      alert_name: 'ORB',
      webhook_url: 'https://example.invalid/hook',
    },
    success: {
      status: 'success',
      message: 'Orders queued for symbols: SBIN, INFY',
      orderids: ['250909000000041', '250909000000042'],
    },
    failures: contractFailures(true),
  },
  handle: ({ body, params }, call) =>
    call.gate.counted('chartink', async () => {
      const hook = await call.gate.admit('chartink', null, params.id, call).catch(paused);
      if (hook === null) return said({ status: 'success', message: 'Strategy is inactive' });
      const { settings } = hook;
      if (settings.kind !== 'chartink') throw new GatewayError('INTERNAL', 'not a ChartInk hook');
      const { scan_name: scanName, stocks } = parseWith(alert, body);
      const at = call.deps.clock.now();
      const legs = chartinkLegs(settings, { scanName, stocks }, hook.label, at);
      if (legs.length === 0) return said({ status: 'warning', message: 'No orders were queued' });
      const source = hookCaller(hook.hookId);
      const answers = await call.deps.orders.placeBasket(
        { account: hook.accountId, clientOrderId: null, sellsAfterBuys: false, legs },
        {
          apiKeyId: source,
          correlationId: call.caller.correlationId,
          waitMs: 0,
          received: call.received(source),
        },
      );
      const symbols = answers.map(({ order }) => order.terms.instrument.symbol);
      return said({
        status: 'success',
        message: `Orders queued for symbols: ${symbols.join(', ')}`,
        orderids: answers.map(({ order }) => order.orderId),
        ...(answers.some(({ replayed }) => replayed) ? { replayed: true } : {}),
      });
    }),
});

/** A paused hook is no fault in ChartInk's contract. */
const paused = (error: unknown): null => {
  if (isGatewayError(error) && error.code === 'WEBHOOK_PAUSED') return null;
  throw error;
};
