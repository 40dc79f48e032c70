import { z } from 'zod';
import type { Account } from '../../core/domain/account';
import { GatewayError } from '../../core/domain/errors';
import { text } from '../fields';
import type { Access, Call, FailureExample, JsonObject } from '../route';

/** How every admin route is opened. */
export const adminAccess: Access = { kind: 'key', scope: 'admin', carrier: 'header' };

/** The one path parameter of admin routes. */
export const idParams = z.object({ id: text(1, 64) });

/** Success envelope of a route that only acts. */
export const doneSchema = z.object({ status: z.literal('success') });

const CORRELATION = '7f0c1b9a5d2e4f60';

/** A failure of the admin family. */
export const adminFailure = (
  name: string,
  status: number,
  code: string,
  message: string,
  field?: string,
): FailureExample => ({
  name,
  status,
  body: {
    status: 'error',
    message,
    code,
    ...(field === undefined ? {} : { field }),
    correlation_id: CORRELATION,
  },
});

/** Failures that every admin route can meet. */
export const adminFailures: readonly FailureExample[] = [
  adminFailure('Wrong key', 401, 'INVALID_API_KEY', 'The API key is unknown or revoked.'),
  adminFailure('Not an admin key', 403, 'SCOPE', 'This key lacks the admin scope.'),
  {
    name: 'Too many calls',
    status: 429,
    body: {
      status: 'error',
      message: 'This key makes more calls than it may.',
      code: 'KEY_RATE',
      correlation_id: CORRELATION,
      retry_after: 1,
    },
  },
  adminFailure('Store away', 503, 'STORE_UNAVAILABLE', 'The ledger cannot be reached.'),
  adminFailure(
    'Internal fault',
    500,
    'INTERNAL',
    'Internal fault. If this was an order call, look it up before sending it again.',
  ),
];

/** A body that the admin API refuses. */
export const invalidBody = (field: string, message: string): FailureExample =>
  adminFailure(`Wrong ${field}`, 400, 'VALIDATION', `${field}: ${message}`, field);

export const noSuchAccount: FailureExample = adminFailure(
  'No such account',
  422,
  'ACCOUNT_UNKNOWN',
  'There is no account paper-2.',
);

/** The account with exactly this id. @throws GatewayError ACCOUNT_UNKNOWN */
export const accountById = async (id: string, call: Call): Promise<Account> => {
  const accounts = await call.deps.ledger.accounts();
  const found = accounts.find((account) => account.accountId === id);
  if (found === undefined) {
    throw new GatewayError('ACCOUNT_UNKNOWN', `There is no account ${id}.`);
  }
  return found;
};

/** Writes who did what; a detail never holds a secret. */
export const audit = (call: Call, action: string, detail: JsonObject): Promise<void> =>
  call.deps.ledger.audit(call.deps.clock.now(), call.caller.apiKeyId, action, detail);
