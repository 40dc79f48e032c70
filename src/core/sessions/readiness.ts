import type { Account } from '../domain/account';
import type { ErrorCode } from '../domain/error-codes';
import { ERROR_CODES } from '../domain/error-codes';
import type { EpochMs } from '../domain/ids';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';
import type { SessionFacts, TokenStore } from '../ports/tokens';
import type { Accounts } from './accounts';
import type { BrokerReads, ReadFacts } from './broker-reads';
import type { CredentialState } from './credentials';
import type { Logins } from './logins';
import type { SessionGate, SessionState } from './session-gate';
import { loginFix } from './session-gate';

/**
 * One word for an account. `ready`: its orders go. `stopped`: exits and cancels go, entries do not.
 * `no_credentials`, `no_session`: nothing can be sent. `not_connected`: the broker was not reached lately.
 */
export type ReadinessWord = 'ready' | 'stopped' | 'no_credentials' | 'no_session' | 'not_connected';

export interface AccountReadiness {
  readonly account: Account;
  readonly word: ReadinessWord;
  /** The broker answered the last read, and none was missed since. */
  readonly apiConnected: boolean;
  readonly lastReadAt: EpochMs | null;
  /** False: the broker wants no login, and the session counts as active. */
  readonly sessionNeeded: boolean;
  readonly sessionActive: boolean;
  /** Null without a live session, or where none is needed. */
  readonly sessionExpiresAt: EpochMs | null;
  readonly autoLogin: { readonly enabled: boolean; readonly reason: string };
  readonly credentials: CredentialState;
  readonly lastError: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly fix: string;
  } | null;
  /** The address that the broker sees; null with the reason when it is not known. */
  readonly outgoingAddress: { readonly address: string | null; readonly reason: string | null };
}

export interface ReadinessDeps {
  readonly accounts: Pick<Accounts, 'list' | 'module'>;
  readonly tokens: Pick<TokenStore, 'session'>;
  readonly gate: Pick<SessionGate, 'state'>;
  readonly reads: Pick<BrokerReads, 'of'>;
  readonly logins: Pick<Logins, 'lastFault'>;
  readonly credentials: (account: Account) => Promise<CredentialState>;
  readonly outgoingAddress: string | null;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** How often the books of an idle account are read where the broker names no pace of its own. */
const USUAL_IDLE_MS = 60_000;
/** A read that is so many times older than that was missed. */
const MISSED = 1.5;
/** How often a process that has heard of no read asks for one. */
const ASK_MS = 5_000;
const NO_WORKER = 'the login worker is not part of this version; log in by paste';
const NO_ADDRESS =
  'not configured: set TORAN_OUTGOING_ADDRESS to the address that the broker sees; Toran asks no outside service for it';

export interface Readiness {
  /** All accounts, practice twins left out. */
  all(): Promise<readonly AccountReadiness[]>;
  of(account: Account): Promise<AccountReadiness>;
}

/** What each account lacks to trade, from what the stores and the readers of the books say; calls no broker. */
export const createReadiness = (deps: ReadinessDeps): Readiness => {
  const { clock, bus } = deps;
  const askedAt = new Map<string, number>();

  /** A process that began after the last read would not know for a minute that the broker is there. */
  const ask = (account: Account): void => {
    const now = clock.monotonic();
    if (now - (askedAt.get(account.accountId) ?? -Infinity) < ASK_MS) return;
    askedAt.set(account.accountId, now);
    bus.publish({ kind: 'hint', accountId: account.accountId });
  };

  const of = async (account: Account): Promise<AccountReadiness> => {
    const [state, credentials] = await Promise.all([
      deps.gate.state(account),
      deps.credentials(account),
    ]);
    const session = state.needsLogin ? await deps.tokens.session(account.accountId) : null;
    const reads = deps.reads.of(account.accountId);
    if (reads.okAt === null && reads.fault === null && state.refusal === null) ask(account);
    const sessionActive = state.refusal === null;
    const { bookPace } = deps.accounts.module(account).capabilities;
    const missedMs = (bookPace?.idleMs ?? USUAL_IDLE_MS) * MISSED;
    const fresh = reads.okAt !== null && clock.now() - reads.okAt < missedMs;
    const apiConnected = fresh && reads.fault === null;
    return {
      account,
      word: wordOf(account, credentials, sessionActive, apiConnected),
      apiConnected,
      lastReadAt: reads.okAt,
      sessionNeeded: state.needsLogin,
      sessionActive,
      sessionExpiresAt: sessionActive && state.needsLogin ? (session?.expiresAt ?? null) : null,
      autoLogin: {
        enabled: false,
        reason: state.needsLogin ? NO_WORKER : 'the broker wants no login',
      },
      credentials,
      lastError: lastErrorOf(deps, account, { state, session, reads, credentials }),
      outgoingAddress: {
        address: deps.outgoingAddress,
        reason: deps.outgoingAddress === null ? NO_ADDRESS : null,
      },
    };
  };

  return {
    of,
    all: async () => {
      const own = (await deps.accounts.list()).filter((account) => account.twinOf === null);
      return Promise.all(own.map(of));
    },
  };
};

const wordOf = (
  account: Account,
  credentials: CredentialState,
  sessionActive: boolean,
  apiConnected: boolean,
): ReadinessWord => {
  if (!credentials.complete) return 'no_credentials';
  if (!sessionActive) return 'no_session';
  if (!apiConnected) return 'not_connected';
  return account.stoppedReason === null ? 'ready' : 'stopped';
};

interface Facts {
  readonly state: SessionState;
  readonly session: SessionFacts | null;
  readonly reads: ReadFacts;
  readonly credentials: CredentialState;
}

/** The newest thing that went wrong and is not put right since; with the way to put it right. */
const lastErrorOf = (
  deps: Pick<ReadinessDeps, 'logins'>,
  account: Account,
  { state, session, reads, credentials }: Facts,
): AccountReadiness['lastError'] => {
  if (!credentials.complete) {
    return {
      code: 'NO_SESSION',
      message: `Credentials are missing: ${credentials.missing.join(', ')}.`,
      fix: `Enter them: npm run toran -- accounts credentials ${account.accountId}`,
    };
  }
  const login = deps.logins.lastFault(account.accountId);
  if (login !== null && login.at >= (session?.startedAt ?? 0) && state.needsLogin) {
    const { code, message } = login;
    return { code, message, fix: fixOf(account, code) };
  }
  if (state.refusal !== null) {
    const { code, message } = state.refusal;
    return { code, message, fix: fixOf(account, code) };
  }
  if (reads.fault === null) return null;
  const { code, message } = reads.fault;
  return { code, message, fix: fixOf(account, code) };
};

const fixOf = (account: Account, code: ErrorCode): string =>
  code === 'NO_SESSION' || code === 'SESSION_EXPIRED' ? loginFix(account) : ERROR_CODES[code].next;
