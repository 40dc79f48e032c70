import type { Account } from '../domain/account';
import { ERROR_CODES } from '../domain/error-codes';
import { GatewayError, isGatewayError } from '../domain/errors';
import type { AccountId, EpochMs } from '../domain/ids';
import { istTimestamp } from '../domain/time';
import type { Clock } from '../ports/clock';
import type { SessionFacts, TokenStore } from '../ports/tokens';
import type { Accounts } from './accounts';

export interface SessionState {
  /** Whether the account's broker wants a login each day; unknown counts as yes. */
  readonly needsLogin: boolean;
  /** NO_SESSION with the reason and the fix while no call for the account could go out; null when it could. */
  readonly refusal: GatewayError | null;
}

/** Whether calls for an account can go to its broker now. Cheap: on the way of every order. */
export interface SessionGate {
  state(account: Account): Promise<SessionState>;
  refusal(account: Account): Promise<GatewayError | null>;
  /** Calls `listener` when the account has another session, or none any more. The result stops that. */
  onChange(listener: (account: AccountId) => void): () => void;
}

export const createSessionGate = (
  accounts: Pick<Accounts, 'open' | 'module'>,
  tokens: Pick<TokenStore, 'current' | 'session' | 'onChange'>,
  clock: Clock,
): SessionGate => {
  const state = async (account: Account): Promise<SessionState> => {
    // Practice needs no session of the account that it stands for.
    if (account.twinOf !== null) return { needsLogin: false, refusal: null };
    let needsLogin: boolean;
    try {
      needsLogin = (await accounts.open(account)).client.session.login !== undefined;
    } catch (error) {
      return { needsLogin: true, refusal: unusable(account, error) };
    }
    if (!needsLogin) return { needsLogin, refusal: null };
    if ((await tokens.current(account.accountId)) !== null) return { needsLogin, refusal: null };
    const why = whyNoSession(await tokens.session(account.accountId), clock.now());
    return { needsLogin, refusal: noSession(account, why) };
  };
  return {
    state,
    refusal: async (account) => (await state(account)).refusal,
    onChange: (listener) => tokens.onChange(listener),
  };
};

/** How a person gives the account a session. */
export const loginFix = (account: Account): string =>
  `Log it in: npm run toran -- login ${account.accountId} --paste`;

/** Why there is no session, as the end of a sentence; times in India. */
const whyNoSession = (facts: SessionFacts | null, now: EpochMs): string => {
  if (facts === null) return 'it was not logged in yet';
  if (facts.died !== null) {
    return `the broker ended it at ${istTimestamp(facts.died.at)} IST, saying “${facts.died.words}”`;
  }
  if (facts.expiresAt <= now) return `it expired at ${istTimestamp(facts.expiresAt)} IST`;
  return facts.unreadable
    ? 'the stored session does not open under the master key in use'
    : 'it cannot be read now';
};

/** The contract's text for a wrong key; clients compare it, so the words of a broker must not contain it. */
const WRONG_KEY = /invalid openalgo apikey/gi;

const noSession = (account: Account, why: string): GatewayError =>
  new GatewayError(
    'NO_SESSION',
    `${account.label} (${account.accountId}) has no live broker session: ${why.replace(WRONG_KEY, 'wrong key')}. ${loginFix(account)}`,
  );

/** An account whose client cannot be made: its credentials are not there, or the store is away. */
const unusable = (account: Account, error: unknown): GatewayError => {
  if (isGatewayError(error) && ERROR_CODES[error.code].family === 'ConnectivityError') return error;
  const why = isGatewayError(error) ? error.message : 'its credentials are missing or incomplete';
  return new GatewayError(
    'NO_SESSION',
    `${account.label} (${account.accountId}) cannot be used: ${why.replace(WRONG_KEY, 'wrong key')}. Enter its credentials, then log it in.`,
    { cause: error },
  );
};
