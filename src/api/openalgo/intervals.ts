import { z } from 'zod';
import type { CandleIntervals } from '../../core/ports/broker';
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

const list = z.array(z.string());
const NONE: CandleIntervals = {
  seconds: [],
  minutes: [],
  hours: [],
  days: [],
  weeks: [],
  months: [],
};

/** `POST /api/v1/intervals`. */
export const intervals = defineRoute({
  name: 'intervals',
  method: 'post',
  path: '/api/v1/intervals',
  access: readAccess,
  family: 'object',
  summary: 'Candle intervals that the account’s broker gives; empty lists when it gives none.',
  body: readBody,
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({
      seconds: list,
      minutes: list,
      hours: list,
      days: list,
      weeks: list,
      months: list,
    }),
  }),
  examples: {
    request: readExampleRequest,
    success: { status: 'success', account: 'paper-main', simulated: true, data: { ...NONE } },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await readOf(body.account, call);
    const facts = call.deps.brokers.find((broker) => broker.id === account.broker);
    return success({ data: { ...(facts?.capabilities.intervals ?? NONE) }, ...marks });
  },
});
