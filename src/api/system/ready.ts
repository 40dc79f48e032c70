import { z } from 'zod';
import { NOTHING } from '../fields';
import { READINESS_WORDS } from '../openalgo/accounts';
import { defineRoute } from '../route';

const reportSchema = z.object({
  status: z.enum(['success', 'error']),
  ready: z.boolean(),
  checks: z.record(z.string(), z.enum(['ok', 'failing'])).optional(),
  accounts: z
    .array(
      z.object({
        account: z.string(),
        is_default: z.boolean(),
        readiness: z.enum(READINESS_WORDS),
      }),
    )
    .optional(),
});

/** `GET /ready`. */
export const ready = defineRoute({
  name: 'ready',
  method: 'get',
  path: '/ready',
  access: { kind: 'public', reason: 'probes hold no key; names of accounts go to loopback only' },
  family: 'text',
  summary: 'Whether orders can go: ledger and Redis are well and the default account is ready.',
  description:
    'A stopped account counts as ready, because its exits go. Callers on this machine also hear the parts ' +
    'and the accounts with a word each; others use `GET /api/v1/accounts`, with a key.',
  body: NOTHING,
  params: NOTHING,
  answer: reportSchema,
  examples: {
    request: null,
    success: {
      status: 'success',
      ready: true,
      checks: { ledger: 'ok', redis: 'ok' },
      accounts: [{ account: 'broker-ab123456', is_default: true, readiness: 'ready' }],
    },
    failures: [{ name: 'Not ready', status: 503, body: { status: 'error', ready: false } }],
  },
  handle: async (_input, call) => {
    const { deps } = call;
    const health = await deps.health();
    // Without the ledger there is no list of accounts, and it is not ready anyway.
    const all = await deps.readiness.all().catch(() => []);
    const first = all.find(({ account }) => account.isDefault);
    const isReady = health.ready && (first?.word === 'ready' || first?.word === 'stopped');
    const details = call.isLocal
      ? {
          checks: health.checks,
          accounts: all.map(({ account, word }) => ({
            account: account.accountId,
            is_default: account.isDefault,
            readiness: word,
          })),
        }
      : {};
    return {
      status: isReady ? 200 : 503,
      json: { status: isReady ? 'success' : 'error', ready: isReady, ...details },
    };
  },
});
