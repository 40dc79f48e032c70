import { z } from 'zod';
import type { Account } from '../../core/domain/account';
import { istIso } from '../../core/domain/time';
import type { CredentialPresence } from '../../core/sessions/credentials';
import { NOTHING } from '../fields';
import type { Answer, Call, Route } from '../route';
import { defineRoute, success } from '../route';
import {
  accountById,
  adminAccess,
  adminFailures,
  audit,
  idParams,
  invalidBody,
  noSuchAccount,
} from './admin-route';

const PATH = '/api/admin/accounts/:id/credentials';

const answerSchema = z.object({
  status: z.literal('success'),
  account: z.string(),
  broker: z.string(),
  complete: z.boolean().meta({ description: 'whether every required field is there' }),
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      secrecy: z.enum(['app', 'login']).meta({
        description: 'app: used for every call; login: opened by the login role alone',
      }),
      required: z.boolean(),
      present: z.boolean(),
      updated_at: z.string().nullable(),
      age_seconds: z.int().nullable(),
    }),
  ),
});

const shownField = (
  { name, label, secrecy, required, updatedAt }: CredentialPresence,
  now: number,
): z.infer<typeof answerSchema>['fields'][number] => ({
  name,
  label,
  secrecy,
  required,
  present: updatedAt !== null,
  updated_at: updatedAt === null ? null : istIso(updatedAt),
  age_seconds: updatedAt === null ? null : Math.max(0, Math.floor((now - updatedAt) / 1000)),
});

const answerOf = async (account: Account, call: Call): Promise<Answer> => {
  const fields = await call.deps.credentials.presence(account);
  return success({
    account: account.accountId,
    broker: account.broker,
    complete: fields.every((field) => !field.required || field.updatedAt !== null),
    fields: fields.map((field) => shownField(field, call.deps.clock.now())),
  });
};

const exampleOf = (updatedAt: string | null): z.infer<typeof answerSchema> => ({
  status: 'success',
  account: 'icici-ab1234',
  broker: 'icici',
  complete: updatedAt !== null,
  fields: [
    {
      name: 'apiSecret',
      label: 'API secret',
      secrecy: 'app',
      required: true,
      present: updatedAt !== null,
      updated_at: updatedAt,
      age_seconds: updatedAt === null ? null : 3600,
    },
  ],
});
const stored = exampleOf('2026-01-08T09:15:04.020+05:30');

const shownCredentials = defineRoute({
  name: 'showCredentials',
  method: 'get',
  path: PATH,
  access: adminAccess,
  family: 'admin',
  summary: 'Which credentials of an account are there, and how old; never their values.',
  body: NOTHING,
  params: idParams,
  answer: answerSchema,
  examples: {
    request: null,
    success: stored,
    failures: [noSuchAccount, ...adminFailures],
  },
  handle: async ({ params }, call) => answerOf(await accountById(params.id, call), call),
});

const setCredentials = defineRoute({
  name: 'setCredentials',
  method: 'put',
  path: PATH,
  access: adminAccess,
  family: 'admin',
  summary: 'Stores the given credentials and keeps the others; calls use them at once.',
  description: 'The fields are those that GET lists for the account.',
  // The broker's own schemas check the values: what a general one says could repeat them.
  body: z.record(z.string(), z.unknown()).meta({
    description: 'One text per field',
    override: { type: 'object', additionalProperties: { type: 'string' } },
  }),
  params: idParams,
  answer: answerSchema,
  examples: {
    request: { apiSecret: 'as the broker shows it' },
    success: stored,
    failures: [invalidBody('apiSecret', 'is empty'), noSuchAccount, ...adminFailures],
  },
  handle: async ({ params, body }, call) => {
    const account = await accountById(params.id, call);
    const fields = await call.deps.credentials.set(account, body);
    await audit(call, 'credentials.set', { account: account.accountId, fields });
    return answerOf(account, call);
  },
});

const forgetCredentials = defineRoute({
  name: 'forgetCredentials',
  method: 'delete',
  path: PATH,
  access: adminAccess,
  family: 'admin',
  summary: "Forgets the account's credentials and destroys the key that they were sealed by.",
  body: NOTHING,
  params: idParams,
  answer: answerSchema,
  examples: {
    request: null,
    success: exampleOf(null),
    failures: [noSuchAccount, ...adminFailures],
  },
  handle: async ({ params }, call) => {
    const account = await accountById(params.id, call);
    await call.deps.credentials.forget(account);
    await audit(call, 'credentials.forget', { account: account.accountId });
    return answerOf(account, call);
  },
});

/** `/api/admin/accounts/:id/credentials`. */
export const CREDENTIAL_ADMIN: readonly Route[] = [
  shownCredentials,
  setCredentials,
  forgetCredentials,
];
