import { z } from 'zod';
import { epochMs } from '../../core/domain/ids';
import { istIso } from '../../core/domain/time';
import type { AccountReadiness } from '../../core/sessions/readiness';
import { apikey, NOTHING } from '../fields';
import type { Call } from '../route';
import { defineRoute, success } from '../route';
import { EXAMPLE_KEY, keyFailures, wrongFieldObject } from './examples';

export const READINESS_WORDS = [
  'ready',
  'stopped',
  'no_credentials',
  'no_session',
  'not_connected',
] as const satisfies readonly AccountReadiness['word'][];

const accountSchema = z.object({
  account: z.string(),
  label: z.string(),
  broker: z.string(),
  is_default: z.boolean(),
  readiness: z.enum(READINESS_WORDS),
  api_connected: z.boolean().meta({ description: 'the broker answered a read lately' }),
  last_read_at: z.string().nullable(),
  session_needed: z.boolean().meta({ description: 'false: the broker wants no login' }),
  session_active: z.boolean(),
  session_expires_at: z.string().nullable(),
  session_seconds_left: z.int().nullable(),
  auto_login: z.object({ enabled: z.boolean(), reason: z.string() }),
  credentials: z.object({ complete: z.boolean(), missing: z.array(z.string()) }),
  last_error: z
    .object({ code: z.string(), message: z.string(), fix: z.string() })
    .nullable()
    .meta({ description: 'what went wrong last and is not put right yet' }),
  outgoing_address: z.string().nullable(),
  outgoing_address_reason: z.string().nullable(),
  stopped_reason: z.string().nullable(),
  live: z.boolean(),
  simulated: z.literal(true).optional(),
});

const shown = (one: AccountReadiness, call: Call): z.infer<typeof accountSchema> => {
  const { account, sessionExpiresAt: endsAt } = one;
  const leftMs = endsAt === null ? null : endsAt - call.deps.clock.now();
  return {
    account: account.accountId,
    label: account.label,
    broker: account.broker,
    is_default: account.isDefault,
    readiness: one.word,
    api_connected: one.apiConnected,
    last_read_at: one.lastReadAt === null ? null : istIso(epochMs(one.lastReadAt)),
    session_needed: one.sessionNeeded,
    session_active: one.sessionActive,
    session_expires_at: endsAt === null ? null : istIso(endsAt),
    session_seconds_left: leftMs === null ? null : Math.max(0, Math.floor(leftMs / 1000)),
    auto_login: one.autoLogin,
    credentials: { ...one.credentials, missing: [...one.credentials.missing] },
    last_error: one.lastError,
    outgoing_address: one.outgoingAddress.address,
    outgoing_address_reason: one.outgoingAddress.reason,
    stopped_reason: account.stoppedReason,
    live: account.live,
    ...call.accounts.marks(account),
  };
};

/** `GET /api/v1/accounts`. */
export const accounts = defineRoute({
  name: 'accounts',
  method: 'get',
  path: '/api/v1/accounts',
  access: { kind: 'key', scope: 'read', carrier: 'query' },
  family: 'object',
  summary:
    'What each account needs to trade: session, credentials, connection, last error and its fix.',
  description:
    'The key may also come in the header `X-API-KEY`, which no log of a proxy shows. Calls no broker. ' +
    'Practice twins are left out: they need nothing.',
  body: z.object({ apikey: apikey() }),
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), data: z.array(accountSchema) }),
  examples: {
    request: { apikey: EXAMPLE_KEY },
    success: {
      status: 'success',
      data: [
        {
          account: 'broker-ab123456',
          label: 'Main book',
          broker: 'broker',
          is_default: true,
          readiness: 'no_session',
          api_connected: false,
          last_read_at: '2026-01-07T23:59:31.204+05:30',
          session_needed: true,
          session_active: false,
          session_expires_at: null,
          session_seconds_left: null,
          auto_login: { enabled: false, reason: 'the login worker is not part of this version' },
          credentials: { complete: true, missing: [] },
          last_error: {
            code: 'NO_SESSION',
            message:
              'Main book (broker-ab123456) has no live broker session: it expired at 08-Jan-2026 00:00:00 IST. ' +
              'Log it in: npm run toran -- login broker-ab123456 --paste',
            fix: 'Log it in: npm run toran -- login broker-ab123456 --paste',
          },
          outgoing_address: '203.0.113.7',
          outgoing_address_reason: null,
          stopped_reason: null,
          live: true,
        },
      ],
    },
    failures: [
      wrongFieldObject('apikey', 'Missing data for required field.'),
      ...keyFailures('read'),
    ],
  },
  handle: async (_input, call) => {
    const all = await call.deps.readiness.all();
    return success({ data: all.map((one) => shown(one, call)) });
  },
});
