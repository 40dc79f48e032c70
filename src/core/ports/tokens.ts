import type { AccountId, EpochMs } from '../domain/ids';
import type { SessionGrant, TokenReader } from './broker';

/** A session as it may be stored anywhere: its token is sealed for the account. */
export interface SealedSession {
  readonly accountId: AccountId;
  /** Another text with every login, also when the broker gives the same token again: it names the session. */
  readonly sealed: string;
  readonly startedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** The ledger's copy, which decides where copies differ. */
export interface LedgerSession extends SealedSession {
  /** The login id that the broker named. */
  readonly identity: string;
  /** Set once the broker refused the token. */
  readonly died: { readonly at: EpochMs; readonly words: string } | null;
}

/** Sessions on disk: one of each account, the newest. @throws GatewayError STORE_UNAVAILABLE */
export interface SessionRows {
  read(account: AccountId): Promise<LedgerSession | null>;
  /** Takes the place of whatever session the account had. */
  save(session: LedgerSession): Promise<void>;
  /** Marks the session of this sealed text dead; false when another took its place or it was dead already. */
  end(account: AccountId, sealed: string, at: EpochMs, words: string): Promise<boolean>;
  forget(account: AccountId): Promise<void>;
  close(): void;
}

/** The copy that all processes share; it leaves by itself when the session expires. */
export interface SharedSessions {
  read(account: AccountId): Promise<SealedSession | null>;
  /** `forMs`: until it expires. */
  keep(session: SealedSession, forMs: number): Promise<void>;
  forget(account: AccountId): Promise<void>;
}

/** What is known of an account's newest session; never its token. */
export interface SessionFacts {
  readonly startedAt: EpochMs;
  readonly expiresAt: EpochMs;
  readonly identity: string;
  readonly died: LedgerSession['died'];
  /** It does not open under the master key in use. */
  readonly unreadable: boolean;
}

/** Today's tokens of all accounts, the same in every process within seconds. */
export interface TokenStore extends TokenReader {
  /** Once it is on disk, and so when this resolves, it is what `current` gives here. @throws GatewayError STORE_UNAVAILABLE */
  put(account: AccountId, grant: SessionGrant): Promise<void>;
  /** Deletes every copy. */
  forget(account: AccountId): Promise<void>;
  session(account: AccountId): Promise<SessionFacts | null>;
  /** Calls `listener` when the account's token became another one, or none; in each process. The result stops that. */
  onChange(listener: (account: AccountId) => void): () => void;
  /** Takes no more notice of anything, and closes its rows. */
  close(): void;
}
