import { z } from 'zod';
import { flag, text } from '../fields';
import { defineRoute, InvalidFields, success } from '../route';
import {
  accountById,
  adminAccess,
  adminFailure,
  adminFailures,
  idParams,
  invalidBody,
  noSuchAccount,
} from './admin-route';

/** `POST /api/admin/accounts/:id/live`. */
export const setLive = defineRoute({
  name: 'setAccountLive',
  method: 'post',
  path: '/api/admin/accounts/:id/live',
  access: adminAccess,
  family: 'admin',
  summary: 'Lets new orders of an account of real money go to the market, or to practice again.',
  description:
    'Going live needs the account’s label in confirm. Open orders stay where they are; the answer ' +
    'counts them on both sides. While the analyzer is on, new orders stay practice all the same.',
  body: z.strictObject({ live: flag(), confirm: text(1, 64).optional() }),
  params: idParams,
  answer: z.object({
    status: z.literal('success'),
    account: z.string(),
    live: z.boolean(),
    analyze_mode: z.boolean(),
    open_practice_orders: z.int(),
    open_live_orders: z.int(),
  }),
  examples: {
    request: { live: true, confirm: 'Main book' },
    success: {
      status: 'success',
      account: 'neutral-live-main',
      live: true,
      analyze_mode: false,
      open_practice_orders: 0,
      open_live_orders: 0,
    },
    failures: [
      invalidBody('confirm', 'Must be the label of the account.'),
      noSuchAccount,
      adminFailure(
        'No live switch',
        501,
        'UNSUPPORTED',
        'paper-main trades no real money, so it has no live switch.',
      ),
      ...adminFailures,
    ],
  },
  handle: async ({ body, params }, call) => {
    const account = await accountById(params.id, call);
    if (body.live && body.confirm !== account.label) {
      throw new InvalidFields({ confirm: ['Must be the label of the account.'] });
    }
    const { practice } = call.deps;
    const open = await practice.setLive(account.accountId, body.live, call.caller.apiKeyId);
    call.accounts.forget();
    return success({
      account: account.accountId,
      live: body.live,
      analyze_mode: (await practice.analyzer()).on,
      open_practice_orders: open.practice,
      open_live_orders: open.live,
    });
  },
});
