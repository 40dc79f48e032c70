import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccountId, EpochMs, MonotonicMs } from '../domain/ids';
import type { SessionGrant } from '../ports/broker';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type {
  LedgerSession,
  SealedSession,
  SessionFacts,
  SessionRows,
  SharedSessions,
  TokenStore,
} from '../ports/tokens';
import type { SecretBox } from '../ports/vault';

export interface TokenStoreDeps {
  readonly rows: SessionRows;
  readonly shared: SharedSessions;
  readonly box: SecretBox;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'alarm'>;
}

/** How often each known account is looked up again, so that a call finds a fresh answer waiting. */
const REFRESH_MS = 1_000;
/** The oldest answer that a call takes: how long a change may go unseen that no message told. */
const FRESH_MS = 3_000;
/** The field that the token is sealed for. */
const TOKEN_FIELD = 'session-token';
const WORDS_LENGTH = 200;

/** What one look at the stores found. */
interface Known {
  readonly session: LedgerSession | null;
  /** Null also when the session does not open. */
  readonly token: string | null;
  readonly readAt: MonotonicMs;
}

/** A death that this process was told of; it holds here at once, whatever the stores say yet. */
interface Ended {
  readonly sealed: string;
  readonly at: EpochMs;
  readonly words: string;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();
const same = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

/**
 * Tokens in Redis and, sealed the same, in the ledger. The ledger decides, so that a Redis that lost
 * everything, or came back older, changes nothing; Redis stands in while the ledger cannot be read.
 * Every process keeps what it last saw for a few seconds at most: an order waits for no store.
 */
export class SealedTokenStore implements TokenStore {
  readonly #deps: TokenStoreDeps;
  readonly #known = new Map<AccountId, Known>();
  readonly #loading = new Map<AccountId, Promise<Known>>();
  readonly #ended = new Map<AccountId, Ended>();
  /** The session last seen alive per account, null for none: a difference is a change. */
  readonly #noted = new Map<AccountId, string | null>();
  readonly #complained = new Set<string>();
  readonly #listeners = new Set<(account: AccountId) => void>();
  readonly #stops: (() => void)[];

  constructor(deps: TokenStoreDeps) {
    this.#deps = deps;
    this.#stops = [
      deps.bus.subscribe((message) => {
        if (message.kind === 'session') this.#changed(message.accountId);
      }),
      deps.clock.every(REFRESH_MS, () => {
        for (const account of this.#noted.keys()) void this.#load(account);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#deps.rows.close();
  }

  /** Never throws: without a store to ask it is what was known, or null. */
  async current(account: AccountId): Promise<string | null> {
    const known = await this.#fresh(account);
    return this.#isLive(account, known) ? known.token : null;
  }

  async put(account: AccountId, grant: SessionGrant): Promise<void> {
    const { rows, box, clock } = this.#deps;
    const sealed = await box.seal({ accountId: account, field: TOKEN_FIELD }, grant.token);
    const { expiresAt, identity } = grant;
    const startedAt = clock.now();
    const session = { accountId: account, sealed, startedAt, expiresAt, identity, died: null };
    await rows.save(session);
    // Told before it is shared: who hears it reads the ledger, and Redis may hang.
    this.#publish(account);
    await this.#share(session);
  }

  died(account: AccountId, token: string, words: string): void {
    const known = this.#known.get(account);
    const said = cleanWords(words, token);
    if (known !== undefined && this.#endIfSame(account, known, token, said)) return;
    // Not the one that this process has: an old one that was replaced, or one it has not read yet.
    void this.#load(account).then((now) => this.#endIfSame(account, now, token, said));
  }

  async forget(account: AccountId): Promise<void> {
    await this.#deps.rows.forget(account);
    this.#publish(account);
    await this.#unshare(account);
  }

  async session(account: AccountId): Promise<SessionFacts | null> {
    const { session, token } = await this.#fresh(account);
    if (session === null) return null;
    const { startedAt, expiresAt, identity } = session;
    const ended = this.#endOf(account, session);
    const died = session.died ?? (ended === null ? null : { at: ended.at, words: ended.words });
    return { startedAt, expiresAt, identity, died, unreadable: token === null };
  }

  onChange(listener: (account: AccountId) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #isLive(account: AccountId, { session, token }: Known): boolean {
    if (session === null || token === null || session.died !== null) return false;
    return session.expiresAt > this.#deps.clock.now() && this.#endOf(account, session) === null;
  }

  #endOf(account: AccountId, session: SealedSession): Ended | null {
    const ended = this.#ended.get(account);
    return ended?.sealed === session.sealed ? ended : null;
  }

  async #fresh(account: AccountId): Promise<Known> {
    const known = this.#known.get(account);
    const age = known === undefined ? Infinity : this.#deps.clock.monotonic() - known.readAt;
    return known !== undefined && age < FRESH_MS ? known : this.#load(account);
  }

  /** What the stores say now; calls that come at once share one look. */
  #load(account: AccountId): Promise<Known> {
    const running = this.#loading.get(account);
    if (running !== undefined) return running;
    const loading = this.#look(account).then((known) => {
      // A change in between made this answer old: nobody gets it.
      if (this.#loading.get(account) !== loading) return this.#load(account);
      this.#loading.delete(account);
      this.#known.set(account, known);
      this.#note(account, known);
      return known;
    });
    this.#loading.set(account, loading);
    return loading;
  }

  async #look(account: AccountId): Promise<Known> {
    const { rows, shared, clock, logger } = this.#deps;
    const readAt = clock.monotonic();
    let session: LedgerSession | null;
    try {
      session = await rows.read(account);
    } catch (error) {
      logger.warn({ account, reason: String(error) }, 'the ledger copy of the session is not read');
      const last = this.#known.get(account);
      if (last !== undefined) return { ...last, readAt };
      const inRedis = await shared.read(account).catch(() => null);
      session = inRedis === null ? null : { ...inRedis, identity: '', died: null };
      return { session, token: await this.#open(session), readAt };
    }
    const token = await this.#open(session);
    const known: Known = { session, token, readAt };
    if (session !== null) this.#finishEnd(account, session);
    // Beside the way of an order, which must not wait for a Redis that hangs.
    void this.#compare(account, known);
    return known;
  }

  /** Makes the copy in Redis what the ledger says, unless that is the older one by now. */
  async #compare(account: AccountId, known: Known): Promise<void> {
    const { session } = known;
    try {
      const inRedis = await this.#deps.shared.read(account);
      if (inRedis !== null && session !== null && inRedis.startedAt > session.startedAt) return;
      if (session === null || !this.#isLive(account, known)) {
        if (inRedis !== null) await this.#unshare(account);
      } else if (inRedis?.sealed !== session.sealed) {
        await this.#share(session);
      }
    } catch (error) {
      // Redis is away, or holds something else there: the next look compares again.
      this.#deps.logger.debug({ account, reason: String(error) }, 'session not shared');
    }
  }

  async #open(session: SealedSession | null): Promise<string | null> {
    if (session === null) return null;
    const { accountId, sealed } = session;
    const last = this.#known.get(accountId);
    if (last?.session?.sealed === sealed && last.token !== null) return last.token;
    try {
      return await this.#deps.box.open({ accountId, field: TOKEN_FIELD }, sealed);
    } catch (error) {
      if (!this.#complained.has(sealed)) {
        this.#complained.add(sealed);
        const fields = { account: accountId, reason: String(error) };
        this.#deps.logger.error(
          fields,
          'the stored session does not open; log the account in again',
        );
      }
      return null;
    }
  }

  #endIfSame(account: AccountId, { session, token }: Known, dead: string, words: string): boolean {
    if (session === null || token === null || !same(token, dead)) return false;
    this.#end(account, session.sealed, words);
    return true;
  }

  /** The broker's word: from here on this process gives the token to nobody. */
  #end(account: AccountId, sealed: string, words: string): void {
    if (this.#ended.get(account)?.sealed === sealed) return;
    this.#ended.set(account, { sealed, at: this.#deps.clock.now(), words });
    void this.#recordEnd(account, sealed);
  }

  async #recordEnd(account: AccountId, sealed: string): Promise<void> {
    const { rows, bus, logger, metrics } = this.#deps;
    const ended = this.#ended.get(account);
    if (ended?.sealed !== sealed) return;
    try {
      const first = await rows.end(account, sealed, ended.at, ended.words);
      if (first) {
        metrics.alarm(account, 'session-died');
        const text = `the broker ended the session: ${ended.words}`;
        logger.error({ account }, text);
        bus.publish({ kind: 'alarm', accountId: account, name: 'session-died', text });
        await this.#unshare(account);
      }
      this.#publish(account);
    } catch (error) {
      // Looked at again with the next read of the ledger.
      logger.error({ account, reason: String(error) }, 'the end of the session is not on disk yet');
    }
  }

  /** A death that could not be written is written once the ledger is there again. */
  #finishEnd(account: AccountId, session: LedgerSession): void {
    const ended = this.#endOf(account, session);
    if (ended === null || session.died !== null) return;
    void this.#recordEnd(account, ended.sealed);
  }

  /** Tells the listeners when what is alive is not what was. */
  #note(account: AccountId, known: Known): void {
    const alive = this.#isLive(account, known) ? (known.session?.sealed ?? null) : null;
    const before = this.#noted.get(account);
    this.#noted.set(account, alive);
    if (before === undefined || before === alive) return;
    for (const listener of [...this.#listeners]) listener(account);
  }

  /** What is known may be old: forgets it, and looks anew where somebody asked before. */
  #changed(account: AccountId): void {
    this.#known.delete(account);
    this.#loading.delete(account);
    if (this.#noted.has(account)) void this.#load(account);
  }

  #publish(account: AccountId): void {
    this.#deps.bus.publish({ kind: 'session', accountId: account });
  }

  // Redis may be away: every look compares its copy with the ledger's again.
  async #share(session: SealedSession): Promise<void> {
    const { accountId, sealed, startedAt, expiresAt } = session;
    const forMs = expiresAt - this.#deps.clock.now();
    if (forMs <= 0) return;
    await this.#deps.shared
      .keep({ accountId, sealed, startedAt, expiresAt }, forMs)
      .catch(() => undefined);
  }
  async #unshare(account: AccountId): Promise<void> {
    await this.#deps.shared.forget(account).catch(() => undefined);
  }
}

/** The broker's words without the token, on one line. */
const cleanWords = (words: string, token: string): string => {
  const without = token === '' ? words : words.replaceAll(token, '…');
  return without.replace(/\s+/g, ' ').trim().slice(0, WORDS_LENGTH);
};
