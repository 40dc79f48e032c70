import { z } from 'zod';
import { NOTHING } from '../fields';
import type { Access, Answer, Call } from '../route';
import { defineRoute, success } from '../route';

const open: Access = { kind: 'public', reason: 'probes hold no key; states only, no names' };

const reportSchema = z.object({
  status: z.enum(['success', 'error']),
  ready: z.boolean(),
  checks: z.record(z.string(), z.enum(['ok', 'failing'])),
});
const ready = { status: 'success', ready: true, checks: { ledger: 'ok', redis: 'ok' } };
const failing = { status: 'error', ready: false, checks: { ledger: 'ok', redis: 'failing' } };

const report = async (call: Call, failingStatus: number): Promise<Answer> => {
  const { ready: isReady, checks } = await call.deps.health();
  return isReady
    ? success({ ready: true, checks })
    : { status: failingStatus, json: { status: 'error', ready: false, checks } };
};

/** `GET /health`. */
export const health = defineRoute({
  name: 'health',
  method: 'get',
  path: '/health',
  access: open,
  family: 'text',
  summary: 'The process answers; says nothing about brokers or stores.',
  body: NOTHING,
  params: NOTHING,
  answer: z.object({ status: z.literal('success') }),
  examples: { request: null, success: { status: 'success' }, failures: [] },
  handle: () => Promise.resolve(success({})),
});

/** `GET /health/status`. */
export const healthStatus = defineRoute({
  name: 'healthStatus',
  method: 'get',
  path: '/health/status',
  access: open,
  family: 'text',
  summary: 'State of each part; always 200.',
  body: NOTHING,
  params: NOTHING,
  answer: reportSchema,
  examples: { request: null, success: ready, failures: [] },
  handle: async (_input, call) => report(call, 200),
});

/** `GET /health/check`. */
export const healthCheck = defineRoute({
  name: 'healthCheck',
  method: 'get',
  path: '/health/check',
  access: open,
  family: 'text',
  summary: 'State of each part; 503 unless all are well.',
  body: NOTHING,
  params: NOTHING,
  answer: reportSchema,
  examples: {
    request: null,
    success: ready,
    failures: [{ name: 'Not ready', status: 503, body: failing }],
  },
  handle: async (_input, call) => report(call, 503),
});
