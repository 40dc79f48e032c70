import { z } from 'zod';
import { apikey, looseFlag, NOTHING } from '../fields';
import type { JsonObject } from '../route';
import { defineRoute, success } from '../route';
import { bodyFailures, EXAMPLE_KEY, keyFailures, wrongField } from './examples';
import { readAccess } from './reads';
import { orderBody } from './terms';

const stateSchema = z.object({
  mode: z.enum(['analyze', 'live']),
  analyze_mode: z.boolean(),
  total_logs: z.int().meta({ description: 'orders ever accepted as practice' }),
});

const stateOf = (analyzer: { readonly on: boolean; readonly orders: number }): JsonObject => ({
  mode: analyzer.on ? 'analyze' : 'live',
  analyze_mode: analyzer.on,
  total_logs: analyzer.orders,
});

/** `POST /api/v1/analyzer`. */
export const analyzer = defineRoute({
  name: 'analyzer',
  method: 'post',
  path: '/api/v1/analyzer',
  access: readAccess,
  family: 'text',
  summary: 'Whether the analyzer is on: then every new order of this instance is practice.',
  description:
    'Off does not mean that orders reach the market: an account of real money also has to be set live.',
  body: z.object({ apikey: apikey() }),
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), data: stateSchema }),
  examples: {
    request: { apikey: EXAMPLE_KEY },
    success: { status: 'success', data: { mode: 'live', analyze_mode: false, total_logs: 12 } },
    failures: [
      wrongField('apikey', 'Missing data for required field.'),
      ...bodyFailures,
      ...keyFailures('read'),
    ],
  },
  handle: async (_input, call) => success({ data: stateOf(await call.deps.practice.analyzer()) }),
});

/** `POST /api/v1/analyzer/toggle`. */
export const toggleAnalyzer = defineRoute({
  name: 'analyzertoggle',
  method: 'post',
  path: '/api/v1/analyzer/toggle',
  access: { kind: 'key', scope: 'trade', carrier: 'body' },
  family: 'text',
  summary: 'Turns the analyzer on or off for all accounts; audited.',
  description:
    'Decides about new orders only: open orders stay where they are, and cancel, modify and status ' +
    'find them there. The answer counts them on both sides.',
  body: orderBody({ apikey: apikey(), mode: looseFlag() }),
  params: NOTHING,
  answer: z.object({
    status: z.literal('success'),
    data: stateSchema.extend({
      message: z.string(),
      open_practice_orders: z.int(),
      open_live_orders: z.int(),
    }),
  }),
  examples: {
    request: { apikey: EXAMPLE_KEY, mode: true },
    success: {
      status: 'success',
      data: {
        mode: 'analyze',
        analyze_mode: true,
        total_logs: 12,
        message: 'Analyzer mode switched to analyze; 1 open live order stays live',
        open_practice_orders: 0,
        open_live_orders: 1,
      },
    },
    failures: [
      wrongField('mode', 'Not a valid boolean.'),
      ...bodyFailures,
      ...keyFailures('trade'),
    ],
  },
  handle: async ({ body }, call) => {
    const { practice } = call.deps;
    const open = await practice.setAnalyzer(body.mode, `key ${call.caller.apiKeyId}`);
    const state = stateOf(await practice.analyzer());
    const kind = body.mode ? 'live' : 'practice';
    const stay = body.mode ? open.live : open.practice;
    const noun = stay === 1 ? `order stays` : `orders stay`;
    const rest = stay === 0 ? '' : `; ${String(stay)} open ${kind} ${noun} ${kind}`;
    return success({
      data: {
        ...state,
        message: `Analyzer mode switched to ${body.mode ? 'analyze' : 'live'}${rest}`,
        open_practice_orders: open.practice,
        open_live_orders: open.live,
      },
    });
  },
});
