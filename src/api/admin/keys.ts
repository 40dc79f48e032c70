import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { ApiKey } from '../../core/sessions/api-keys-types';
import { NOTHING, oneOf, text } from '../fields';
import { defineRoute, success } from '../route';
import { istIso } from '../../core/domain/time';
import { epochMs } from '../../core/domain/ids';
import {
  adminAccess,
  adminFailure,
  adminFailures,
  audit,
  doneSchema,
  idParams,
  invalidBody,
} from './admin-route';

const SCOPES = ['read', 'trade', 'admin'] as const;
/** Documented: what a key may call a second and account when its maker does not say. */
const DEFAULT_RATE = 10;
const MAX_RATE = 1000;

const keySchema = z.object({
  key_id: z.string(),
  label: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  rate_per_second: z.number(),
});
const listedSchema = keySchema.extend({
  created_at: z.string(),
  revoked_at: z.string().nullable(),
});

const shown = (key: ApiKey): z.infer<typeof keySchema> => ({
  key_id: key.keyId,
  label: key.label,
  scopes: [...key.scopes],
  rate_per_second: key.ratePerSecond,
});

const exampleKey = {
  key_id: 'k-1f0a9b3c5d7e',
  label: 'ema-cross',
  scopes: ['trade'],
  rate_per_second: 10,
};

/** `GET /api/admin/keys`. */
export const listKeys = defineRoute({
  name: 'listKeys',
  method: 'get',
  path: '/api/admin/keys',
  access: adminAccess,
  family: 'admin',
  summary: 'All keys, also revoked ones; never their text, which nobody has.',
  body: NOTHING,
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), keys: z.array(listedSchema) }),
  examples: {
    request: null,
    success: {
      status: 'success',
      keys: [{ ...exampleKey, created_at: '2025-09-09T10:15:04.020+05:30', revoked_at: null }],
    },
    failures: adminFailures,
  },
  handle: async (_input, call) => {
    const keys = await call.deps.keys.list();
    return success({
      keys: keys.map((key) => ({
        ...shown(key),
        created_at: istIso(epochMs(key.createdAt)),
        revoked_at: key.revokedAt === null ? null : istIso(epochMs(key.revokedAt)),
      })),
    });
  },
});

/** `POST /api/admin/keys`. */
export const addKey = defineRoute({
  name: 'addKey',
  method: 'post',
  path: '/api/admin/keys',
  access: adminAccess,
  family: 'admin',
  summary: 'Makes a key and shows it this once.',
  description: `Without rate_per_second the key may make ${DEFAULT_RATE} calls a second and account.`,
  body: z.strictObject({
    label: text(1, 64),
    scopes: z
      .array(oneOf(SCOPES), { error: 'Not a valid list.' })
      .min(1, { error: 'Name at least one scope.' })
      .max(SCOPES.length, { error: 'Name each scope once.' })
      .refine((scopes) => new Set(scopes).size === scopes.length, {
        error: 'Name each scope once.',
      }),
    rate_per_second: z
      .number({ error: 'Not a valid number.' })
      .min(0.1, { error: `Must be between 0.1 and ${MAX_RATE}.` })
      .max(MAX_RATE, { error: `Must be between 0.1 and ${MAX_RATE}.` })
      .optional(),
  }),
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), key: keySchema, apikey: z.string() }),
  examples: {
    request: { label: 'ema-cross', scopes: ['trade'] },
    success: {
      status: 'success',
      key: exampleKey,
      apikey: '0000000000000000000000000000000000000000000000000000000000000000',
    },
    failures: [invalidBody('scopes', 'Name at least one scope.'), ...adminFailures],
  },
  handle: async ({ body }, call) => {
    const { key, secret } = await call.deps.keys.create(
      body.label,
      body.scopes,
      body.rate_per_second ?? DEFAULT_RATE,
    );
    await audit(call, 'key.add', { keyId: key.keyId, label: key.label, scopes: key.scopes });
    return success({ key: shown(key), apikey: secret });
  },
});

/** `DELETE /api/admin/keys/:id`. */
export const revokeKey = defineRoute({
  name: 'revokeKey',
  method: 'delete',
  path: '/api/admin/keys/:id',
  access: adminAccess,
  family: 'admin',
  summary: 'Revokes a key for good.',
  body: NOTHING,
  params: idParams,
  answer: doneSchema,
  examples: {
    request: null,
    success: { status: 'success' },
    failures: [
      adminFailure('No such key', 404, 'KEY_NOT_FOUND', 'There is no live key of this id.'),
      ...adminFailures,
    ],
  },
  handle: async ({ params }, call) => {
    if (!(await call.deps.keys.revoke(params.id))) {
      throw new GatewayError('KEY_NOT_FOUND', 'There is no live key of this id.');
    }
    await audit(call, 'key.revoke', { keyId: params.id });
    return success({});
  },
});
