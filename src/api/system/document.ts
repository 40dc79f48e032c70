import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute } from '../route';

/** `GET /api/v1/openapi.json`. */
export const document = defineRoute({
  name: 'openApiDocument',
  method: 'get',
  path: '/api/v1/openapi.json',
  access: {
    kind: 'public',
    reason: 'a description of the API; the same text is in the repository',
  },
  family: 'text',
  summary: 'This document.',
  body: NOTHING,
  params: NOTHING,
  answer: z.looseObject({ openapi: z.string() }),
  examples: { request: null, success: { openapi: '3.1.0' }, failures: [] },
  handle: (_input, call) => Promise.resolve({ status: 200, json: call.document() }),
});
