import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import {
  readAccess,
  readBody,
  readEnvelope,
  readExampleRequest,
  readFailures,
  readOf,
} from './reads';

/** `POST /api/v1/ping`. */
export const ping = defineRoute({
  name: 'ping',
  method: 'post',
  path: '/api/v1/ping',
  access: readAccess,
  family: 'object',
  summary: 'Proves the key and names the broker of the account.',
  body: readBody,
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({ message: z.literal('pong'), broker: z.string() }),
  }),
  examples: {
    request: readExampleRequest,
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: { message: 'pong', broker: 'paper' },
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    return success({ data: { message: 'pong', broker: account.broker }, ...marks });
  },
});
