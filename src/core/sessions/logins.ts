import type { Account } from '../domain/account';
import type { ErrorCode } from '../domain/error-codes';
import { GatewayError, isGatewayError } from '../domain/errors';
import { epochMs } from '../domain/ids';
import type { AccountId, EpochMs } from '../domain/ids';
import type { LoginFlow, SessionGrant } from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { Leases } from '../ports/queue';
import type { TokenStore } from '../ports/tokens';
import type { Accounts } from './accounts';
import type { CredentialState } from './credentials';
import { secretsIn, withoutSecrets } from './pasted';

export interface LoginDeps {
  readonly accounts: Pick<Accounts, 'open' | 'module'>;
  readonly tokens: Pick<TokenStore, 'put'>;
  readonly credentials: (account: Account) => Promise<CredentialState>;
  readonly leases: Leases;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'alarm'>;
}

/** A login that gave no session, as readiness tells it. */
export interface LoginFault {
  readonly at: EpochMs;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface Logins {
  /** Where the account's broker begins a login. @throws GatewayError UNSUPPORTED, LOGIN_FAILED without credentials */
  url(account: Account): Promise<string>;
  /**
   * Makes what a finished login left in the browser the session of the account; when it ends.
   * @throws GatewayError LOGIN_FAILED, VALIDATION, UNSUPPORTED, LOGIN_UNDER_WAY
   */
  paste(account: Account, pasted: string, correlationId: string): Promise<EpochMs>;
  /** The last login of this process, when it failed. */
  lastFault(account: AccountId): LoginFault | null;
}

const EXCHANGE_MS = 15_000;
/** The exchange and what follows it; after a crash in between nobody waits longer. */
const LEASE_MS = 20_000;
/** No broker in India gives a session for longer: a later end is a fault of the reading. */
const LONGEST_SESSION_MS = 48 * 3_600_000;

interface Running {
  readonly pasted: string;
  readonly ending: Promise<EpochMs>;
}

/** The way in for sessions that a person brings. What was pasted goes to the broker and nowhere else. */
export const createLogins = (deps: LoginDeps): Logins => {
  const { accounts, tokens, leases, clock, logger, metrics, bus } = deps;
  const running = new Map<AccountId, Running>();
  const faults = new Map<AccountId, LoginFault>();

  const flowOf = async (account: Account): Promise<LoginFlow> => {
    const { title } = accounts.module(account);
    const unsupported = new GatewayError(
      'UNSUPPORTED',
      `${title} needs no login: it is always in.`,
    );
    if (account.twinOf !== null) throw unsupported;
    const { complete, missing } = await deps.credentials(account);
    if (!complete) {
      throw new GatewayError(
        'LOGIN_FAILED',
        `${account.accountId} lacks credentials: ${missing.join(', ')}. Enter them: npm run toran -- accounts credentials ${account.accountId}`,
      );
    }
    const { login } = (await accounts.open(account)).client.session;
    if (login === undefined) throw unsupported;
    return login;
  };

  const alarm = (account: Account): void => {
    metrics.alarm(account.accountId, 'login-identity');
    const text = 'a login of another user was offered for this account and refused';
    logger.error({ account: account.accountId }, text);
    bus.publish({ kind: 'alarm', accountId: account.accountId, name: 'login-identity', text });
  };

  const exchange = async (
    account: Account,
    pasted: string,
    correlationId: string,
  ): Promise<EpochMs> => {
    const login = await flowOf(account);
    // A lease saves work; the ledger decides which session is the newest.
    const name = `login:${account.accountId}`;
    if (!(await leases.hold(name, LEASE_MS).catch(() => true))) throw underWay(account);
    try {
      const grant = await login.exchange(pasted, {
        signal: AbortSignal.timeout(EXCHANGE_MS),
        deadlineAt: epochMs(clock.now() + EXCHANGE_MS),
        sendBy: null,
        correlationId,
      });
      if (!isOwn(account, grant.identity)) {
        alarm(account);
        throw new GatewayError(
          'LOGIN_FAILED',
          `This login belongs to ${masked(grant.identity)}, not to ${account.login}, whose account this is. Nothing was changed; log in at the broker as ${account.login}.`,
        );
      }
      checkGrant(grant, clock.now());
      await tokens.put(account.accountId, grant);
      logger.info({ account: account.accountId, expiresAt: grant.expiresAt }, 'logged in');
      return grant.expiresAt;
    } finally {
      await leases.release(name).catch(() => undefined);
    }
  };

  const guarded = async (
    account: Account,
    pasted: string,
    correlationId: string,
  ): Promise<EpochMs> => {
    try {
      const expiresAt = await exchange(account, pasted, correlationId);
      faults.delete(account.accountId);
      return expiresAt;
    } catch (error) {
      const fault = toldFault(account, error, pasted);
      const { code, message } = fault;
      if (code !== 'UNSUPPORTED' && code !== 'LOGIN_UNDER_WAY') {
        faults.set(account.accountId, { at: clock.now(), code, message });
        logger.warn({ account: account.accountId, code }, 'the login gave no session');
      }
      throw fault;
    }
  };

  return {
    url: async (account) => (await flowOf(account)).url(),
    paste: (account, pasted, correlationId) => {
      const text = pasted.trim();
      const known = running.get(account.accountId);
      // The same text twice, as from an impatient click, is one login.
      if (known !== undefined) {
        return known.pasted === text ? known.ending : Promise.reject(underWay(account));
      }
      const ending = guarded(account, text, correlationId).finally(() => {
        running.delete(account.accountId);
      });
      running.set(account.accountId, { pasted: text, ending });
      return ending;
    },
    lastFault: (account) => faults.get(account) ?? null,
  };
};

const underWay = (account: Account): GatewayError =>
  new GatewayError(
    'LOGIN_UNDER_WAY',
    `Another login of ${account.accountId} is under way; wait for it, then look whether it is still needed.`,
  );

const plain = (identity: string): string => identity.trim().toLowerCase();
const isOwn = (account: Account, identity: string): boolean =>
  plain(identity) !== '' && plain(identity) === plain(account.login);

/** Enough to know one's own other login by; not the whole of somebody else's. */
const masked = (identity: string): string => {
  const text = identity.trim();
  if (text === '') return 'nobody that the broker names';
  return text.length < 6 ? 'another user' : `${text.slice(0, 2)}…${text.slice(-2)}`;
};

/** @throws GatewayError LOGIN_FAILED for a session that could not be used, or that cannot be true */
const checkGrant = ({ token, expiresAt }: SessionGrant, now: EpochMs): void => {
  if (token.trim() === '') {
    throw new GatewayError('LOGIN_FAILED', 'The broker gave no token. Log in at the broker again.');
  }
  if (!Number.isFinite(expiresAt) || expiresAt - now > LONGEST_SESSION_MS) {
    throw new GatewayError(
      'LOGIN_FAILED',
      'The end of this session cannot be true. Compare the clock of this machine with the time in India.',
    );
  }
  if (expiresAt <= now) {
    throw new GatewayError(
      'LOGIN_FAILED',
      'This session has expired already. Log in at the broker again, and compare the clock of this machine.',
    );
  }
};

/** What the caller is told: never a part of what was pasted, and no cause, which may hold the request. */
const toldFault = (account: Account, error: unknown, pasted: string): GatewayError => {
  if (!isGatewayError(error)) {
    return new GatewayError(
      'LOGIN_FAILED',
      `The login of ${account.accountId} could not be finished: a fault in Toran or an answer of the broker that it does not know. Nothing was changed; try again.`,
    );
  }
  const { message, field, brokerCode, retryAfterMs } = error;
  // A fault of our own is told by no message to the outside; that a secret does not open has to be.
  const code = error.code === 'SECRET_UNREADABLE' ? 'LOGIN_FAILED' : error.code;
  return new GatewayError(code, withoutSecrets(message, secretsIn(pasted)), {
    ...(field === null ? {} : { field: 'pasted' }),
    ...(brokerCode === null ? {} : { brokerCode }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
};
