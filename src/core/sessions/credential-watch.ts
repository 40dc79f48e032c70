import type { AccountId } from '../domain/ids';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { CredentialStore } from '../ports/vault';
import type { Credentials } from './credentials';

/** How soon a change of another process, or of the command line, is seen. */
const WATCH_MS = 1_000;

export interface CredentialWatchDeps {
  readonly store: CredentialStore;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Announces changes that other processes made, by the revisions in the store they share. */
export class CredentialWatch {
  readonly #deps: CredentialWatchDeps;
  #seen: ReadonlyMap<AccountId, number> = new Map();
  #looking: Promise<void> | null = null;
  #stop: (() => void) | null = null;

  constructor(deps: CredentialWatchDeps) {
    this.#deps = deps;
  }

  /** Takes what is stored now as known; changes from here on are announced. Before any client is made. */
  async start(): Promise<void> {
    this.#seen = await this.#deps.store.credentialRevisions();
    this.#stop = this.#deps.clock.every(WATCH_MS, () => {
      this.#looking ??= this.look()
        .catch((error: unknown) => {
          this.#deps.logger.warn({ reason: String(error) }, 'credentials not watched');
        })
        .finally(() => {
          this.#looking = null;
        });
    });
  }

  /** Looks once. A change of this process is announced a second time, which does no harm. */
  async look(): Promise<void> {
    const { store, credentials, logger } = this.#deps;
    const now = await store.credentialRevisions();
    for (const [accountId, revision] of now) {
      if (this.#seen.get(accountId) === revision) continue;
      const forgotten = (await store.credentials(accountId)).length === 0;
      await credentials.announce({ accountId, forgotten });
      this.#seen = new Map([...this.#seen, [accountId, revision]]);
      logger.info({ account: accountId, forgotten }, 'credentials changed');
    }
  }

  async close(): Promise<void> {
    this.#stop?.();
    await this.#looking;
  }
}
