import { z } from 'zod';
import type { Account } from '../../core/domain/account';
import { account, apikey } from '../fields';
import type { Access, Call, FailureExample, JsonObject } from '../route';
import {
  bodyFailures,
  EXAMPLE_KEY,
  keyFailures,
  unknownAccount,
  wrongFieldObject,
} from './examples';
import { practiceMarks } from './order-answer';

/** Body of a read: unknown fields are ignored, because clients send a few that mean nothing here. */
export const readBody = z.object({ apikey: apikey(), account: account() });

/** How every read is opened. */
export const readAccess: Access = { kind: 'key', scope: 'read', carrier: 'body' };

/** Keys beside `data` in every read. */
export const readEnvelope = {
  status: z.literal('success'),
  account: z.string(),
  simulated: z.literal(true).optional(),
  mode: z.literal('analyze').optional(),
};

export const readExampleRequest: JsonObject = { apikey: EXAMPLE_KEY };

export const readFailures: readonly FailureExample[] = [
  wrongFieldObject('apikey', 'Missing data for required field.'),
  unknownAccount,
  {
    name: 'Broker not reached',
    status: 503,
    body: {
      status: 'error',
      message: 'The broker did not answer in time.',
      code: 'TIMEOUT',
      correlation_id: '7f0c1b9a5d2e4f60',
    },
  },
  ...bodyFailures,
  ...keyFailures('read'),
];

/** The account that a read is about, and what the answer says of it. @throws GatewayError ACCOUNT_UNKNOWN */
export const readOf = async (
  named: string | undefined,
  call: Call,
): Promise<{ readonly account: Account; readonly marks: JsonObject }> => {
  const found = await call.deps.books.account(named ?? null);
  return { account: found, marks: { account: found.accountId, ...call.accounts.marks(found) } };
};

/**
 * The same for orders, trades, positions, holdings and funds: while the account's new orders go to its
 * practice twin, the books are the twin's too. Prices and margins stay those of the real broker.
 */
export const bookOf = async (
  named: string | undefined,
  call: Call,
): Promise<{ readonly account: Account; readonly marks: JsonObject }> => {
  const { account: found, practice } = await call.deps.books.shown(named ?? null);
  const marks = { account: found.accountId, ...call.accounts.marks(found) };
  return { account: found, marks: { ...marks, ...practiceMarks(practice) } };
};
