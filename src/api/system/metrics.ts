import { NOTHING } from '../fields';
import { defineRoute } from '../route';

/** `GET /metrics`, for callers on this machine only; anybody else is told that there is no such path. */
export const metrics = defineRoute({
  name: 'metrics',
  method: 'get',
  path: '/metrics',
  access: { kind: 'loopback' },
  family: 'text',
  summary: 'Metrics in the Prometheus text format; loopback only.',
  body: NOTHING,
  params: NOTHING,
  answer: null,
  examples: { request: null, success: null, failures: [] },
  handle: async (_input, { deps }) => ({
    status: 200,
    text: await deps.metrics.text(),
    contentType: deps.metrics.contentType,
  }),
});
