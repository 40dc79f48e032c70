import { z } from 'zod';
import { GatewayError, isGatewayError } from '../../core/domain/errors';
import { istIso } from '../../core/domain/time';
import { NOTHING, text } from '../fields';
import { defineRoute, success } from '../route';
import {
  accountById,
  adminAccess,
  adminFailure,
  adminFailures,
  audit,
  idParams,
  invalidBody,
  noSuchAccount,
} from './admin-route';

const noLogin = adminFailure(
  'No login',
  501,
  'UNSUPPORTED',
  'Paper needs no login: it is always in.',
);

/** `GET /api/admin/accounts/:id/login`. */
export const loginAddress = defineRoute({
  name: 'loginAddress',
  method: 'get',
  path: '/api/admin/accounts/:id/login',
  access: adminAccess,
  family: 'admin',
  summary: 'Where the account’s broker begins a login; open it in a browser.',
  body: NOTHING,
  params: idParams,
  answer: z.object({ status: z.literal('success'), account: z.string(), url: z.string() }),
  examples: {
    request: null,
    success: {
      status: 'success',
      account: 'broker-ab123456',
      url: 'https://broker.example/login?api_key=app-1',
    },
    failures: [noSuchAccount, noLogin, ...adminFailures],
  },
  handle: async ({ params }, call) => {
    const account = await accountById(params.id, call);
    const url = await call.deps.logins.url(account);
    return success({ account: account.accountId, url });
  },
});

/** `POST /api/admin/accounts/:id/login`. */
export const login = defineRoute({
  name: 'login',
  method: 'post',
  path: '/api/admin/accounts/:id/login',
  access: adminAccess,
  family: 'admin',
  summary: 'Makes what a finished login left in the browser’s address the session of the account.',
  description:
    'Give the whole address to which the broker sent the browser, or the code in it alone. The login ' +
    'must be that of the account itself; any other is refused, and raises an alarm. What is pasted goes ' +
    'to the broker and is neither stored nor logged.',
  body: z.strictObject({ pasted: text(1, 4096) }),
  params: idParams,
  answer: z.object({
    status: z.literal('success'),
    account: z.string(),
    session_expires_at: z.string(),
    seconds_left: z.int(),
  }),
  examples: {
    request: { pasted: 'http://127.0.0.1:5000/broker/callback?apisession=00000000' },
    success: {
      status: 'success',
      account: 'broker-ab123456',
      session_expires_at: '2026-01-09T00:00:00.000+05:30',
      seconds_left: 52_200,
    },
    failures: [
      invalidBody('pasted', 'Neither a code nor the address of a finished login.'),
      adminFailure(
        'Refused',
        424,
        'LOGIN_FAILED',
        'This login belongs to XY…21, not to AB123456, whose account this is. Nothing was changed; log in at the broker as AB123456.',
      ),
      adminFailure(
        'Under way',
        409,
        'LOGIN_UNDER_WAY',
        'Another login of broker-ab123456 is under way; wait for it, then look whether it is still needed.',
      ),
      noSuchAccount,
      noLogin,
      ...adminFailures,
    ],
  },
  handle: async ({ body, params }, call) => {
    const account = await accountById(params.id, call);
    const { accountId } = account;
    const { logins, clock } = call.deps;
    try {
      const expiresAt = await logins.paste(account, body.pasted, call.caller.correlationId);
      await audit(call, 'account.login', { account: accountId, expiresAt });
      return success({
        account: accountId,
        session_expires_at: istIso(expiresAt),
        seconds_left: Math.max(0, Math.floor((expiresAt - clock.now()) / 1000)),
      });
    } catch (error) {
      const code = isGatewayError(error) ? error.code : 'INTERNAL';
      await audit(call, 'account.login-failed', { account: accountId, code });
      throw isGatewayError(error) ? error : new GatewayError('INTERNAL', 'the login failed');
    }
  },
});
