import { z } from 'zod';
import type { Hook } from '../../core/webhooks/hooks';
import { NOTHING, text } from '../fields';
import type { Call, FailureExample, JsonObject, Route } from '../route';
import { defineRoute, success } from '../route';
import { EXAMPLE_HOOK_ID, EXAMPLE_TOKEN } from '../webhooks/examples';
import { shownHook, shownSecret } from '../webhooks/shown';
import {
  accountById,
  adminAccess,
  adminFailure,
  adminFailures,
  audit,
  doneSchema,
  idParams,
  invalidBody,
} from './admin-route';
import { settingsBody, settingsOf } from './webhook-settings';

/** How long the old secret works beside a new one when the caller does not say, minutes. */
const DEFAULT_OVERLAP_MINUTES = 60;
const MAX_OVERLAP_MINUTES = 10_080;

const hookSchema = z.object({
  id: z.string(),
  label: z.string(),
  kind: z.string(),
  account: z.string(),
  active: z.boolean(),
  created_at: z.string(),
  settings: z.looseObject({}),
  tokens: z.array(
    z.object({
      token_id: z.string(),
      created_at: z.string(),
      expires_at: z.string().nullable(),
      live: z.boolean(),
    }),
  ),
});
const secretSchema = z.object({
  token_id: z.string(),
  path: z.string(),
  token: z.string().optional(),
  signing_key: z.string(),
});

const exampleSettings = {
  kind: 'alert',
  symbols: ['NSE:SBIN'],
  products: ['MIS'],
  actions: ['BUY', 'SELL'],
  pricetypes: ['MARKET'],
  max_quantity: 100,
  smart: true,
};
const exampleHook = {
  id: EXAMPLE_HOOK_ID,
  label: 'ema-cross',
  kind: 'alert',
  account: 'paper-main',
  active: true,
  created_at: '2026-01-08T09:30:00.000+05:30',
  settings: { ...exampleSettings, signed: false, signature_seconds: 300, rate_per_minute: 100 },
  tokens: [
    {
      token_id: 't-1f0a9b3c5d7e',
      created_at: '2026-01-08T09:30:00.000+05:30',
      expires_at: null,
      live: true,
    },
  ],
};
const exampleSecret = {
  token_id: 't-1f0a9b3c5d7e',
  path: `/webhook/${EXAMPLE_HOOK_ID}`,
  token: EXAMPLE_TOKEN,
  signing_key: EXAMPLE_TOKEN,
};

const noSuchHook: FailureExample = adminFailure(
  'No such webhook',
  404,
  'WEBHOOK_NOT_FOUND',
  'There is no webhook of this id.',
);

const shown = (hook: Hook, call: Call): z.output<typeof hookSchema> =>
  hookSchema.parse(shownHook(hook, call.deps.clock.now()));

/** `GET /api/admin/webhooks`. */
const listWebhooks = defineRoute({
  name: 'listWebhooks',
  method: 'get',
  path: '/api/admin/webhooks',
  access: adminAccess,
  family: 'admin',
  summary: 'All webhooks with their tokens; never the text of a token, which nobody has.',
  body: NOTHING,
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), webhooks: z.array(hookSchema) }),
  examples: {
    request: null,
    success: { status: 'success', webhooks: [exampleHook] },
    failures: adminFailures,
  },
  handle: async (_input, call) => {
    const hooks = await call.deps.webhooks.hooks.list();
    return success({ webhooks: hooks.map((hook) => shown(hook, call)) });
  },
});

/** `POST /api/admin/webhooks`. */
const addWebhook = defineRoute({
  name: 'addWebhook',
  method: 'post',
  path: '/api/admin/webhooks',
  access: adminAccess,
  family: 'admin',
  summary: 'Makes a webhook and shows its secret this once.',
  description:
    'For kind alert the secret is token, which goes into the body of each call. For strategy and ' +
    'chartink it is the last part of path. signing_key signs calls of a webhook whose settings say signed.',
  body: z.strictObject({ label: text(1, 64), account: text(1, 64), settings: settingsBody }),
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), webhook: hookSchema, secret: secretSchema }),
  examples: {
    request: { label: 'ema-cross', account: 'paper-main', settings: exampleSettings },
    success: { status: 'success', webhook: exampleHook, secret: exampleSecret },
    failures: [
      invalidBody('settings.max_quantity', 'Must be from 1 to 1000000000.'),
      adminFailure(
        'Exists',
        409,
        'ALREADY_EXISTS',
        'label: a webhook is called ema-cross.',
        'label',
      ),
      ...adminFailures,
    ],
  },
  handle: async ({ body }, call) => {
    const account = await accountById(body.account, call);
    const settings = settingsOf(body.settings, call.deps.webhooks.instruments);
    const { hook, secret } = await call.deps.webhooks.hooks.add(
      body.label,
      account.accountId,
      settings,
    );
    await audit(call, 'webhook.add', {
      webhook: hook.hookId,
      label: hook.label,
      kind: hook.kind,
      account: account.accountId,
    });
    return success({ webhook: shown(hook, call), secret: shownSecret(hook, secret) });
  },
});

interface ActionFacts<Body extends z.ZodType> {
  readonly name: string;
  readonly verb: string;
  readonly summary: string;
  readonly body: Body;
  readonly request: JsonObject | null;
  readonly act: (
    hookId: string,
    body: z.output<Body>,
    call: Call,
  ) => Promise<{ readonly detail: JsonObject; readonly answer?: JsonObject }>;
  readonly answer?: z.ZodType;
  readonly success?: JsonObject;
}

/** A route that does one thing to one webhook, and writes it to the audit. */
const action = <Body extends z.ZodType>(facts: ActionFacts<Body>): Route =>
  defineRoute({
    name: facts.name,
    method: 'post',
    path: `/api/admin/webhooks/:id/${facts.verb}`,
    access: adminAccess,
    family: 'admin',
    summary: facts.summary,
    body: facts.body,
    params: idParams,
    answer: facts.answer ?? doneSchema,
    examples: {
      request: facts.request,
      success: facts.success ?? { status: 'success' },
      failures: [noSuchHook, ...adminFailures],
    },
    handle: async ({ body, params }, call) => {
      const { detail, answer } = await facts.act(params.id, body, call);
      await audit(call, `webhook.${facts.verb}`, { webhook: params.id, ...detail });
      return success(answer ?? {});
    },
  });

const rotateWebhook = action({
  name: 'rotateWebhook',
  verb: 'rotate',
  summary: 'Makes a new secret and shows it this once; the old one works a while longer.',
  body: z.strictObject({
    overlap_minutes: z
      .int({ error: 'Not a valid integer.' })
      .min(0, { error: `Must be from 0 to ${MAX_OVERLAP_MINUTES}.` })
      .max(MAX_OVERLAP_MINUTES, { error: `Must be from 0 to ${MAX_OVERLAP_MINUTES}.` })
      .optional()
      .meta({
        description: `Minutes; ${DEFAULT_OVERLAP_MINUTES} when absent, 0 ends the old at once.`,
      }),
  }),
  request: { overlap_minutes: 60 },
  answer: z.object({ status: z.literal('success'), secret: secretSchema }),
  success: { status: 'success', secret: exampleSecret },
  act: async (hookId, body, call) => {
    const { hooks } = call.deps.webhooks;
    const overlap = body.overlap_minutes ?? DEFAULT_OVERLAP_MINUTES;
    const secret = await hooks.rotate(hookId, overlap);
    const hook = await hooks.find(hookId);
    return {
      detail: { tokenId: secret.tokenId, overlapMinutes: overlap },
      answer: { secret: shownSecret(hook, secret) },
    };
  },
});

const revokeWebhookToken = action({
  name: 'revokeWebhookToken',
  verb: 'revoke',
  summary: 'Ends one token now.',
  body: z.strictObject({ token_id: text(1, 64) }),
  request: { token_id: 't-1f0a9b3c5d7e' },
  act: async (hookId, body, call) => {
    await call.deps.webhooks.hooks.endToken(hookId, body.token_id);
    return { detail: { tokenId: body.token_id } };
  },
});

const changeWebhook = action({
  name: 'changeWebhook',
  verb: 'settings',
  summary: 'Replaces the settings as a whole; kind and account stay.',
  body: settingsBody,
  request: exampleSettings,
  act: async (hookId, body, call) => {
    const { hooks, instruments } = call.deps.webhooks;
    await hooks.setSettings(hookId, settingsOf(body, instruments));
    return { detail: { settings: body } };
  },
});

const setActive = (name: string, verb: string, active: boolean, summary: string): Route =>
  action({
    name,
    verb,
    summary,
    body: NOTHING,
    request: null,
    act: async (hookId, _body, call) => {
      await call.deps.webhooks.hooks.setActive(hookId, active);
      return { detail: {} };
    },
  });

/** `DELETE /api/admin/webhooks/:id`. */
const removeWebhook = defineRoute({
  name: 'removeWebhook',
  method: 'delete',
  path: '/api/admin/webhooks/:id',
  access: adminAccess,
  family: 'admin',
  summary: 'Removes a webhook and its tokens for good; nothing is squared off for it any more.',
  body: NOTHING,
  params: idParams,
  answer: doneSchema,
  examples: {
    request: null,
    success: { status: 'success' },
    failures: [noSuchHook, ...adminFailures],
  },
  handle: async ({ params }, call) => {
    await call.deps.webhooks.hooks.remove(params.id);
    await audit(call, 'webhook.remove', { webhook: params.id });
    return success({});
  },
});

/** Everything under `/api/admin/webhooks`. */
export const WEBHOOK_ADMIN: readonly Route[] = [
  listWebhooks,
  addWebhook,
  changeWebhook,
  rotateWebhook,
  revokeWebhookToken,
  setActive(
    'pauseWebhook',
    'pause',
    false,
    'Refuses the calls of a webhook; what it holds is still squared off at its time.',
  ),
  setActive('resumeWebhook', 'resume', true, 'Takes the calls of a paused webhook again.'),
  removeWebhook,
];
