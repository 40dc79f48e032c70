import { z } from 'zod';
import type { Account } from '../../core/domain/account';
import { GatewayError } from '../../core/domain/errors';
import { accountId } from '../../core/domain/ids';
import { NOTHING, text } from '../fields';
import type { Call, JsonObject } from '../route';
import { defineRoute, InvalidFields, success } from '../route';
import {
  accountById,
  adminAccess,
  adminFailure,
  adminFailures,
  audit,
  doneSchema,
  idParams,
  invalidBody,
  noSuchAccount,
} from './admin-route';

const ACCOUNT_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

const accountSchema = z.object({
  account: z.string(),
  broker: z.string(),
  login: z.string(),
  label: z.string(),
  is_default: z.boolean(),
  stopped_reason: z.string().nullable(),
  live: z.boolean().meta({ description: 'its owner lets new orders go to the real market' }),
  twin_of: z.string().nullable().meta({ description: 'the account whose practice it is' }),
  simulated: z.literal(true).optional(),
});

const shown = (account: Account, call: Call): z.infer<typeof accountSchema> => ({
  account: account.accountId,
  broker: account.broker,
  login: account.login,
  label: account.label,
  is_default: account.isDefault,
  stopped_reason: account.stoppedReason,
  live: account.live,
  twin_of: account.twinOf,
  ...call.accounts.marks(account),
});

const exampleAccount = {
  account: 'paper-main',
  broker: 'paper',
  login: 'main',
  label: 'Practice',
  is_default: true,
  stopped_reason: null,
  live: false,
  twin_of: null,
  simulated: true,
};

/** `GET /api/admin/accounts`. */
export const listAccounts = defineRoute({
  name: 'listAccounts',
  method: 'get',
  path: '/api/admin/accounts',
  access: adminAccess,
  family: 'admin',
  summary: 'All accounts.',
  body: NOTHING,
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), accounts: z.array(accountSchema) }),
  examples: {
    request: null,
    success: { status: 'success', accounts: [exampleAccount] },
    failures: adminFailures,
  },
  handle: async (_input, call) => {
    const accounts = await call.deps.ledger.accounts();
    return success({ accounts: accounts.map((account) => shown(account, call)) });
  },
});

const newAccount = z.strictObject({
  broker: text(1, 32),
  login: text(1, 64),
  label: text(1, 64),
  account_id: text(1, 32)
    .regex(ACCOUNT_ID, { error: 'Small letters, digits and dashes.' })
    .optional(),
});

/** `paper` and `Main book` make `paper-main-book`. @throws InvalidFields when nothing is left to name it by */
const derivedId = (broker: string, login: string): string => {
  const slug = login
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const id = `${broker}-${slug}`;
  if (slug === '' || !ACCOUNT_ID.test(id)) {
    throw new InvalidFields({ account_id: ['Cannot be made from the login; give one.'] });
  }
  return id;
};

const clashes = (account: Account, id: string, wanted: z.output<typeof newAccount>): boolean =>
  [account.accountId, account.label].some((name) => name === id || name === wanted.label) ||
  (account.broker === wanted.broker && account.login === wanted.login);

/** `POST /api/admin/accounts`. */
export const addAccount = defineRoute({
  name: 'addAccount',
  method: 'post',
  path: '/api/admin/accounts',
  access: adminAccess,
  family: 'admin',
  summary: 'Adds an account; the first one becomes the default.',
  body: newAccount,
  params: NOTHING,
  answer: z.object({ status: z.literal('success'), account: accountSchema }),
  examples: {
    request: { broker: 'paper', login: 'main', label: 'Practice' },
    success: { status: 'success', account: exampleAccount },
    failures: [
      invalidBody('broker', 'Must be one of: paper.'),
      adminFailure('Exists', 409, 'ALREADY_EXISTS', 'An account of this name or login exists.'),
      ...adminFailures,
    ],
  },
  handle: async ({ body }, call) => {
    const { deps } = call;
    const broker = deps.brokers.find((facts) => facts.id === body.broker);
    if (broker === undefined) {
      const known = deps.brokers.map((facts) => facts.id).join(', ');
      throw new InvalidFields({ broker: [`Must be one of: ${known}.`] });
    }
    const id = body.account_id ?? derivedId(body.broker, body.login);
    const accounts = await deps.ledger.accounts();
    if (accounts.some((account) => clashes(account, id, body))) {
      throw new GatewayError('ALREADY_EXISTS', 'An account of this name or login exists.');
    }
    const account: Account = {
      accountId: accountId(id),
      broker: broker.id,
      login: body.login,
      label: body.label,
      isDefault: accounts.length === 0,
      stoppedReason: null,
      live: false,
      twinOf: null,
    };
    await deps.ledger.addAccount(account, deps.clock.now());
    call.accounts.forget();
    await audit(call, 'account.add', { account: id, broker: broker.id });
    await deps.accountAdded(account);
    return success({ account: shown(account, call) });
  },
});

type Act = (account: Account, call: Call, body: unknown) => Promise<JsonObject>;

interface ActionFacts {
  readonly name: string;
  readonly verb: string;
  readonly summary: string;
  readonly body: z.ZodType;
  readonly request: JsonObject | null;
}

/** A route that does one thing to one account, and writes it to the audit. */
const accountAction = (facts: ActionFacts, act: Act): ReturnType<typeof defineRoute> =>
  defineRoute({
    name: facts.name,
    method: 'post',
    path: `/api/admin/accounts/:id/${facts.verb}`,
    access: adminAccess,
    family: 'admin',
    summary: facts.summary,
    body: facts.body,
    params: idParams,
    answer: doneSchema,
    examples: {
      request: facts.request,
      success: { status: 'success' },
      failures: [noSuchAccount, ...adminFailures],
    },
    handle: async ({ body, params }, call) => {
      const account = await accountById(params.id, call);
      const detail = await act(account, call, body);
      call.accounts.forget();
      await audit(call, `account.${facts.verb}`, { account: account.accountId, ...detail });
      return success({});
    },
  });

export const makeDefault = accountAction(
  {
    name: 'makeDefaultAccount',
    verb: 'default',
    summary: 'Makes this the account of calls that name none.',
    body: NOTHING,
    request: null,
  },
  async (account, call) => {
    await call.deps.ledger.setDefaultAccount(account.accountId);
    return {};
  },
);

const stopBody = z.strictObject({ reason: text(1, 200) });

export const stopAccount = accountAction(
  {
    name: 'stopAccount',
    verb: 'stop',
    summary: 'Stops new entries; exits and cancels still work.',
    body: stopBody,
    request: { reason: 'Going on holiday' },
  },
  async (account, call, body) => {
    const { reason } = stopBody.parse(body);
    await call.deps.ledger.setStopped(account.accountId, reason);
    return { reason };
  },
);

export const startAccount = accountAction(
  {
    name: 'startAccount',
    verb: 'start',
    summary: 'Allows new entries again, and takes the positions of the broker as they stand.',
    body: NOTHING,
    request: null,
  },
  async (account, call) => {
    const { ledger, clock } = call.deps;
    // What stopped it may have been positions that the fills did not explain. Starting it says that
    // the broker's word is right: the next reading sets the opening positions anew. First, so that a
    // crash in between leaves the account stopped.
    if (account.stoppedReason !== null) await ledger.clearBaseline(account.accountId, clock.now());
    await ledger.setStopped(account.accountId, null);
    return { was: account.stoppedReason };
  },
);

export const resetAccount = accountAction(
  {
    name: 'resetPracticeAccount',
    verb: 'reset',
    summary: 'Clears a practice account: cash, orders and positions at the practice broker.',
    body: NOTHING,
    request: null,
  },
  async (account, call) => {
    await call.deps.resetPractice(account.accountId, call.caller.correlationId);
    return {};
  },
);
